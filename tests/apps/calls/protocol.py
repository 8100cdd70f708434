"""The protocol of the live sockets as docs/asyncapi.yaml has it, to hold messages against."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).parents[3] / "docs" / "asyncapi.yaml"
_HERE = "asyncapi"


@cache
def document() -> dict[str, Any]:
    """The document, parsed."""
    parsed: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return parsed


def look_up(reference: str) -> Any:
    """What a `#/a/b` reference points at, followed to its end."""
    found: Any = document()
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return look_up(found["$ref"]) if set(found) == {"$ref"} else found


def messages(path: str, action: str) -> dict[str, Any]:
    """The JSON messages of the channel at `path` by their `type`: "send" are ours, "receive" the client's."""
    found = {}
    for operation in document()["operations"].values():
        channel = look_up(operation["channel"]["$ref"])
        if operation["action"] == action and channel["address"].partition("?")[0] == path:
            for reference in operation["messages"]:
                message = look_up(reference["$ref"])
                if message.get("contentType") is None:
                    found[message["payload"]["properties"]["type"]["const"]] = message
    return found


def errors(schema: Any, value: Any) -> list[str]:
    """Where `value` is not what `schema`, a part of the document, says."""
    registry = Registry().with_resource(_HERE, Resource(document(), DRAFT202012))
    validator = Draft202012Validator(_absolute(schema), registry=registry)
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(value)]


def check(path: str, message: Any) -> None:
    """Fails unless the document knows `message` as one that we send on the channel at `path`."""
    known = messages(path, "send")
    assert message["type"] in known, f"{path}: the document has no message {message['type']!r}"
    wrong = errors(known[message["type"]]["payload"], message)
    assert not wrong, f"{path}: {message} {wrong}"


def _absolute(schema: Any) -> Any:
    """The same with references that name the document, so that they can be followed from outside it."""
    if isinstance(schema, dict):
        return {k: _HERE + v if k == "$ref" else _absolute(v) for k, v in schema.items()}
    return [_absolute(part) for part in schema] if isinstance(schema, list) else schema
