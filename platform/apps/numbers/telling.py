"""What tenants are told of numbers, and of the trunks that they come by."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.utils import timezone
from pydantic import Field

from apps.agents.models import Agent, AgentVersion
from apps.numbers.models import NumberOrder, PhoneNumber, PortRequest, Rental
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import anybody_wants, publish
from telephony.trunks.models import Trunk
from tenants.ids import to_public


class OfNumber(EventData):
    """A number as it is now."""

    number: str = Field(pattern=PUBLIC_ID)
    e164: str
    label: str
    carrier: str
    purpose: Literal["inbound", "outbound", "both"]
    agent: str | None = Field(pattern=PUBLIC_ID, description="Who takes its calls.")
    agent_version: str | None = Field(pattern=PUBLIC_ID, description="The pinned version.")
    trunk: str | None = Field(pattern=PUBLIC_ID)
    fallback_number: str


class NumberAssigned(OfNumber):
    """The workspace has a new number."""


class NumberUpdated(OfNumber):
    changed: list[str] = Field(description="Which of these fields have another value than before.")


class NumberReleased(OfNumber):
    """The number was given back; it may be somebody else's from now on."""

    why: Literal["given_back", "unpaid"] = Field(description="Unpaid: its grace period is over.")


class OrderFailed(EventData):
    """An order came to nothing; its money is free again."""

    order: str = Field(pattern=PUBLIC_ID)
    e164: str
    carrier: str
    code: str = Field(description="Why, for programs.")
    problem: str = Field(description="Why, and what to do, in words.")


class GraceBegan(EventData):
    """The wallet has not enough for the number's next month."""

    number: str = Field(pattern=PUBLIC_ID)
    e164: str
    monthly_micros: int = Field(description="Millionths of `currency`.")
    currency: str
    grace_until: datetime = Field(description="It is given back then, unless the month is paid.")


class PortChanged(EventData):
    """A number on its way here has come further, or not."""

    port: str = Field(pattern=PUBLIC_ID)
    e164: str
    carrier: str
    state: str = Field(
        description="submitted, in_review, action_needed, scheduled, completed, rejected or cancelled."
    )
    problem: str = Field(description="What is in the way, in words; empty when nothing is.")
    due_on: str | None = Field(description="The day that the carriers agreed on.")


class TrunkStateChanged(EventData):
    trunk: str = Field(pattern=PUBLIC_ID)
    name: str
    part: Literal["gateway", "registration"]
    gateway: str | None = Field(description="host:port/transport; null of the registration.")
    state: str = Field(
        description="Of a gateway: up, down, resting. Of the registration: registered, failed."
    )
    before: str
    error: str = Field(description="What was wrong last; empty when all is well.")


_SHOWN = ("e164", "label", "carrier", "purpose", "agent", "agent_version", "trunk", "fallback_number")


def shown(number: PhoneNumber) -> dict[str, Any]:
    """The number's own part of an event."""
    return {
        "number": number.public_id,
        "e164": number.e164,
        "label": number.label,
        "carrier": number.carrier,
        "purpose": str(number.purpose),
        "agent": _id(Agent.id_prefix, number.agent_id),
        "agent_version": _id(AgentVersion.id_prefix, number.agent_version_id),
        "trunk": _id(Trunk.id_prefix, number.trunk_id),
        "fallback_number": number.fallback_number,
    }


def assigned(number: PhoneNumber) -> None:
    """`number.assigned`."""
    if anybody_wants("number.assigned"):
        _tell("number.assigned", NumberAssigned(**shown(number)), number)


def updated(number: PhoneNumber, before: dict[str, Any]) -> None:
    """`number.updated`, unless nothing is another than in `before` (of `shown`)."""
    after = shown(number)
    changed = [name for name in _SHOWN if after[name] != before[name]]
    if changed and anybody_wants("number.updated"):
        _tell("number.updated", NumberUpdated(**after, changed=changed), number)


def released(number: PhoneNumber, *, why: Literal["given_back", "unpaid"]) -> None:
    """`number.released`."""
    if anybody_wants("number.released"):
        _tell("number.released", NumberReleased(**shown(number), why=why), number)


def order_failed(order: NumberOrder) -> None:
    """`number.order_failed`."""
    if anybody_wants("number.order_failed"):
        data = OrderFailed(
            order=order.public_id,
            e164=order.e164,
            carrier=order.carrier,
            code=order.problem_code,
            problem=order.problem,
        )
        publish("number.order_failed", data, key=order.public_id, at=timezone.now())


