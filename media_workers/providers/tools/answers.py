"""What a server answered, in words for a model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser

from media_workers.providers.tools.web import Answer

SHOWN = 500
"""Characters of an answer that is an error."""

LONGEST_SLOT = 4_000
TEXTS = re.compile(
    r"text/|application/([a-z0-9.+-]*\+)?(json|xml|yaml|x-yaml|javascript|x-www-form-urlencoded)"
)
PAGES = frozenset({"text/html", "application/xhtml+xml"})


def told(answer: Answer) -> tuple[str, str, object]:
    """The text for the model, the trouble for people (empty: none), and the JSON in it (None: there is
    none)."""
    text = _text(answer)
    if 300 <= answer.status < 400:
        words = f"the server answered {answer.status}: it has moved, which is not followed"
        return f"Error: {words}", words, None
    if answer.status >= 400:
        shown = _shown(answer, text)
        words = f"the server answered {answer.status}"
        return f"Error: {words}{': ' + shown if shown else ''}", words, None
    if not answer.body:
        return f"Done ({answer.status}, without any content).", "", None
    if text is None:
        words = f"the server answered with {answer.media_type or 'bytes'}, which cannot be read"
        return f"Error: {words}", words, None
    if answer.media_type in PAGES:
        words = "the server answered with a web page instead of data"
        return f"Error: {words}: {_page(text)[:SHOWN]}", words, None
    return _data(answer, text)


def _data(answer: Answer, text: str) -> tuple[str, str, object]:
    said_json = answer.media_type == "application/json" or answer.media_type.endswith("+json")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        if said_json and not answer.cut:
            words = "the server's answer is no JSON, though it says so"
            return f"Error: {words}: {text[:SHOWN]}", words, None
        trouble = "the server's answer was too long and was cut" if answer.cut else ""
        return text, trouble, None
    return text, "", found


def _shown(answer: Answer, text: str | None) -> str:
    if text is None:
        return ""
    return (_page(text) if answer.media_type in PAGES else text.strip())[:SHOWN]


def _text(answer: Answer) -> str | None:
    """None: it is no text."""
    if answer.media_type and not TEXTS.match(answer.media_type):
        return None
    charset = re.search(r"charset=\"?([A-Za-z0-9_-]+)", answer.headers.get("content-type", ""))
    body = answer.body
    try:
        if b"\0" in body[:2_000] and not charset:
            return None
        return body.decode(charset.group(1) if charset else "utf-8", "ignore" if answer.cut else "strict")
    except (UnicodeDecodeError, LookupError):
        return None


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skipped = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._skipped += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("script", "style") and self._skipped > 0

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.words.extend(data.split())


def _page(text: str) -> str:
    """The words of a web page."""
    parser = _Words()
    parser.feed(text[:20_000])
    return " ".join(parser.words)


# --- values in it ---------------------------------------------------------------------------------


def taken(found: object, paths: Mapping[str, str]) -> dict[str, str]:
    """The values at dotted `paths` (``items.0.id``), as text; what is not there, or is null, is left out."""
    values = {name: _at(found, path) for name, path in paths.items()}
    return {name: _as_text(value)[:LONGEST_SLOT] for name, value in values.items() if value is not None}


def _at(found: object, path: str) -> object:
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and re.fullmatch(r"[0-9]{1,6}", part) and int(part) < len(found):
            found = found[int(part)]
        else:
            return None
    return found


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
