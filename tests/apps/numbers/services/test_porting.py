"""Numbers that come from elsewhere: asked for, followed, connected, and paid as they come."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.numbers.models import NumberOrder, OrderState, PortRequest, PortState, Rental
from apps.numbers.selectors import find_number, get_port
from apps.numbers.services import assign_number, order_number
from apps.numbers.services.addresses import add_address
from apps.numbers.services.porting import ask_for_port, cancel_port, go_on_with_port, look_at_port
from apps.numbers.services.renting import collect_rent
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.sandbox import SandboxSeller
from telephony.carriers.values import NumberPrice, Port, PortWish
from telephony.trunks.services import create_trunk
from tenants.errors import Conflict, InvalidInput, NotAllowed, Unavailable
from tenants.mail import render_mail
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.numbers.buying import complete, money
from tests.apps.webhooks.listening import heard, listen
from tests.fakes.twilio_server.server import TwilioServer
from tests.tenancy import make_member, make_tenant

pytestmark = pytest.mark.django_db
E164 = "+12025557441"
MONTHLY = 1_000_000


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the carrier was asked, and what it says: `state`, `problem`."""
    told: dict[str, Any] = {"wishes": [], "port": Port("P1", "submitted")}

    def port_in(self: object, *, key: str, wish: PortWish) -> Port:
        told["wishes"].append((key, wish))
        return _said()

    def _said() -> Port:
        if isinstance(told["port"], Exception):
            raise told["port"]
        return told["port"]  # type: ignore[no-any-return]

    monkeypatch.setattr(SandboxSeller, "port_in", port_in)
    monkeypatch.setattr(SandboxSeller, "port", lambda self, id: _said())
    monkeypatch.setattr(SandboxSeller, "cancel_port", lambda self, id: _said())
    return told


def ask(tenant: Tenant, **changes: Any) -> PortRequest:
    with tenant_scope(tenant.pk):
        address = add_address(
            label="Office",
            customer_name="Acme",
            street="1 High St",
            city="Washington",
            postal_code="20001",
            country="US",
        )
        wish = {
            "carrier": "sandbox",
            "e164": E164,
            "monthly_micros": MONTHLY,
            "customer_name": "Acme",
            "address": address,
            "signer": "Office manager",
            "signer_email": "owner@example.com",
            "account_number": "4711",
            "pin": "0042",
            "bill": b"%PDF",
        }
        return ask_for_port(**(wish | changes))


def go_on(port: PortRequest) -> PortRequest:
    with tenant_scope(port.tenant_id):
        PortRequest.objects.filter(pk=port.pk, next_at__isnull=False).update(next_at=timezone.now())
    go_on_with_port(tenant_id=port.tenant_id, port_id=port.pk)
    with tenant_scope(port.tenant_id):
        return PortRequest.objects.select_related("order").get(pk=port.pk)


def test_a_port_from_the_wish_to_the_number(tenant: Tenant, seen: dict[str, Any]) -> None:
    with tenant_scope(tenant.pk):
        endpoint = listen("number.*")
    port = ask(tenant, label="Desk")

    port = go_on(port)
    assert (port.state, port.carrier_id, port.bill) == (PortState.SUBMITTED, "P1", None)
    ((key, wish),) = seen["wishes"]
    assert key == str(port.pk)
    assert (wish.e164s, wish.account_number, wish.pin, wish.bill) == ((E164,), "4711", "0042", b"%PDF")

    seen["port"] = Port("P1", "action_needed", problem="The letter waits for its signature.")
    assert go_on(port).problem == "The letter waits for its signature."
    go_on(port)  # nothing new
    seen["port"] = Port("P1", "scheduled", due_on=timezone.now().date())
    go_on(port)
    seen["port"] = Port("P1", "completed")
    port = go_on(port)

    assert (port.state, port.next_at, len(seen["wishes"])) == (PortState.COMPLETED, None, 1)
    assert port.order is not None
    order = complete(port.order)
    assert order.state == OrderState.ACTIVE
    with tenant_scope(tenant.pk):
        number = find_number(E164)
        assert number is not None
        assert (number.label, number.pk) == ("Desk", order.number_id)
        assert [e.data["state"] for e in heard(endpoint) if e.type == "number.port_changed"] == [
            "submitted",
            "action_needed",
            "scheduled",
            "completed",
        ]
    assert money(order) == (5_000_000, 0, [])

    collect_rent(now=timezone.now())

    assert money(order) == (4_000_000, 0, [MONTHLY])
    with tenant_scope(tenant.pk):
        assert Rental.objects.get().paid_until > timezone.now()


