"""Invoices as PDF."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest

from apps.statements import pdf
from apps.statements.models import Invoice
from apps.statements.pdf import FONTS, invoice_pdf
from tenants.ids import new_id


def line(what: str, quantity: int, unit: str, amount: int) -> dict[str, Any]:
    return {"what": what, "component": "x", "quantity": quantity, "unit": unit, "amount_micros": amount}


def invoice(**values: Any) -> Invoice:
    lines = [
        line("Platform minutes", 7_261, "second", 7_000_000),
        line("Language models", 123_456, "input_token", 123_456),
        line("Phone numbers", 1, "charge", 0),
    ]
    return Invoice(
        **{
            "tenant_id": new_id(),
            "number": "2026-0007",
            "period_start": date(2026, 10, 1),
            "period_end": date(2026, 10, 31),
            "timezone": "Europe/Berlin",
            "created_at": datetime(2026, 11, 1, 4, tzinfo=UTC),
            "opening_micros": 5_000_000,
            "added_micros": 20_000_000,
            "used_micros": 7_123_456,
            "closing_micros": 17_876_544,
            "currency": "USD",
            "issuer": "Example Telecom Ltd.\n1 Example Street",
            "bill_to": "Acme\nAccounts department",
            "lines": lines,
            "added": [{"what": "Payments", "amount_micros": 20_000_000}],
        }
        | values
    )


def text_of(file: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(file)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_everything_of_the_invoice_stands_in_it() -> None:
    text = text_of(invoice_pdf(invoice()))

    for wanted in (
        "Example Telecom Ltd. 1 Example Street",
        "Invoice 2026-0007",
        "1 October 2026 to 31 October 2026 (Europe/Berlin)",
        "Made on 1 November 2026",
        "Acme Accounts department",
        "Platform minutes 121 min 01 s 7.000000 USD",
        "Language models 123,456 tokens in 0.123456 USD",
        "Phone numbers 1 charge 0.000000 USD",
        "In all 7.123456 USD",
        "On 1 October 2026 5.000000 USD",
        "Payments 20.000000 USD",
        "Used -7.123456 USD",
        "At the end of 31 October 2026 17.876544 USD",
    ):
        assert wanted in text, wanted


def test_points_stand_in_one_line_and_thousands_are_parted() -> None:
    lines = [
        line("Speech to text", 61_500, "millisecond", 1_234_560_000),
        line("Speech models", 1, "audio_output_token", 7_500),
        line("Other", 3, "page", -1_000_000),
    ]
    text = text_of(invoice_pdf(invoice(lines=lines, used_micros=1_233_567_500)))

    for wanted in (
        "Speech to text 1 min 01 s 1,234.5600 USD",
        "Speech models 1 audio token out 0.0075 USD",
        "Other 3 pages -1.0000 USD",
        "In all 1,233.5675 USD",
    ):
        assert wanted in text, wanted


@pytest.mark.parametrize("used", range(14, 22))
def test_the_balance_stands_on_one_page(used: int) -> None:
    lines = [line(f"Line {n}", n, "charge", n) for n in range(used)]
    pages = pypdf.PdfReader(io.BytesIO(invoice_pdf(invoice(lines=lines)))).pages

    [with_balance] = [page for page in pages if "On 1 October 2026" in page.extract_text()]
    assert "At the end of 31 October 2026" in with_balance.extract_text()


def test_the_same_invoice_is_the_same_file() -> None:
    assert invoice_pdf(invoice()) == invoice_pdf(invoice())


def test_names_are_no_markup() -> None:
    assert "<b>Acme</b> & Sons <br/>" in text_of(invoice_pdf(invoice(bill_to="<b>Acme</b> & Sons <br/>")))


def test_a_long_invoice_has_several_pages() -> None:
    many = [line(f"Line {n}", n, "second", n) for n in range(120)]
    file = invoice_pdf(invoice(lines=many))

    assert len(pypdf.PdfReader(io.BytesIO(file)).pages) > 2
    assert "Line 119" in text_of(file)


@pytest.mark.parametrize("fonts", [FONTS[1:], FONTS])
def test_signs_that_the_font_lacks_are_question_marks(fonts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no font is installed: the library brings one."""
    monkeypatch.setattr(pdf, "FONTS", fonts)
    pdf._fonts.cache_clear()
    try:
        text = text_of(invoice_pdf(invoice(bill_to="Söhne, Grüße \U0001f4de\nCafé")))
    finally:
        pdf._fonts.cache_clear()

    assert "Söhne, Grüße ? Café" in text
