"""Our Elastic SIP trunk at Twilio, kept as it should be: whatever somebody changed by hand is put back.

https://www.twilio.com/docs/sip-trunking/api
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from twilio.rest import Client

from telephony.carriers import ours
from telephony.carriers.twilio.client import asking, client
from telephony.carriers.values import CarrierTrunk

DOMAIN = "pstn.twilio.com"


def domain() -> str:
    """Of our trunk: nobody else's in all of Twilio, and known without asking."""
    return f"trunkline-{ours.label(settings.TWILIO_ACCOUNT_SID)}.{DOMAIN}"


def password() -> str:
    return ours.password("twilio", settings.TWILIO_ACCOUNT_SID)


@dataclass
class _Work:
    """One look at everything; `repaired` in words."""

    client: Client
    name: str
    repaired: list[str] = field(default_factory=list)

    def done(self, words: str) -> None:
        self.repaired.append(words)


def ensure() -> CarrierTrunk:
    uris, username, allowed = ours.sip_uris(), ours.username(password()), ours.allowed()
    with asking("set the trunk up"):
        work = _Work(client(), ours.name())
        trunk = _trunk(work)
        _origination(work, trunk, uris)
        _credentials(work, trunk, username)
        _addresses(work, trunk, [str(network) for network in allowed])
    return CarrierTrunk(
        id=trunk.sid,
        domain=domain(),
        username=username,
        origination=uris,
        allowed=tuple(str(network) for network in allowed),
        secure=ours.secure(),
        repaired=tuple(work.repaired),
    )


def _trunk(work: _Work) -> Any:
    """The oldest with our name: two workers that begin at once may make two, and both take the same."""
    wanted = {
        "domain_name": domain(),
        "secure": ours.secure(),
        # A transfer within Twilio would be a call of ours that nobody here counts.
        "transfer_mode": "disable-all",
        "cnam_lookup_enabled": False,
    }
    trunks = work.client.trunking.v1.trunks
    mine = [t for t in trunks.stream() if t.friendly_name == work.name or t.domain_name == domain()]
    if not mine:
        work.done("The trunk is new.")
        return trunks.create(friendly_name=work.name, **wanted)
    trunk = min(mine, key=lambda t: (t.domain_name != domain(), t.date_created))
    wrong = {name: value for name, value in wanted.items() if getattr(trunk, name) != value}
    if trunk.friendly_name != work.name:
        wrong["friendly_name"] = work.name
    if wrong:
        work.done(f"The trunk had other settings: {', '.join(sorted(wrong))}.")
        trunk = trunks(trunk.sid).update(**wrong)
    return trunk


def _origination(work: _Work, trunk: Any, uris: tuple[str, ...]) -> None:
    """Exactly `uris`, in their order; what is right stays, and new ones come before old ones go."""
    urls = work.client.trunking.v1.trunks(trunk.sid).origination_urls
    wanted = [(uri, priority) for priority, uri in enumerate(uris, start=1)]
    present = list(urls.stream())
    right = {(row.sip_url, row.priority): row for row in present if row.enabled}
    for uri, priority in wanted:
        if (uri, priority) not in right:
            work.done(f"Calls come in by {uri}.")
            urls.create(friendly_name=work.name, sip_url=uri, priority=priority, weight=1, enabled=True)
    keep = {row.sid for key, row in right.items() if key in wanted}
    for row in present:
        if row.sid not in keep:
            work.done(f"Calls do not come in by {row.sip_url} any more.")
            urls(row.sid).delete()


def _credentials(work: _Work, trunk: Any, username: str) -> None:
    """One list of ours with one user name, which tells its password, and no other list on the trunk."""
    lists = work.client.api.v2010.account.sip.credential_lists
    mine = _named(work, lists, "a list of passwords")
    credentials = lists(mine.sid).credentials
    present = list(credentials.stream())
    if all(row.username != username for row in present):
        work.done("The password is new.")
        credentials.create(username=username, password=password())
    for row in present:
        if row.username != username:
            work.done(f"The user name {row.username} is gone.")
            credentials(row.sid).delete()
    on_trunk = work.client.trunking.v1.trunks(trunk.sid).credentials_lists
    _only(work, on_trunk, {mine.sid}, lambda sid: on_trunk.create(credential_list_sid=sid))


def _addresses(work: _Work, trunk: Any, networks: list[str]) -> None:
    """With `networks`, one list of ours with them and no other; without, none: the password alone counts."""
    on_trunk = work.client.trunking.v1.trunks(trunk.sid).ip_access_control_lists
    lists = work.client.api.v2010.account.sip.ip_access_control_lists
    wanted: set[str] = set()
    if networks:
        mine = _named(work, lists, "a list of allowed addresses")
        _fill(work, lists(mine.sid).ip_addresses, networks)
        wanted = {mine.sid}
    _only(work, on_trunk, wanted, lambda sid: on_trunk.create(ip_access_control_list_sid=sid))


def _fill(work: _Work, addresses: Any, networks: list[str]) -> None:
    present = {f"{row.ip_address}/{row.cidr_prefix_length}": row for row in addresses.stream()}
    for text in networks:
        if text not in present:
            network = ip_network(text)
            work.done(f"Calls may come from {text}.")
            addresses.create(
                friendly_name=text,
                ip_address=str(network.network_address),
                cidr_prefix_length=network.prefixlen,
            )
    for text, row in present.items():
        if text not in networks:
            work.done(f"Calls may not come from {text} any more.")
            addresses(row.sid).delete()


def _named(work: _Work, lists: Any, what: str) -> Any:
    """The oldest of the account's `lists` with our name; made when there is none."""
    mine = [row for row in lists.stream() if row.friendly_name == work.name]
    if mine:
        return min(mine, key=lambda row: row.date_created)
    work.done(f"There is {what} now.")
    return lists.create(friendly_name=work.name)


def _only(work: _Work, on_trunk: Any, wanted: set[str], put: Callable[[str], Any]) -> None:
    """The lists `wanted` on the trunk, and no other: each lets somebody call on our account."""
    present = {row.sid for row in on_trunk.stream()}
    for sid in sorted(wanted - present):
        put(sid)
        work.done("The list is on the trunk now.")
    for sid in sorted(present - wanted):
        on_trunk(sid).delete()
        work.done("A list that is not ours is off the trunk.")
