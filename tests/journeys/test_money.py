"""A call whose money ends while it lasts: its agent says goodbye in time; the wallet is empty, not below."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, World
from tests.sip.wait import until

pytestmark = pytest.mark.journey

NUMBER, CALLER = "+12025552021", "+12025550187"
SORRY = "I am sorry, the line is needed. Please call again tomorrow. Goodbye."
AGENT: dict[str, Any] = {
    "first_message": "Hello, I am listening.",
    "model": {"provider": "script", "nodes": {"start": {"expect": []}}},
    "silence": {"prompt_after_ms": 100_000},
    "money_ended_message": SORRY,
}
STEP_MICROS = 5_000
"""Of six seconds, which are paid whole."""

SET_MONEY = """
from django.utils import timezone
from apps.billing.models import AccountKind, EntryKind, Plan, PlanOfTenant
from apps.billing.selectors import lock_wallet
from apps.billing.services import post
from apps.billing.services.rates import put_on_plan
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
with platform_scope():
    tenant = Tenant.objects.get(slug="journeys")
    Plan.objects.get_or_create(code="six_seconds", defaults={{"name": "Six seconds", "rounding_s": 6}})
with tenant_scope(tenant.pk):
    if "{plan}":
        put_on_plan(code="{plan}", at=timezone.now())
    else:
        PlanOfTenant.objects.all().delete()
    wallet = lock_wallet()
    more = {free} - wallet.available_micros
    post(tenant_id=tenant.pk, reference=str(new_id()), kind=EntryKind.ADJUSTMENT, why="Journey",
         postings={{AccountKind.WALLET: more, AccountKind.ADJUSTMENTS: -more}})
"""


@pytest.fixture
def short_of_money(world: World) -> Iterator[World]:
    """The wallet has money for eighteen seconds: a call begins with that of twelve."""
    numbers = world.api.get("/numbers", limit="100")["results"]
    trunk = next(number["trunk"] for number in numbers if number["e164"] == RECEPTION)
    agent = world.api.agent("Short of money", AGENT)
    world.api.post("/numbers", {"carrier": "byoc", "e164": NUMBER, "trunk": trunk, "agent": agent})
    until(lambda: wallet(world)["held_micros"] == 0, "earlier calls are settled")
    world.stack.run(SET_MONEY.format(plan="six_seconds", free=3 * STEP_MICROS))
    yield world
    world.stack.run(SET_MONEY.format(plan="", free=50_000_000))


def wallet(world: World) -> dict[str, Any]:
    return world.api.get("/billing/wallet")


def test_a_call_ends_with_its_money_in_words(short_of_money: World, tmp_path: Path) -> None:
    world, least = short_of_money, 3 * STEP_MICROS
    script = [{"do": "listen", "quiet_ms": 300}, {"do": "listen", "quiet_ms": 300}, {"do": "wait_for_end"}]
    phone = world.caller(NUMBER, CALLER, script, tmp_path)
    call_id = world.api.find(to_number=NUMBER, from_number=CALLER)

    def ended() -> dict[str, Any] | None:
        nonlocal least
        money = wallet(world)
        assert 0 <= money["held_micros"] <= money["balance_micros"]
        least = min(least, money["available_micros"])
        call = world.api.call(call_id)
        return call if call["state"] == "ended" else None

    call = until(ended, "the call has ended", timeout_s=90, every_s=0.5)
    assert phone.result()["completed"], "greeting and last words were heard, then the line was hung up"
    assert call["end_reason"] == "money_ended"
    assert turns_of(call, "agent") == [AGENT["first_message"], SORRY]
    money = wallet(world)
    assert (money["balance_micros"], money["held_micros"], least) == (0, 0, 0)
    assert call["cost"]["settled"]
    assert call["cost"]["total_micros"] == 3 * STEP_MICROS

    refused = world.api.try_post("/calls", {"from_number": NUMBER, "to_number": "+12025550101"})
    assert (refused.status_code, refused.json()["code"]) == (402, "not_enough_money")
    assert world.caller(NUMBER, CALLER, [{"do": "listen"}], tmp_path).result()["answered"] is False
