"""Names shown beside numbers that call (CNAM), through Twilio's Trust Hub: US numbers, looked at by people.

https://www.twilio.com/docs/voice/brand-your-calls-using-cnam
"""

from __future__ import annotations

import re
from typing import Any, Literal

from django.conf import settings
from twilio.rest import Client

from telephony.carriers.base import CarrierRefused
from telephony.carriers.twilio.client import asking, client
from telephony.carriers.values import CallerName, Owned

POLICY = "RNf3db3cd1fe25fcfd3c3ded065c8fea53"
"""Twilio's, of CNAM: the same for everybody."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 .,'&-]{0,14}")
_STATES: dict[str, Literal["active", "pending", "off", "failed"]] = {
    "draft": "pending",
    "pending-review": "pending",
    "in-review": "pending",
    "twilio-approved": "active",
    "twilio-rejected": "failed",
}


def set_name(number: Owned, name: str) -> CallerName:
    """One trust product for each number, found again by its name; another name is another product."""
    if name:
        _check(number, name)
    with asking("set the caller name"):
        ours = client()
        present = [row for row in _products(ours) if row.friendly_name.startswith(f"{number.id} ")]
        wanted = f"{number.id} {name}"
        for row in present:
            if row.friendly_name != wanted:
                ours.trusthub.v1.trust_products(row.sid).delete()
        if not name:
            return CallerName("", "off")
        made = next((row for row in present if row.friendly_name == wanted), None)
        return _handed_in(ours, number, name, made)


def _check(number: Owned, name: str) -> None:
    if not number.e164.startswith("+1"):
        raise CarrierRefused(
            "Twilio shows names beside US numbers only.", code="bad_input", to_do="Leave the name empty."
        )
    if not _NAME.fullmatch(name):
        raise CarrierRefused(
            "A caller name has at most 15 characters and begins with a letter.",
            code="bad_input",
            to_do="Use letters, digits, spaces and . , ' & - only.",
        )
    if not settings.TWILIO_CUSTOMER_PROFILE:
        raise CarrierRefused(
            "Caller names need a business profile that Twilio has approved.",
            code="account",
            to_do="Ask the operator of this installation to set TWILIO_CUSTOMER_PROFILE.",
        )


def _products(ours: Client) -> Any:
    return ours.trusthub.v1.trust_products.stream(policy_sid=POLICY, page_size=100)


def _handed_in(ours: Client, number: Owned, name: str, made: Any) -> CallerName:
    hub = ours.trusthub.v1
    if made is None:
        made = hub.trust_products.create(
            friendly_name=f"{number.id} {name}", email=settings.DEFAULT_FROM_EMAIL, policy_sid=POLICY
        )
    if str(made.status) != "draft":
        return _told(name, str(made.status))
    product = hub.trust_products(made.sid)
    assigned = {row.object_sid for row in product.trust_products_entity_assignments.stream()}
    if not any(sid.startswith("IT") for sid in assigned):
        owner = hub.end_users.create(
            friendly_name=f"{number.id} {name}",
            type="cnam_information",
            attributes={"cnam_display_name": name},
        )
        product.trust_products_entity_assignments.create(object_sid=owner.sid)
    if settings.TWILIO_CUSTOMER_PROFILE not in assigned:
        product.trust_products_entity_assignments.create(object_sid=settings.TWILIO_CUSTOMER_PROFILE)
    channels = product.trust_products_channel_endpoint_assignment
    if not any(row.channel_endpoint_sid == number.id for row in channels.stream()):
        channels.create(channel_endpoint_type="phone-number", channel_endpoint_sid=number.id)
    evaluation = product.trust_products_evaluations.create(policy_sid=POLICY)
    if str(evaluation.status) != "compliant":
        return CallerName(name, "failed", "Twilio finds the profile of the business incomplete.")
    return _told(name, str(product.update(status="pending-review").status))


def _told(name: str, status: str) -> CallerName:
    state = _STATES.get(status, "pending")
    problem = "Twilio has rejected the name; its mail says why." if state == "failed" else ""
    return CallerName(name, state, problem)
