"""Months are charged once; what is not paid is warned of, and goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from apps.agents.services import create_agent
from apps.campaigns.models import Campaign, CampaignState
from apps.campaigns.services.lifecycle import create_campaign
from apps.numbers.mails import tell_of_grace, tell_of_loss
from apps.numbers.models import NumberOrder, OrderState, PhoneNumber, Rental
from apps.numbers.selectors import find_number
from apps.numbers.services import assign_number, order_number, release_number, renting, update_number
from apps.numbers.services.caller_names import set_caller_name
from apps.numbers.services.comparing import compare_with_carriers
from apps.numbers.services.months import month_after
from apps.numbers.services.renting import LAST_WARNING, collect_rent
from telephony.carriers.keeping import note_numbers
from telephony.carriers.twilio import TwilioCarrier
from tenants.errors import Conflict, InvalidInput, NotAllowed
from tenants.mail import deliver, render_mail
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.numbers.buying import COSTS, E164, again, complete, money, until_done
from tests.apps.webhooks.listening import heard, listen, names
from tests.fakes.twilio_server.server import TwilioServer
from tests.money import ensure_adds_up, set_balance
from tests.tenancy import make_member, make_tenant, script_config

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def rented(order: NumberOrder) -> NumberOrder:
    return complete(order)


def rental(order: NumberOrder) -> Rental:
    with tenant_scope(order.tenant_id):
        return Rental.objects.select_related("number").get()


def number_of(order: NumberOrder) -> PhoneNumber | None:
    with tenant_scope(order.tenant_id):
        return find_number(E164)


def test_a_month_is_charged_when_it_begins_and_not_before(rented: NumberOrder) -> None:
    first = rental(rented)

    collect_rent(now=first.paid_until - HOUR)
    assert money(rented)[2] == [COSTS]

    collect_rent(now=first.paid_until)
    collect_rent(now=first.paid_until + HOUR)
    assert money(rented) == (5_000_000 - 2 * COSTS, 0, [COSTS, COSTS])
    assert rental(rented).paid_until == month_after(first.began_at, 2)


def test_months_that_nobody_collected_are_charged_one_by_one(rented: NumberOrder) -> None:
    began = rental(rented).began_at

    collect_rent(now=month_after(began, 3) - HOUR)

    assert money(rented)[2] == [COSTS] * 3
    assert rental(rented).paid_until == month_after(began, 3)


@pytest.mark.django_db(transaction=True)
def test_two_who_collect_at_once_charge_once(rented: NumberOrder) -> None:
    now = rental(rented).paid_until

    def collect(_: int) -> None:
        try:
            collect_rent(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(collect, range(3)))

    assert money(rented) == (5_000_000 - 2 * COSTS, 0, [COSTS, COSTS])


def in_grace(order: NumberOrder) -> datetime:
    """When the month that cannot be paid began."""
    with tenant_scope(order.tenant_id):
        tenant = Tenant.objects.get(pk=order.tenant_id)
    set_balance(tenant, COSTS - 1)
    now = rental(order).paid_until
    collect_rent(now=now)
    return now


def test_without_money_there_is_grace(rented: NumberOrder, settings: Settings) -> None:
    with tenant_scope(rented.tenant_id):
        endpoint = listen("number.*")

    now = in_grace(rented)

    late = rental(rented)
    assert late.grace_until == now + timedelta(days=settings.NUMBER_GRACE_DAYS)
    assert late.next_at == now + HOUR
    assert money(rented) == (COSTS - 1, 0, [COSTS])
    assert number_of(rented) is not None
    with tenant_scope(rented.tenant_id):
        (told,) = heard(endpoint)
        assert (told.type, told.data["e164"], told.data["monthly_micros"]) == (
            "number.grace_began",
            E164,
            COSTS,
        )
        ensure_adds_up()


def test_whoever_tops_up_in_time_keeps_the_number(tenant: Tenant, rented: NumberOrder) -> None:
    now = in_grace(rented)
    set_balance(tenant, COSTS)

    collect_rent(now=now + HOUR)

    kept = rental(rented)
    assert (kept.grace_until, kept.warned) == (None, 0)
    # The month began when the last one ended, not when it was paid.
    assert kept.paid_until == month_after(kept.began_at, 2)
    assert money(rented) == (0, 0, [COSTS, COSTS])


def test_what_is_not_paid_goes_back(
    tenant: Tenant, shop: TwilioServer, rented: NumberOrder, settings: Settings
) -> None:
    now = in_grace(rented)
    with tenant_scope(tenant.pk):
        endpoint = listen("number.*")

    collect_rent(now=now + timedelta(days=settings.NUMBER_GRACE_DAYS) - HOUR)
    assert number_of(rented) is not None
    collect_rent(now=now + timedelta(days=settings.NUMBER_GRACE_DAYS))

    assert number_of(rented) is None
    assert rental(rented).ended_at is not None
    with tenant_scope(tenant.pk):
        assert names(endpoint) == ["number.released"]
        assert heard(endpoint)[0].data["why"] == "unpaid"
    assert until_done(rented).state == OrderState.RELEASED
    assert shop.account.released == [E164]
    assert money(rented) == (COSTS - 1, 0, [COSTS])
    collect_rent(now=now + timedelta(days=99))
    assert money(rented)[2] == [COSTS]


def test_nothing_goes_without_its_last_warning(
    tenant: Tenant, rented: NumberOrder, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when nobody looked for the whole grace period."""
    sent: list[str] = []
    monkeypatch.setattr(
        "apps.numbers.mails.send_mail_template", lambda template, *, to, context: sent.append(template)
    )
    make_member(tenant, "owner")
    now = in_grace(rented)
    late = now + timedelta(days=settings.NUMBER_GRACE_DAYS + 3)

    collect_rent(now=late)

    assert number_of(rented) is not None
    assert rental(rented).grace_until == late + LAST_WARNING
    assert sent == ["mail/number_grace"] * 2
    collect_rent(now=late + LAST_WARNING)
    assert number_of(rented) is None
    assert sent[2:] == ["mail/number_released"]


