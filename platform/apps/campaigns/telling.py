"""What tenants are told of campaigns, of their contacts, and of numbers that rest. Whoever tells holds the
campaign's lock (`services.counting`), or the number's row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from apps.agents.models import Agent
from apps.billing.models import CURRENCY
from apps.calls.models import Call
from apps.campaigns.models import Campaign, Contact, NumberRest, Progress
from apps.numbers.models import PhoneNumber
from apps.numbers.telling import OfNumber, shown
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import Telling, anybody_wants, publish, publish_many
from tenants.ids import to_public

_COUNTS = (
    "contacts", "waiting", "calling", "done", "set_aside", "attempts", "connected", "converted", "opted_out",
    "cost_micros",
)  # fmt: skip


class OfCampaign(EventData):
    """A campaign and how far it is; contacts = waiting + being checked + calling + done + set aside."""

    campaign: str = Field(pattern=PUBLIC_ID)
    name: str
    agent: str = Field(pattern=PUBLIC_ID)
    test: bool = Field(description="Its calls stay in the sandbox.")
    contacts: int
    waiting: int
    calling: int
    done: int
    set_aside: int
    attempts: int
    connected: int
    converted: int
    opted_out: int
    cost_micros: int = Field(description="Of `currency`, in millionths.")
    currency: str


class CampaignPaused(OfCampaign):
    pause_code: str = Field(description="person, or what went wrong: `pause_code` of GET /campaigns/{id}.")
    pause_reason: str = Field(description="In words.")
    paused_by_itself: bool


class ContactCompleted(EventData):
    """A contact that is not called any more: its last outcome is final, or something stands against it."""

    contact: str = Field(pattern=PUBLIC_ID)
    campaign: str = Field(pattern=PUBLIC_ID)
    number: str
    external_id: str = Field(description="The workspace's own name for it.")
    variables: dict[str, Any]
    state: Literal["done", "set_aside"]
    outcome: str = Field(description="Of the last attempt that was dialed; empty: there was none.")
    set_aside: str = Field(description="Why it is not called, in a word; empty of one that is done.")
    detail: str = Field(description="The same in words.")
    attempts: int = Field(description="That were dialed.")
    converted: bool
    last_call: str | None = Field(pattern=PUBLIC_ID)


class NumberResting(OfNumber):
    until: datetime
    reason: str = Field(description="In words.")
    by_itself: bool = Field(description="Its figures looked like those of a number that is marked as spam.")


def campaign_changed(name: str, campaign: Campaign, *, at: datetime) -> None:
    """`campaign.started`, `.resumed`, `.stopped` or `.completed`."""
    if anybody_wants(name, tenant_id=campaign.tenant_id):
        _tell(name, OfCampaign(**_of(campaign)), campaign, at)


def campaign_paused(campaign: Campaign, *, at: datetime) -> None:
    """`campaign.paused`."""
    if not anybody_wants("campaign.paused", tenant_id=campaign.tenant_id):
        return
    data = CampaignPaused(
        **_of(campaign),
        pause_code=str(campaign.pause_code),
        pause_reason=campaign.pause_reason,
        paused_by_itself=campaign.paused_by_itself,
    )
    _tell("campaign.paused", data, campaign, at)


def contacts_completed(
    contacts: Collection[Contact], last_calls: Mapping[UUID, UUID | None], *, at: datetime
) -> None:
    """`contact.completed` of each; `last_calls`: the id of its last call, by contact."""
    if not contacts or not anybody_wants("contact.completed"):
        return
    tellings = [
        Telling("contact.completed", _contact(one, last_calls.get(one.pk)), one.public_id, at)
        for one in contacts
    ]
    publish_many(tellings, keys_held=True)


def contacts_set_aside(ids: Sequence[UUID], *, at: datetime) -> None:
    """`contact.completed` of contacts that were just set aside."""
    if ids and anybody_wants("contact.completed"):
        contacts_completed(list(Contact.objects.filter(pk__in=ids).order_by("pk")), {}, at=at)


def number_resting(rest: NumberRest) -> None:
    """`number.resting`."""
    if not anybody_wants("number.resting"):
        return
    data = NumberResting(
        **shown(rest.number), until=rest.until, reason=rest.reason, by_itself=bool(rest.evidence)
    )
    publish("number.resting", data, key=rest.number.public_id, at=rest.since)


def _tell(name: str, data: OfCampaign, campaign: Campaign, at: datetime) -> None:
    publish(name, data, key=campaign.public_id, at=at, tenant_id=campaign.tenant_id)


def _of(campaign: Campaign) -> dict[str, Any]:
    progress = Progress.objects.only(*_COUNTS).get(campaign=campaign)
    return {
        "campaign": campaign.public_id,
        "name": campaign.name,
        "agent": to_public(Agent.id_prefix, campaign.agent_id),
        "test": bool(campaign.config.get("test")),
        "currency": CURRENCY,
        **{name: getattr(progress, name) for name in _COUNTS},
    }


def _contact(contact: Contact, last_call: UUID | None) -> ContactCompleted:
    return ContactCompleted(
        contact=contact.public_id,
        campaign=to_public(Campaign.id_prefix, contact.campaign_id),
        number=contact.e164,
        external_id=contact.external_id,
        variables=contact.variables,
        state=str(contact.state),
        outcome=str(contact.last_outcome),
        set_aside=str(contact.set_aside),
        detail=contact.detail,
        attempts=contact.attempts,
        converted=contact.converted,
        last_call=to_public(Call.id_prefix, last_call) if last_call else None,
    )


_CAMPAIGN: dict[str, Any] = {
    "campaign": "cmp_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "name": "Reminders",
    "agent": "agt_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "test": False,
    "contacts": 1_000,
    "waiting": 640,
    "calling": 10,
    "done": 338,
    "set_aside": 12,
    "attempts": 421,
    "connected": 265,
    "converted": 97,
    "opted_out": 3,
    "cost_micros": 18_400_000,
    "currency": CURRENCY,
}
_CONTACT = {
    "contact": "con_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "campaign": _CAMPAIGN["campaign"],
    "number": "+12025550147",
    "external_id": "4711",
    "variables": {"day": "Monday"},
    "state": "done",
    "outcome": "answered",
    "set_aside": "",
    "detail": "",
    "attempts": 2,
    "converted": True,
    "last_call": "call_01937b2ee7c07a3f9d2b4c5d6e7f8091",
}
_NUMBER = {
    "number": "num_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "e164": "+12025550100",
    "label": "",
    "carrier": "byoc",
    "purpose": "outbound",
    "agent": None,
    "agent_version": None,
    "trunk": "trk_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "fallback_number": "",
    "until": "2026-01-06T09:30:00Z",
    "reason": "Of 40 attempts 9 were blocked.",
    "by_itself": True,
}
_DONE = {**_CAMPAIGN, "waiting": 0, "calling": 0, "done": 988}
_PAUSED = {
    **_CAMPAIGN,
    "pause_code": "hung_up_early",
    "pause_reason": "21 of the last 60 attempts (35 %) were hung up early; at most 20 % may.",
    "paused_by_itself": True,
}


def register_events() -> None:
    """Called as applications start."""
    prefix = Campaign.id_prefix
    register(
        EventType("campaign.started", "A campaign begins to dial.", OfCampaign, prefix, _CAMPAIGN),
        EventType(
            "campaign.paused",
            "A campaign was paused, by a person or by itself.",
            CampaignPaused,
            prefix,
            _PAUSED,
        ),
        EventType("campaign.resumed", "A paused campaign goes on.", OfCampaign, prefix, _CAMPAIGN),
        EventType("campaign.stopped", "A campaign was ended for good.", OfCampaign, prefix, _CAMPAIGN),
        EventType("campaign.completed", "A campaign has nobody left to call.", OfCampaign, prefix, _DONE),
        EventType(
            "contact.completed",
            "A contact is not called any more: it has its outcome, or the dialer set it aside. Those that a "
            "person or an import sets aside are not told of.",
            ContactCompleted,
            Contact.id_prefix,
            _CONTACT,
        ),
        EventType(
            "number.resting",
            "Campaigns do not call from this number for a while.",
            NumberResting,
            PhoneNumber.id_prefix,
            _NUMBER,
        ),
    )
