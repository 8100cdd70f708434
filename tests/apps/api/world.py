"""What one tenant has, for tests of every endpoint: a row of each kind, made when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.analysis.models import Analysis, AnalysisState, Rerun
from apps.analysis.services.reruns import estimate
from apps.billing.models import OutboundStop, SpendLimit, StopKind
from apps.billing.services.stops import stop_outbound
from apps.calls.models import Call, CallNote, Direction, SavedView
from apps.calls.services.shares import share_call
from apps.calls.states import CallState
from apps.campaigns.models import Campaign, Import, ImportKind, Suppression, SuppressionSource
from apps.campaigns.services.contacts import Added, NewContact, add_contacts
from apps.campaigns.services.lifecycle import create_campaign
from apps.campaigns.services.suppression import add
from apps.campaigns.services.uploads import take_file
from apps.followups.models import Callback
from apps.knowledge.models import Document, KnowledgeBase
from apps.numbers.models import NumberAddress, NumberBundle, NumberOrder, PhoneNumber, PortRequest
from apps.numbers.services import assign_number, order_number
from apps.numbers.services.addresses import add_address
from apps.numbers.services.bundles import add_bundle
from apps.numbers.services.porting import ask_for_port
from apps.payments.models import Payment, PaymentKind
from apps.privacy.models import LegalHold, PersonRequest, Purge, RequestKind
from apps.privacy.services import requests as person_requests
from apps.statements.models import Invoice
from apps.suites.cases import parse_cases
from apps.suites.models import Publication, PublicationState, Suite, SuiteRun
from apps.suites.services.runs import start_run
from apps.suites.services.suites import create_suite
from apps.webhooks.models import Delivery
from apps.webhooks.models import Endpoint as Webhook
from apps.webhooks.services import endpoints as webhooks
from apps.webhooks.services.trying import send_test
from media_workers.contract.events import EndReason
from telephony.trunks.models import Trunk
from telephony.trunks.services import create_trunk
from tenants.ids import new_id, to_public
from tenants.models import ApiKey, Invitation, Membership, Tenant
from tenants.scope import tenant_scope
from tenants.services import add_member, create_api_key, create_user
from tests.apps.api.rows import make_invoice
from tests.tenancy import make_tenant, script_config

ADDRESSES = ["203.0.113.7"]
CASE = {
    "name": "Says goodbye",
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "Goodbye."}]},
    "assertions": [{"kind": "said", "text": "bye"}],
}


@dataclass(frozen=True)
class World:
    """What one tenant has."""

    tenant: Tenant
    agent: Agent
    trunk: Trunk
    number: PhoneNumber
    call: Call


def agent(world: World) -> Agent:
    return world.agent


def unused_agent(world: World) -> Agent:
    return create_agent(name="Unused", config=script_config())


def unused_trunk(world: World) -> Trunk:
    return create_trunk(name="Unused", direction="inbound", allowed_addresses=ADDRESSES)


def trunk(world: World) -> Trunk:
    return world.trunk


def payment(world: World) -> Payment:
    return Payment.objects.get_or_create(kind=PaymentKind.TOP_UP, amount_micros=20_000_000)[0]


def number(world: World) -> PhoneNumber:
    return world.number


_for_sale = count(12025552000)


def number_order(world: World) -> NumberOrder:
    return order_number(carrier="sandbox", e164=f"+{next(_for_sale)}", monthly_micros=1_000_000)


def address(world: World) -> NumberAddress:
    return add_address(
        label="Office",
        customer_name="Acme",
        street="1 High St",
        city="Leeds",
        postal_code="LS1",
        country="GB",
    )


def bundle(world: World) -> NumberBundle:
    return add_bundle(
        label="Papers", carrier="sandbox", country="GB", owner="Acme", email="owner@example.com"
    )


def port(world: World) -> PortRequest:
    return ask_for_port(
        carrier="sandbox",
        e164=f"+{next(_for_sale)}",
        monthly_micros=1_000_000,
        customer_name="Acme",
        address=address(world),
        signer="Office manager",
        signer_email="owner@example.com",
    )


def port_wish(world: World) -> dict[str, Any]:
    with tenant_scope(world.tenant.pk):
        holder = address(world)
    return {
        "carrier": "sandbox",
        "e164": "+12025557812",
        "monthly_micros": 1_000_000,
        "customer_name": "Acme",
        "address": holder.public_id,
        "signer": "Office manager",
        "signer_email": "owner@example.com",
    }


def call(world: World) -> Call:
    return world.call


def view(world: World) -> SavedView:
    return SavedView.objects.create(name="Busy", page="calls", shared=True, maker_id=new_id())


def note(world: World) -> str:
    noted = CallNote.objects.create(call=world.call, text="VIP", author=new_id().hex, author_name="Somebody")
    return noted.public_id


def share(world: World) -> str:
    made, _ = share_call(call=world.call, expires_in_hours=1, transcript=True)
    return made.public_id


def analyzed_call(world: World) -> Call:
    Analysis.objects.get_or_create(call=world.call, defaults={"state": AnalysisState.SKIPPED})
    return world.call


def rerun(world: World) -> Rerun:
    return estimate(agent=world.agent)


def spend_limit(world: World) -> SpendLimit:
    return SpendLimit.objects.get_or_create(scope="tenant", period="day", amount_micros=10_000_000)[0]


def outbound_stop(world: World) -> OutboundStop:
    return stop_outbound(kind=StopKind.HOUR, words="Look at it.")


def callback(world: World) -> Callback:
    return Callback.objects.create(
        call=world.call, key=str(new_id()), to_number="+12025550101", at=timezone.now()
    )


def suppressed(world: World) -> Suppression:
    return add(e164="+12025550181", source=SuppressionSource.PERSON)


def base(world: World) -> KnowledgeBase:
    return KnowledgeBase.objects.get_or_create(name="House rules")[0]


def document(world: World) -> str:
    return Document.objects.get_or_create(base=base(world), title="Dogs", kind="text")[0].public_id


def suite(world: World) -> Suite:
    return create_suite(agent=world.agent, name=new_id().hex, cases=parse_cases([CASE]))


def suite_run(world: World) -> SuiteRun:
    return start_run(suite=suite(world))


def publication(world: World) -> Publication:
    return Publication.objects.create(agent=world.agent, state=PublicationState.CANCELLED)


def campaign(world: World) -> Campaign:
    return create_campaign(name="Reminders", agent=world.agent)


def with_contact(world: World) -> Campaign:
    return Campaign.objects.filter(name="With a contact").first() or create_campaign(
        name="With a contact", agent=world.agent
    )


def contact(world: World) -> str:
    new = [NewContact(number="+12025550182")]
    (added,) = add_contacts(campaign=with_contact(world), contacts=new, now=timezone.now())
    assert isinstance(added, Added)
    return to_public("con_", added.contact_id)


def contacts_file(world: World) -> Import:
    return take_file(
        file=ContentFile(b"Phone\n+12025550180\n", name="list.csv"),
        name="list.csv",
        kind=ImportKind.CONTACTS,
        campaign=campaign(world),
    )


def legal_hold(world: World) -> LegalHold:
    return LegalHold.objects.create(name="Case 12", reason="A court.", call=world.call)


def purge(world: World) -> Purge:
    return Purge.objects.get_or_create(day=timezone.now().date())[0]


def invoice(world: World) -> Invoice:
    return Invoice.objects.first() or make_invoice()


def person_request(world: World) -> PersonRequest:
    return PersonRequest.objects.first() or person_requests.ask(kind=RequestKind.EXPORT, e164="+12025550186")


def member(world: World) -> Membership:
    somebody = create_user(email=f"{new_id().hex}@example.com")
    return add_member(tenant=world.tenant, user=somebody, role="analyst")


def invitation(world: World) -> Invitation:
    sent = timezone.now() - timedelta(hours=1)
    return Invitation.objects.create(
        email=f"{new_id().hex}@example.com",
        role="analyst",
        token_digest=new_id().bytes,
        sent_at=sent,
        expires_at=sent + timedelta(days=7),
    )


def api_key(world: World) -> ApiKey:
    return create_api_key(tenant=world.tenant, name="Unused", scopes=["calls.read"])[0]


def webhook(world: World) -> Webhook:
    return webhooks.create(url="https://hooks.example.com/calls")[0]


def delivery(world: World) -> Delivery:
    return send_test(endpoint=webhook(world))


def make_world(e164: str) -> World:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        made = create_agent(name="Reception", config=script_config())
        publish(agent=made)
        publish(agent=made)
        answers = assign_number(carrier="sandbox", e164=e164, agent=made)
        inbound = create_trunk(name="Carrier", direction="inbound", allowed_addresses=ADDRESSES)
        past = Call.objects.create(
            direction=Direction.OUTBOUND,
            state=CallState.ENDED,
            from_number=e164,
            to_number="+12025550101",
            ended_at=made.created_at,
            end_reason=EndReason.BUSY,
        )
        world = World(tenant, made, inbound, answers, past)
        member(world)
        invitation(world)
    return world
