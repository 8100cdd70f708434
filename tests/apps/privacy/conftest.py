"""A workspace with calls, contacts, messages and events of people, some of them long ago."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import Max
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.analysis.models import Analysis, AnalysisState
from apps.calls.models import Call, CallEvent, Capture, Direction, Recording, Turn
from apps.calls.states import CallState
from apps.campaigns.models import (
    Attempt,
    AttemptState,
    Campaign,
    CampaignState,
    CheckedNumber,
    Consent,
    Contact,
    ContactState,
    Place,
    Progress,
    SuppressionSource,
)
from apps.campaigns.outcomes import Outcome
from apps.campaigns.services.suppression import add
from apps.followups.models import Callback, CallbackState, MessageState, TextMessage
from apps.numbers.models import PhoneNumber
from apps.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Endpoint, Event
from media_workers.contract.events import EndReason
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

PERSON = "+12025550184"
OTHER = "+12025550185"
OWN = "+12025551000"
SOUND = b"RIFF of what was said"
PACKETS = b"packets"


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> Path:
    """Storages of this test alone."""
    files = {
        name: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / name},
        }
        for name in ("recordings", "imports", "exports")
    }
    settings.STORAGES = settings.STORAGES | files
    return tmp_path


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@dataclass
class Workspace:
    """One tenant, and what can be put into it. All of it happened `ago` days ago, unless said otherwise."""

    tenant: Tenant
    agent: Agent
    number: PhoneNumber

    def call(self, *, to: str = PERSON, ago: float = 0, files: bool = True, said: str = "Hello.") -> Call:
        """A call that ended, with sound, packets, words, SIP messages and an analysis."""
        ended = days_ago(ago)
        with tenant_scope(self.tenant.pk):
            call = Call.objects.create(
                direction=Direction.OUTBOUND,
                state=CallState.ENDED,
                agent=self.agent,
                agent_version=self.agent.published_version,
                from_number=self.number.e164,
                to_number=to,
                number=self.number,
                queued_at=ended,
                dial_at=ended,
                answered_at=ended,
                ended_at=ended,
                end_reason=EndReason.CALLER_HUNG_UP,
                slots={"phone": to},
                metadata={"crm": to},
            )
            sip = {"text": f"INVITE sip:{to}@192.0.2.1 SIP/2.0\r\n\r\n", "first_line": f"INVITE sip:{to}"}
            CallEvent.objects.create(call=call, seq=1, type="sip", at=ended, body=sip)
            spoken = {"text": said, "speaker": "caller", "index": 0}
            CallEvent.objects.create(call=call, seq=2, type="turn", at=ended, body=spoken)
            Turn.objects.create(
                call=call, seq=2, index=0, speaker="caller", text=said, start_ms=0, end_ms=900
            )
            Analysis.objects.create(
                call=call,
                state=AnalysisState.DONE,
                analyzed_at=ended,
                summary=f"{to} said {said}",
                values={"phone": {"value": to, "turn": 0, "quote": said, "confidence": 1, "problem": ""}},
            )
            if files:
                self._file(Recording, call, SOUND, "wav", duration_ms=900)
                self._file(Capture, call, PACKETS, "pcap", packets=1)
        return call

    def _file(self, model: type[Any], call: Call, data: bytes, ending: str, **values: Any) -> None:
        name = f"{self.tenant.pk.hex}/{call.pk.hex}.{ending}"
        key = storages["recordings"].save(name, ContentFile(data))
        digest = hashlib.sha256(data).hexdigest()
        model.objects.create(call=call, storage_key=key, size_bytes=len(data), sha256=digest, **values)

    def campaign(self, *, state: str = CampaignState.COMPLETED, ago: float = 0) -> Campaign:
        over = days_ago(ago) if state in (CampaignState.COMPLETED, CampaignState.STOPPED) else None
        with tenant_scope(self.tenant.pk):
            campaign = Campaign.objects.create(
                name="Spring",
                agent=self.agent,
                state=state,
                started_at=days_ago(ago + 1),
                resumed_at=days_ago(ago + 1),
                ended_at=over,
            )
            Progress.objects.create(campaign=campaign)
        return campaign

    def contact(
        self,
        campaign: Campaign,
        e164: str = PERSON,
        *,
        call: Call | None = None,
        state: str = ContactState.DONE,
    ) -> Contact:
        with tenant_scope(self.tenant.pk):
            place, _ = Place.objects.get_or_create(campaign=campaign, zones=[], country="US", region="DC")
            waiting = state == ContactState.WAITING
            contact = Contact.objects.create(
                campaign=campaign,
                place=place,
                e164=e164,
                state=state,
                next_at=timezone.now() if waiting else None,
                variables={"mobile": e164},
            )
            progress = Progress.objects.get(campaign=campaign)
            progress.contacts += 1
            setattr(progress, str(state), getattr(progress, str(state)) + 1)
            progress.save()
            if call is not None:
                Attempt.objects.create(
                    campaign=campaign,
                    contact=contact,
                    number=1,
                    e164=e164,
                    call=call,
                    caller=self.number,
                    version=self.agent.published_version,
                    state=AttemptState.ENDED,
                    outcome=Outcome.ANSWERED,
                    decided_at=call.ended_at,
                    ended_at=call.ended_at,
                )
        return contact

    def message(self, call: Call, *, to: str = PERSON, ago: float = 0) -> TextMessage:
        with tenant_scope(self.tenant.pk):
            row = TextMessage.objects.create(
                call=call,
                key=f"m{ago}",
                from_number=OWN,
                to_number=to,
                text=f"For {to}",
                state=MessageState.SENT,
                next_at=days_ago(ago),
            )
            TextMessage.objects.filter(pk=row.pk).update(created_at=days_ago(ago))
        return row

    def callback(
        self, call: Call, *, to: str = PERSON, ago: float = 0, state: str = CallbackState.CANCELLED
    ) -> Callback:
        with tenant_scope(self.tenant.pk):
            return Callback.objects.create(
                call=call, key=f"c{ago}", to_number=to, at=days_ago(ago), state=state, note=f"Ring {to}"
            )

    def event(self, call: Call, *, ago: float = 0, pending: bool = False) -> Event:
        """Told to one endpoint, or still to be told."""
        at = days_ago(ago)
        with tenant_scope(self.tenant.pk):
            endpoint, _ = Endpoint.objects.get_or_create(url="https://crm.example.com/hook")
            event = Event.objects.create(
                type="call.ended",
                at=at,
                key=call.public_id,
                sequence=(Event.objects.aggregate(last=Max("sequence"))["last"] or 0) + 1,
                data={"call": {"to": call.to_number}},
            )
            over: dict[str, Any] = (
                {"next_at": at} if pending else {"state": DeliveryState.DELIVERED, "ended_at": at}
            )
            delivery = Delivery.objects.create(
                endpoint=endpoint,
                event=event,
                key=event.key,
                sequence=event.sequence,
                give_up_at=at + timedelta(days=1),
                **over,
            )
            DeliveryAttempt.objects.create(
                delivery=delivery, number=1, at=at, took_ms=5, status=200, answer=f"ok {call.to_number}"
            )
        return event

    def consents(self, e164: str = PERSON) -> None:
        with tenant_scope(self.tenant.pk):
            Consent.objects.create(e164=e164, source="A form", given_at=timezone.now(), text=f"Call {e164}")
            CheckedNumber.objects.create(e164=e164, dialable=True, checked_at=days_ago(400))

    def not_to_call(self, e164: str = PERSON, *, campaign: Campaign | None = None) -> None:
        with tenant_scope(self.tenant.pk):
            add(e164=e164, source=SuppressionSource.PERSON, campaign=campaign, note=f"{e164} wrote to us")


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def make_workspace(name: str = "Bakery", own: str = OWN) -> Workspace:
    tenant = make_tenant(name)
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        publish(agent=agent)
        agent.refresh_from_db()
        number = PhoneNumber.objects.create(e164=own, carrier="sandbox", agent=agent)
    return Workspace(tenant, agent, number)


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def other(db: None) -> Workspace:
    return make_workspace("Stranger", "+12025552000")


@pytest.fixture
def as_tenant(workspace: Workspace) -> Iterator[None]:
    """In the workspace's scope."""
    with tenant_scope(workspace.tenant.pk):
        yield
