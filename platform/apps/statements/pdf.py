"""An invoice as PDF. Pure: the same invoice is the same file, byte for byte."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from apps.statements.models import Invoice

_OURS = Path(reportlab.__file__).parent / "fonts"
_DEJAVU = Path("/usr/share/fonts/truetype/dejavu")
FONTS: Sequence[tuple[Path, Path]] = (
    (_DEJAVU / "DejaVuSans.ttf", _DEJAVU / "DejaVuSans-Bold.ttf"),
    (_OURS / "Vera.ttf", _OURS / "VeraBd.ttf"),
)
"""Plain and bold; the first pair that is there. DejaVu has Greek, Cyrillic and more, Vera comes with the
library. A sign that the font lacks is drawn as a question mark."""

INK, QUIET, LINE = colors.HexColor("#1a1b1e"), colors.HexColor("#5c5f66"), colors.HexColor("#ced4da")
MARGIN = 20 * mm
PADDING = 6
"""Points that the library leaves free around everything but tables."""
WIDTHS = (76 * mm, 50 * mm, 44 * mm)

UNITS = {
    "character": ("character", "characters"),
    "input_token": ("token in", "tokens in"),
    "cached_token": ("cached token in", "cached tokens in"),
    "output_token": ("token out", "tokens out"),
    "audio_input_token": ("audio token in", "audio tokens in"),
    "audio_output_token": ("audio token out", "audio tokens out"),
    "charge": ("charge", "charges"),
}
"""One and several of what is counted, as on the dashboard; another is written with an s."""

Row = tuple[str, str, int]
"""What, how much of it, and its micros."""


def invoice_pdf(invoice: Invoice) -> bytes:
    """The file."""
    file = io.BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        invariant=1,
        title=f"Invoice {invoice.number}",
        author=_first_line(invoice.issuer),
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
    )
    foot = _foot(f"Invoice {invoice.number}")
    document.build(list(_story(invoice)), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _story(invoice: Invoice) -> Iterable[Flowable]:
    yield _lines(invoice.issuer, _style("issuer", color=QUIET, size=9))
    yield Spacer(0, 10 * mm)
    yield Paragraph(f"Invoice {invoice.number}", _style("title", bold=True, size=18, leading=24))
    yield _lines(
        f"{_day(invoice.period_start)} to {_day(invoice.period_end)} ({invoice.timezone})\n"
        f"Made on {_day(invoice.created_at.date())}",
        _style("period", color=QUIET),
    )
    yield Spacer(0, 8 * mm)
    yield _lines(invoice.bill_to, _style("to"))
    yield Spacer(0, 8 * mm)
    yield _table("Used", [*_used(invoice)], ("In all", "", invoice.used_micros), invoice.currency)
    yield Spacer(0, 8 * mm)
    yield KeepTogether(_table("Balance", [*_balance(invoice)], _closing(invoice), invoice.currency))
    yield Spacer(0, 8 * mm)
    words = "Everything on this invoice has been paid."
    yield Paragraph(words, _style("note", color=QUIET, size=9))


def _used(invoice: Invoice) -> Iterable[Row]:
    for line in invoice.lines:
        yield line["what"], _quantity(line["quantity"], line["unit"]), line["amount_micros"]


def _balance(invoice: Invoice) -> Iterable[Row]:
    yield f"On {_day(invoice.period_start)}", "", invoice.opening_micros
    for one in invoice.added:
        yield one["what"], "", one["amount_micros"]
    yield "Used", "", -invoice.used_micros


def _closing(invoice: Invoice) -> Row:
    return f"At the end of {_day(invoice.period_end)}", "", invoice.closing_micros


def _quantity(quantity: int, unit: str) -> str:
    if unit == "millisecond":
        return _quantity(quantity // 1000, "second")
    if unit == "second":
        return f"{quantity // 60:,} min {quantity % 60:02} s"
    one, several = UNITS.get(unit, (unit, f"{unit}s"))
    return f"{quantity:,} {one if quantity == 1 else several}" if unit else ""


def _digits(rows: Iterable[Row]) -> int:
    """How many digits after the point show all amounts exactly, so that their points stand in one line."""
    return max(2, *(6 - _zeros(micros) for _, _, micros in rows))


def _zeros(micros: int) -> int:
    """At the end of the six digits after the point."""
    part = f"{abs(micros) % 10**6:06}"
    return len(part) - len(part.rstrip("0"))


def _amount(micros: int, digits: int, currency: str) -> str:
    """1234500000, 2, "USD" -> "1,234.50 USD"."""
    whole, part = divmod(abs(micros), 10**6)
    return f"{'-' if micros < 0 else ''}{whole:,}.{f'{part:06}'[:digits]} {currency}"


def _day(day: object) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def _table(title: str, rows: Sequence[Row], last: Row, currency: str) -> Table:
    plain, bold, right = _style("cell"), _style("bold", bold=True), _style("amount", right=True)
    right_bold = _style("total", bold=True, right=True)
    head = [Paragraph(title, bold), "", ""]
    digits = _digits([*rows, last])
    body = [
        [_text(what, plain), _text(quantity, right), _text(_amount(micros, digits, currency), right)]
        for what, quantity, micros in rows
    ]
    foot = [_text(last[0], bold), "", _text(_amount(last[2], digits, currency), right_bold)]
    table = Table([head, *body, foot], colWidths=WIDTHS, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
                ("LINEBELOW", (0, 1), (-1, -2), 0.3, LINE),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    return table


def _lines(text: str, style: ParagraphStyle) -> Paragraph:
    shown = "<br/>".join(escape(_drawable(line)) for line in text.splitlines())
    return Paragraph(shown, style)


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_drawable(text)), style)


def _drawable(text: str) -> str:
    has = pdfmetrics.getFont(_fonts()[0]).face.charToGlyph
    return "".join(sign if ord(sign) in has else "?" for sign in text)


def _style(
    name: str,
    *,
    bold: bool = False,
    right: bool = False,
    size: int = 10,
    leading: int = 14,
    color: colors.Color = INK,
) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=_fonts()[bold],
        fontSize=size,
        leading=leading,
        textColor=color,
        alignment=TA_RIGHT if right else 0,
    )


@cache
def _fonts() -> tuple[str, str]:
    """The names of the plain and the bold font, registered with the library."""
    plain, bold = next(pair for pair in FONTS if all(path.exists() for path in pair))
    for path in (plain, bold):
        pdfmetrics.registerFont(TTFont(path.stem, str(path)))
    return plain.stem, bold.stem


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""


def _foot(text: str) -> object:
    def draw(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.saveState()
        canvas.setFont(_fonts()[0], 8)
        canvas.setFillColor(QUIET)
        canvas.drawString(MARGIN, 12 * mm, text)
        canvas.drawRightString(A4[0] - MARGIN, 12 * mm, f"Page {document.page}")
        canvas.restoreState()

    return draw
