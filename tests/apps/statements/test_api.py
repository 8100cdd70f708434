"""Usage and invoices over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest
import time_machine
from rest_framework.test import APIClient

from apps.statements.services.counting import count_all
from apps.statements.services.invoicing import SETTLES, make_due
from tenants.ids import new_id
from tests.apps.statements.conftest import Workspace, make_workspace
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db

USAGE = "/api/v1/billing/usage"
INVOICES = "/api/v1/billing/invoices"
SETTINGS = "/api/v1/billing/statement-settings"
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def client(workspace: Workspace) -> APIClient:
    return key_client(make_key(workspace.tenant))


def test_usage_by_day(workspace: Workspace, client: APIClient) -> None:
    workspace.call(NOON)
    count_all()

    answer = client.get(USAGE, {"from": "2026-10-04", "until": "2026-10-05"})

    assert answer.json() == {
        "from": "2026-10-04",
        "until": "2026-10-05",
        "timezone": "UTC",
        "currency": "USD",
        "group_by": "day",
        "total": {
            "calls": 1,
            "seconds": 60,
            "micros": 62_000,
            "components": {"platform": 50_000, "telephony": 10_000, "llm": 2_000},
        },
        "results": [
            {
                "key": "2026-10-04",
                "name": "2026-10-04",
                "calls": 0,
                "seconds": 0,
                "micros": 0,
                "components": {},
            },
            {
                "key": "2026-10-05",
                "name": "2026-10-05",
                "calls": 1,
                "seconds": 60,
                "micros": 62_000,
                "components": {"platform": 50_000, "telephony": 10_000, "llm": 2_000},
            },
        ],
    }


def test_usage_of_the_last_days_when_none_are_named(workspace: Workspace, client: APIClient) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = client.get(USAGE).json()
        one = client.get(USAGE, {"from": "2026-10-05"}).json()
        until = client.get(USAGE, {"until": "2026-03-01"}).json()

    assert (answer["from"], answer["until"], len(answer["results"])) == ("2026-09-06", "2026-10-05", 30)
    assert (one["from"], one["until"]) == ("2026-10-05", "2026-10-05")
    assert (until["from"], until["until"]) == ("2026-01-31", "2026-03-01")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-10-06", "until": "2026-10-05"}, "from"),
        ({"from": "2024-10-06", "until": "2026-10-05"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"until": "2026-13-01"}, "until"),
        ({"group_by": "moon"}, "group_by"),
        ({"agent": "agt_1"}, "agent"),
        ({"campaign": "agt_" + "0" * 32}, "campaign"),
        ({"component": "x" * 21}, "component"),
    ],
)
def test_questions_that_make_no_sense(client: APIClient, query: dict[str, str], field: str) -> None:
    answer = client.get(USAGE, query)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_that_there_are(client: APIClient, day: str) -> None:
    assert client.get(USAGE, {"from": day, "until": day}).status_code == 200
    assert client.get(USAGE, {"until": day}).status_code in (200, 422)


def test_usage_as_a_table(workspace: Workspace, client: APIClient) -> None:
    workspace.call(NOON)
    workspace.rental(NOON, 1_150_000)
    count_all()

    answer = client.get(f"{USAGE}.csv", {"from": "2026-10-05", "until": "2026-10-05", "group_by": "agent"})

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert f"{workspace.tenant.slug}-usage-2026-10-05-2026-10-05.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    head = ["agent", "name", "calls", "seconds", "amount", "currency"]
    assert rows == [
        [*head, "Phone numbers", "Platform minutes", "Telephony", "Language models"],
        ["", "Without an agent", "0", "0", "1.15", "USD", "1.15", "0.00", "0.00", "0.00"],
        [workspace.agent.public_id, "Reception", "1", "60", "0.062", "USD", "0.00", "0.05", "0.01", "0.002"],
        ["", "Total", "1", "60", "1.212", "USD", "1.15", "0.05", "0.01", "0.002"],
    ]


def test_a_name_that_a_spreadsheet_would_compute_is_made_harmless(
    workspace: Workspace, client: APIClient
) -> None:
    workspace.call(NOON, agent=workspace.another_agent("=1+1"))
    count_all()

    answer = client.get(f"{USAGE}.csv", {"from": "2026-10-05", "until": "2026-10-05", "group_by": "agent"})

    assert "'=1+1" in answer.content.decode()


def test_invoices(workspace: Workspace, client: APIClient) -> None:
    workspace.call(NOON)
    make_due(now=NOVEMBER + SETTLES)

    october, september = client.get(INVOICES).json()["results"]
    whole = client.get(f"{INVOICES}/{october['id']}").json()
    file = client.get(f"{INVOICES}/{october['id']}/pdf")

    assert (september["number"], october["number"]) == ("2026-0001", "2026-0002")
    assert (october["period_start"], october["period_end"]) == ("2026-10-01", "2026-10-31")
    assert october["total_micros"] == october["used_micros"] == 62_000
    assert october["closing_micros"] == october["opening_micros"] - 62_000
    assert {name: whole[name] for name in october} == october
    assert whole["lines"][0] == {
        "what": "Platform minutes",
        "component": "platform",
        "quantity": 60,
        "unit": "second",
        "amount_micros": 50_000,
    }
    assert whole["added"] == []
    assert file.headers["Content-Type"] == "application/pdf"
    assert "2026-0002.pdf" in file.headers["Content-Disposition"]
    assert "Invoice 2026-0002" in pypdf.PdfReader(io.BytesIO(file.content)).pages[0].extract_text()


def test_an_invoice_of_another_tenant_is_not_there(workspace: Workspace, client: APIClient) -> None:
    other = make_workspace("+12025551001")
    make_due(now=NOVEMBER + SETTLES)
    (theirs,) = key_client(make_key(other.tenant)).get(INVOICES).json()["results"]

    for path in (
        f"{INVOICES}/{theirs['id']}",
        f"{INVOICES}/{theirs['id']}/pdf",
        f"{INVOICES}/stmt_{new_id().hex}",
    ):
        assert client.get(path).status_code == 404


def test_settings(workspace: Workspace, client: APIClient) -> None:
    first = client.get(SETTINGS)
    assert {name: first.json()[name] for name in ("timezone", "bill_to")} == {
        "timezone": "UTC",
        "bill_to": "",
    }

    body = {"timezone": "Europe/Berlin", "bill_to": "Accounts department\n10115 Berlin"}
    changed = client.put(SETTINGS, body, HTTP_IF_MATCH=first.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert {name: client.get(SETTINGS).json()[name] for name in body} == body

    stale = client.put(SETTINGS, body, HTTP_IF_MATCH=first.headers["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"bill_to": "x"}, "timezone"),
        ({"timezone": "UTC", "bill_to": "x" * 501}, "bill_to"),
        ({"timezone": "UTC", "color": "red"}, "color"),
    ],
)
def test_settings_that_cannot_be(client: APIClient, body: dict[str, Any], field: str) -> None:
    answer = client.put(SETTINGS, body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_who_only_reads_money_cannot_change_the_settings(workspace: Workspace) -> None:
    reader = key_client(make_key(workspace.tenant, scopes=["billing.read"]))

    assert reader.get(SETTINGS).status_code == 200
    assert reader.put(SETTINGS, {"timezone": "UTC"}).status_code == 403
