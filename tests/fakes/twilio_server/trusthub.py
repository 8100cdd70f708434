"""trusthub.twilio.com, as far as names beside calling numbers (CNAM) go."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.twilio_server.state import Account
from tests.fakes.twilio_server.wire import Answer, Asked, Refused, iso, on, page, sid

HOST = "trusthub.twilio.com"
PRODUCT = "/v1/TrustProducts/{id}"


@on("GET", HOST, "/v1/TrustProducts", takes="Status FriendlyName PolicySid")
def products(account: Account, asked: Asked) -> Answer:
    policy = asked.asks("PolicySid")
    return page(asked, "results", [r for r in account.all("BU") if r.get("policy_sid") == policy])


@on("POST", HOST, "/v1/TrustProducts", takes="StatusCallback", needs="FriendlyName Email PolicySid")
def add_product(account: Account, asked: Asked) -> Answer:
    row: dict[str, Any] = {
        "account_sid": account.account_sid,
        "policy_sid": asked.text("PolicySid"),
        "friendly_name": asked.text("FriendlyName"),
        "email": asked.text("Email"),
        "status": "draft",
        "date_created": iso(),
        "date_updated": iso(),
        "entities": [],
        "channels": [],
    }
    return 201, account.add("BU", row)


@on("POST", HOST, PRODUCT, takes="Status FriendlyName Email")
def update_product(account: Account, asked: Asked, id: str) -> Answer:
    row = account.get("BU", id)
    if asked.text("Status") == "pending-review" and not (len(row["entities"]) > 1 and row["channels"]):
        raise Refused(400, 22218, "The trust product is not complete")
    row["status"] = asked.text("Status", row["status"])
    return 200, row


@on("DELETE", HOST, PRODUCT)
def drop_product(account: Account, asked: Asked, id: str) -> Answer:
    account.drop("BU", id)
    return 204, None


@on("POST", HOST, "/v1/EndUsers", takes="Attributes", needs="FriendlyName Type")
def add_end_user(account: Account, asked: Asked) -> Answer:
    row = {
        "friendly_name": asked.text("FriendlyName"),
        "type": asked.text("Type"),
        "attributes": json.loads(asked.text("Attributes") or "{}"),
        "date_created": iso(),
        "date_updated": iso(),
    }
    return 201, account.add("IT", row)


@on("GET", HOST, PRODUCT + "/EntityAssignments", takes="ObjectType")
def entities(account: Account, asked: Asked, id: str) -> Answer:
    return page(asked, "results", account.get("BU", id)["entities"])


@on("POST", HOST, PRODUCT + "/EntityAssignments", needs="ObjectSid")
def add_entity(account: Account, asked: Asked, id: str) -> Answer:
    row = {
        "sid": sid("BV"),
        "trust_product_sid": id,
        "object_sid": asked.text("ObjectSid"),
        "date_created": iso(),
    }
    account.get("BU", id)["entities"].append(row)
    return 201, row


@on("GET", HOST, PRODUCT + "/ChannelEndpointAssignments", takes="ChannelEndpointSid ChannelEndpointSids")
def channels(account: Account, asked: Asked, id: str) -> Answer:
    return page(asked, "results", account.get("BU", id)["channels"])


@on(
    "POST",
    HOST,
    PRODUCT + "/ChannelEndpointAssignments",
    needs="ChannelEndpointType ChannelEndpointSid",
)
def add_channel(account: Account, asked: Asked, id: str) -> Answer:
    number = asked.text("ChannelEndpointSid") or ""
    account.get("PN", number)
    row = {
        "sid": sid("RA"),
        "trust_product_sid": id,
        "channel_endpoint_type": asked.text("ChannelEndpointType"),
        "channel_endpoint_sid": number,
        "date_created": iso(),
    }
    account.get("BU", id)["channels"].append(row)
    return 201, row


@on("POST", HOST, PRODUCT + "/Evaluations", needs="PolicySid")
def evaluate(account: Account, asked: Asked, id: str) -> Answer:
    account.get("BU", id)
    status = "noncompliant" if account.incomplete else "compliant"
    return 201, {"sid": sid("EL"), "trust_product_sid": id, "status": status, "date_created": iso()}
