"""What members read of their ledger."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse

from apps.billing import services
from apps.billing.models import AccountKind, EntryKind
from tenants.ids import new_id, to_public
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import charge_call
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db
CALL = new_id()


@pytest.fixture
def tenant() -> Tenant:
    """With its free credit of 5 USD, a call, a rental and a debt."""
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        charge_call(CALL, 1_234_567)
        services.charge(
            tenant_id=tenant.pk,
            reference="rental:1:2026-11",
            kind=EntryKind.RENTAL,
            account=AccountKind.NUMBERS,
            amount_micros=3_765_433,
            why="=Rental",
            subject="num_1",
        )
        services.take(
            tenant_id=tenant.pk,
            reference="stripe:txn_1",
            kind=EntryKind.DISPUTE,
            account=AccountKind.DISPUTES,
            amount_micros=7,
            why="Dispute",
        )
    return tenant


def get(tenant: Tenant, address: str, **query: Any) -> Any:
    return key_client(make_key(tenant)).get(f"/api/v1/billing/{address}", query)


def test_entries_are_listed_newest_first_with_what_they_did_to_the_balance(tenant: Tenant) -> None:
    answer = get(tenant, "entries").json()
    assert answer["next_cursor"] is None
    shown = [
        (row["kind"], row["amount_micros"], row["balance_after_micros"], row["call"])
        for row in answer["results"]
    ]
    assert shown == [
        ("dispute", 0, None, None),
        ("rental", -3_765_433, 0, None),
        ("call", -1_234_567, 3_765_433, to_public("call_", CALL)),
        ("free_credit", 5_000_000, 5_000_000, None),
    ]
    rental = answer["results"][1]
    assert rental["id"].startswith("led_")
    assert (rental["subject"], rental["reference"]) == ("num_1", "rental:1:2026-11")
    wallet = get(tenant, "wallet").json()
    assert (wallet["balance_micros"], wallet["debt_micros"]) == (0, 7)


def test_entries_come_page_by_page_and_by_kind_and_time(tenant: Tenant) -> None:
    first = get(tenant, "entries", limit=3).json()
    (last,) = get(tenant, "entries", limit=3, cursor=first["next_cursor"]).json()["results"]
    assert last["kind"] == "free_credit"

    def kinds(**query: Any) -> list[str]:
        return [row["kind"] for row in get(tenant, "entries", **query).json()["results"]]

    assert kinds(kind=["call", "rental"]) == ["rental", "call"]
    made = tenant.created_at
    assert len(kinds(**{"from": (made - timedelta(minutes=1)).isoformat()})) == 4
    assert kinds(**{"from": (made + timedelta(days=1)).isoformat()}) == []
    assert kinds(until=(made - timedelta(minutes=1)).isoformat()) == []
    assert get(tenant, "entries", kind="nothing").status_code == 422


def test_entries_are_exported_with_exact_amounts(tenant: Tenant) -> None:
    answer = get(tenant, "entries.csv")
    assert answer.status_code == 200
    assert isinstance(answer, StreamingHttpResponse)
    assert get(tenant, "entries.csv", kind="nothing").status_code == 422

    rows = list(csv.DictReader(io.StringIO(async_to_sync(read)(answer))))
    assert [(row["kind"], row["amount"], row["balance"], row["currency"]) for row in rows] == [
        ("dispute", "0.00", "", "USD"),
        ("rental", "-3.765433", "0.00", "USD"),
        ("call", "-1.234567", "3.765433", "USD"),
        ("free_credit", "5.00", "5.00", "USD"),
    ]
    assert rows[1]["why"] == "'=Rental"


async def read(answer: Any) -> str:
    return b"".join([part async for part in answer]).decode()
