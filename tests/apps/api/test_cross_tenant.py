"""Every endpoint of the public API, asked by its owner, by a member who may not, and by a stranger.

The endpoints come from the URL configuration: a new one without a case here fails the test.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

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
from tenants.permissions import ALL_PERMISSIONS, Access, Role, permissions_of
from tenants.rest import ApiViewSet, PersonViewSet, TenantViewSet
from tenants.scope import tenant_scope
from tenants.services import add_member, create_api_key, create_user
from tests.apps.api.rows import make_invoice
from tests.tenancy import (
    SCRIPT,
    key_client,
    make_key,
    make_member,
    make_tenant,
    rows_of_a_module,
    script_config,
)

pytestmark = pytest.mark.django_db

PUBLIC = {"schema", "docs", "asyncapi"}
"""Endpoints that answer everybody and belong to nobody."""

COLLECTIONS = ("agents", "numbers", "trunks", "calls", "members", "invitations", "api-keys")
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


@dataclass(frozen=True)
class Case:
    """How the owner uses an endpoint: whose id goes into the path, the body, the answer expected.

    `in_person`: an API key does not get it, whatever its scopes.
    """

    status: int
    row: Callable[[World], Any] | None = None
    body: Callable[[World], dict[str, Any]] = field(default=lambda _: {})
    path: dict[str, str | Callable[[World], str]] = field(default_factory=dict)
    in_person: bool = False


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


HTTP_TOOL = {"type": "http", "name": "orders", "url": "https://shop.example.com/orders"}
MCP_SERVER = {"type": "mcp", "name": "desk", "url": "https://desk.example.com/mcp"}

CASES: dict[tuple[str, str], Case] = {
    # Not with its slug: the tenant of these tests is needed again.
    ("tenant", "destroy"): Case(422, body=lambda _: {"confirm": "another"}, in_person=True),
    ("tenant", "export"): Case(200, in_person=True),
    ("tenant", "retrieve"): Case(200),
    ("tenant", "partial_update"): Case(200, body=lambda _: {"name": "Changed"}),
    ("tenant", "transfer"): Case(200, body=lambda w: {"member": member(w).public_id}, in_person=True),
    ("roles", "retrieve"): Case(200),
    ("member", "list"): Case(200),
    ("member", "partial_update"): Case(200, member, lambda _: {"role": "billing"}),
    ("member", "destroy"): Case(204, member),
    ("invitation", "list"): Case(200),
    ("invitation", "create"): Case(201, body=lambda _: {"email": "new@example.com", "role": "analyst"}),
    ("invitation", "destroy"): Case(204, invitation),
    ("invitation", "resend"): Case(200, invitation),
    ("api-key", "list"): Case(200),
    ("api-key", "create"): Case(
        201, body=lambda _: {"name": "New", "mode": "live", "scopes": ["calls.read"]}
    ),
    ("api-key", "partial_update"): Case(200, api_key, lambda _: {"name": "Changed"}),
    ("api-key", "destroy"): Case(204, api_key),
    ("api-key", "rotate"): Case(201, api_key),
    ("sso", "retrieve"): Case(200),
    # The key of these tests was made by nobody, who has no address at the domain.
    ("sso", "update"): Case(
        422, body=lambda _: {"protocol": "oidc", "email_domains": ["example.com"]}, in_person=True
    ),
    ("sso", "destroy"): Case(204, in_person=True),
    ("audit", "list"): Case(200),
    ("audit", "export"): Case(200),
    ("agent", "list"): Case(200),
    ("agent", "create"): Case(201, body=lambda _: {"name": "New", "config": SCRIPT}),
    ("agent", "retrieve"): Case(200, agent),
    ("agent", "partial_update"): Case(200, agent, lambda _: {"name": "Changed"}),
    ("agent", "destroy"): Case(204, unused_agent),
    ("agent", "publish"): Case(201, agent),
    ("agent", "rollback"): Case(200, agent, lambda _: {"number": 1}),
    ("agent", "versions"): Case(200, agent),
    ("agent", "version"): Case(200, agent, path={"number": "1"}),
    ("agent", "config_schema"): Case(200),
    ("agent", "templates"): Case(200),
    ("agent", "duplicate"): Case(201, agent),
    ("agent", "flow_check"): Case(200, agent, lambda _: {"flow": {"nodes": {"start": {"kind": "end"}}}}),
    ("agent-comparing", "diff"): Case(200, agent),
    ("agent-comparing", "split"): Case(200, agent),
    ("agent-comparing", "put_split"): Case(200, agent, lambda _: {"number": 1, "percent": 20}),
    ("agent-comparing", "delete_split"): Case(204, agent),
    ("version-stats", "results"): Case(200, agent),
    ("agent", "check"): Case(200, body=lambda _: {"config": SCRIPT}),
    ("knowledge-base", "list"): Case(200),
    ("knowledge-base", "create"): Case(201, body=lambda _: {"name": "New"}),
    ("knowledge-base", "retrieve"): Case(200, base),
    ("knowledge-base", "partial_update"): Case(200, base, lambda _: {"name": "Changed"}),
    ("knowledge-base", "destroy"): Case(204, base),
    ("knowledge-base", "search"): Case(422, body=lambda _: {"bases": [], "query": "dogs"}),
    ("knowledge-base", "documents"): Case(200, base),
    ("knowledge-base", "add_document"): Case(201, base, lambda _: {"text": "Dogs are welcome."}),
    ("knowledge-base", "document"): Case(200, base, path={"document": document}),
    ("knowledge-base", "delete_document"): Case(204, base, path={"document": document}),
    ("knowledge-base", "chunks"): Case(200, base, path={"document": document}),
    # Only a page can be fetched again.
    ("knowledge-base", "refresh"): Case(409, base, path={"document": document}),
    ("agent-suites", "suites"): Case(200, agent),
    ("agent-suites", "create_suite"): Case(201, agent, lambda _: {"name": "New"}),
    ("agent-suites", "publications"): Case(200, agent),
    ("suite", "retrieve"): Case(200, suite),
    ("suite", "partial_update"): Case(200, suite, lambda _: {"gate": True}),
    ("suite", "destroy"): Case(204, suite),
    ("suite", "runs"): Case(200, suite),
    ("suite", "start_run"): Case(202, suite),
    ("suite", "case_schema"): Case(200),
    ("suite-run", "retrieve"): Case(200, suite_run),
    ("suite-run", "cancel"): Case(200, suite_run),
    # With no other run to compare with: what is missing is named.
    ("suite-run", "comparison"): Case(422, suite_run),
    ("publication", "retrieve"): Case(200, publication),
    ("number", "list"): Case(200),
    ("number", "create"): Case(201, body=lambda w: {"carrier": "sandbox", "agent": w.agent.public_id}),
    ("number", "retrieve"): Case(200, number),
    ("number", "partial_update"): Case(200, number, lambda _: {"label": "Changed"}),
    ("number", "destroy"): Case(204, number),
    ("number", "caller_name"): Case(200, number, lambda _: {"caller_name": "ACME"}),
    ("number-market", "carriers"): Case(200),
    ("number-market", "available"): Case(200, body=lambda _: {"country": "US"}),
    ("number-market", "requirements"): Case(200, body=lambda _: {"carrier": "sandbox", "country": "GB"}),
    ("number-market", "portability"): Case(
        200, body=lambda _: {"carrier": "sandbox", "e164": "+12025557813"}
    ),
    ("number-order", "list"): Case(200),
    ("number-order", "create"): Case(
        201, body=lambda _: {"carrier": "sandbox", "e164": "+12025557814", "monthly_micros": 1_000_000}
    ),
    ("number-order", "retrieve"): Case(200, number_order),
    ("number-order", "cancel"): Case(200, number_order),
    ("number-port", "list"): Case(200),
    ("number-port", "create"): Case(201, body=port_wish),
    ("number-port", "retrieve"): Case(200, port),
    ("number-port", "cancel"): Case(200, port),
    ("number-address", "list"): Case(200),
    ("number-address", "create"): Case(
        201,
        body=lambda _: {
            "label": "Office",
            "customer_name": "Acme",
            "street": "1 High St",
            "city": "Leeds",
            "postal_code": "LS1",
            "country": "GB",
        },
    ),
    ("number-address", "destroy"): Case(204, address),
    ("number-bundle", "list"): Case(200),
    ("number-bundle", "create"): Case(
        201,
        body=lambda _: {
            "label": "Papers",
            "carrier": "sandbox",
            "country": "GB",
            "owner": "Acme",
            "email": "owner@example.com",
        },
    ),
    ("number-bundle", "destroy"): Case(204, bundle),
    ("trunk", "list"): Case(200),
    ("trunk", "create"): Case(
        201, body=lambda _: {"name": "New", "direction": "inbound", "allowed_addresses": ADDRESSES}
    ),
    ("trunk", "retrieve"): Case(200, trunk),
    ("trunk", "partial_update"): Case(200, trunk, lambda _: {"name": "Changed"}),
    ("trunk", "destroy"): Case(204, unused_trunk),
    ("trunk", "connection"): Case(200),
    ("trunk", "trunk_connection"): Case(200, trunk),
    ("trunk-stats", "stats"): Case(200, trunk),
    ("call", "list"): Case(200),
    ("call", "create"): Case(201, body=lambda w: {"from_number": w.number.e164, "to_number": "+12025550101"}),
    ("call", "retrieve"): Case(200, call),
    ("call", "events"): Case(200, call),
    # The call of these tests has no recording and is over: the owner is told just that.
    ("call", "recording"): Case(404, call),
    ("call", "peaks"): Case(404, call),
    ("call", "sip"): Case(200, call),
    ("call", "pcap"): Case(404, call),
    ("call", "hangup"): Case(409, call),
    ("call", "mute"): Case(409, call),
    ("call", "unmute"): Case(409, call),
    ("call", "whisper"): Case(409, call, lambda _: {"text": "Be brief."}),
    ("call", "transfer"): Case(409, call, lambda _: {"number": "+12025550120"}),
    ("call", "say"): Case(409, call, lambda _: {"text": "Hello."}),
    ("transcript", "search"): Case(200, body=lambda _: {"q": "refund"}),
    ("call-annotation", "tag_names"): Case(200),
    ("call-annotation", "set_tags"): Case(200, call, lambda _: {"tags": ["vip"]}),
    ("call-annotation", "notes"): Case(200, call),
    ("call-annotation", "add_note"): Case(201, call, lambda _: {"text": "Call back."}),
    ("call-annotation", "change_note"): Case(200, call, lambda _: {"text": "Changed"}, {"note": note}),
    ("call-annotation", "delete_note"): Case(204, call, path={"note": note}),
    ("call-redaction", "redactions"): Case(200, call),
    ("call-redaction", "redact"): Case(201, call, lambda _: {"start_ms": 0, "end_ms": 500}),
    ("call-sharing", "shares"): Case(200, call),
    ("call-sharing", "share"): Case(201, call, lambda _: {"expires_in_hours": 1, "transcript": True}),
    ("call-sharing", "revoke_share"): Case(204, call, path={"share": share}),
    ("call-sharing", "recording_url"): Case(404, call),
    ("call-analysis", "analysis"): Case(200, analyzed_call),
    ("call-analysis", "again"): Case(409, call),
    ("agent-analysis", "try_on_calls"): Case(200, agent, lambda _: {"latest": 1}),
    ("agent-analysis", "reruns"): Case(200, agent),
    ("agent-analysis", "estimate"): Case(201, agent, lambda _: {}),
    ("rerun", "retrieve"): Case(200, rerun),
    ("rerun", "start"): Case(200, rerun),
    ("rerun", "cancel"): Case(200, rerun),
    ("browser-call", "create"): Case(201, body=lambda w: {"agent": w.agent.public_id}),
    ("voice", "list"): Case(200),
    ("catalog", "list"): Case(200),
    ("vendor-key", "list"): Case(200),
    # Named by its vendor: a tenant asks about its own key, and the one of these tests has none.
    ("vendor-key", "retrieve"): Case(404, path={"vendor": "deepgram"}),
    ("vendor-key", "update"): Case(201, body=lambda _: {"api_key": "x" * 20}, path={"vendor": "deepgram"}),
    ("vendor-key", "destroy"): Case(404, path={"vendor": "deepgram"}),
    ("vendor-key", "check"): Case(404, path={"vendor": "deepgram"}),
    # There is no media node in these tests.
    ("agent", "try_tool"): Case(503, agent, lambda _: {"tool": HTTP_TOOL}),
    ("agent", "list_tools"): Case(503, agent, lambda _: {"tool": MCP_SERVER}),
    ("voice", "preview"): Case(503, body=lambda _: {"provider": "flite", "voice": "slt", "text": "Hello."}),
    # Named by its moment: a tenant asks about its own, and the one of these tests has none.
    ("call-hook", "list"): Case(200),
    ("call-hook", "retrieve"): Case(404, path={"moment": "before_dial"}),
    ("call-hook", "update"): Case(
        201, body=lambda _: {"url": "https://calls.example.com/hook"}, path={"moment": "before_dial"}
    ),
    ("call-hook", "destroy"): Case(404, path={"moment": "before_dial"}),
    ("call-hook", "rotate_secret"): Case(404, path={"moment": "before_dial"}),
    ("call-hook", "test"): Case(404, path={"moment": "before_dial"}),
    ("saved-view", "list"): Case(200),
    ("saved-view", "create"): Case(201, body=lambda _: {"name": "New", "page": "calls", "query": {}}),
    ("saved-view", "retrieve"): Case(200, view),
    ("saved-view", "partial_update"): Case(200, view, lambda _: {"name": "Changed"}),
    ("saved-view", "destroy"): Case(204, view),
    ("callback", "list"): Case(200),
    ("callback", "destroy"): Case(204, callback),
    ("message", "list"): Case(200),
    ("contact", "contacts"): Case(200, with_contact),
    ("contact", "add_contacts"): Case(
        200, with_contact, lambda _: {"contacts": [{"number": "+12025550183"}]}
    ),
    ("contact", "contact"): Case(200, with_contact, path={"contact": contact}),
    ("contact", "change_contact"): Case(
        200, with_contact, lambda _: {"external_id": "c-1"}, path={"contact": contact}
    ),
    ("contact", "take_out"): Case(204, with_contact, path={"contact": contact}),
    ("import", "list"): Case(200),
    # A file is a form; see tests/apps/campaigns/api/test_imports.py.
    ("import", "create"): Case(422),
    ("import", "retrieve"): Case(200, contacts_file),
    ("import", "map"): Case(202, contacts_file, lambda _: {"mapping": {"number": "Phone"}}),
    ("import", "commit"): Case(409, contacts_file),
    ("import", "cancel"): Case(200, contacts_file),
    ("import", "report"): Case(404, contacts_file),
    ("campaign-results", "csv"): Case(200, campaign),
    ("campaign-results", "jsonl"): Case(200, campaign),
    ("consent", "list"): Case(200),
    ("consent", "create"): Case(
        201,
        body=lambda _: {"number": "+12025550101", "source": "A form", "given_at": "2026-01-04T10:00:00Z"},
    ),
    ("do-not-call", "list"): Case(200),
    ("do-not-call", "create"): Case(201, body=lambda _: {"numbers": ["+12025550180"]}),
    ("do-not-call", "destroy"): Case(204, suppressed),
    ("do-not-call", "export"): Case(200),
    ("stats", "calls"): Case(200),
    ("stats", "latency"): Case(200),
    ("attention", "list"): Case(200),
    ("campaign", "list"): Case(200),
    ("campaign", "create"): Case(201, body=lambda w: {"name": "New", "agent": w.agent.public_id}),
    ("campaign", "retrieve"): Case(200, campaign),
    ("campaign", "partial_update"): Case(200, campaign, lambda _: {"name": "Changed"}),
    ("campaign", "destroy"): Case(204, campaign),
    ("campaign", "clone"): Case(201, campaign),
    ("campaign", "config_schema"): Case(200),
    # A draft without contacts or numbers: why it cannot be started is told, and nothing else can be done.
    ("campaign", "start"): Case(422, campaign),
    ("campaign", "pause"): Case(409, campaign),
    ("campaign", "resume"): Case(409, campaign),
    ("campaign", "stop"): Case(409, campaign),
    ("campaign-preflight", "preflight"): Case(200, campaign),
    ("campaign-preflight", "preflight_with"): Case(
        200, campaign, lambda _: {"config": {"hours": {"rules": []}}}
    ),
    ("campaign-preflight", "presets"): Case(200),
    ("number-check", "number_check"): Case(200, campaign),
    ("number-check", "number_check_secret"): Case(201, campaign),
    ("campaign-progress", "progress"): Case(200, campaign),
    ("campaign-progress", "minutes"): Case(200, campaign),
    ("campaign-progress", "attempts"): Case(200, campaign),
    ("wallet", "retrieve"): Case(200),
    ("payment-settings", "retrieve"): Case(200),
    ("payment", "list"): Case(200),
    ("payment", "retrieve"): Case(200, payment),
    # Payments are not set up in these tests: the owner is told just that.
    ("payment", "refund"): Case(409, payment, lambda _: {"amount_micros": 1_000_000}),
    ("top-up", "create"): Case(409, body=lambda _: {"amount_micros": 20_000_000}),
    ("card", "create"): Case(409),
    ("card", "destroy"): Case(409),
    ("portal", "create"): Case(409),
    ("recharge", "retrieve"): Case(200),
    ("recharge", "update"): Case(
        200, body=lambda _: {"enabled": False, "threshold_micros": 0, "amount_micros": 20_000_000}
    ),
    ("subscription", "retrieve"): Case(200),
    ("subscription", "create"): Case(200, body=lambda _: {"plan": "pay_as_you_go"}),
    ("subscription", "destroy"): Case(409),
    ("spend-limit", "list"): Case(200),
    ("spend-limit", "create"): Case(
        201, body=lambda _: {"scope": "tenant", "period": "month", "amount_micros": 10_000_000}
    ),
    ("spend-limit", "retrieve"): Case(200, spend_limit),
    ("spend-limit", "partial_update"): Case(200, spend_limit, lambda _: {"amount_micros": 20_000_000}),
    ("spend-limit", "destroy"): Case(204, spend_limit),
    ("countries", "retrieve"): Case(200),
    ("countries", "update"): Case(200, body=lambda _: {"allowed": ["US"]}),
    ("outbound-stop", "list"): Case(200),
    ("outbound-stop", "lift"): Case(200, outbound_stop),
    ("usage", "retrieve"): Case(200),
    ("usage", "csv"): Case(200),
    ("invoice", "list"): Case(200),
    ("invoice", "retrieve"): Case(200, invoice),
    ("invoice", "pdf"): Case(200, invoice),
    ("statement-settings", "retrieve"): Case(200),
    ("statement-settings", "update"): Case(200, body=lambda _: {"timezone": "Europe/Berlin"}),
    ("billing-entry", "list"): Case(200),
    ("billing-entry", "csv"): Case(200),
    ("plan", "offered"): Case(200),
    ("plan", "own"): Case(200),
    ("call-estimate", "create"): Case(200, body=lambda w: {"from_number": w.number.e164}),
    ("webhook", "list"): Case(200),
    ("webhook", "create"): Case(201, body=lambda _: {"url": "https://hooks.example.com/calls"}),
    ("webhook", "retrieve"): Case(200, webhook),
    ("webhook", "partial_update"): Case(200, webhook, lambda _: {"description": "Changed"}),
    ("webhook", "destroy"): Case(204, webhook),
    ("webhook", "rotate_secret"): Case(200, webhook),
    ("webhook", "test"): Case(201, webhook),
    ("webhook", "enable"): Case(200, webhook),
    ("webhook", "disable"): Case(200, webhook),
    ("webhook", "deliveries"): Case(200, webhook),
    ("webhook", "replay"): Case(200, webhook),
    ("webhook", "event_types"): Case(200),
    ("webhook-delivery", "retrieve"): Case(200, delivery),
    ("webhook-delivery", "replay"): Case(201, delivery),
    ("webhook-event", "list"): Case(200),
    ("retention", "retrieve"): Case(200),
    ("retention", "update"): Case(200, body=lambda _: {"recordings": 30}),
    ("legal-hold", "list"): Case(200),
    ("legal-hold", "create"): Case(201, body=lambda _: {"name": "Case", "reason": "A court."}),
    ("legal-hold", "retrieve"): Case(200, legal_hold),
    ("legal-hold", "release"): Case(200, legal_hold),
    ("purge", "list"): Case(200),
    ("purge", "retrieve"): Case(200, purge),
    ("purge", "preview"): Case(200, body=lambda _: {"recordings": 30}),
    ("person-request", "list"): Case(200),
    ("person-request", "create"): Case(
        202, body=lambda _: {"kind": "export", "phone_number": "+12025550187"}
    ),
    ("person-request", "retrieve"): Case(200, person_request),
    # Its file is not made yet.
    ("person-request", "file"): Case(409, person_request),
    ("number-health", "list"): Case(200),
    ("number-health", "retrieve"): Case(200, number),
    ("number-health", "rest"): Case(
        200, number, lambda _: {"until": (timezone.now() + timedelta(days=1)).isoformat()}
    ),
}


@dataclass(frozen=True)
class Endpoint:
    """One action of a viewset and its address."""

    name: str
    action: str
    method: str
    pattern: URLPattern
    view: type[ApiViewSet]

    @property
    def permission(self) -> str:
        return self.view.required_permissions[self.action]

    def url(self, **path: str) -> str:
        return reverse(self.pattern.name, kwargs=path)  # type: ignore[arg-type]


def patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def endpoints(base: type[ApiViewSet]) -> list[Endpoint]:
    found = []
    for route, pattern in patterns(get_resolver()):
        if not route.startswith("api/v1/") or pattern.name in PUBLIC:
            continue
        for method, action in pattern.callback.actions.items():
            name = pattern.callback.initkwargs["basename"]
            found.append(Endpoint(name, action, method, pattern, pattern.callback.cls))
    assert all(issubclass(e.view, TenantViewSet | PersonViewSet) for e in found)
    return [e for e in found if issubclass(e.view, base)]


def roles_without(endpoint: Endpoint) -> list[Role]:
    """The roles that may not use `endpoint`, the lowest first."""
    if endpoint.permission == Access.MEMBER:
        return []
    return [role for role in reversed(Role) if endpoint.permission not in permissions_of(role)]


ENDPOINTS = endpoints(TenantViewSet)
PERSONAL = [e for e in endpoints(PersonViewSet) if e.permission == Access.PERSON]
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.name}-{e.action}")
each_permission = pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.permission != Access.MEMBER], ids=lambda e: f"{e.name}-{e.action}"
)
each_personal = pytest.mark.parametrize("endpoint", PERSONAL, ids=lambda e: f"{e.name}-{e.action}")
each_row = pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if "id" in e.pattern.pattern.regex.groupindex],
    ids=lambda e: f"{e.name}-{e.action}",
)


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


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[World, World]]:
    with rows_of_a_module(django_db_blocker):
        with django_db_blocker.unblock():
            made = make_world("+12025557001"), make_world("+12025557002")
        yield made


def as_made(world: World) -> World:
    """Without the download that an earlier test began and never read."""
    cache.delete(f"export:{world.tenant.pk.hex}")
    return copy.deepcopy(world)


@pytest.fixture
def ours(worlds: tuple[World, World]) -> World:
    return as_made(worlds[0])


@pytest.fixture
def theirs(worlds: tuple[World, World]) -> World:
    return as_made(worlds[1])


def browser(world: World, role: str) -> APIClient:
    """A member with `role`, logged in."""
    client = APIClient(raise_request_exception=False)
    client.force_login(make_member(world.tenant, role))
    return client


def ask(client: APIClient, endpoint: Endpoint, world: World, row_id: str = "") -> Any:
    """The request of `endpoint` about what `world` has, or about `row_id`."""
    case = CASES[endpoint.name, endpoint.action]
    with tenant_scope(world.tenant.pk):
        path = {name: value if isinstance(value, str) else value(world) for name, value in case.path.items()}
        if case.row is not None:
            path["id"] = row_id or case.row(world).public_id
    return getattr(client, endpoint.method)(endpoint.url(**path), case.body(world) or None)


def test_every_endpoint_has_a_case_and_every_case_an_endpoint() -> None:
    assert {(e.name, e.action) for e in ENDPOINTS} == set(CASES)


@each_endpoint
def test_the_owner_is_served(endpoint: Endpoint, ours: World) -> None:
    case = CASES[endpoint.name, endpoint.action]

    client = browser(ours, "owner") if case.in_person else key_client(make_key(ours.tenant))

    answer = ask(client, endpoint, ours)

    assert answer.status_code == case.status, answer.content


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if roles_without(e)], ids=lambda e: f"{e.name}-{e.action}"
)
def test_a_role_without_the_permission_is_refused(endpoint: Endpoint, ours: World) -> None:
    client = browser(ours, roles_without(endpoint)[0])

    answer = ask(client, endpoint, ours)

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@each_permission
def test_a_key_of_all_other_scopes_is_refused(endpoint: Endpoint, ours: World) -> None:
    needed = endpoint.permission
    client = key_client(make_key(ours.tenant, ALL_PERMISSIONS - {needed}))

    answer = ask(client, endpoint, ours)

    assert answer.status_code == 403
    assert needed in answer.json()["detail"]


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if CASES[e.name, e.action].in_person and issubclass(e.view, TenantViewSet)],
    ids=lambda e: f"{e.name}-{e.action}",
)
def test_what_only_people_may_is_refused_to_a_key_of_all_scopes(endpoint: Endpoint, ours: World) -> None:
    answer = ask(key_client(make_key(ours.tenant)), endpoint, ours)

    assert (answer.status_code, answer.json()["code"]) == (403, "person_required")


@each_endpoint
def test_nobody_is_asked_to_log_in(endpoint: Endpoint, ours: World) -> None:
    assert ask(APIClient(), endpoint, ours).status_code == 401


@each_personal
def test_what_is_about_a_person_is_refused_to_keys(endpoint: Endpoint, ours: World) -> None:
    url = endpoint.url(**dict.fromkeys(endpoint.pattern.pattern.regex.groupindex, "x"))

    answer = getattr(key_client(make_key(ours.tenant)), endpoint.method)(url, {})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert getattr(APIClient(), endpoint.method)(url, {}).status_code == 401


@each_row
def test_a_stranger_finds_nothing_and_changes_nothing(endpoint: Endpoint, ours: World, theirs: World) -> None:
    owner, stranger = key_client(make_key(theirs.tenant)), key_client(make_key(ours.tenant))
    before = snapshot(owner)

    answer = ask(stranger, endpoint, theirs)

    nowhere = ask(stranger, endpoint, theirs, to_public(endpoint.view.id_prefix, new_id()))
    assert answer.status_code == 404
    assert answer.json() == nowhere.json()
    kept = snapshot(owner)
    assert {key: kept[key] for key in before} == before
    shown = ask(owner, endpoint, theirs)
    assert shown.streaming or shown.content != answer.content


def snapshot(client: APIClient) -> dict[str, Any]:
    """Everything a tenant has, by id."""
    pages = [client.get(f"/api/v1/{name}").json() for name in COLLECTIONS]
    return {
        row["id"]: {k: v for k, v in row.items() if k != "last_used_at"}
        for page in pages
        for row in page["results"]
    }


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_list_holds_ones_own_only(name: str, ours: World, theirs: World) -> None:
    mine, other = (
        {row["id"] for row in key_client(make_key(world.tenant)).get(f"/api/v1/{name}").json()["results"]}
        for world in (ours, theirs)
    )

    assert mine
    assert other
    assert not mine & other


@pytest.mark.parametrize("reference", ["agent", "agent_version"])
def test_another_tenants_rows_cannot_be_referred_to(reference: str, ours: World, theirs: World) -> None:
    with tenant_scope(theirs.tenant.pk):
        foreign = {
            "agent": theirs.agent.public_id,
            "agent_version": theirs.agent.versions.first().public_id,
        }[reference]
    client = key_client(make_key(ours.tenant))

    changed = client.patch(f"/api/v1/numbers/{ours.number.public_id}", {reference: foreign})
    placed = client.post(
        "/api/v1/calls",
        {"from_number": ours.number.e164, "to_number": "+12025550101", reference: foreign},
    )

    for answer in (changed, placed):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == reference


def test_another_tenants_number_cannot_be_taken_or_called_from(ours: World, theirs: World) -> None:
    client = key_client(make_key(ours.tenant))

    taken = client.post("/api/v1/numbers", {"carrier": "sandbox", "e164": theirs.number.e164})
    placed = client.post("/api/v1/calls", {"from_number": theirs.number.e164, "to_number": "+12025550101"})

    assert (taken.status_code, taken.json()["errors"][0]["detail"]) == (422, "This number is not available.")
    assert placed.status_code == 422
    assert theirs.tenant.name not in taken.content.decode() + placed.content.decode()
