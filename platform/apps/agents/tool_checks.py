"""Whether an agent's tools can work: what no agent can be saved with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from jsonschema import Draft202012Validator

from apps.agents.checks import Remark
from media_workers.contract.agent import AgentConfig
from media_workers.contract.tools import SECRET, CollectDigitsTool, HttpTool, McpServer, TransferTool
from telephony.trunks.values import is_private

LONGEST_SCHEMA = 20_000
TAKEN = frozenset({"end_call"})
"""Functions that every agent has."""

NOT_THEIRS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
NO_SCHEMA = "This is no JSON schema: "


def tool_faults(config: AgentConfig) -> Iterator[Remark]:
    """Each with its place."""
    yield from _names(config)
    targets = {target.name for target in config.transfers}
    for number, tool in enumerate(config.tools):
        place = f"tools.{number}"
        if isinstance(tool, HttpTool | McpServer):
            yield from _address(f"{place}.url", tool.url, arguments=isinstance(tool, HttpTool))
            yield from _headers(place, tool.headers)
        if isinstance(tool, HttpTool):
            yield from _schema(f"{place}.parameters", tool.parameters)
        elif isinstance(tool, TransferTool):
            yield from _targets(place, tool, targets)
        elif isinstance(tool, CollectDigitsTool) and tool.min_digits > tool.max_digits:
            yield Remark(f"{place}.min_digits", "range", "At least more digits than at most cannot be typed.")
    for number, fetch in enumerate(config.prefetch):
        yield from _address(f"prefetch.{number}.url", fetch.url, arguments=False)
        yield from _headers(f"prefetch.{number}", fetch.headers)


def missing_secrets(config: AgentConfig, stored: Mapping[str, str]) -> list[Remark]:
    """Secrets that are sent but not `stored`: calls would fail there."""
    senders = [
        (f"tools.{n}", t.headers) for n, t in enumerate(config.tools) if isinstance(t, HttpTool | McpServer)
    ]
    senders += [(f"prefetch.{n}", fetch.headers) for n, fetch in enumerate(config.prefetch)]
    return [
        Remark(f"{place}.headers", "no_secret", f"The secret {name} is not set.")
        for place, headers in senders
        for name in sorted(secrets_of(headers) - set(stored))
    ]


def secrets_of(headers: Mapping[str, str]) -> set[str]:
    """The names of the secrets that are sent with `headers`."""
    return {name for value in headers.values() for name in SECRET.findall(value)}


def _names(config: AgentConfig) -> Iterator[Remark]:
    seen = set(TAKEN)
    for number, tool in enumerate(config.tools):
        if tool.name in seen:
            words = f"There is a tool called {tool.name} already: choose another name."
            yield Remark(f"tools.{number}.name", "duplicate", words)
        seen.add(tool.name)


def _targets(place: str, tool: TransferTool, known: set[str]) -> Iterator[Remark]:
    for number, name in enumerate(tool.targets):
        if name not in known:
            words = f"There is no transfer target called {name}."
            yield Remark(f"{place}.targets.{number}", "unknown_target", words)
    if not known:
        words = "There is nobody to transfer to: add a transfer target first."
        yield Remark(place, "no_target", words)


# --- addresses --------------------------------------------------------------------------------------


def _address(place: str, url: str, *, arguments: bool) -> Iterator[Remark]:
    """Only what the text says; the media node looks at where the name leads."""
    if SECRET.search(url):
        yield Remark(place, "secret", "Secrets go into headers: an address is seen by many on its way.")
        return
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        yield Remark(place, "url", "This is no address.")
        return
    if not host or re.search(r"[{}]", parts.netloc):
        yield Remark(place, "host", "Write the host out: what is filled in comes after it.")
    elif parts.username is not None:
        yield Remark(place, "credentials", "No user and password in the address: use a header with a secret.")
    elif is_private(host) and not settings.VENDORS_ALLOW_PRIVATE_ADDRESSES:
        yield Remark(place, "private_address", "This address is private: it cannot be reached from here.")
    if not arguments and re.search(r"(?<!\{)\{[A-Za-z_]\w*\}(?!\})", url):
        yield Remark(place, "argument", "There are no arguments yet: use {{variables}} only.")


def _headers(place: str, headers: Mapping[str, str]) -> Iterator[Remark]:
    for name in headers:
        if name.lower() in NOT_THEIRS:
            words = f"{name} is the connection's own: it cannot be set."
            yield Remark(f"{place}.headers.{name}", "reserved", words)


# --- schemas ----------------------------------------------------------------------------------------


def _schema(place: str, schema: dict[str, object]) -> Iterator[Remark]:
    if len(json.dumps(schema)) > LONGEST_SCHEMA:
        yield Remark(place, "too_long", f"A schema has {LONGEST_SCHEMA} characters at most.")
        return
    if schema.get("type", "object") != "object":
        yield Remark(f"{place}.type", "schema", "Arguments are an object: give the type `object`.")
        return
    try:
        wrong = next(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema), None)
        references = list(_references(schema))
    except RecursionError:
        yield Remark(place, "schema", f"{NO_SCHEMA}it is nested too deeply.")
        return
    if wrong is not None:
        inside = ".".join([place, *(str(part) for part in wrong.absolute_path)])
        yield Remark(inside, "schema", f"{NO_SCHEMA}{wrong.message[:300]}")
    elif any(not reference.startswith("#") for reference in references):
        words = "A `$ref` leads to another place of the same schema (`#/$defs/...`) only."
        yield Remark(place, "schema", words)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
