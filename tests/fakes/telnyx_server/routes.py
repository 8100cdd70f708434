"""What Telnyx answers. Parameters as its own library for Python names them."""

from __future__ import annotations

from typing import Any

from tests.fakes.telnyx_server.state import Account, Asked, Offer, Refused, now, on, page

_FILTERS = "country_code phone_number_type features[] limit best_effort national_destination_code locality"


# --- Numbers
@on("GET", "/available_phone_numbers", takes=f"{_FILTERS} phone_number[contains]", needs="country_code")
def available(account: Account, asked: Asked) -> Any:
    wanted = set(asked.query.get("filter[features][]", []))
    part = asked.query.get("filter[phone_number][contains]", [""])[0]
    area, place = asked.asks("national_destination_code") or "", asked.asks("locality")
    rows = [
        offer
        for offer in account.for_sale
        if offer.country == asked.asks("country_code")
        and asked.asks("phone_number_type") in (None, offer.kind)
        and wanted <= set(offer.able)
        and part in offer.e164
        and _national(offer).startswith(area)
        and place in (None, offer.locality)
    ]
    if not rows:
        raise Refused(400, "10031", "No numbers found for the given criteria.")
    return {"data": [_offer(one) for one in rows[: int(asked.asks("limit") or 20)]], "meta": {}}


def _national(offer: Offer) -> str:
    return offer.e164[2 if offer.country == "US" else 3 :]


def _offer(offer: Offer) -> dict[str, Any]:
    regions = [("rate_center", offer.locality), ("state", offer.region)]
    return {
        "phone_number": offer.e164,
        "record_type": "available_phone_number",
        "best_effort": False,
        "quickship": True,
        "reservable": True,
        "features": [{"name": name} for name in offer.able],
        "cost_information": {
            "monthly_cost": offer.monthly,
            "upfront_cost": offer.upfront,
            "currency": "USD",
        },
        "region_information": [{"region_type": t, "region_name": n} for t, n in regions if n],
    }


@on("POST", "/number_orders", takes="customer_reference connection_id", needs="phone_numbers")
def order(account: Account, asked: Asked) -> Any:
    [wanted] = asked.body["phone_numbers"]
    offer = next((one for one in account.for_sale if one.e164 == wanted["phone_number"]), None)
    if offer is None:
        raise Refused(422, "10015", "The phone number is not available.")
    if not account.money:
        raise Refused(402, "20100", "Insufficient funds.")
    group = wanted.get("requirement_group_id")
    approved = group is not None and account.get("requirement_groups", group)["status"] == "approved"
    met = approved or not offer.papers
    row = account.add(
        "number_orders",
        {
            "customer_reference": asked.body.get("customer_reference"),
            "status": "success" if met and not offer.slow else "pending",
            "requirements_met": met,
            "phone_numbers": [{"phone_number": offer.e164, "status": "pending", "requirements_met": met}],
            "phone_numbers_count": 1,
        },
    )
    row["sub_number_orders_ids"] = [row["id"]]
    if met:
        account.for_sale.remove(offer)
        account.charged.append(offer.e164)
        if not offer.slow:
            deliver(account, row)
    return {"data": row}


def deliver(account: Account, order: dict[str, Any]) -> None:
    """The number of an order is there."""
    order["status"] = "success"
    account.add(
        "phone_numbers",
        {
            "phone_number": order["phone_numbers"][0]["phone_number"],
            "status": "active",
            "customer_reference": order["customer_reference"],
            "connection_id": "",
            "purchased_at": now(),
        },
    )


@on("GET", "/number_orders", takes="customer_reference status")
def orders(account: Account, asked: Asked) -> Any:
    return page(asked, _matching(account, asked, "number_orders", "customer_reference", "status"))


