"""One of everything that a tenant can have, for tests that walk through the whole API."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from apps.agents.models import Agent
from apps.billing.models import OutboundStop, StopKind
from apps.calls.models import Call, CallEvent, CallNote, Direction, Recording, Turn
from apps.calls.services.call_files import recording_storage
from apps.calls.services.peaks import peaks_of_wav
from apps.calls.services.shares import share_call
from apps.calls.states import CallState
from apps.campaigns.models import Campaign, CampaignState, ImportKind
from apps.campaigns.services.uploads import take_file
from apps.numbers.models import PhoneNumber
from apps.payments.models import Payment, PaymentKind, PaymentState
from apps.privacy.models import PersonRequest, Purge, RequestKind
from apps.statements.models import Invoice
from apps.suites.models import Publication, PublicationState
from apps.vendors.services import put_key
from media_workers.contract.events import EndReason, PassedOver, ServedBy, ToolTime, TurnAccount
from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node, new_token
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import add_member
from tests.tenancy import SCRIPT, make_tenant
from tests.tenants.api.people import browser, make_person, member_browser

API = "/api/v1"
NUMBER = "+12025550100"
CASE = {
    "name": "Says goodbye",
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "Goodbye."}]},
    "assertions": [{"kind": "said", "text": "bye"}],
}


@dataclass
class Rows:
    """A tenant's rows: `ids` by their prefix (``agt_``), and the session of its owner."""

    tenant: Tenant
    owner: Any
    ids: dict[str, str] = field(default_factory=dict)

    def path(self, template: str) -> str:
        """The path of an operation with ids in it: ``/api/v1/agents/{id}``."""
        return template.format(
            id=self.id_for(template),
            number=1,
            token="none",
            vendor="deepgram",
            moment="before_answer",
            document=self.ids["doc_"],
            contact=self.ids["con_"],
            note=self.ids["note_"],
            share=self.ids["shr_"],
            ticket="none",
        )

    def id_for(self, template: str) -> str:
        if template.endswith("/redactions"):
            return self.ids["ended"]
        names = template.removeprefix(f"{API}/privacy").removeprefix(API).split("/")
        prefix = _PREFIXES.get("/".join(names[1:3])) or _PREFIXES.get(names[1], "")
        return self.ids.get(prefix, "none")


_PREFIXES = {
    "agents": "agt_",
    "numbers": "num_",
    "numbers/orders": "ord_",
    "numbers/ports": "port_",
    "numbers/addresses": "adr_",
    "numbers/bundles": "bdl_",
    "trunks": "trk_",
    "calls": "call_",
    "saved-views": "view_",
    "knowledge-bases": "kb_",
    "suites": "suite_",
    "campaigns": "cmp_",
    "suite-runs": "run_",
    "publications": "pub_",
    "imports": "imp_",
    "api-keys": "key_",
    "invitations": "inv_",
    "members": "mem_",
    "webhooks": "whe_",
    "webhooks/deliveries": "whd_",
    "analysis": "rer_",
    "holds": "lgh_",
    "purges": "prg_",
    "requests": "prq_",
    "billing/invoices": "stmt_",
    "billing/limits": "lim_",
    "billing/stops": "stop_",
    "billing/payments": "pay_",
}


