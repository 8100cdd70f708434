"""Numbers that cost nothing by the month: the sandbox's, and those of the tenant's own carrier."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import get_agent
from apps.numbers import telling
from apps.numbers.e164 import parse_e164
from apps.numbers.models import BYOC, PhoneNumber, Purpose
from apps.numbers.selectors import find_number, get_number, had_already, taken_numbers
from telephony.carriers.registry import GIVERS, SELLERS
from telephony.trunks.models import Trunk
from telephony.trunks.selectors import get_trunk
from tenants.errors import InvalidInput, LimitReached

_DRAWS = 5
_UNSET: Any = object()


def assign_number(
    *,
    carrier: str,
    e164: str = "",
    label: str = "",
    trunk: Trunk | None = None,
    agent: Agent | None = None,
    agent_version: AgentVersion | None = None,
    fallback_number: str = "",
    capture_rtp: bool = False,
    purpose: str = "",
) -> PhoneNumber:
    """A number for the tenant: of the carrier's (a free one when `e164` is empty), or of its own trunk.

    `agent_version` pins a version of `agent`. Without a `purpose` a number with an agent is for inbound
    calls, another for campaigns. InvalidInput names the field at fault; a number that
    another tenant has looks like any other that is not to be had.
    """
    _check_carrier(carrier)
    number = PhoneNumber(carrier=carrier, label=label.strip(), capture_rtp=capture_rtp)
    number.purpose = purpose or (Purpose.INBOUND if agent else Purpose.OUTBOUND)
    _set_trunk(number, trunk)
    _set_agent(number, agent, agent_version)
    if not e164:
        _set_fallback(number, fallback_number)
        return _assign_free(number)
    number.e164 = parse_e164(e164)
    _set_fallback(number, fallback_number)
    if carrier != BYOC and not GIVERS[carrier].owns(number.e164):
        raise InvalidInput(
            f"This carrier's numbers begin with {GIVERS[carrier].number_prefix}.", field="e164"
        )
    if find_number(number.e164) is not None:
        raise InvalidInput("You have this number already.", field="e164", code="duplicate")
    if had_already({number.e164}) or not insert(number):  # also one that somebody is about to have
        raise InvalidInput("This number is not available.", field="e164", code="unavailable")
    return number


def update_number(
    *,
    number: PhoneNumber,
    label: str | None = None,
    trunk: Trunk | None = _UNSET,
    agent: Agent | None = _UNSET,
    agent_version: AgentVersion | None = _UNSET,
    fallback_number: str | None = None,
    capture_rtp: bool | None = None,
    purpose: str | None = None,
) -> PhoneNumber:
    """Change what is given; None clears a trunk or an agent, the empty text a fallback number.

    Another agent drops the pinned version unless one is given.
    """
    fresh = get_number(number.pk, lock=True)
    before = telling.shown(fresh)
    if label is not None:
        fresh.label = label.strip()
    if trunk is not _UNSET:
        _set_trunk(fresh, trunk)
    if agent is not _UNSET or agent_version is not _UNSET:
        _change_agent(fresh, agent, agent_version)
    if fallback_number is not None or trunk is not _UNSET:
        _set_fallback(fresh, fresh.fallback_number if fallback_number is None else fallback_number)
    if capture_rtp is not None:
        fresh.capture_rtp = capture_rtp
    if purpose is not None:
        fresh.purpose = purpose
    fresh.save()
    telling.updated(fresh, before)
    return fresh


def _check_carrier(name: str) -> None:
    if name == BYOC or name in GIVERS:
        return
    if name in SELLERS:
        raise InvalidInput("Numbers of this carrier are ordered: POST /numbers/orders.", field="carrier")
    raise InvalidInput(f"Choose one of {', '.join([*GIVERS, BYOC])}.", field="carrier")


def _assign_free(number: PhoneNumber) -> PhoneNumber:
    """Draw until nobody else was faster."""
    if number.carrier == BYOC:
        raise InvalidInput("Give the number that your carrier sends here.", field="e164", code="required")
    carrier = GIVERS[number.carrier]
    for _ in range(_DRAWS):
        free = carrier.free_number(taken_numbers(carrier.number_prefix))
        if free is None:
            break
        number.e164 = free
        if insert(number):
            return number
    raise LimitReached("The carrier has no free number left.", code="no_number_left")


def insert(number: PhoneNumber) -> bool:
    """Whether the number was to be had: it is on the platform once, and the index sees all tenants."""
    try:
        with transaction.atomic():
            number.save(force_insert=True)
    except IntegrityError as error:
        if "numbers_e164_once" not in str(error):
            raise
        return False
    telling.assigned(number)
    return True


def _set_trunk(number: PhoneNumber, trunk: Trunk | None) -> None:
    if number.carrier != BYOC and trunk is not None:
        raise InvalidInput("Only a number of your own carrier (byoc) has a trunk.", field="trunk")
    if number.carrier == BYOC and trunk is None:
        raise InvalidInput("A number of your own carrier needs its trunk.", field="trunk", code="required")
    # Locked, so that it is not archived meanwhile.
    number.trunk = trunk and get_trunk(trunk.pk, lock=True)


def _set_fallback(number: PhoneNumber, text: str) -> None:
    """Where callers go when no agent can answer: outside, through the number's own trunk."""
    number.fallback_number = parse_e164(text, field="fallback_number") if text else ""
    if not text:
        return
    if number.fallback_number == number.e164 or find_number(number.fallback_number) is not None:
        raise InvalidInput(
            "This is one of your own numbers: the caller would come back here.", field="fallback_number"
        )
    if number.trunk is not None and not number.trunk.sends_calls:
        raise InvalidInput(
            f"The number's trunk {number.trunk.name!r} takes no outbound calls.", field="fallback_number"
        )


def _change_agent(number: PhoneNumber, agent: Agent | None, version: AgentVersion | None) -> None:
    new = number.agent if agent is _UNSET else agent
    if version is _UNSET:
        version = number.agent_version if new == number.agent else None
    _set_agent(number, new, version)


def _set_agent(number: PhoneNumber, agent: Agent | None, version: AgentVersion | None) -> None:
    if version is not None and (agent is None or version.agent_id != agent.pk):
        raise InvalidInput("This is no version of the number's agent.", field="agent_version")
    number.agent = agent and get_agent(agent.pk, lock=True)
    number.agent_version = version
