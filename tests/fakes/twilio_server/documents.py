"""Twilio's published OpenAPI documents, and whether a request or an answer is as they say.

They are beside the repository, not in it; where they are absent nothing is checked and `PRESENT` is False.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "specs"
FILES = {
    "api.twilio.com": "twilio_api_v2010.json",
    "trunking.twilio.com": "twilio_trunking_v1.json",
    "voice.twilio.com": "twilio_voice_v1.json",
}
PRESENT = all((FOLDER / name).exists() for name in FILES.values())
REASON = "Twilio's OpenAPI documents are not there"


@dataclass(frozen=True)
class Operation:
    """One request that a document knows."""

    pattern: re.Pattern[str]
    method: str
    described: dict[str, Any]


@lru_cache
def document(host: str) -> dict[str, Any]:
    """Of a host; empty when there is none for it."""
    if not PRESENT or host not in FILES:
        return {}
    read: dict[str, Any] = json.loads((FOLDER / FILES[host]).read_text())
    return read


@lru_cache
def operations(host: str) -> list[Operation]:
    found = []
    for path, methods in document(host).get("paths", {}).items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+?)", re.escape(path)) + "$")
        found += [
            Operation(pattern, method.upper(), told)
            for method, told in methods.items()
            if method in ("get", "post", "delete")
        ]
    # A name of its own before a place for any: `Available.../Local.json` before `/{Sid}.json`.
    return sorted(found, key=lambda one: one.pattern.pattern.count("([^/]+?)"))


def find(host: str, method: str, path: str) -> Operation | None:
    return next((o for o in operations(host) if o.method == method and o.pattern.match(path)), None)


def faults_of_request(
    host: str, method: str, path: str, query: dict[str, list[str]], form: dict[str, list[str]]
) -> list[str]:
    """What the document says against it, in words."""
    if not document(host):
        return []
    operation = find(host, method, path)
    if operation is None:
        return [f"{method} {path}: no such operation"]
    described = [_resolved(host, one) for one in operation.described.get("parameters", [])]
    schemas = {one["name"]: one["schema"] for one in described if one["in"] == "query"}
    body = operation.described.get("requestBody", {}).get("content", {})
    shape = body.get("application/x-www-form-urlencoded", {}).get("schema", {})
    return [
        *_places(host, operation, path, [one for one in described if one["in"] == "path"]),
        *_parameters(host, query, schemas, f"{method} {path}, query"),
        *_parameters(host, form, shape.get("properties", {}), f"{method} {path}, form"),
        *(f"{method} {path}: {one} is missing" for one in shape.get("required", []) if one not in form),
    ]


def _places(host: str, operation: Operation, path: str, described: list[dict[str, Any]]) -> list[str]:
    found = operation.pattern.match(path)
    given = found.groups() if found else ()
    return [
        fault
        for one, value in zip(described, given, strict=False)
        for fault in _value(host, one["schema"], value, f"{path}, {one['name']}")
    ]


def _parameters(host: str, given: dict[str, list[str]], known: dict[str, Any], where: str) -> list[str]:
    faults = []
    for name, values in given.items():
        if name not in known:
            faults.append(f"{where}: nobody knows {name}")
            continue
        schema = _resolved(host, known[name])
        if len(values) > 1 and schema.get("type") != "array":
            faults.append(f"{where}: {name} is there {len(values)} times")
        items = schema.get("items", {}) if schema.get("type") == "array" else schema
        faults += [fault for value in values for fault in _value(host, items, value, f"{where}, {name}")]
    return faults


_FORMS = {
    "integer": r"-?[0-9]+",
    "number": r"-?[0-9]+(\.[0-9]+)?",
    "boolean": r"(?i:true|false)",
}
_FORMATS = {
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
    "iso-country-code": r"[A-Z]{2}",
    "uri": r"[a-z]+:\S+",
    "phone-number": r"\+?[0-9*A-Za-z:._@-]+",
    "http-method": r"GET|POST",
}


def _value(host: str, schema: dict[str, Any], value: str, where: str) -> list[str]:
    """What a text of a form or a query is checked for: kind, format, pattern, length, choices."""
    schema = _resolved(host, schema)
    kind = schema.get("type")
    rules = [_FORMS.get(kind or ""), _FORMATS.get(schema.get("format", "")), schema.get("pattern")]
    wrong = [rule for rule in rules if rule and not re.fullmatch(rule, value)]
    if "enum" in schema and value not in schema["enum"]:
        wrong.append(f"one of {schema['enum']}")
    if kind == "integer" and not wrong:
        low, high = schema.get("minimum"), schema.get("maximum")
        if (low is not None and int(value) < low) or (high is not None and int(value) > high):
            wrong.append(f"{low} to {high}")
    return [f"{where}: {value!r} is not {rule}" for rule in wrong]


def _resolved(host: str, schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Any = document(host)
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def faults_of_answer(host: str, method: str, path: str, status: int, answer: Any) -> list[str]:
    """Of what the server itself is about to say: names that the document does not have, and wrong kinds."""
    operation = find(host, method, path)
    if operation is None or status >= 400:
        return []
    told = operation.described["responses"].get(str(status))
    if told is None:
        return [f"{method} {path}: an answer {status} is not described"]
    schema = told.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [] if answer is None else [f"{method} {path}: an answer {status} has no body"]
    faults = _validator(host, json.dumps(schema)).iter_errors(answer)
    return [f"{method} {path}, answer: {fault.json_path}: {fault.message[:200]}" for fault in faults]


@cache
def _validator(host: str, schema: str) -> Draft202012Validator:
    return Draft202012Validator(_strict(host, json.loads(schema)))


def _strict(host: str, schema: dict[str, Any]) -> dict[str, Any]:
    """As JSON Schema: `nullable` is a kind, references are filled in, unknown names are none."""
    schema = _resolved(host, schema)
    out: dict[str, Any] = {k: schema[k] for k in ("pattern", "minLength", "maxLength") if k in schema}
    if "type" in schema:
        out["type"] = [schema["type"], "null"]
    if schema.get("enum"):
        out["enum"] = [*schema["enum"], None]
    if "properties" in schema:
        out["properties"] = {name: _strict(host, one) for name, one in schema["properties"].items()}
        out["additionalProperties"] = False
    if "items" in schema:
        out["items"] = _strict(host, schema["items"])
    return out


def blank(host: str, schema: str) -> dict[str, Any]:
    """Every name that a resource has in the document, without a value."""
    shape = document(host).get("components", {}).get("schemas", {}).get(schema, {})
    return {name: _empty(host, one) for name, one in shape.get("properties", {}).items()}


def _empty(host: str, schema: dict[str, Any]) -> Any:
    return 0 if _resolved(host, schema).get("type") == "integer" else None