def test_what_the_losing_carrier_asks_for_is_shown_to_nobody(tenant: Tenant, seen: dict[str, Any]) -> None:
    port = ask(tenant)
    with tenant_scope(tenant.pk), connection.cursor() as cursor:
        assert PortRequest.objects.get(pk=port.pk).pin == "0042"
        for table in ("numbers_portrequest", "numbers_portrequestevent", "audit_auditentry"):
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608
            rows = str(cursor.fetchall())
            assert E164 in rows
            assert "0042" not in rows
            assert "4711" not in rows


def test_a_port_that_is_refused_says_why(tenant: Tenant, seen: dict[str, Any]) -> None:
    seen["port"] = CarrierRefused("The account number is wrong.", to_do="Ask again with the right one.")

    port = go_on(ask(tenant))

    assert (port.state, port.problem) == (
        PortState.REJECTED,
        "The account number is wrong. Ask again with the right one.",
    )
    ask(tenant)  # as often as it takes


def test_a_carrier_that_is_down_is_asked_again(tenant: Tenant, seen: dict[str, Any]) -> None:
    seen["port"] = CarrierDown("Nobody answers.")
    port = go_on(ask(tenant))
    assert (port.state, port.problem) == (PortState.SUBMITTING, "Nobody answers. It is tried again.")
    assert port.next_at is not None
    assert port.next_at > timezone.now()

    seen["port"] = Port("P1", "submitted")
    assert (go_on(port).state, {key for key, _ in seen["wishes"]}) == (PortState.SUBMITTED, {str(port.pk)})


def test_nothing_is_asked_for_at_another_price(
    tenant: Tenant, seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SandboxSeller, "number_price", lambda self, country, type: NumberPrice(MONTHLY + 1))

    assert go_on(ask(tenant)).state == PortState.REJECTED
    assert seen["wishes"] == []


def test_what_is_paid_is_its_price_and_not_the_most_that_was_agreed_to(
    tenant: Tenant, seen: dict[str, Any]
) -> None:
    seen["port"] = Port("P1", "completed")

    port = go_on(ask(tenant, monthly_micros=4 * MONTHLY))

    assert port.order is not None
    order = complete(port.order)
    collect_rent(now=timezone.now())
    assert money(order) == (5_000_000 - MONTHLY, 0, [MONTHLY])


def test_trouble_with_the_platforms_account_is_waited_for(tenant: Tenant, seen: dict[str, Any]) -> None:
    seen["port"] = CarrierRefused("No money is left.", code="account")

    port = go_on(ask(tenant))

    assert port.state == PortState.SUBMITTING
    assert "operator" in port.problem
    assert port.next_at is not None


def test_a_carrier_that_calls_has_its_port_looked_at_at_once(tenant: Tenant, seen: dict[str, Any]) -> None:
    port = go_on(ask(tenant))
    assert port.next_at is not None
    assert port.next_at > timezone.now()

    with platform_scope():
        look_at_port(carrier="sandbox", carrier_id="P1")
        look_at_port(carrier="sandbox", carrier_id="another")

    with tenant_scope(tenant.pk):
        looked_at = get_port(port.pk)
    assert looked_at.next_at is not None
    assert looked_at.next_at <= timezone.now()


def test_a_port_is_cancelled_before_and_after_the_carrier_knows(tenant: Tenant, seen: dict[str, Any]) -> None:
    port = ask(tenant)
    assert cancel_port(tenant_id=tenant.pk, port_id=port.pk).state == PortState.CANCELLED
    with pytest.raises(Conflict):
        cancel_port(tenant_id=tenant.pk, port_id=port.pk)
    assert go_on(port).state == PortState.CANCELLED
    assert seen["wishes"] == []

    port = go_on(ask(tenant))
    seen["port"] = CarrierRefused("It is too late.", code="too_late")
    with pytest.raises(Conflict, match="too late"):
        cancel_port(tenant_id=tenant.pk, port_id=port.pk)
    seen["port"] = Port("P1", "cancelled")
    assert cancel_port(tenant_id=tenant.pk, port_id=port.pk).state == PortState.CANCELLED


def asked_without_an_answer(tenant: Tenant, seen: dict[str, Any]) -> PortRequest:
    """The carrier may have the request."""
    seen["port"] = CarrierDown("Nobody answers.")
    return go_on(ask(tenant))


