"""api.twilio.com: numbers for sale and bought, addresses, messages, SIP lists, calls, usage."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.fakes.twilio_server.documents import blank
from tests.fakes.twilio_server.state import Account, Call, Offer
from tests.fakes.twilio_server.wire import Answer, Asked, Refused, is_true, on, page_2010, rfc2822, sid

HOST = "api.twilio.com"
BASE = "/2010-04-01/Accounts/{owner}"
KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


def resource(schema: str, **values: Any) -> dict[str, Any]:
    return blank(HOST, f"api.v2010.account.{schema}") | values


def dated(account: Account) -> dict[str, Any]:
    return {"account_sid": account.account_sid, "date_created": rfc2822(), "date_updated": rfc2822()}


# --- For sale
@on("GET", HOST, BASE + "/AvailablePhoneNumbers/{country}/{kind}.json")
def available(account: Account, asked: Asked, country: str, kind: str, **_: str) -> Answer:
    there = [offer for offer in account.for_sale if (offer.country, offer.kind) == (country, kind)]
    if country not in account.prices and not there:
        raise Refused(404, 20404, f"The requested resource {asked.path} was not found")
    chosen = [offer for offer in there if all(rule(offer, asked) for rule in _RULES)]
    schema = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).lower()
    rows = [_offer(offer, schema) for offer in chosen]
    return page_2010(asked, "available_phone_numbers", rows)


def _offer(offer: Offer, schema: str) -> dict[str, Any]:
    return resource(
        f"available_phone_number_country.available_phone_number_{schema}",
        phone_number=offer.e164,
        friendly_name=offer.e164,
        locality=offer.locality,
        region=offer.region,
        iso_country=offer.country,
        address_requirements=offer.address,
        beta=offer.beta,
        capabilities={name: name in offer.able for name in ("voice", "sms", "mms", "fax")},
    )


def _holds(offer: Offer, pattern: str) -> bool:
    """`Contains`: digits, letters of the keypad, * for any digit, anywhere in the number."""
    digits = re.escape(pattern.upper().translate(KEYPAD)).replace(r"\*", "[0-9]")
    return re.search(digits, offer.e164.removeprefix("+")) is not None


def _has_area(asked: Asked) -> bool:
    return asked.asks("AreaCode") is not None


_RULES: list[Callable[[Offer, Asked], bool]] = [
    lambda offer, asked: (
        (asked.asks("AreaCode") or "") == offer.e164[2:][: len(asked.asks("AreaCode") or "")]
    ),
    lambda offer, asked: _holds(offer, asked.asks("Contains") or ""),
    lambda offer, asked: asked.asks("InLocality") in (None, offer.locality),
    *(
        lambda offer, asked, name=name: (
            not is_true(asked.asks(f"{name.capitalize()}Enabled")) or name in offer.able
        )
        for name in ("voice", "sms", "mms", "fax")
    ),
]


# --- Bought
@on("POST", HOST, BASE + "/IncomingPhoneNumbers.json")
def buy(account: Account, asked: Asked, **_: str) -> Answer:
    e164 = asked.text("PhoneNumber")
    offer = next((one for one in account.for_sale if one.e164 == e164), None)
    if offer is None:
        raise Refused(400, 21422, f"{e164} is not available.")
    address, bundle = asked.text("AddressSid"), asked.text("BundleSid")
    if offer.address != "none" and (address is None or account.get("AD", address) is None):
        raise Refused(400, 21631, "Phone Number Requires an Address")
    if offer.bundle and (bundle is None or account.get("BU", bundle)["status"] != "twilio-approved"):
        raise Refused(400, 21649, "Phone Number Requires a Bundle that is twilio-approved")
    account.for_sale.remove(offer)
    account.charged.append(offer.e164)
    row = resource(
        "incoming_phone_number",
        phone_number=offer.e164,
        friendly_name=asked.text("FriendlyName", offer.e164),
        address_requirements=offer.address,
        address_sid=address,
        bundle_sid=bundle,
        beta=offer.beta,
        capabilities={name: name in offer.able for name in ("voice", "sms", "mms", "fax")},
        origin="twilio",
        status="in-use",
        trunk_sid=asked.text("TrunkSid"),
        **dated(account),
    )
    return 201, account.add("PN", row)


@on("GET", HOST, BASE + "/IncomingPhoneNumbers.json")
def list_numbers(account: Account, asked: Asked, **_: str) -> Answer:
    part, name = (asked.asks("PhoneNumber") or "").strip("+"), asked.asks("FriendlyName")
    rows = [row for row in account.all("PN") if part in row["phone_number"]]
    return page_2010(
        asked, "incoming_phone_numbers", [row for row in rows if name in (None, row["friendly_name"])]
    )


@on("GET", HOST, BASE + "/IncomingPhoneNumbers/{id}.json")
def get_number(account: Account, asked: Asked, id: str, **_: str) -> Answer:
    return 200, account.get("PN", id)


@on("POST", HOST, BASE + "/IncomingPhoneNumbers/{id}.json")
def update_number(account: Account, asked: Asked, id: str, **_: str) -> Answer:
    row = account.get("PN", id)
    trunk = asked.text("TrunkSid")
    if trunk is not None:
        account.get("TK", trunk)
        row["trunk_sid"] = trunk
    row["friendly_name"] = asked.text("FriendlyName", row["friendly_name"])
    return 200, row


@on("DELETE", HOST, BASE + "/IncomingPhoneNumbers/{id}.json")
def release(account: Account, asked: Asked, id: str, **_: str) -> Answer:
    account.released.append(account.get("PN", id)["phone_number"])
    account.drop("PN", id)
    return 204, None


# --- Addresses
@on("POST", HOST, BASE + "/Addresses.json")
def add_address(account: Account, asked: Asked, **_: str) -> Answer:
    if asked.text("PostalCode") == "00000":
        raise Refused(400, 21629, "Address Validation Error")
    names = ("CustomerName", "Street", "StreetSecondary", "City", "Region", "PostalCode", "IsoCountry")
    row = resource(
        "address",
        friendly_name=asked.text("FriendlyName"),
        emergency_enabled=False,
        validated=True,
        verified=False,
        **{re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): asked.text(name) for name in names},
        **dated(account),
    )
    return 201, account.add("AD", row)


@on("GET", HOST, BASE + "/Addresses.json")
def list_addresses(account: Account, asked: Asked, **_: str) -> Answer:
    wanted = {"friendly_name": asked.asks("FriendlyName"), "iso_country": asked.asks("IsoCountry")}
    rows = [r for r in account.all("AD") if all(v in (None, r[k]) for k, v in wanted.items())]
    return page_2010(asked, "addresses", rows)


# --- Messages
@on("POST", HOST, BASE + "/Messages.json")
def send(account: Account, asked: Asked, **_: str) -> Answer:
    sender, to = asked.text("From") or "", asked.text("To") or ""
    able = next(
        (row["capabilities"]["sms"] for row in account.all("PN") if row["phone_number"] == sender), None
    )
    if not able:
        raise Refused(400, 21606, f"The 'From' phone number {sender} is not a valid message-capable number")
    if to in account.unsubscribed:
        raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")
    if not re.fullmatch(r"\+[1-9][0-9]{7,14}", to):
        raise Refused(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    row = resource(
        "message",
        body=asked.text("Body"),
        to=to,
        num_segments="1",
        num_media="0",
        direction="outbound-api",
        status="queued",
        **{"from": sender},
        **dated(account),
    )
    account.add("SM", row)
    account.rows.setdefault("callbacks", {})[row["sid"]] = {"url": asked.text("StatusCallback")}
    return 201, row


@on("GET", HOST, BASE + "/Messages.json")
def list_messages(account: Account, asked: Asked, **_: str) -> Answer:
    rows = [
        row
        for row in reversed(account.all("SM"))
        if asked.asks("To") in (None, row["to"]) and asked.asks("From") in (None, row["from"])
    ]
    return page_2010(asked, "messages", rows)


# --- SIP: lists of passwords and of addresses, which trunks refer to
LISTS = {
    "CredentialLists": ("CL", "credential_lists", "sip.sip_credential_list"),
    "IpAccessControlLists": ("AL", "ip_access_control_lists", "sip.sip_ip_access_control_list"),
}


@on("GET", HOST, BASE + "/SIP/{name}.json")
def sip_lists(account: Account, asked: Asked, name: str, **_: str) -> Answer:
    kind, key, _schema = LISTS[name]
    return page_2010(asked, key, account.all(kind))


@on("POST", HOST, BASE + "/SIP/{name}.json")
def add_sip_list(account: Account, asked: Asked, name: str, **_: str) -> Answer:
    kind, _key, schema = LISTS[name]
    row = resource(schema, friendly_name=asked.text("FriendlyName"), **dated(account))
    return 201, account.add(kind, row)


@on("GET", HOST, BASE + "/SIP/CredentialLists/{list}/Credentials.json")
def credentials(account: Account, asked: Asked, list: str, **_: str) -> Answer:
    rows = [row for row in account.all("CR") if row["credential_list_sid"] == list]
    return page_2010(asked, "credentials", rows)


@on("POST", HOST, BASE + "/SIP/CredentialLists/{list}/Credentials.json")
def add_credential(account: Account, asked: Asked, list: str, **_: str) -> Answer:
    account.get("CL", list)
    username, password = asked.text("Username") or "", asked.text("Password") or ""
    strong = len(password) >= 12 and all(re.search(one, password) for one in ("[a-z]", "[A-Z]", "[0-9]"))
    if not strong:
        raise Refused(400, 21230, "Password must be at least 12 characters, with a digit and mixed case")
    account.passwords[username] = password
    row = resource(
        "sip.sip_credential_list.sip_credential",
        credential_list_sid=list,
        username=username,
        **dated(account),
    )
    return 201, account.add("CR", row)


@on("DELETE", HOST, BASE + "/SIP/CredentialLists/{list}/Credentials/{id}.json")
def drop_credential(account: Account, asked: Asked, id: str, **_: str) -> Answer:
    account.passwords.pop(account.get("CR", id)["username"], None)
    account.drop("CR", id)
    return 204, None


@on("GET", HOST, BASE + "/SIP/IpAccessControlLists/{list}/IpAddresses.json")
def addresses(account: Account, asked: Asked, list: str, **_: str) -> Answer:
    rows = [row for row in account.all("IP") if row["ip_access_control_list_sid"] == list]
    return page_2010(asked, "ip_addresses", rows)


@on("POST", HOST, BASE + "/SIP/IpAccessControlLists/{list}/IpAddresses.json")
def add_ip(account: Account, asked: Asked, list: str, **_: str) -> Answer:
    account.get("AL", list)
    row = resource(
        "sip.sip_ip_access_control_list.sip_ip_address",
        ip_access_control_list_sid=list,
        friendly_name=asked.text("FriendlyName"),
        ip_address=asked.text("IpAddress"),
        cidr_prefix_length=int(asked.text("CidrPrefixLength") or 32),
        **dated(account),
    )
    return 201, account.add("IP", row)


@on("DELETE", HOST, BASE + "/SIP/IpAccessControlLists/{list}/IpAddresses/{id}.json")
def drop_ip(account: Account, asked: Asked, id: str, **_: str) -> Answer:
    account.drop("IP", id)
    return 204, None


# --- Figures
@on("GET", HOST, BASE + "/Calls.json")
def calls(account: Account, asked: Asked, **_: str) -> Answer:
    since, until = _moment(asked.asks("StartTime>")), _moment(asked.asks("StartTime<"))
    chosen = [
        call
        for call in sorted(account.calls, key=lambda one: one.started_at, reverse=True)
        if (since is None or call.started_at >= since) and (until is None or call.started_at <= until)
    ]
    size = int(asked.asks("PageSize") or 50)
    first = int(asked.asks("Page") or 0) * size
    # Only what is shown is written: there may be many.
    shown = [
        _call(account, call) if first <= place < first + size else None for place, call in enumerate(chosen)
    ]
    return page_2010(asked, "calls", shown)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _call(account: Account, call: Call) -> dict[str, Any]:
    return resource(
        "call",
        sid=sid("CA"),
        to=call.called,
        status=call.status,
        start_time=rfc2822(call.started_at),
        duration=str(call.duration_s),
        price=call.price,
        price_unit="USD",
        direction="trunking-terminating" if call.outbound else "trunking-originating",
        **{"from": call.caller},
        **dated(account),
    )


@on("GET", HOST, BASE + "/Usage/Records/Daily.json")
def usage(account: Account, asked: Asked, **_: str) -> Answer:
    since, until = (date.fromisoformat(asked.asks(name) or "") for name in ("StartDate", "EndDate"))
    rows = [
        resource(
            "usage.usage_record.usage_record_daily",
            account_sid=account.account_sid,
            start_date=day.isoformat(),
            end_date=day.isoformat(),
            price_unit="usd",
            **line,
        )
        for day, lines in sorted(account.used.items())
        if since <= day <= until
        for line in lines
    ]
    return page_2010(asked, "usage_records", rows)
