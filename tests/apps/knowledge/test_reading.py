"""Documents become text, in a process of their own."""

from __future__ import annotations

import pytest

from apps.knowledge import child
from apps.knowledge.child import TookTooLong, read_apart
from apps.knowledge.reading.blocks import Content, Unreadable
from tests.apps.knowledge import files

PAGE = b"""<!doctype html><html><head><meta charset="iso-8859-1"><title>The  house</title>
<style>p { color: red }</style><script>alert(1)</script></head><body>
<header><a href="/">Home</a></header><nav>Menu</nav>
<main><h1>House rules</h1><p>Dogs are <b>welcome</b>.<br>Cats too. Caf\xe9 downstairs. We have been here since
1904, on the corner by the lake, and there has always been somebody at the reception to look after you, by
day and by night, in summer and in winter.</p>
<h2>Prices</h2><table><tr><th>Room</th><th>Price</th></tr>
<tr><td>Sea view</td><td>90 dollars</td></tr></table>
<ul><li>Breakfast</li><li>Parking</li></ul></main>
<footer>Imprint</footer></body></html>"""


def shape(content: Content) -> list[tuple[int, str]]:
    return [(block.level, block.text) for block in content.blocks]


RULES = [(1, "House rules"), (0, "Dogs are welcome.")]
PRICES = [(2, "Prices"), (0, "Room: Sea view; Price: 90 dollars"), (0, "- Breakfast\n- Parking")]


def test_word() -> None:
    content = read_apart("docx", files.docx())

    assert (content.title, shape(content)) == ("The house", [*RULES, *PRICES])


def test_markdown() -> None:
    text = (
        "---\ntitle: The house\n---\n# House rules\nDogs are *welcome*.\n\n## Prices\n\n"
        "| Room | Price |\n|---|---|\n| Sea view | 90 dollars |\n\n- Breakfast\n- Parking\n"
    )
    content = read_apart("markdown", text.encode())

    assert (content.title, shape(content)) == ("The house", [*RULES, *PRICES])


def test_a_page_without_what_surrounds_it() -> None:
    content = read_apart("html", PAGE)

    assert content.title == "The house"
    (_, text), *rest = shape(content)[1:]
    assert text.startswith("Dogs are welcome.\nCats too. Café downstairs.")
    assert rest == PRICES
    assert not {"Menu", "Imprint", "Home"} & {block.text for block in content.blocks}


def test_pdf_under_its_bookmarks() -> None:
    content = read_apart("pdf", files.pdf_with_bookmarks())

    assert content.title == "The house"
    assert shape(content) == [*RULES, (2, "Prices"), (0, "A night costs 90 dollars.")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_whatever_encoding(encoding: str) -> None:
    content = read_apart("text", "Grüße aus Köln.\r\n\r\nBis bald.".encode(encoding))

    assert shape(content) == [(0, "Grüße aus Köln."), (0, "Bis bald.")]


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("pdf", b"hello", "not_pdf"),
        ("pdf", b"%PDF-1.7\nand then nothing", "damaged"),
        ("pdf", files.locked_pdf(), "encrypted"),
        ("pdf", files.pdf("", ""), "no_text"),
        ("docx", b"hello", "not_docx"),
        ("docx", files.docx()[:2000], "not_docx"),
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", "encrypted"),
        ("docx", files.bomb(), "too_large"),
        ("docx", files.docx_with_entities(), "damaged"),
        ("text", bytes(range(1, 32)) * 9, "not_text"),
        ("html", b"<html><body><script>1</script></body></html>", "empty"),
        ("markdown", b"\n\n", "empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(kind: str, data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_apart(kind, data)

    assert told.value.code == code
    assert told.value.detail.endswith(".")


def test_pages_nested_without_an_end_do_no_harm() -> None:
    assert shape(read_apart("html", b"<div>" * 200 + b"deep")) == [(0, "deep")]
    with pytest.raises(Unreadable):
        read_apart("html", b"<div>" * 50_000 + b"deep")


def test_what_takes_too_long_is_given_up() -> None:
    with pytest.raises(TookTooLong):
        read_apart("text", b"hello", limit_s=0.001)


def test_a_reader_that_dies_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child.sys, "executable", "/bin/false")

    with pytest.raises(Unreadable, match="damaged"):
        read_apart("text", b"hello")
