"""Our SIP connections at Telnyx, kept as they should be: one that brings calls here, one that takes ours with
a password, and what both need (a profile of outbound calls, one of messages).

https://developers.telnyx.com/docs/voice/sip-trunking
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from telephony.carriers import ours
from telephony.carriers.telnyx import client
from telephony.carriers.values import CarrierTrunk

DOMAIN = "sip.telnyx.com"
_WHAT = "set the trunk up"


def password() -> str:
    return ours.password("telnyx", "")


@dataclass(frozen=True)
class _Place:
    """A SIP URI of ours. An address and a name are things apart at Telnyx."""

    host: str
    port: int
    transport: str

    @property
    def is_address(self) -> bool:
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True


def _place(uri: str) -> _Place:
    rest = uri.partition(":")[2].rpartition("@")[2]
    place, *parameters = rest.split(";")
    told = dict(one.partition("=")[::2] for one in parameters)
    transport = told.get("transport", "udp").upper()
    host, _, port = place.partition(":")
    return _Place(host, int(port) if port else (5061 if transport == "TLS" else 5060), transport)


@dataclass
class _Work:
    name: str
    repaired: list[str] = field(default_factory=list)

    def done(self, words: str) -> None:
        self.repaired.append(words)


def ensure() -> CarrierTrunk:
    uris = ours.sip_uris()
    work = _Work(ours.name())
    connection = _inbound(work, [_place(uri) for uri in uris])
    username = ours.username(password())
    _outbound(work, username)
    return CarrierTrunk(
        id=connection,
        domain=DOMAIN,
        username=username,
        origination=uris,
        allowed=(),
        secure=ours.secure(),
        repaired=tuple(work.repaired),
    )


def profile_of_messages() -> str:
    """The id of ours, made when there is none."""
    what, name = "set messages up", ours.name()
    rows = client.pages(what, "/messaging_profiles", **{"filter[name][eq]": name})
    found = next((row for row in rows if row["name"] == name), None)
    if found is None:
        found = client.post(what, "/messaging_profiles", {"name": name, "whitelisted_destinations": ["*"]})
    return str(found["id"])


def _inbound(work: _Work, places: list[_Place]) -> str:
    """The connection whose numbers ring at `places`."""
    kind = "ip" if all(place.is_address for place in places) else "fqdn"
    wanted = {
        "connection_name": work.name,
        "active": True,
        "transport_protocol": places[0].transport,
        "inbound": {"ani_number_format": "+E.164", "dnis_number_format": "+e164"},
    }
    connection = _made(work, f"/{kind}_connections", wanted, "The connection for calls to us")
    if kind == "ip":
        _places(work, connection, "/ips", "ip_address", places, {})
    else:
        _places(work, connection, "/fqdns", "fqdn", places, {"dns_record_type": "a"})
    return connection


def _places(
    work: _Work, connection: str, path: str, column: str, places: list[_Place], also: dict[str, Any]
) -> None:
    """Exactly `places`; new ones come before old ones go."""
    rows = list(client.pages(_WHAT, path, **{"filter[connection_id]": connection}))
    present = {(row[column], row["port"]): row for row in rows}
    wanted = {(place.host, place.port) for place in places}
    for host, port in sorted(wanted - set(present)):
        client.post(_WHAT, path, {"connection_id": connection, column: host, "port": port} | also)
        work.done(f"Calls come in by {host}:{port}.")
    for host, port in sorted(set(present) - wanted, key=str):
        client.delete(_WHAT, f"{path}/{present[host, port]['id']}")
        work.done(f"Calls do not come in by {host}:{port} any more.")


def _outbound(work: _Work, username: str) -> None:
    """The user name tells which password goes with it: another one sets both."""
    profile = _made(
        work,
        "/outbound_voice_profiles",
        {"name": work.name, "traffic_type": "conversational", "service_plan": "global", "enabled": True},
        "The profile of outbound calls",
    )
    secret = {"user_name": username, "password": password()}
    wanted = {
        "connection_name": f"{work.name} out",
        "active": True,
        "encrypted_media": "SRTP" if ours.secure() else None,
        "outbound": {"outbound_voice_profile_id": profile},
        "user_name": username,
    }
    _made(work, "/credential_connections", wanted, "The connection for calls from us", secret)


def _made(
    work: _Work, path: str, wanted: dict[str, Any], what: str, secret: dict[str, str] | None = None
) -> str:
    """The id of the oldest of that name, made or put right. `secret` goes along when it is written."""
    column = "name" if "name" in wanted else "connection_name"
    name, places = wanted[column], {f"filter[{column}][contains]": wanted[column]}
    mine = [row for row in client.pages(_WHAT, path, **places) if row[column] == name]
    if not mine:
        work.done(f"{what} is new.")
        return str(client.post(_WHAT, path, wanted | (secret or {}))["id"])
    row = min(mine, key=lambda one: str(one.get("created_at")))
    wrong = sorted(one for one, value in wanted.items() if not _is_so(row.get(one), value))
    if wrong:
        work.done(f"{what} had other settings: {', '.join(wrong)}.")
        client.patch(_WHAT, f"{path}/{row['id']}", wanted | (secret or {}))
    return str(row["id"])


def _is_so(present: Any, wanted: Any) -> bool:
    """Of a group of settings, those that we want something of."""
    if isinstance(wanted, dict):
        return isinstance(present, dict) and all(_is_so(present.get(k), v) for k, v in wanted.items())
    return bool(present == wanted)