def test_nobody_pays_for_what_the_carrier_has_no_more(shop: TwilioServer, rented: NumberOrder) -> None:
    now = rental(rented).paid_until
    sid = rented.carrier_id
    TwilioCarrier().release(sid)
    compare_with_carriers(now=now)

    collect_rent(now=now)

    assert money(rented)[2] == [COSTS]
    assert rental(rented).grace_until is None
    note_numbers("twilio", unknown=[], lost=[], now=now)  # it is there again
    collect_rent(now=now + HOUR)
    assert money(rented)[2] == [COSTS, COSTS]


def test_one_that_cannot_be_charged_keeps_no_other_waiting(
    rented: NumberOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look takes the first ones only."""
    monkeypatch.setattr(renting, "AT_ONCE", 1)
    now = rental(rented).paid_until
    other = make_tenant()
    set_balance(other, 5_000_000)
    with tenant_scope(other.pk):
        second = order_number(carrier="sandbox", e164="+12025557903", monthly_micros=1_000_000)
    complete(second)
    with tenant_scope(other.pk):
        Rental.objects.update(next_at=now, paid_until=now)
    broken = rental(rented).pk

    def pay(one: Rental, now: datetime) -> bool:
        if one.pk == broken:
            raise RuntimeError("Something is wrong with it.")
        return paid(one, now)

    paid = renting._pay
    monkeypatch.setattr(renting, "_pay", pay)
    with tenant_scope(rented.tenant_id):
        Rental.objects.update(next_at=now - HOUR)

    collect_rent(now=now)
    collect_rent(now=now)

    assert money(second)[2] == [1_000_000] * 2


def test_people_are_warned_and_told(
    tenant: Tenant,
    rented: NumberOrder,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "apps.numbers.mails.send_mail_template",
        lambda template, *, to, context: sent.append((template, to)),
    )
    owner = make_member(tenant, "owner").email
    pays = make_member(tenant, "billing").email
    make_member(tenant, "analyst")
    now = in_grace(rented)
    end = now + timedelta(days=settings.NUMBER_GRACE_DAYS)

    for at in (now + HOUR, now + 2 * HOUR, end - timedelta(hours=20), end - HOUR, end):
        collect_rent(now=at)

    to = sorted([owner, pays])
    assert [template for template, _ in sent] == [
        *["mail/number_grace"] * 4,
        *["mail/number_released"] * 2,
    ]
    assert [sorted(who for _, who in sent[i : i + 2]) for i in (0, 2, 4)] == [to, to, to]


def test_the_mails_say_what_to_do(tenant: Tenant, rented: NumberOrder) -> None:
    make_member(tenant, "owner")
    in_grace(rented)
    seen = []

    def rendered(template: str, *, to: str, context: dict[str, object]) -> None:
        subject, text, html = render_mail(template, context)
        deliver(to=to, subject=subject, text=text, html=html)
        seen.append(text)

    with pytest.MonkeyPatch.context() as patch, tenant_scope(tenant.pk):
        patch.setattr("apps.numbers.mails.send_mail_template", rendered)
        late = Rental.objects.select_related("number").get()
        tell_of_grace(late)
        tell_of_loss(late)

    grace, loss = seen
    assert E164 in grace
    assert "1.15 USD" in grace
    assert f"/t/{tenant.slug}/billing" in grace
    assert "went back" in loss
    assert len(mail.outbox) == 2


# --- A number that is needed ----------------------------------------------------------------------


@pytest.fixture
def dialing(tenant: Tenant, rented: NumberOrder) -> Campaign:
    """A campaign that calls from the number."""
    with tenant_scope(tenant.pk):
        agent = create_agent(name="A", config=script_config())
        campaign = create_campaign(name="Reminders", agent=agent)
        number = find_number(E164)
        assert number is not None
        now = timezone.now()
        Campaign.objects.filter(pk=campaign.pk).update(
            config={"callers": {"numbers": [number.public_id]}},
            state=CampaignState.RUNNING,
            started_at=now,
            resumed_at=now,
        )
    return campaign


def test_a_live_campaigns_number_goes_only_when_its_name_is_typed(
    tenant: Tenant, dialing: Campaign, rented: NumberOrder
) -> None:
    with tenant_scope(tenant.pk):
        number = find_number(E164)
        assert number is not None
        with pytest.raises(Conflict, match=r"Reminders.*\+12025550823"):
            release_number(number=number)
        with pytest.raises(InvalidInput) as typo:
            release_number(number=number, confirm="+12025550824")
        assert typo.value.field == "confirm"
        release_number(number=number, confirm="  1 202 555 0823 ")  # as a + comes that nobody encoded
        assert find_number(E164) is None
    assert again(rented).state == OrderState.RELEASING


def test_a_bought_number_whose_calls_an_agent_takes_goes_only_when_it_is_typed(
    tenant: Tenant, rented: NumberOrder
) -> None:
    """Whoever calls it would reach a stranger; one of the sandbox can be had again at once."""
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        number = find_number(E164)
        assert number is not None
        update_number(number=number, agent=agent)
        with pytest.raises(Conflict, match=r"Reception.*\+12025550823") as refused:
            release_number(number=number)
        assert refused.value.code == "in_use"
        release_number(number=assign_number(carrier="sandbox", agent=agent))
        release_number(number=number, confirm=E164)
        assert find_number(E164) is None


def test_a_test_key_gives_back_nothing_real(tenant: Tenant, rented: NumberOrder) -> None:
    with tenant_scope(tenant.pk):
        number = find_number(E164)
        assert number is not None
        with pytest.raises(NotAllowed):
            release_number(number=number, test=True)
        with pytest.raises(NotAllowed):
            set_caller_name(number=number, caller_name="ACME", test=True)
        release_number(number=assign_number(carrier="sandbox"), test=True)


def test_a_number_that_costs_nothing_has_no_rental(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        number = assign_number(carrier="sandbox")
        assert not Rental.objects.exists()
        release_number(number=number)
    assert collect_rent() == 0