def make_rows() -> Rows:
    """A tenant with one of each; its call goes on and has turns, events and a recording."""
    tenant = make_tenant()
    user = make_person()
    add_member(tenant=tenant, user=user, role="owner")
    rows = Rows(tenant, browser(user, tenant))
    agent = _made(rows, "agents", {"name": "Reception", "config": SCRIPT})
    _made(rows, f"agents/{agent}/publish", {})
    _made(rows, f"agents/{agent}/publish", {"note": "Once more"})
    suite = _made(rows, f"agents/{agent}/suites", {"name": "First tests", "cases": [CASE]})
    run = rows.owner.post(f"{API}/suites/{suite}/runs", {"source": 1})
    rows.ids["run_"] = run.json()["id"]
    _made(rows, "trunks", {"name": "T", "direction": "inbound", "allowed_addresses": ["203.0.113.7"]})
    _make_number_business(rows)
    _made(rows, "billing/limits", {"scope": "tenant", "period": "month", "amount_micros": 10**12})
    base = _made(rows, "knowledge-bases", {"name": "House rules"})
    _made(rows, f"knowledge-bases/{base}/documents", {"text": "Dogs are welcome."})
    _made(rows, "saved-views", {"name": "All", "page": "calls", "query": {}})
    _made(rows, "api-keys", {"name": "K", "mode": "live", "scopes": ["calls.read"]})
    _made(rows, "invitations", {"email": "developer@example.com", "role": "developer"})
    rows.owner.put(f"{API}/call-hooks/before_answer", {"url": "https://calls.example.com/hook"})
    _made(rows, f"agents/{agent}/analysis/reruns", {})
    _made(rows, "privacy/holds", {"name": "Case 12", "reason": "A court.", "phone_number": "+12025550187"})
    webhook = _made(rows, "webhooks", {"url": "https://hooks.example.com", "event_types": ["webhook.*"]})
    _made(rows, f"webhooks/{webhook}/test", {})
    campaign = _made(rows, "campaigns", {"name": "Reminders", "agent": agent})
    added = rows.owner.post(
        f"{API}/campaigns/{campaign}/contacts", {"contacts": [{"number": "+12025550181"}]}
    )
    rows.ids["con_"] = added.json()["results"][0]["id"]
    rows.ids["mem_"] = member_browser(tenant, "developer")[1].public_id
    with tenant_scope(tenant.pk):
        rows.ids["imp_"] = take_file(
            file=ContentFile(b"Phone,First name\n+12025550180,Role\n", name="list.csv"),
            name="list.csv",
            kind=ImportKind.CONTACTS,
            campaign=Campaign.objects.get(),
        ).public_id
        put_key(vendor="deepgram", api_key="a key of nobody's")
        found = Agent.objects.get()
        now = timezone.now()
        Campaign.objects.update(state=CampaignState.RUNNING, started_at=now, resumed_at=now)
        number = PhoneNumber.objects.create(e164=NUMBER, carrier="sandbox", agent=found)
        call = _call(found, number)
        rows.ids["pay_"] = Payment.objects.create(
            kind=PaymentKind.TOP_UP,
            amount_micros=20_000_000,
            charge_id="ch_example",
            state=PaymentState.SUCCEEDED,
            succeeded_at=now,
        ).public_id
        stop = OutboundStop.objects.create(kind=StopKind.HOUR, words="Look at it.", lifted_at=now)
        rows.ids["stop_"] = stop.public_id
        held = Publication.objects.create(agent=found, state=PublicationState.CANCELLED)
        rows.ids["stmt_"] = make_invoice().public_id
        rows.ids["prg_"] = Purge.objects.create(day=now.date()).public_id
        request = PersonRequest.objects.create(kind=RequestKind.EXPORT, e164="+12025550186", digest="0" * 64)
        rows.ids["prq_"] = request.public_id
        rows.ids |= _after(call)
    rows.ids |= {"num_": number.public_id, "call_": call.public_id, "pub_": held.public_id}
    return rows


def _make_number_business(rows: Rows) -> None:
    """An order that waits, an address, papers, and a number on its way here."""
    price = {"carrier": "sandbox", "monthly_micros": 1_000_000}
    _made(rows, "numbers/orders", {"e164": "+12025554801", **price})
    parts = {"street": "1 High St", "city": "Leeds", "postal_code": "LS1", "country": "GB"}
    address = _made(rows, "numbers/addresses", {"label": "Office", "customer_name": "Acme", **parts})
    papers = {"carrier": "sandbox", "country": "GB", "owner": "Acme", "email": "owner@example.com"}
    _made(rows, "numbers/bundles", {"label": "Papers", **papers})
    holder = {"customer_name": "Acme", "address": address, "signer": "Office manager"}
    wish = {"e164": "+12025554802", "signer_email": "owner@example.com", **holder, **price}
    _made(rows, "numbers/ports", wish)


