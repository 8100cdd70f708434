"""numbers.twilio.com, numbers-upload.twilio.com and pricing.twilio.com: prices, papers of regulators, ports.

Parameters as the library of Twilio sends them; no document of these is at hand.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.fakes.twilio_server.state import Account
from tests.fakes.twilio_server.wire import Answer, Asked, Refused, iso, on, page, sid

PRICING, NUMBERS, UPLOAD = "pricing.twilio.com", "numbers.twilio.com", "numbers-upload.twilio.com"
PAPERS = "/v2/RegulatoryCompliance"


# --- Prices
@on("GET", PRICING, "/v1/PhoneNumbers/Countries/{country}")
def number_prices(account: Account, asked: Asked, country: str) -> Answer:
    prices = account.prices.get(country)
    if prices is None:
        raise Refused(404, 20404, f"The requested resource {asked.path} was not found")
    rows = [{"number_type": t, "base_price": p, "current_price": p} for t, p in prices.items()]
    return 200, {
        "country": country,
        "iso_country": country,
        "phone_number_prices": rows,
        "price_unit": "USD",
        "url": f"https://{PRICING}{asked.path}",
    }


@on("GET", PRICING, "/v2/Trunking/Countries/{country}")
def call_prices(account: Account, asked: Asked, country: str) -> Answer:
    prices = account.call_prices.get(country)
    if prices is None:
        raise Refused(404, 20404, f"The requested resource {asked.path} was not found")
    url = f"https://{PRICING}{asked.path}"
    return 200, {"country": country, "iso_country": country, "price_unit": "USD", "url": url} | prices


# --- Papers
@on("GET", NUMBERS, PAPERS + "/Regulations", takes="EndUserType IsoCountry NumberType IncludeConstraints")
def regulations(account: Account, asked: Asked) -> Answer:
    wanted = {
        "iso_country": asked.asks("IsoCountry"),
        "number_type": asked.asks("NumberType"),
        "end_user_type": asked.asks("EndUserType"),
    }
    rows = [r for r in account.regulations if all(v in (None, r[k]) for k, v in wanted.items())]
    return page(asked, "results", rows)


@on("GET", NUMBERS, PAPERS + "/Bundles", takes="FriendlyName Status RegulationSid")
def bundles(account: Account, asked: Asked) -> Answer:
    name = asked.asks("FriendlyName")
    return page(asked, "results", [r for r in account.all("BU") if name in (None, r["friendly_name"])])


@on("POST", NUMBERS, PAPERS + "/Bundles", takes="RegulationSid StatusCallback", needs="FriendlyName Email")
def add_bundle(account: Account, asked: Asked) -> Answer:
    regulation = asked.text("RegulationSid")
    if regulation not in {row["sid"] for row in account.regulations}:
        raise Refused(400, 22213, "Regulation not found")
    row: dict[str, Any] = {
        "account_sid": account.account_sid,
        "friendly_name": asked.text("FriendlyName"),
        "email": asked.text("Email"),
        "regulation_sid": regulation,
        "status": "draft",
        "date_created": iso(),
        "date_updated": iso(),
        "items": [],
    }
    return 201, account.add("BU", row)


@on("GET", NUMBERS, PAPERS + "/Bundles/{id}")
def get_bundle(account: Account, asked: Asked, id: str) -> Answer:
    return 200, account.get("BU", id)


@on("POST", NUMBERS, PAPERS + "/Bundles/{id}", takes="Status FriendlyName Email")
def update_bundle(account: Account, asked: Asked, id: str) -> Answer:
    row = account.get("BU", id)
    if asked.text("Status") == "pending-review" and not row.get("compliant"):
        raise Refused(400, 22216, "Bundle is not compliant")
    row["status"] = asked.text("Status", row["status"])
    return 200, row


@on("GET", NUMBERS, PAPERS + "/Bundles/{id}/ItemAssignments")
def items(account: Account, asked: Asked, id: str) -> Answer:
    return page(asked, "results", [r for r in account.all("BV") if r["bundle_sid"] == id])


@on("POST", NUMBERS, PAPERS + "/Bundles/{id}/ItemAssignments", needs="ObjectSid")
def add_item(account: Account, asked: Asked, id: str) -> Answer:
    account.get("BU", id)
    thing = asked.text("ObjectSid") or ""
    account.get(thing[:2], thing)
    return 201, account.add("BV", {"bundle_sid": id, "object_sid": thing, "date_created": iso()})


@on("DELETE", NUMBERS, PAPERS + "/Bundles/{id}/ItemAssignments/{item}")
def drop_item(account: Account, asked: Asked, id: str, item: str) -> Answer:
    account.drop("BV", item)
    return 204, None


@on("POST", NUMBERS, PAPERS + "/Bundles/{id}/Evaluations")
def evaluate(account: Account, asked: Asked, id: str) -> Answer:
    row = account.get("BU", id)
    kinds = {one["object_sid"][:2] for one in account.all("BV") if one["bundle_sid"] == id}
    wrong = account.incomplete or ("" if "IT" in kinds else "Business is missing")
    row["compliant"] = not wrong
    result = {
        "friendly_name": "Business",
        "passed": not wrong,
        "invalid": [{"failure_reason": wrong}] if wrong else [],
    }
    status = "noncompliant" if wrong else "compliant"
    body = {"sid": sid("EL"), "bundle_sid": id, "status": status, "results": [result], "date_created": iso()}
    return 201, body


@on("POST", NUMBERS, PAPERS + "/EndUsers", takes="Attributes", needs="FriendlyName Type")
def add_end_user(account: Account, asked: Asked) -> Answer:
    return 201, account.add("IT", _named(asked))


@on("POST", NUMBERS, PAPERS + "/SupportingDocuments", takes="Attributes", needs="FriendlyName Type")
def add_document(account: Account, asked: Asked) -> Answer:
    return 201, account.add("RD", _named(asked) | {"status": "draft"})


def _named(asked: Asked) -> dict[str, Any]:
    return {
        "friendly_name": asked.text("FriendlyName"),
        "type": asked.text("Type"),
        "attributes": json.loads(asked.text("Attributes") or "{}"),
        "date_created": iso(),
        "date_updated": iso(),
    }


# --- Ports
@on("GET", NUMBERS, "/v1/Porting/Portability/PhoneNumber/{e164}", takes="TargetAccountSid AddressSid")
def portability(account: Account, asked: Asked, e164: str) -> Answer:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", e164):
        raise Refused(400, 20001, "The phone number is not E.164")
    reason = account.not_portable.get(e164)
    return 200, {
        "phone_number": e164,
        "account_sid": None,
        "portable": reason is None,
        "pin_and_account_number_required": e164.startswith("+1777"),
        "not_portable_reason": reason,
        "not_portable_reason_code": 22131 if reason else None,
        "number_type": "LOCAL",
        "country": "US",
        "url": f"https://{NUMBERS}{asked.path}",
    }


@on("POST", UPLOAD, "/v1/Documents", takes="friendly_name", needs="document_type")
def upload(account: Account, asked: Asked) -> Answer:
    kind, content = asked.files.get("File", ("", b""))
    shown = kind if content[:4] in (b"%PDF", b"\x89PNG") or content[:2] == b"\xff\xd8" else ""
    id = sid("RD")
    account.documents[id] = (kind, content)
    return 201, {
        "sid": id,
        "account_sid": account.account_sid,
        "document_type": asked.text("document_type"),
        "friendly_name": asked.text("friendly_name"),
        "mime_type": shown,
        "status": "uploaded",
    }


_OWNER = {"customer_name", "customer_type", "authorized_representative", "authorized_representative_email"}


@on("POST", NUMBERS, "/v1/Porting/PortIn")
def port_in(account: Account, asked: Asked) -> Answer:
    told = asked.json or {}
    carrier = told.get("losing_carrier_information") or {}
    missing = sorted(one for one in _OWNER if not carrier.get(one))
    if missing or not told.get("phone_numbers"):
        raise Refused(400, 22150, f"Missing: {', '.join(missing) or 'phone_numbers'}")
    if not all(one in account.documents for one in told.get("documents") or ["none"]):
        raise Refused(400, 22151, "A utility bill is required")
    for number in told["phone_numbers"]:
        reason = account.not_portable.get(number["phone_number"])
        if reason:
            raise Refused(400, 22131, reason)
    row: dict[str, Any] = {
        "port_in_request_sid": "",
        "account_sid": account.account_sid,
        "notification_emails": told.get("notification_emails"),
        "target_port_in_date": told.get("target_port_in_date"),
        "port_in_request_status": "In Review",
        "order_cancellation_reason": None,
        "losing_carrier_information": carrier,
        "phone_numbers": [
            {
                "phone_number": one["phone_number"],
                "phone_number_status": "in_review",
                "rejection_reason": None,
                "portable": True,
            }
            for one in told["phone_numbers"]
        ],
        "documents": told["documents"],
        "date_created": iso(),
        "signature_request_url": None,
    }
    row["port_in_request_sid"] = account.add("KW", row)["sid"]
    return 201, row


@on("GET", NUMBERS, "/v1/Porting/PortIn/PortInRequests", takes="Size Token PortInRequestStatus")
def ports(account: Account, asked: Asked) -> Answer:
    rows = [
        {
            "port_in_request_sid": row["sid"],
            "port_in_request_status": row["port_in_request_status"],
            "phone_numbers_requested": len(row["phone_numbers"]),
            "phone_numbers_ported": 0,
        }
        for row in account.all("KW")
    ]
    return page(asked, "items", rows)


@on("GET", NUMBERS, "/v1/Porting/PortIn/{id}")
def port(account: Account, asked: Asked, id: str) -> Answer:
    return 200, account.get("KW", id)


@on("DELETE", NUMBERS, "/v1/Porting/PortIn/{id}")
def cancel_port(account: Account, asked: Asked, id: str) -> Answer:
    account.get("KW", id)["port_in_request_status"] = "Canceled"
    return 204, None
