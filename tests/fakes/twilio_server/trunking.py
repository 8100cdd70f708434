"""trunking.twilio.com: Elastic SIP trunks."""

from __future__ import annotations

import re
from typing import Any

from tests.fakes.twilio_server.documents import blank
from tests.fakes.twilio_server.state import Account
from tests.fakes.twilio_server.wire import Answer, Asked, Refused, is_true, iso, on, page

HOST = "trunking.twilio.com"
DOMAIN = re.compile(r"[A-Za-z0-9-]{1,60}\.pstn\.twilio\.com")


def resource(schema: str, **values: Any) -> dict[str, Any]:
    return blank(HOST, f"trunking.v1.{schema}") | values


def dated(account: Account) -> dict[str, Any]:
    return {"account_sid": account.account_sid, "date_created": iso(), "date_updated": iso()}


@on("GET", HOST, "/v1/Trunks")
def trunks(account: Account, asked: Asked) -> Answer:
    return page(asked, "trunks", account.all("TK"))


@on("POST", HOST, "/v1/Trunks")
def add_trunk(account: Account, asked: Asked) -> Answer:
    _check_domain(account, asked, "")
    row = resource(
        "trunk",
        friendly_name=asked.text("FriendlyName", ""),
        domain_name=asked.text("DomainName"),
        secure=is_true(asked.text("Secure")),
        transfer_mode=asked.text("TransferMode", "disable-all"),
        cnam_lookup_enabled=is_true(asked.text("CnamLookupEnabled")),
        symmetric_rtp_enabled=False,
        auth_type="",
        auth_type_set=[],
        **dated(account),
    )
    return 201, account.add("TK", row)


@on("GET", HOST, "/v1/Trunks/{id}")
def trunk(account: Account, asked: Asked, id: str) -> Answer:
    return 200, account.get("TK", id)


@on("POST", HOST, "/v1/Trunks/{id}")
def update_trunk(account: Account, asked: Asked, id: str) -> Answer:
    row = account.get("TK", id)
    _check_domain(account, asked, id)
    for name, key in (
        ("FriendlyName", "friendly_name"),
        ("DomainName", "domain_name"),
        ("TransferMode", "transfer_mode"),
    ):
        row[key] = asked.text(name, row[key])
    for name, key in (("Secure", "secure"), ("CnamLookupEnabled", "cnam_lookup_enabled")):
        if name in asked.form:
            row[key] = is_true(asked.text(name))
    return 200, row


def _check_domain(account: Account, asked: Asked, own: str) -> None:
    domain = asked.text("DomainName")
    if domain is None:
        return
    taken = any(row["domain_name"] == domain and row["sid"] != own for row in account.all("TK"))
    if taken or not DOMAIN.fullmatch(domain):
        raise Refused(400, 21245, "Domain name is taken or is no domain of pstn.twilio.com")


@on("GET", HOST, "/v1/Trunks/{trunk}/OriginationUrls")
def urls(account: Account, asked: Asked, trunk: str) -> Answer:
    rows = [row for row in account.all("OU") if row["trunk_sid"] == trunk]
    return page(asked, "origination_urls", rows)


@on("POST", HOST, "/v1/Trunks/{trunk}/OriginationUrls")
def add_url(account: Account, asked: Asked, trunk: str) -> Answer:
    account.get("TK", trunk)
    uri = asked.text("SipUrl") or ""
    if not re.match(r"sips?:[^\s@;]+(;[a-z]+=[\w-]+)*$", uri):
        raise Refused(400, 21242, f"Invalid SIP URL {uri}")
    row = resource(
        "trunk.origination_url",
        trunk_sid=trunk,
        sip_url=uri,
        friendly_name=asked.text("FriendlyName"),
        priority=int(asked.text("Priority") or 0),
        weight=int(asked.text("Weight") or 0),
        enabled=is_true(asked.text("Enabled")),
        **dated(account),
    )
    return 201, account.add("OU", row)


@on("DELETE", HOST, "/v1/Trunks/{trunk}/OriginationUrls/{id}")
def drop_url(account: Account, asked: Asked, trunk: str, id: str) -> Answer:
    account.drop("OU", id)
    return 204, None


LISTS = {
    "CredentialLists": ("CL", "credential_lists", "trunk.credential_list", "CredentialListSid"),
    "IpAccessControlLists": (
        "AL",
        "ip_access_control_lists",
        "trunk.ip_access_control_list",
        "IpAccessControlListSid",
    ),
}


@on("GET", HOST, "/v1/Trunks/{trunk}/{name}")
def lists(account: Account, asked: Asked, trunk: str, name: str) -> Answer:
    _kind, key, _schema, _field = LISTS[name]
    return page(asked, key, list(account.rows.get(f"{trunk} {name}", {}).values()))


@on("POST", HOST, "/v1/Trunks/{trunk}/{name}")
def add_list(account: Account, asked: Asked, trunk: str, name: str) -> Answer:
    kind, _key, schema, field = LISTS[name]
    account.get("TK", trunk)
    given = account.get(kind, asked.text(field) or "")
    row = resource(
        schema, sid=given["sid"], trunk_sid=trunk, friendly_name=given["friendly_name"], **dated(account)
    )
    account.rows.setdefault(f"{trunk} {name}", {})[given["sid"]] = row
    return 201, row


@on("DELETE", HOST, "/v1/Trunks/{trunk}/{name}/{id}")
def drop_list(account: Account, asked: Asked, trunk: str, name: str, id: str) -> Answer:
    account.drop(f"{trunk} {name}", id)
    return 204, None
