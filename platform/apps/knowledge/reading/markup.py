"""HTML and Markdown: headings, paragraphs, lists and tables; not what surrounds them on a page."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html
from markdown_it import MarkdownIt

from .blocks import Block, Content, Unreadable, table_text
from .plain_text import clean, decode

_LEFT_OUT = (
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "form", "nav", "header",
    "footer", "aside", "button", "select", "dialog", "canvas", "audio", "video",
)  # fmt: skip
_HIDDEN = ".//*[@hidden or @aria-hidden='true' or @role='navigation' or @role='banner']"
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = frozenset({
    "address", "article", "blockquote", "body", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
    "figure", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "ul",
})  # fmt: skip
_SPACE = re.compile(r"[ \t\n\f\v]+")
_FRONT_MATTER = re.compile(r"\A---\n(.{0,5000}?)\n(?:---|\.\.\.)\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


def read_html(data: bytes) -> Content:
    return from_html(_declared(data))


def read_markdown(data: bytes) -> Content:
    """CommonMark with tables. `title` of the matter at the front of it, else its only first heading."""
    text = decode(data)
    front = _FRONT_MATTER.match(text)
    title = _TITLE.search(front.group(1)) if front else None
    if front:
        text = text[front.end() :]
    content = from_html(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))
    if title:
        content.title = title.group(1)[:300]
    return content


def from_html(text: str) -> Content:
    """The text of a page in the order in which it stands there."""
    root = _tree(text)
    title = _SPACE.sub(" ", root.findtext(".//title") or "").strip()[:300]
    for node in [*root.iter(*_LEFT_OUT), *root.xpath(_HIDDEN)]:
        if node.tag == "header" and node.find(".//h1") is not None:
            continue  # of an article: it holds the heading
        if node.getparent() is not None:
            node.drop_tree()
    content = _Walk().through(_main(root))
    first = next((block.text for block in content.blocks if block.level), "")
    content.title = title or first[:300]
    return content


def _declared(data: bytes) -> str:
    """The text, in the encoding that the page says it has."""
    said = re.search(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_-]{2,40})", data[:4096], re.IGNORECASE)
    if said and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return clean(data.decode(said.group(1).decode()))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data)


def _tree(text: str) -> Any:
    # lxml refuses text with an encoding declaration of its own.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(no_network=True, remove_comments=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("empty", "There is no text in this document.") from error
    return root


def _main(root: Any) -> Any:
    """The part that a page is about, where it says so."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = root.findall(path)
        if len(found) == 1 and len(found[0].text_content().strip()) > 200:
            return found[0]
    body = root.find("body")
    return root if body is None else body


class _Walk:
    """Goes through a tree without recursion: a page may be nested as deep as its writer liked."""

    def __init__(self) -> None:
        self.content = Content()
        self._text: list[str] = []

    def through(self, root: Any) -> Content:
        skip = None
        for event, node in etree.iterwalk(root, events=("start", "end")):
            if skip is not None:
                if event == "end" and node is skip:
                    skip = None
                    self._add(node.tail)
                continue
            if event == "start":
                if node.tag == "table" and node.find(".//table") is None:
                    self._table(node)
                    skip = node
                else:
                    self._enter(node)
            else:
                self._leave(node, root)
        self._flush(0)
        return self.content

    def _enter(self, node: Any) -> None:
        if node.tag in _HEADINGS or node.tag in _BREAKS or node.tag in ("table", "tr"):
            self._flush(0)
        if node.tag == "li":
            self._text.append("- ")
        elif node.tag == "br":
            self._text.append("\n")
        elif node.tag in ("td", "th"):
            self._text.append(" ")
        self._add(node.text, verbatim=node.tag == "pre")

    def _leave(self, node: Any, root: Any) -> None:
        if node.tag in _HEADINGS:
            self._flush(_HEADINGS[node.tag])
        elif node.tag in _BREAKS:
            self._flush(0)
        if node is not root:
            self._add(node.tail)

    def _add(self, text: str | None, *, verbatim: bool = False) -> None:
        if text:
            self._text.append(text if verbatim else _SPACE.sub(" ", text))

    def _table(self, table: Any) -> None:
        self._flush(0)
        rows = [
            [_SPACE.sub(" ", cell.text_content()).strip() for cell in row.iter("td", "th")]
            for row in table.iter("tr")
        ]
        if text := table_text(rows):
            self.content.blocks.append(Block(0, text))

    def _flush(self, level: int) -> None:
        lines = "".join(self._text).split("\n")
        self._text = []
        text = "\n".join(line for line in (re.sub(r" +", " ", one).strip() for one in lines) if line)
        if not text.strip("- "):
            return
        last = self.content.blocks[-1] if self.content.blocks else None
        if text.startswith("- ") and last and not level and last.text.rpartition("\n")[2].startswith("- "):
            self.content.blocks[-1] = Block(0, f"{last.text}\n{text}")  # items of a list belong together
        else:
            self.content.blocks.append(Block(level, text.replace("\n", " ") if level else text))