@on("PATCH", "/sub_number_orders/{id}/cancel")
def cancel_order(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("number_orders", id)
    row["status"] = "cancelled"
    return {"data": row}


@on("GET", "/phone_numbers", takes="phone_number customer_reference connection_id status")
def numbers(account: Account, asked: Asked) -> Any:
    part = asked.asks("phone_number") or ""
    if part and not part.isdigit():
        return page(asked, [])
    rows = [row for row in account.all("phone_numbers") if part in row["phone_number"]]
    return page(asked, rows)


@on("PATCH", "/phone_numbers/{id}", takes="connection_id customer_reference tags")
def update_number(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("phone_numbers", id)
    row.update(asked.body)
    return {"data": row}


@on("PATCH", "/phone_numbers/{id}/messaging", needs="messaging_profile_id")
def number_messages(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("phone_numbers", id)
    account.get("messaging_profiles", asked.body["messaging_profile_id"])
    row["messaging_profile_id"] = asked.body["messaging_profile_id"]
    return {"data": row}


@on("PATCH", "/phone_numbers/{id}/voice", takes="cnam_listing")
def number_voice(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("phone_numbers", id)
    row["cnam_listing"] = asked.body["cnam_listing"]
    return {"data": row}


@on("DELETE", "/phone_numbers/{id}")
def release(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("phone_numbers", id)
    account.released.append(row["phone_number"])
    del account.rows["phone_numbers"][id]
    return {"data": row | {"status": "deleted"}}


# --- Connections
_BOTH = "active transport_protocol inbound outbound encrypted_media"
_KINDS = {
    "fqdn_connections": ("connection_name", _BOTH),
    "ip_connections": ("connection_name", _BOTH),
    "credential_connections": (
        "connection_name",
        "user_name password active outbound encrypted_media sip_uri_calling_preference",
    ),
    "outbound_voice_profiles": ("name", "traffic_type service_plan enabled whitelisted_destinations"),
    "messaging_profiles": ("name", "whitelisted_destinations enabled"),
    "fqdns": ("connection_id", "fqdn port dns_record_type"),
    "ips": ("connection_id", "ip_address port"),
}


def _matching(account: Account, asked: Asked, kind: str, *names: str) -> list[dict[str, Any]]:
    return [
        row for row in account.all(kind) if all(asked.asks(name) in (None, row.get(name)) for name in names)
    ]


def _resource(kind: str, name: str, takes: str) -> None:
    @on("GET", f"/{kind}", takes=f"{name} {name}[contains] {name}[eq]")
    def rows(account: Account, asked: Asked) -> Any:
        found = _matching(account, asked, kind, name)
        part = asked.query.get(f"filter[{name}][contains]", [""])[0]
        exact = asked.query.get(f"filter[{name}][eq]", [None])[0]
        return page(asked, [r for r in found if part in r[name] and exact in (None, r[name])])

    @on("POST", f"/{kind}", takes=takes, needs=name)
    def add(account: Account, asked: Asked) -> Any:
        _check(asked.body)
        return {"data": account.add(kind, dict(asked.body))}

    @on("PATCH", f"/{kind}/{{id}}", takes=f"{name} {takes}")
    def update(account: Account, asked: Asked, id: str) -> Any:
        _check(asked.body)
        row = account.get(kind, id)
        row.update(asked.body)
        return {"data": row}

    @on("DELETE", f"/{kind}/{{id}}")
    def drop(account: Account, asked: Asked, id: str) -> Any:
        row = account.get(kind, id)
        del account.rows[kind][id]
        return {"data": row}


def _check(body: dict[str, Any]) -> None:
    username, password = body.get("user_name", "user1"), body.get("password", "a password")
    if not (4 <= len(username) <= 32 and username.isalnum()) or not 8 <= len(password) <= 128:
        raise Refused(422, "10015", "The user name or the password is invalid.")
    if body.get("transport_protocol", "UDP") not in ("UDP", "TCP", "TLS"):
        raise Refused(422, "10015", "The transport protocol is invalid.")
    if body.get("transport_protocol") == "TLS" and body.get("encrypted_media"):
        raise Refused(422, "10015", "encrypted_media cannot be set if the transport protocol is TLS.")


for _kind, (_name, _takes) in _KINDS.items():
    _resource(_kind, _name, _takes)


# --- Messages and records
@on("POST", "/messages", takes="webhook_url", needs="from to text")
def send(account: Account, asked: Asked) -> Any:
    sender, to = asked.body["from"], asked.body["to"]
    ours = [row for row in account.all("phone_numbers") if row["phone_number"] == sender]
    if not ours or not ours[0].get("messaging_profile_id"):
        raise Refused(422, "40305", "Invalid 'from' address.")
    if to in account.stopped:
        raise Refused(422, "40300", "Blocked due to STOP message.")
    row = account.add("messages", dict(asked.body))
    account.records.append(
        {
            "record_type": "messaging",
            "uuid": row["id"],
            "direction": "outbound",
            "cli": sender,
            "cld": to,
            "created_at": now(),
            "parts": 1,
            "cost": "0.004",
            "currency": "USD",
        }
    )
    return {"data": row}


@on("GET", "/detail_records", takes="date_range cli cld direction", needs="record_type")
def records(account: Account, asked: Asked) -> Any:
    rows = [
        row
        for row in account.records
        if row["record_type"] == asked.asks("record_type")
        and all(asked.asks(name) in (None, row.get(name)) for name in ("cli", "cld"))
    ]
    return page(asked, rows)


# --- Regulators
@on("GET", "/requirements", takes="country_code phone_number_type action")
def requirements(account: Account, asked: Asked) -> Any:
    wanted = {name: asked.asks(name) for name in ("country_code", "phone_number_type")}
    rows = [r for r in account.requirements if all(v in (None, r[k]) for k, v in wanted.items())]
    return page(asked, rows)


_ADDRESS = "business_name first_name last_name street_address locality country_code"


@on(
    "POST",
    "/addresses",
    takes="customer_reference extended_address administrative_area postal_code validate_address",
    needs=_ADDRESS,
)
def add_address(account: Account, asked: Asked) -> Any:
    return {"data": account.add("addresses", dict(asked.body))}


@on("GET", "/addresses", takes="customer_reference[eq]")
def addresses(account: Account, asked: Asked) -> Any:
    key = asked.query.get("filter[customer_reference][eq]", [None])[0]
    rows = [row for row in account.all("addresses") if key in (None, row.get("customer_reference"))]
    return page(asked, rows)


@on("GET", "/requirement_groups", takes="customer_reference status")
def groups(account: Account, asked: Asked) -> Any:
    return {"data": _matching(account, asked, "requirement_groups", "customer_reference", "status")}


@on(
    "POST",
    "/requirement_groups",
    takes="customer_reference regulatory_requirements",
    needs="country_code phone_number_type action",
)
def add_group(account: Account, asked: Asked) -> Any:
    return {"data": account.add("requirement_groups", dict(asked.body) | {"status": "unapproved"})}


@on("GET", "/requirement_groups/{id}")
def group(account: Account, asked: Asked, id: str) -> Any:
    return {"data": account.get("requirement_groups", id)}


@on("POST", "/requirement_groups/{id}/submit_for_approval")
def submit(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("requirement_groups", id)
    row["status"] = "pending-approval"
    return {"data": row}


# --- Ports
@on("POST", "/portability_checks", needs="phone_numbers")
def portability(account: Account, asked: Asked) -> Any:
    return {
        "data": [
            {
                "phone_number": e164,
                "portable": e164 not in account.not_portable,
                "not_portable_reason": account.not_portable.get(e164, ""),
            }
            for e164 in asked.body["phone_numbers"]
        ]
    }


@on("POST", "/documents", needs="file")
def upload(account: Account, asked: Asked) -> Any:
    row = account.add("documents", {})
    account.documents[row["id"]] = asked.files["file"]
    return {"data": row}


@on("GET", "/porting_orders", takes="customer_reference")
def ports(account: Account, asked: Asked) -> Any:
    return page(asked, _matching(account, asked, "porting_orders", "customer_reference"))


@on("POST", "/porting_orders", takes="customer_reference", needs="phone_numbers")
def add_port(account: Account, asked: Asked) -> Any:
    row = account.add(
        "porting_orders",
        dict(asked.body)
        | {
            "status": {"value": "draft", "details": []},
            "documents": {"loa": None, "invoice": None},
            "requirements_met": False,
            "activation_settings": {"foc_datetime_requested": None, "foc_datetime_actual": None},
        },
    )
    return {"data": [row]}


@on("GET", "/porting_orders/{id}")
def port(account: Account, asked: Asked, id: str) -> Any:
    return {"data": account.get("porting_orders", id)}


@on("PATCH", "/porting_orders/{id}", takes="documents end_user activation_settings customer_reference")
def update_port(account: Account, asked: Asked, id: str) -> Any:
    row = account.get("porting_orders", id)
    for name in ("documents", "end_user", "activation_settings"):
        row[name] = (row.get(name) or {}) | asked.body.get(name, {})
    documents = row["documents"]
    if documents["invoice"] not in account.documents:
        raise Refused(422, "10017", "Associated resource does not exist")
    return {"data": row}


@on("DELETE", "/porting_orders/{id}")
def drop_port(account: Account, asked: Asked, id: str) -> Any:
    account.get("porting_orders", id)
    del account.rows["porting_orders"][id]
    return None


@on("POST", "/porting_orders/{id}/actions/{action}")
def act(account: Account, asked: Asked, id: str, action: str) -> Any:
    row = account.get("porting_orders", id)
    if action == "confirm" and not row["requirements_met"]:
        raise Refused(422, "10015", "Requirements are not met.")
    row["status"]["value"] = {"confirm": "submitted", "cancel": "cancelled"}[action]
    return {"data": row}
