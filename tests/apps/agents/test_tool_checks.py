"""Tools that no agent can be saved with: where, and why. And secrets that do not follow an address."""

from __future__ import annotations

from typing import Any

import pytest

from apps.agents.configuration import parse_config
from apps.agents.model_keys import kept_keys, read, secrets_in, split_keys, stored, with_keys
from apps.agents.tool_checks import missing_secrets
from tenants.errors import InvalidFields
from tests.tenancy import SCRIPT

HTTP = {"type": "http", "name": "crm", "url": "https://crm.example/orders/{order}"}
MCP = {"type": "mcp", "name": "desk", "url": "https://mcp.example/mcp"}
HELD = HTTP | {"headers": {"Authorization": "Bearer {{secret.token}}"}}


def faults(**fields: Any) -> list[tuple[str, str]]:
    try:
        parse_config(SCRIPT | fields)
    except InvalidFields as error:
        return [(fault.field or "", fault.code) for fault in error.errors]
    return []


@pytest.mark.parametrize(
    ("tool", "fault"),
    [
        (HTTP, None),
        (HTTP | {"url": "https://crm.example/{{tenant}}?q={q}"}, None),
        (HTTP | {"url": "https://{{host}}/x"}, ("url", "host")),
        (HTTP | {"url": "https://{host}.example/x"}, ("url", "host")),
        (HTTP | {"url": "https://me:secret@crm.example/"}, ("url", "credentials")),
        (HTTP | {"url": "https://crm.example/?key={{secret.token}}"}, ("url", "secret")),
        (HTTP | {"url": "https://crm.example:99999/"}, ("url", "url")),
        (HTTP | {"headers": {"Host": "other.example"}}, ("headers.Host", "reserved")),
        (HTTP | {"name": "end_call"}, ("name", "duplicate")),
        (HTTP | {"parameters": {"type": "array"}}, ("parameters.type", "schema")),
        (
            HTTP | {"parameters": {"type": "object", "properties": {"a": {"type": "text"}}}},
            ("parameters.properties.a.type", "schema"),
        ),
        (HTTP | {"parameters": {"required": "all"}}, ("parameters.required", "schema")),
        (HTTP | {"parameters": {"$ref": "https://x.example/schema"}}, ("parameters", "schema")),
        (HTTP | {"parameters": {"description": "x" * 30_000}}, ("parameters", "too_long")),
        (MCP | {"url": "https://mcp.example/{arg}"}, ("url", "argument")),
        ({"type": "transfer"}, ("", "no_target")),
        ({"type": "collect_digits", "min_digits": 5, "max_digits": 4}, ("min_digits", "range")),
    ],
)
def test_what_a_tool_is_refused_for(tool: dict[str, Any], fault: tuple[str, str] | None) -> None:
    place = ".".join(filter(None, ["config.tools.0", fault[0]])) if fault else ""
    assert faults(tools=[tool]) == ([(place, fault[1])] if fault else [])


@pytest.mark.django_db
def test_transfers_names_and_private_addresses(settings: Any) -> None:
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = False
    desk = {"name": "desk", "sip_uri": "sip:desk@8.8.8.8"}
    assert faults(transfers=[desk], tools=[{"type": "transfer", "targets": ["desk", "moon"]}]) == [
        ("config.tools.0.targets.1", "unknown_target")
    ]
    assert faults(tools=[HTTP, HTTP]) == [("config.tools.1.name", "duplicate")]
    assert faults(tools=[HTTP | {"url": "http://10.0.0.1/"}, MCP | {"url": "http://localhost/mcp"}]) == [
        ("config.tools.0.url", "private_address"),
        ("config.tools.1.url", "private_address"),
    ]
    fetch = {"url": "http://[::1]/{who}", "take": {"name": "name"}}
    assert faults(prefetch=[fetch]) == [
        ("config.prefetch.0.url", "private_address"),
        ("config.prefetch.0.url", "argument"),
    ]
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = True
    assert faults(tools=[HTTP | {"url": "http://10.0.0.1/"}]) == []


# --- secrets ----------------------------------------------------------------------------------------


def test_secrets_leave_the_document_and_come_back() -> None:
    whole = parse_config(SCRIPT | {"tools": [HELD], "secrets": {"token": "tok-1", "other": None}})
    document, keys = split_keys(whole)
    assert "tok-1" not in str(document)
    assert document["secrets"] == {}
    held = read(stored(keys))
    assert secrets_in(held) == {"token": "tok-1"}
    assert with_keys(document, held).secrets == {"token": "tok-1"}
    assert [remark.place for remark in missing_secrets(whole, {})] == ["tools.0.headers"]
    assert missing_secrets(whole, {"token": "tok-1"}) == []


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    """The secrets after a change of configurations."""
    old, keys = split_keys(parse_config(SCRIPT | before))
    new, given = split_keys(parse_config(SCRIPT | after))
    return secrets_in(kept_keys(old=old, new=new, keys=read(stored(keys)), given=given))


BEFORE = {"tools": [HELD], "secrets": {"token": "tok-1"}}


@pytest.mark.parametrize(
    ("secrets", "kept"),
    [
        ({}, {"token": "tok-1"}),
        ({"token": None}, {"token": "tok-1"}),
        ({"token": ""}, {}),
        ({"token": "tok-2"}, {"token": "tok-2"}),
    ],
)
def test_a_secret_is_kept_changed_or_removed(secrets: dict[str, Any], kept: dict[str, str]) -> None:
    assert changed(BEFORE, {"tools": [HELD], "secrets": secrets}) == kept


@pytest.mark.parametrize(
    "after",
    [
        {"tools": [HELD | {"url": "https://evil.example/orders"}]},
        {"tools": [HELD | {"url": "http://crm.example/orders"}]},
        {"tools": [HELD, MCP | {"headers": {"X": "{{ secret.token }}"}}]},
        {
            "prefetch": [
                {"url": "https://evil.example/", "headers": {"X": "{{secret.token}}"}, "take": {"a": "a"}}
            ]
        },
    ],
)
def test_a_secret_does_not_follow_an_address_that_somebody_has_typed_in(after: dict[str, Any]) -> None:
    with pytest.raises(InvalidFields) as refused:
        changed(BEFORE, after)
    assert [(e.field, e.code) for e in refused.value.errors] == [("config.secrets.token", "secret_moves")]
    assert changed(BEFORE, after | {"secrets": {"token": "tok-1"}}) == {"token": "tok-1"}


def test_another_path_of_the_same_server_keeps_it() -> None:
    after = {"tools": [HELD | {"url": "https://crm.example/v2", "headers": {"X-Key": "{{secret.token}}"}}]}
    assert changed(BEFORE, after) == {"token": "tok-1"}


def test_a_secret_that_no_tool_has_used_yet_is_asked_for_when_one_does() -> None:
    parked = {"secrets": {"token": "tok-1"}}
    with pytest.raises(InvalidFields):
        changed(parked, {"tools": [HELD]})