def test_one_whose_answer_got_lost_is_withdrawn_at_the_carrier(
    tenant: Tenant, seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = asked_without_an_answer(tenant, seen)
    looked_for: list[str] = []

    def find(self: object, *, key: str, e164: str) -> Port:
        looked_for.append(key)
        return Port("P1", "submitted")

    monkeypatch.setattr(SandboxSeller, "find_port", find)
    with pytest.raises(Unavailable):
        cancel_port(tenant_id=tenant.pk, port_id=port.pk)
    seen["port"] = CarrierRefused("It is too late.", code="too_late")
    with pytest.raises(Conflict, match="too late"):
        cancel_port(tenant_id=tenant.pk, port_id=port.pk)
    seen["port"] = Port("P1", "cancelled")

    assert cancel_port(tenant_id=tenant.pk, port_id=port.pk).state == PortState.CANCELLED
    assert looked_for == [str(port.pk)] * 3


def test_one_that_the_carrier_never_heard_of_is_over(tenant: Tenant, seen: dict[str, Any]) -> None:
    port = asked_without_an_answer(tenant, seen)
    assert cancel_port(tenant_id=tenant.pk, port_id=port.pk).state == PortState.CANCELLED


@pytest.mark.parametrize(
    ("carrier_says", "state"),
    [
        (Port("P1", "cancelled"), PortState.CANCELLED),
        (Port("P1", "scheduled"), PortState.SUBMITTED),
        (CarrierRefused("It is too late."), PortState.SUBMITTED),
        (CarrierDown("Nobody answers."), PortState.SUBMITTED),
    ],
)
def test_one_that_was_cancelled_while_it_was_handed_in_is_never_lost(
    tenant: Tenant,
    seen: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    carrier_says: Port | Exception,
    state: PortState,
) -> None:
    port = ask(tenant)

    def port_in(self: object, *, key: str, wish: PortWish) -> Port:
        cancel_port(tenant_id=tenant.pk, port_id=port.pk)
        seen["port"] = carrier_says
        return Port("P1", "submitted")

    monkeypatch.setattr(SandboxSeller, "port_in", port_in)

    ended = go_on(port)

    assert ended.state == state
    if state == PortState.SUBMITTED:
        assert (ended.carrier_id, "does not withdraw" in ended.problem) == ("P1", True)
        seen["port"] = Port("P1", "completed")
        done = go_on(port)
        assert done.order is not None


@pytest.mark.parametrize("end", ["completed", "rejected", "cancelled"])
def test_nothing_secret_is_kept_of_one_that_is_over(tenant: Tenant, seen: dict[str, Any], end: str) -> None:
    seen["port"] = CarrierRefused("No.") if end == "rejected" else Port("", end)  # type: ignore[arg-type]

    port = go_on(ask(tenant))

    assert port.state == end
    assert (port.bill, port.pin, port.account_number) == (None, "", "")


def test_a_number_that_somebody_here_has_is_not_brought(tenant: Tenant, seen: dict[str, Any]) -> None:
    """Its owner here would lose it, or it could not be connected as it comes."""
    with tenant_scope(make_tenant().pk):
        assign_number(carrier="sandbox", e164=E164)

    with pytest.raises(InvalidInput) as refused:
        ask(tenant)

    assert (refused.value.field, refused.value.code) == ("e164", "unavailable")


def test_a_number_on_its_way_is_not_ordered(tenant: Tenant, seen: dict[str, Any]) -> None:
    ask(tenant)
    for one in (tenant, make_tenant()):
        with pytest.raises(InvalidInput) as refused, tenant_scope(one.pk):
            order_number(carrier="sandbox", e164=E164, monthly_micros=MONTHLY)
        assert refused.value.code == "unavailable"


def test_one_that_comes_while_an_order_of_it_is_open_waits_and_says_so(
    tenant: Tenant, seen: dict[str, Any]
) -> None:
    port = ask(tenant)
    other = make_tenant()
    with tenant_scope(other.pk):
        order = NumberOrder.objects.create(
            e164=E164,
            carrier="sandbox",
            country="US",
            purpose="outbound",
            monthly_micros=MONTHLY,
            setup_micros=0,
            currency="USD",
        )
    seen["port"] = Port("P1", "completed")

    stuck = go_on(port)

    assert (stuck.state, "operator" in stuck.problem) == (PortState.SUBMITTING, True)
    assert stuck.next_at is not None
    with tenant_scope(other.pk):
        NumberOrder.objects.filter(pk=order.pk).update(state=OrderState.CANCELLED)
    assert go_on(port).state == PortState.COMPLETED


def test_people_are_told_of_one_that_waits_for_them(
    tenant: Tenant, seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []

    def send(template: str, *, to: str, context: dict[str, Any]) -> None:
        _, text, _ = render_mail(template, context)
        sent.append((to, text))

    monkeypatch.setattr("apps.numbers.mails.send_mail_template", send)
    owner = make_member(tenant, "owner").email
    make_member(tenant, "analyst")
    port = go_on(ask(tenant))
    seen["port"] = Port("P1", "action_needed", problem="The letter waits for its signature.")
    go_on(port)
    go_on(port)  # nothing new
    seen["port"] = Port("P1", "rejected", problem="The PIN is wrong.")
    go_on(port)

    assert [to for to, _ in sent] == [owner, owner]
    assert "The letter waits for its signature." in sent[0][1]
    assert "The PIN is wrong." in sent[1][1]
    assert all(f"/t/{tenant.slug}/numbers" in text for _, text in sent)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"carrier": "nobody"}, "carrier"),
        ({"e164": "202"}, "e164"),
        ({"e164": "+18005550123", "type": "local"}, "type"),
        ({"e164": "+447911123456", "type": "national"}, "type"),
        ({"wanted_on": timezone.now().date()}, "wanted_on"),
        ({"account_telephone_number": "202"}, "account_telephone_number"),
    ],
)
def test_a_bad_wish_is_named(
    tenant: Tenant, seen: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(tenant, **changes)
    assert refused.value.field == field


def test_a_number_comes_once_and_not_for_a_test_key(
    tenant: Tenant, twilio: TwilioServer, seen: dict[str, Any]
) -> None:
    ask(tenant)
    with pytest.raises(InvalidInput) as again:
        ask(tenant)
    assert again.value.field == "e164"
    with pytest.raises(NotAllowed):
        ask(tenant, carrier="twilio", test=True)
    with tenant_scope(tenant.pk):
        PortRequest.objects.update(carrier="twilio")
        row = PortRequest.objects.get()
    with pytest.raises(NotAllowed):
        cancel_port(tenant_id=tenant.pk, port_id=row.pk, test=True)


def test_no_order_is_made_twice(tenant: Tenant, seen: dict[str, Any]) -> None:
    seen["port"] = Port("P1", "completed")
    port = go_on(ask(tenant))
    go_on(port)
    with tenant_scope(tenant.pk):
        assert NumberOrder.objects.count() == 1


def test_a_number_of_ones_own_trunk_stays_what_it_is(tenant: Tenant, seen: dict[str, Any]) -> None:
    with tenant_scope(tenant.pk):
        trunk = create_trunk(name="T", direction="inbound", allowed_addresses=["203.0.113.7"])
        before = assign_number(carrier="byoc", e164=E164, trunk=trunk, label="Reception")
    seen["port"] = Port("P1", "completed")
    port = go_on(ask(tenant))
    assert port.order is not None

    assert complete(port.order).number_id == before.pk

    with tenant_scope(tenant.pk):
        number = find_number(E164)
        assert number is not None
        assert (number.carrier, number.trunk, number.label) == ("sandbox", None, "Reception")
        assert Rental.objects.get().number_id == before.pk


def test_what_nobody_foresaw_is_tried_again_and_seen(tenant: Tenant, seen: dict[str, Any]) -> None:
    seen["port"] = KeyError("status")

    port = go_on(ask(tenant))

    assert (port.state, "operator" in port.problem) == (PortState.SUBMITTING, True)
    assert port.next_at is not None


def test_a_number_that_came_is_never_given_away(
    tenant: Tenant, seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is wrong with its connection."""
    seen["port"] = Port("P1", "completed")
    port = go_on(ask(tenant))
    assert port.order is not None
    released: list[str] = []

    def refuse(self: object, owned: object, trunk: object) -> None:
        raise CarrierRefused("The trunk is full.")

    monkeypatch.setattr(SandboxSeller, "attach", refuse)
    monkeypatch.setattr(SandboxSeller, "release", lambda self, id: released.append(id))
    with tenant_scope(tenant.pk):
        NumberOrder.objects.update(created_at=timezone.now() - timedelta(days=9))

    waiting = complete(port.order)

    assert (waiting.state, released) == (OrderState.OWNED, [])
    assert waiting.problem == "The trunk is full. It is tried again."
