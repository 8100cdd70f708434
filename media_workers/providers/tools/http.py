"""An HTTP tool: one request, made of a configuration and what the model gave, and what comes of it.

Secrets stand only in headers, and go nowhere else: not into the words for the model, not into what is shown
of the request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode
from uuid import uuid4

from media_workers.contract.part import VARIABLE
from media_workers.contract.tools import SECRET, HttpTool
from media_workers.providers.tools import schema
from media_workers.providers.tools.answers import taken, told
from media_workers.providers.tools.outcome import Outcome, Sent, failure
from media_workers.providers.tools.web import NoAnswer, Web

EITHER = re.compile(r"\{\{\s*(secret\.)?([a-z][a-z0-9_]{0,63})\s*\}\}")
ARGUMENT = re.compile(r"(?<!\{)\{([A-Za-z_][A-Za-z0-9_]{0,63})\}(?!\})")
HIDDEN = "[secret]"
NOT_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
"""Headers that the connection has its own of."""

LONGEST_URL = 8_000


@dataclass(frozen=True, slots=True)
class Around:
    """What a request may be filled with beside the model's arguments."""

    variables: Mapping[str, str]
    slots: Mapping[str, str]
    secrets: Mapping[str, str | None]

    def hide(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self.secrets.values():
            if secret and len(secret) >= 4:
                text = text.replace(secret, HIDDEN)
        return text


async def run(web: Web, tool: HttpTool, arguments: Mapping[str, object], around: Around) -> Outcome:
    """Raises nothing."""
    wrong = schema.faults(tool.parameters, arguments)
    if wrong:
        return failure(f"the arguments do not fit: {'; '.join(wrong)}. Mend them and call it again")
    try:
        headers = filled_headers(tool.headers, around)
        url, content = _written(tool, arguments, around, headers)
    except NoAnswer as error:
        return failure(str(error))
    sent = _shown(tool, url, headers, content, around)
    try:
        answer = await web.ask(
            tool.method, url, headers=headers, content=content, timeout_s=tool.timeout_ms / 1000
        )
    except NoAnswer as error:
        return failure(str(error), sent=sent)
    text, trouble, found = told(answer)
    saved = {} if trouble else taken(found, tool.save)
    saved = {name: around.hide(value) for name, value in saved.items()}
    return Outcome(around.hide(text), around.hide(trouble), saved, answer.status, sent)


def filled_headers(headers: Mapping[str, str], around: Around) -> dict[str, str]:
    """Raises `NoAnswer` when a secret is missing."""
    found: dict[str, str] = {}
    for name, template in headers.items():
        if name.lower() in NOT_OURS:
            continue
        # In one go: what a variable or a secret holds is not looked into.
        value = EITHER.sub(lambda m: _value(m, around), template)
        found[name] = re.sub(r"[\x00-\x1f\x7f]+", " ", value).strip()
    return found


def _value(match: re.Match[str], around: Around) -> str:
    secret, name = match.groups()
    if not secret:
        return around.variables.get(name, "")
    value = around.secrets.get(name)
    if not value:
        raise NoAnswer(f"the secret {name} is not set")
    return value


def filled_url(template: str, arguments: Mapping[str, object], around: Around) -> tuple[str, set[str]]:
    """With everything percent-encoded; and which arguments are in it. Raises `NoAnswer` when one that it
    needs is missing."""
    used: set[str] = set()

    def argument(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in arguments:
            used.add(name)
            return encoded(arguments[name])
        if name in around.slots:
            return encoded(around.slots[name])
        raise NoAnswer(f"the argument {name} is missing: it is a part of the address")

    # Arguments first: what a variable holds is not looked into.
    url = ARGUMENT.sub(argument, template)
    url = VARIABLE.sub(lambda m: encoded(around.variables.get(m.group(1), "")), url)
    if len(url) > LONGEST_URL:
        raise NoAnswer("the address has become too long")
    return url, used


def encoded(value: object) -> str:
    """For one segment of a path or one value of a query; never a way up."""
    text = quote(_text(value), safe="")
    return text.replace(".", "%2E") if set(text) == {"."} else text


def _written(
    tool: HttpTool, arguments: Mapping[str, object], around: Around, headers: dict[str, str]
) -> tuple[str, bytes | None]:
    """URL and body; their headers are added to `headers`."""
    url, used = filled_url(tool.url, arguments, around)
    rest = {name: value for name, value in arguments.items() if name not in used}
    _default(headers, "Idempotency-Key", uuid4().hex)
    _default(headers, "Accept", "application/json, text/*;q=0.9")
    if tool.send == "query" or tool.method == "GET":
        if rest:
            url += ("&" if "?" in url else "?") + urlencode(_pairs(rest))
        return url, None
    if tool.send == "form":
        _default(headers, "Content-Type", "application/x-www-form-urlencoded")
        return url, urlencode(_pairs(rest)).encode()
    if tool.method == "DELETE" and not rest:
        return url, None
    _default(headers, "Content-Type", "application/json")
    return url, json.dumps(rest, ensure_ascii=False).encode("utf-8", "replace")


def _default(headers: dict[str, str], name: str, value: str) -> None:
    if name.lower() not in {given.lower() for given in headers}:
        headers[name] = value


def _pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """A list is given item by item."""
    return [
        (name, _text(item))
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
    ]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _shown(
    tool: HttpTool, url: str, headers: Mapping[str, str], content: bytes | None, around: Around
) -> Sent:
    """A header that holds a secret shows where."""
    shown = {
        name: SECRET.sub(HIDDEN, tool.headers[name])
        if SECRET.search(tool.headers.get(name, ""))
        else around.hide(value)
        for name, value in headers.items()
    }
    body = (content or b"")[:20_000].decode("utf-8", "replace")
    return Sent(tool.method, around.hide(url), shown, around.hide(body))
