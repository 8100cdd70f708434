from __future__ import annotations

import pytest

from apps.numbers.e164 import fits_type, parse_e164
from apps.numbers.models import NumberType
from tenants.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+12025550100", "+12025550100"),
        ("+1 (202) 555-0100", "+12025550100"),
        (" +44 20 7946 0018 ", "+442079460018"),
        ("tel:+12025550100", "+12025550100"),
    ],
)
def test_a_number_in_any_spelling(text: str, e164: str) -> None:
    assert parse_e164(text) == e164


@pytest.mark.parametrize(
    "text", ["", "2025550100", "02079460018", "+1202555", "+1 202 555 0100 ext. 5", "+999123456789", "hello"]
)
def test_what_is_no_number_is_named(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_e164(text, field="to_number")
    assert refused.value.field == "to_number"


@pytest.mark.parametrize(
    ("e164", "types"),
    [
        ("+18004444444", {"toll_free"}),
        ("+447911123456", {"mobile"}),
        ("+442079460018", {"local", "national"}),
        ("+12065550123", {"local", "mobile", "national"}),
        ("+443031231234", {"local", "mobile", "national", "toll_free"}),  # its form does not tell
    ],
)
def test_the_types_that_a_number_can_be_of(e164: str, types: set[str]) -> None:
    assert {one for one in NumberType.values if fits_type(e164, one)} == types
