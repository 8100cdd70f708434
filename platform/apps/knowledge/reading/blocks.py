"""What a document consists of, whatever it was written with."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST_TEXT = 4_000_000
"""Characters of one document: a book of two thousand pages."""


class Unreadable(Exception):
    """A document that cannot be read, and why: `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level (1 is the highest), or at level 0 a paragraph, a list, or the rows of a table,
    one a line."""

    level: int
    text: str


@dataclass(slots=True)
class Content:
    """`title`: as the document itself gives it, or empty."""

    title: str = ""
    blocks: list[Block] = field(default_factory=list)

    def checked(self) -> Content:
        """Itself. Unreadable: there is nothing in it, or too much."""
        size = sum(len(block.text) for block in self.blocks)
        if not any(block.text.strip() for block in self.blocks):
            raise Unreadable("empty", "There is no text in this document.")
        if size > LONGEST_TEXT:
            raise Unreadable(
                "too_large", f"The document has more than {LONGEST_TEXT:,} characters: divide it."
            )
        return self


def row_text(header: list[str], cells: list[str]) -> str:
    """A table's row that can be understood alone: with the names of its columns where there are any."""
    if len(header) != len(cells):
        return " | ".join(cell for cell in cells if cell)
    return "; ".join(
        f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=True) if cell
    )


def table_text(rows: list[list[str]]) -> str:
    """The rows, one a line. The first one names the columns when there is another and all of its cells have
    words."""
    rows = [row for row in rows if any(row)]
    if len(rows) > 1 and len(rows[0]) > 1 and all(rows[0]):
        return "\n".join(row_text(rows[0], row) for row in rows[1:])
    return "\n".join(row_text([], row) for row in rows)