def make_invoice() -> Invoice:
    """In the tenant's scope: what it had in its first month."""
    return Invoice.objects.create(
        sequence=1,
        number="2026-0001",
        period_start=date(2026, 10, 1),
        period_end=date(2026, 10, 31),
        starts_at=datetime(2026, 10, 1, tzinfo=UTC),
        ends_at=datetime(2026, 11, 1, tzinfo=UTC),
        timezone="UTC",
        opening_micros=0,
        added_micros=5_000_000,
        used_micros=0,
        closing_micros=5_000_000,
        added=[{"what": "Free credit", "amount_micros": 5_000_000}],
    )


def _made(rows: Rows, path: str, body: dict[str, Any]) -> str:
    answer = rows.owner.post(f"{API}/{path}", body)
    assert answer.status_code == 201, (path, answer.content)
    public_id: str = answer.json()["id"]
    rows.ids[public_id.split("_")[0] + "_"] = public_id
    return public_id


def _after(call: Call) -> dict[str, str]:
    """What people add to the call; and another that has ended, with a turn 3."""
    note = CallNote.objects.create(call=call, text="VIP", author="nobody", author_name="Nobody")
    share, _ = share_call(call=call, expires_in_hours=1, transcript=True)
    ended = Call.objects.create(
        direction=Direction.INBOUND,
        state=CallState.ENDED,
        from_number="+12025550101",
        to_number=call.to_number,
        answered_at=call.answered_at,
        ended_at=call.answered_at,
        end_reason=EndReason.CALLER_HUNG_UP,
    )
    Turn.objects.create(
        call=ended, seq=9, index=3, speaker="caller", text="My code is 4711", start_ms=0, end_ms=900
    )
    return {"note_": note.public_id, "shr_": share.public_id, "ended": ended.public_id}


def _call(agent: Agent, number: PhoneNumber) -> Call:
    now = timezone.now()
    node = ensure_node("node-1", new_token())
    MediaNode.objects.update(last_heartbeat_at=now, lines=2, capacity=8)
    call = Call.objects.create(
        direction=Direction.INBOUND,
        state=CallState.IN_PROGRESS,
        node=node,
        line=0,
        agent=agent,
        agent_version=agent.published_version,
        number=number,
        from_number="+12025550101",
        to_number=number.e164,
        ringing_at=now,
        answered_at=now,
        last_seq=1,
        media={
            "codec": "PCMU",
            "rx_packets": 400,
            "rx_lost": 0,
            "rx_jitter_ms": 1.5,
            "rx_discarded": 0,
            "tx_packets": 400,
            "tx_lost": None,
            "tx_jitter_ms": None,
            "rtt_ms": None,
        },
    )
    account = TurnAccount(
        served_by=[ServedBy(component="llm", vendor="openai", model="fast")],
        passed_over=[PassedOver(component="tts", vendor="rime", reason="It was slow.", after_ms=900)],
        tools=[ToolTime(name="book", took_ms=120)],
    )
    Turn.objects.create(
        call=call,
        seq=1,
        index=0,
        speaker="agent",
        text="Hello.",
        start_ms=0,
        end_ms=800,
        total_ms=500,
        first_token_ms=200,
        llm_vendor="openai",
        llm_model="fast",
        account=account.model_dump(mode="json"),
    )
    CallEvent.objects.create(
        call=call, seq=1, type="answered", at=now, body={"type": "answered", "codec": "PCMU"}
    )
    audio = _wav()
    Recording.objects.create(
        call=call,
        storage_key=recording_storage().save("tests/recording.wav", ContentFile(audio)),
        duration_ms=100,
        size_bytes=len(audio),
        sha256="0" * 64,
        peaks=peaks_of_wav(io.BytesIO(audio)),
    )
    return call


def _wav() -> bytes:
    """100 ms of stereo at 8000 Hz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(b"\x10\x20\x30\x40" * 800)
    return file.getvalue()
