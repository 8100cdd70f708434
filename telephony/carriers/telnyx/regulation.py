"""What regulators ask for, through Telnyx: requirements, addresses, and groups of papers.

https://developers.telnyx.com/docs/numbers/phone-numbers/requirement-groups
"""

from __future__ import annotations

from typing import Any, Literal

from telephony.carriers.base import CarrierRefused
from telephony.carriers.telnyx import client
from telephony.carriers.values import (
    Address,
    Bundle,
    BundleWish,
    NumberType,
    Paper,
    Requirement,
    Requirements,
)

_KINDS: dict[str, Literal["identity", "document", "address"]] = {
    "document": "document",
    "address": "address",
    "textual": "identity",
}
_STATES: dict[str, Literal["draft", "pending", "approved", "rejected"]] = {
    "unapproved": "draft",
    "pending-approval": "pending",
    "approved": "approved",
    "declined": "rejected",
    "expired": "rejected",
}
VALUE = "value"
"""What a paper is told by: a text, or the id of a document that was uploaded at Telnyx."""


def requirements(country: str, type: NumberType) -> Requirements:
    filters = {
        "filter[country_code]": country,
        "filter[phone_number_type]": type,
        "filter[action]": "ordering",
    }
    rows = client.pages("tell the requirements", "/requirements", **filters)
    wanted = tuple(_wanted(one) for row in rows for one in row.get("requirements_types") or [])
    return Requirements(country=country, type=type, bundle=bool(wanted), wanted=wanted)


def _wanted(row: dict[str, Any]) -> Requirement:
    return Requirement(
        kind=_KINDS.get(row.get("type") or "", "document"),
        name=str(row["id"]),
        words=f"{row.get('name') or ''}: {row.get('description') or ''}".strip(": "),
        accepted=((str(row["id"]), row.get("example") or row.get("name") or ""),),
        fields=((VALUE, row.get("name") or ""),),
    )


def create_address(*, key: str, address: Address) -> str:
    what = "take the address"
    rows = client.pages(what, "/addresses", **{"filter[customer_reference][eq]": key})
    found = next((row for row in rows if row.get("customer_reference") == key), None)
    if found is None:
        found = client.post(
            what,
            "/addresses",
            {
                "customer_reference": key,
                "business_name": address.customer_name,
                "first_name": "",
                "last_name": "",
                "street_address": address.street,
                "extended_address": address.street_2,
                "locality": address.city,
                "administrative_area": address.region,
                "postal_code": address.postal_code,
                "country_code": address.country,
                "validate_address": False,
            },
        )
    return str(found["id"])


def create_bundle(*, key: str, wish: BundleWish) -> Bundle:
    """A group of papers, handed in. Goes on with an attempt that broke off."""
    what = "take the papers"
    filters = {"filter[customer_reference]": key}
    rows = client.get(what, "/requirement_groups", **filters)
    found = next((row for row in rows if row.get("customer_reference") == key), None)
    if found is None:
        body = {
            "country_code": wish.country,
            "phone_number_type": wish.type,
            "action": "ordering",
            "customer_reference": key,
            "regulatory_requirements": [
                {"requirement_id": paper.type, "field_value": _told(paper)} for paper in wish.papers
            ],
        }
        found = client.post(what, "/requirement_groups", body)
    if found["status"] != "unapproved":
        return _bundle(found)
    return _bundle(client.post(what, f"/requirement_groups/{found['id']}/submit_for_approval"))


def _told(paper: Paper) -> str:
    told = paper.address or paper.attributes.get(VALUE, "")
    if not told:
        raise CarrierRefused(
            "A paper says nothing.", code="bad_input", to_do="Give each one its value, or its address."
        )
    return told


def bundle(id: str) -> Bundle:
    return _bundle(client.get("look at the papers", f"/requirement_groups/{id}"))


def _bundle(row: dict[str, Any]) -> Bundle:
    state = _STATES.get(row["status"], "draft")
    problem = "Telnyx has rejected the papers, or they are out of date." if state == "rejected" else ""
    return Bundle(id=str(row["id"]), state=state, problem=problem)
