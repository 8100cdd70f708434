"""A caller name is told to the number's carrier, and asked about until it is decided."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.numbers.models import PhoneNumber
from apps.numbers.services import assign_number
from apps.numbers.services.caller_names import due_caller_names, set_caller_name, tell_caller_name
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.sandbox import SandboxSeller
from telephony.carriers.values import CallerName
from telephony.trunks.services import create_trunk
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(tenant: Tenant) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        return assign_number(carrier="sandbox", e164="+12025557551")


def name_it(number: PhoneNumber, name: str) -> PhoneNumber:
    with tenant_scope(number.tenant_id):
        return set_caller_name(number=number, caller_name=name)


def told(number: PhoneNumber) -> tuple[str, str, str]:
    """After the carrier was asked, if it is time."""
    tell_caller_name(tenant_id=number.tenant_id, number_id=number.pk)
    with tenant_scope(number.tenant_id):
        number.refresh_from_db()
    return number.caller_name, number.caller_name_state, number.caller_name_problem


def carrier_says(monkeypatch: pytest.MonkeyPatch, answer: CallerName | Exception) -> None:
    def say(self: object, owned: object, name: str) -> CallerName:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(SandboxSeller, "set_caller_name", say)


def test_a_name_is_set_and_taken_away(number: PhoneNumber) -> None:
    assert name_it(number, " Acme  Dental ").caller_name_state == "pending"
    assert told(number) == ("Acme Dental", "active", "")
    name_it(number, "")
    assert told(number) == ("", "", "")
    assert due_caller_names(now=timezone.now() + timedelta(days=1)) == []


def test_a_name_that_is_looked_at_is_asked_about(
    number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier_says(monkeypatch, CallerName("ACME", "pending"))
    name_it(number, "ACME")
    assert told(number)[1] == "pending"

    soon = timezone.now()
    assert due_caller_names(now=soon) == []
    assert due_caller_names(now=soon + timedelta(hours=2)) == [(number.tenant_id, number.pk)]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (CallerName("ACME", "failed", "Not your name."), "failed"),
        (CarrierRefused("Not your name."), "failed"),
        (CarrierDown("Not your name."), "pending"),
    ],
)
def test_what_is_wrong_is_told(
    number: PhoneNumber, monkeypatch: pytest.MonkeyPatch, answer: CallerName | Exception, state: str
) -> None:
    carrier_says(monkeypatch, answer)
    name_it(number, "ACME")
    again = " It is tried again." if state == "pending" else ""
    assert told(number) == ("ACME", state, f"Not your name.{again}")


def test_another_name_given_meanwhile_wins(number: PhoneNumber, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(self: object, owned: object, name: str) -> CallerName:
        name_it(number, "OTHER")
        return CallerName(name, "active")

    monkeypatch.setattr(SandboxSeller, "set_caller_name", slow)
    name_it(number, "ACME")
    assert told(number)[:2] == ("OTHER", "pending")


@pytest.mark.parametrize("name", ["1 first", "ACME!", "sixteen letters.", "Ümlaut"])
def test_a_name_that_cannot_be_shown_is_refused(number: PhoneNumber, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        name_it(number, name)
    assert refused.value.field == "caller_name"


def test_a_number_of_ones_own_carrier_has_its_name_there(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        trunk = create_trunk(name="T", direction="inbound", allowed_addresses=["203.0.113.7"])
        number = assign_number(carrier="byoc", e164="+442079460018", trunk=trunk)
    with pytest.raises(Conflict) as refused:
        name_it(number, "ACME")
    assert refused.value.code == "not_managed"
