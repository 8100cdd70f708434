from __future__ import annotations

import pytest

from media_workers.providers.stt.languages import one_of, regional, short


@pytest.mark.parametrize(
    ("language", "named"),
    [("en", "en-US"), ("de", "de-DE"), ("sv", "sv-SE"), ("es-MX", "es-MX"), ("zh", "zh-CN"), ("pt", "pt-BR")],
)
def test_a_language_without_a_country_gets_the_usual_one(language: str, named: str) -> None:
    assert regional(language) == named


def test_a_country_that_a_vendor_does_not_know_is_left_out() -> None:
    assert one_of("es-ES", {"es-419", "pt-BR"}) == "es"
    assert one_of("pt-BR", {"es-419", "pt-BR"}) == "pt-BR"
    assert one_of("pt", {"pt-BR"}) == short("pt-PT") == "pt"
