"""A tenant with an agent, a number and a campaign, whose calls are charged in the ledger, at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
import uuid6

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish
from apps.billing.models import AccountKind, Entry, EntryKind
from apps.billing.services import charge, credit, hold_many, settle
from apps.billing.values import HoldRequest, Line
from apps.calls.models import Call, Direction
from apps.calls.states import CallState
from apps.campaigns.models import Attempt, AttemptState, Campaign, CampaignState, Contact, ContactState, Place
from apps.campaigns.outcomes import Outcome
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import EndReason
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

CARRIER = "twilio"
PERSON = "+12025550184"
BEGAN = datetime(2026, 9, 20, 8, tzinfo=UTC)
"""When the tenants of these tests began."""


@contextmanager
def at_time(time: datetime) -> Iterator[None]:
    """The clock stands there. Ids carry that time too: uuid7 never goes back by itself."""
    uuid6._last_v7_timestamp = None
    with time_machine.travel(time, tick=False):
        yield
    uuid6._last_v7_timestamp = None


def platform(seconds: int = 60, micros: int = 50_000) -> Line:
    return Line("platform", "Platform", seconds, "second", 50_000, 60, micros)


def telephony(seconds: int = 60, micros: int = 10_000) -> Line:
    return Line("telephony", "twilio +1", seconds, "second", 10_000, 60, micros)


def model(what: str, tokens: int, micros: int) -> Line:
    return Line("llm", what, tokens, "token", 3, 1_000, micros)


LINES = (platform(), telephony(), model("openai fast", 400, 800), model("openai large", 100, 1_200))
"""62,000 micro-units for a minute, from two models."""


@dataclass
class Workspace:
    """One tenant."""

    tenant: Tenant
    agent: Agent
    number: PhoneNumber

    def another_agent(self, name: str) -> Agent:
        with tenant_scope(self.tenant.pk):
            made = create_agent(name=name, config=script_config())
            publish(agent=made)
            made.refresh_from_db()
        return made

    def campaign(self) -> Campaign:
        with tenant_scope(self.tenant.pk):
            return Campaign.objects.create(
                name="Spring",
                agent=self.agent,
                state=CampaignState.COMPLETED,
                started_at=BEGAN,
                ended_at=BEGAN,
            )

    def call(
        self,
        at: datetime,
        *,
        lines: Sequence[Line] | None = LINES,
        seconds: int = 60,
        agent: Agent | None = None,
        campaign: Campaign | None = None,
        to: str = PERSON,
        direction: Direction = Direction.OUTBOUND,
    ) -> Call:
        """One that began at `at`, was answered (unless it took no time), and is charged `lines` (None: it is
        not charged at all)."""
        ended = at + timedelta(seconds=seconds)
        with at_time(ended), tenant_scope(self.tenant.pk):
            agent = agent or self.agent
            outbound = direction == Direction.OUTBOUND
            call = Call.objects.create(
                direction=direction,
                state=CallState.ENDED,
                agent=agent,
                agent_version=agent.published_version,
                from_number=self.number.e164 if outbound else to,
                to_number=to if outbound else self.number.e164,
                number=self.number,
                dialing_at=at if outbound else None,
                ringing_at=at,
                answered_at=at if seconds else None,
                ended_at=ended,
                duration_ms=seconds * 1000,
                end_reason=EndReason.CALLER_HUNG_UP if seconds else EndReason.BUSY,
            )
            if lines is not None:
                hold_many(holds={call.pk: HoldRequest(0, 0, 3_600_000)})
                settle(tenant_id=self.tenant.pk, call_id=call.pk, lines=lines)
            if campaign is not None:
                self._attempt(campaign, call)
        return call

    def _attempt(self, campaign: Campaign, call: Call) -> None:
        place, _ = Place.objects.get_or_create(campaign=campaign, zones=[], country="US", region="DC")
        number = f"+1202555{Contact.objects.count():04}"
        contact = Contact.objects.create(campaign=campaign, place=place, e164=number, state=ContactState.DONE)
        Attempt.objects.create(
            campaign=campaign,
            contact=contact,
            number=1,
            e164=number,
            call=call,
            caller=self.number,
            version=self.agent.published_version,
            state=AttemptState.ENDED,
            outcome=Outcome.ANSWERED,
            decided_at=call.ended_at,
            ended_at=call.ended_at,
        )

    def credit(self, at: datetime, micros: int, *, account: AccountKind = AccountKind.STRIPE) -> None:
        with at_time(at):
            credit(
                tenant=self.tenant, amount_micros=micros, why="Top-up", kind=EntryKind.TOP_UP, account=account
            )

    def charge(
        self, at: datetime, reference: str, micros: int, *, kind: EntryKind, account: AccountKind
    ) -> Entry:
        with at_time(at), tenant_scope(self.tenant.pk):
            return charge(
                tenant_id=self.tenant.pk,
                reference=reference,
                kind=kind,
                account=account,
                amount_micros=micros,
                why="Test",
            )

    def rental(self, at: datetime, micros: int = 1_150_000) -> Entry:
        reference = f"rental:{self.number.pk}:{at:%Y-%m}:{new_id().hex[-4:]}"
        return self.charge(at, reference, micros, kind=EntryKind.RENTAL, account=AccountKind.NUMBERS)


def make_workspace(e164: str = "+12025551000") -> Workspace:
    with at_time(BEGAN):
        tenant = make_tenant()
        with tenant_scope(tenant.pk):
            agent = create_agent(name="Reception", config=script_config())
            publish(agent=agent)
            agent.refresh_from_db()
            number = PhoneNumber.objects.create(e164=e164, carrier=CARRIER, agent=agent)
    return Workspace(tenant, agent, number)


@pytest.fixture
def workspace() -> Workspace:
    """With 5 USD of free credit."""
    return make_workspace()