def grace_began(rental: Rental) -> None:
    """`number.grace_began`."""
    if anybody_wants("number.grace_began") and rental.grace_until is not None:
        data = GraceBegan(
            number=rental.number.public_id,
            e164=rental.number.e164,
            monthly_micros=rental.monthly_micros,
            currency=rental.currency,
            grace_until=rental.grace_until,
        )
        publish("number.grace_began", data, key=rental.number.public_id, at=timezone.now())


def port_changed(port: PortRequest) -> None:
    """`number.port_changed`."""
    if anybody_wants("number.port_changed"):
        data = PortChanged(
            port=port.public_id,
            e164=port.e164,
            carrier=port.carrier,
            state=str(port.state),
            problem=port.problem,
            due_on=port.due_on and port.due_on.isoformat(),
        )
        publish("number.port_changed", data, key=port.public_id, at=timezone.now())


def _tell(name: str, data: OfNumber, number: PhoneNumber) -> None:
    publish(name, data, key=number.public_id, at=timezone.now())


def trunk_state_changed(
    *,
    trunk_id: Any,
    tenant_id: Any,
    gateway: str | None,
    state: str,
    before: str,
    error: str,
    at: datetime,
    **_: Any,
) -> None:
    """Receiver of `telephony.trunks.signals.state_changed`: `trunk.state_changed`."""
    if not anybody_wants("trunk.state_changed", tenant_id=tenant_id):
        return
    trunk = Trunk.objects.filter(pk=trunk_id).first()
    if trunk is None or trunk.archived_at is not None:
        return
    data = TrunkStateChanged(
        trunk=trunk.public_id,
        name=trunk.name,
        part="registration" if gateway is None else "gateway",
        gateway=gateway,
        state=state,
        before=before,
        error=error,
    )
    publish("trunk.state_changed", data, key=trunk.public_id, at=at, tenant_id=tenant_id)


def _id(prefix: str, value: Any) -> str | None:
    return None if value is None else to_public(prefix, value)


_NUMBER = {
    "number": "num_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "e164": "+12025550100",
    "label": "Reception",
    "carrier": "byoc",
    "purpose": "inbound",
    "agent": "agt_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "agent_version": None,
    "trunk": "trk_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "fallback_number": "",
}


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "number.assigned", "A number is the workspace's.", NumberAssigned, PhoneNumber.id_prefix, _NUMBER
        ),
        EventType(
            "number.updated",
            "A number reaches another agent, or was changed otherwise.",
            NumberUpdated,
            PhoneNumber.id_prefix,
            {**_NUMBER, "changed": ["agent"]},
        ),
        EventType(
            "number.released",
            "A number was given back.",
            NumberReleased,
            PhoneNumber.id_prefix,
            {**_NUMBER, "why": "given_back"},
        ),
        EventType(
            "number.order_failed",
            "The order of a number came to nothing; its money is free again.",
            OrderFailed,
            NumberOrder.id_prefix,
            {
                "order": "ord_01937b2ee7c07a3f9d2b4c5d6e7f8091",
                "e164": "+12025550100",
                "carrier": "twilio",
                "code": "unavailable",
                "problem": "Somebody else has bought this number meanwhile. Search again and choose another.",
            },
        ),
        EventType(
            "number.grace_began",
            "The wallet has not enough for the next month of a number: it goes unless there is money in "
            "time.",
            GraceBegan,
            PhoneNumber.id_prefix,
            {
                "number": _NUMBER["number"],
                "e164": "+12025550100",
                "monthly_micros": 1_150_000,
                "currency": "USD",
                "grace_until": "2026-03-08T12:00:00Z",
            },
        ),
        EventType(
            "number.port_changed",
            "A number that is brought here from another carrier has come further, or needs somebody.",
            PortChanged,
            PortRequest.id_prefix,
            {
                "port": "port_01937b2ee7c07a3f9d2b4c5d6e7f8091",
                "e164": "+12025550100",
                "carrier": "twilio",
                "state": "scheduled",
                "problem": "",
                "due_on": "2026-03-12",
            },
        ),
        EventType(
            "trunk.state_changed",
            "A gateway of a trunk, or its registration, works or does not any more.",
            TrunkStateChanged,
            Trunk.id_prefix,
            {
                "trunk": "trk_01937b2ee7c07a3f9d2b4c5d6e7f8091",
                "name": "Our carrier",
                "part": "gateway",
                "gateway": "sip.carrier.example.com:5060/udp",
                "state": "down",
                "before": "up",
                "error": "No answer to OPTIONS.",
            },
        ),
    )
