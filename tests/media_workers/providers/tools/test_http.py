"""HTTP tools: what is sent, what is told of every kind of answer, and what nobody gets to see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from media_workers.contract.tools import HttpTool
from media_workers.providers import sharing
from media_workers.providers.tools import http
from media_workers.providers.tools.http import Around
from media_workers.providers.tools.outcome import Outcome
from media_workers.providers.tools.web import MOST_BYTES, web
from tests.fakes.tool_server import Page, ToolServer

TOKEN = "tok-5up3r-secret"
AROUND = Around(
    {"tenant": "a b", "evil": "{{secret.token}}"}, {"pin": "4711"}, {"token": TOKEN, "gone": None}
)


@pytest.fixture
async def server() -> AsyncIterator[ToolServer]:
    async with ToolServer() as server:
        yield server
    await sharing.close()


def tool(url: str, **fields: Any) -> HttpTool:
    return HttpTool.model_validate({"name": "crm", "url": url, **fields})


async def run(tool: HttpTool, arguments: dict[str, object] | None = None, *, public: bool = False) -> Outcome:
    return await http.run(web(public_only=public), tool, arguments or {}, AROUND)


# --- what is sent -----------------------------------------------------------------------------------


async def test_json_is_sent_with_variables_secrets_and_a_key_of_its_own(server: ToolServer) -> None:
    server.answers = [Page({"id": 7})]
    headers = {"Authorization": "Bearer {{secret.token}}", "X-Tenant": "{{tenant}}", "X-Evil": "{{evil}}"}
    outcome = await run(tool(server.url + "/t/{{tenant}}/orders", headers=headers), {"what": "pizza", "n": 2})
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/t/a%20b/orders")
    assert asked.json == {"what": "pizza", "n": 2}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["x-tenant"] == "a b"
    assert asked.headers["x-evil"] == "{{secret.token}}", "what a variable holds is not filled in"
    assert len(asked.headers["idempotency-key"]) == 32
    assert (outcome.text, outcome.trouble, outcome.status) == ('{"id": 7}', "", 200)


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("../admin?x=1#y", "/users/..%2Fadmin%3Fx%3D1%23y"),
        ("..", "/users/%2E%2E"),
        ("grüße", "/users/gr%C3%BC%C3%9Fe"),
        (5, "/users/5"),
    ],
)
async def test_an_argument_in_the_address_stays_in_its_place(
    server: ToolServer, value: object, target: str
) -> None:
    await run(tool(server.url + "/users/{userId}", method="GET"), {"userId": value})
    assert server.asked[0].target == target


@pytest.mark.parametrize(
    ("fields", "query", "body"),
    [
        ({"method": "GET"}, {"q": ["a&b"], "tag": ["1", "2"]}, b""),
        ({"send": "query"}, {"q": ["a&b"], "tag": ["1", "2"]}, b""),
        ({"send": "form"}, {}, b"q=a%26b&tag=1&tag=2"),
    ],
)
async def test_arguments_go_where_the_tool_wants_them(
    server: ToolServer, fields: dict[str, str], query: dict[str, list[str]], body: bytes
) -> None:
    await run(tool(server.url + "/x?fixed=1", **fields), {"q": "a&b", "tag": [1, 2]})
    found = parse_qs(urlsplit(server.asked[0].target).query)
    assert found == {"fixed": ["1"], **query}
    assert server.asked[0].body == body


async def test_a_slot_fills_the_address_and_a_missing_argument_is_told(server: ToolServer) -> None:
    await run(tool(server.url + "/pins/{pin}"))
    assert server.asked[0].target == "/pins/4711"
    outcome = await run(tool(server.url + "/{nothing}"))
    assert "the argument nothing is missing" in outcome.text
    assert len(server.asked) == 1


async def test_arguments_that_do_not_fit_are_told_so_that_they_can_be_mended(server: ToolServer) -> None:
    parameters = {
        "type": "object",
        "properties": {"day": {"enum": ["monday", "tuesday"]}, "people": {"type": "integer"}},
        "required": ["day", "people"],
    }
    outcome = await run(tool(server.url, parameters=parameters), {"day": "sunday"})
    assert "'people' is a required property" in outcome.text
    assert "day: 'sunday' is not one of ['monday', 'tuesday']" in outcome.text
    assert server.asked == []
    fine = await run(tool(server.url, parameters=parameters), {"day": "monday", "people": 4})
    assert fine.trouble == ""


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://127.0.0.1:1/schema.json"},
        {
            "properties": {"a": {"$ref": "#/$defs/d0"}},
            "$defs": {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)}
            | {"d60": {}},
        },
        {"$ref": "#"},
        {"properties": {"a": {"pattern": "(a+)+$"}}},
        {"type": "no such type"},
    ],
)
async def test_a_schema_of_any_kind_holds_nothing_up(server: ToolServer, schema: dict[str, object]) -> None:
    outcome = await run(tool(server.url, parameters=schema), {"a": "a" * 60 + "!"})
    assert outcome.trouble == ""


# --- what comes back --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "text", "trouble"),
    [
        (Page(status=204), "Done (204, without any content).", ""),
        (Page("it is open", type="text/plain"), "it is open", ""),
        (Page({"error": "no table"}, 409), '409: {"error": "no table"}', "answered 409"),
        (
            Page("<h1>Bad</h1><script>x()</script> gateway", 502, "text/html"),
            "502: Bad gateway",
            "answered 502",
        ),
        (Page("<title>Log in</title>", type="text/html"), "instead of data: Log in", "a web page"),
        (Page(b"\x89PNG\r\n", type="image/png"), "image/png, which cannot be read", "image/png"),
        (Page(b"\xff\xfe\x00\x01" * 9, type="application/json"), "cannot be read", "cannot be read"),
        (Page("{oops", type="application/json"), "is no JSON, though it says so: {oops", "is no JSON"),
        (Page("[" * 90_000, type="application/json"), "is no JSON", "is no JSON"),
        (Page(status=302, headers={"Location": "http://127.0.0.1/"}), "302: it has moved", "not followed"),
        (Page("x" * (MOST_BYTES + 9), type="text/plain"), "xxxx", "was cut"),
        (Page(b"packed", headers={"Content-Encoding": "gzip"}), "is packed", "is packed"),
    ],
)
async def test_every_kind_of_answer_is_told(server: ToolServer, page: Page, text: str, trouble: str) -> None:
    server.answers = [page]
    outcome = await run(tool(server.url, method="POST"))
    assert text in outcome.text
    assert trouble in outcome.trouble
    assert bool(outcome.trouble) == bool(trouble)
    assert len(server.asked) == 1


async def test_values_of_the_answer_become_slots(server: ToolServer) -> None:
    server.answers = [Page({"customer": {"name": "Ada", "age": 36}, "items": [{"id": "i1"}], "none": None})]
    save = {
        "name": "customer.name",
        "age": "customer.age",
        "first": "items.0.id",
        "lost": "items.9.id",
        "none": "none",
        "all": "items",
    }
    outcome = await run(tool(server.url, save=save))
    assert outcome.saved == {"name": "Ada", "age": "36", "first": "i1", "all": '[{"id": "i1"}]'}


async def test_a_slow_server_is_left(server: ToolServer) -> None:
    server.answers = [Page({}, after_s=60)]
    outcome = await run(tool(server.url, timeout_ms=500))
    assert outcome.trouble == "the server did not answer within 0.5 s"


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("PUT", 2), ("POST", 1)])
async def test_a_broken_connection_is_tried_again_where_that_is_safe(
    server: ToolServer, method: str, times: int
) -> None:
    server.answers = [Page(vanish=True), Page({"ok": True})]
    outcome = await run(tool(server.url, method=method))
    assert len(server.asked) == times
    assert (outcome.trouble == "") == (times == 2)
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1


# --- what is kept in --------------------------------------------------------------------------------


async def test_secrets_are_masked_wherever_they_come_back(server: ToolServer) -> None:
    server.answers = [Page({"you_sent": f"Bearer {TOKEN}"}, 401)]
    outcome = await run(tool(server.url, headers={"Authorization": "Bearer {{ secret.token }}"}))
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in repr(outcome)
    assert outcome.sent is not None
    assert outcome.sent.headers["Authorization"] == "Bearer [secret]"


async def test_a_secret_that_is_not_set_is_told_and_nothing_is_sent(server: ToolServer) -> None:
    outcome = await run(tool(server.url, headers={"X": "{{secret.gone}}"}))
    assert outcome.trouble == "the secret gone is not set"
    assert server.asked == []


async def test_cookies_of_one_call_are_not_sent_in_the_next(server: ToolServer) -> None:
    server.answers = [Page({}, headers={"Set-Cookie": "who=first; Path=/"})]
    await run(tool(server.url))
    await run(tool(server.url))
    assert "cookie" not in server.asked[1].headers


async def test_nothing_inside_is_asked_when_only_the_public_internet_may_be(server: ToolServer) -> None:
    outcome = await run(tool(server.url.replace("127.0.0.1", "localhost"), method="GET"), public=True)
    assert outcome.trouble == "the server cannot be reached: localhost is not on the public internet"
    assert server.asked == []
