"""The files that Kamailio's modules read. Whatever was typed by somebody is escaped or left out here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address

import structlog

from telephony.edge.kamailio.config import Listen
from telephony.edge.kamailio.content import EdgeContent, LineEntry, TrunkEntry, UserEntry

log = structlog.get_logger(__name__)

DISPATCHER = "dispatcher.list"
ADDRESSES = "address.list"
TRUNKS = "tables/trunk"
USERS = "tables/user"
TABLES = (DISPATCHER, ADDRESSES, TRUNKS, USERS)

LINES_GROUP = 1
NODES_GROUP, NETWORKS_GROUP, CARRIERS_GROUP, OWN_GROUP = 1, 2, 3, 4
MAX_SUBNETS = 16_384
"""Fixed when Kamailio starts; with one network more it would take none of the table, nor start."""

Network = IPv4Network | IPv6Network
_PLACE = re.compile(r"(?:[0-9.]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}")
_SLUG = re.compile(r"[a-z0-9-]{1,63}")
# What a quoted string of the Authorization header can hold without escapes, and no separator of ours.
_USERNAME = re.compile(r"""[^\x00-\x20"\\,;:\x7f-\uffff]{1,64}""")
_COLUMNS = "key_name(string) key_value(string)\n"
_ESCAPES = str.maketrans({"\\": "\\\\", ":": "\\:", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"})


def tables(content: EdgeContent, sockets: Iterable[Listen] = ()) -> dict[str, str]:
    """Each table's text by the file's name inside the edge's folder; `sockets` are the edge's own."""
    return {
        DISPATCHER: _dispatcher(content.lines),
        ADDRESSES: _addresses(content, sockets),
        TRUNKS: _table(_trunk_rows(content.trunks)),
        USERS: _table(_user_rows(content.users)),
    }


def _dispatcher(lines: Iterable[LineEntry]) -> str:
    rows = ["# group  line  flags  priority  attributes"]
    rows += [f"{LINES_GROUP} {uri} 0 0 {attributes}" for uri, attributes in destinations(lines).items()]
    return _lines(rows)


def destinations(lines: Iterable[LineEntry]) -> dict[str, str]:
    """The dispatcher's attributes of each line by its URI. A line in a new life is another one (`duid`):
    it carries none of the calls of the old one."""
    found = {}
    for line in lines:
        if not _PLACE.fullmatch(line.address):
            log.warning("edge_line_left_out", address=line.address)
            continue
        key = re.sub(r"[^A-Za-z0-9./:\[\]-]", "_", line.key)
        found[f"sip:{line.address}"] = f"duid={key};maxload={line.capacity}"
    return found


def _addresses(content: EdgeContent, sockets: Iterable[Listen]) -> str:
    rows = ["# group  network  prefix  port  tag"]
    own = dict.fromkeys((socket.address, socket.port) for socket in sockets)
    rows += [f"{OWN_GROUP} {_host(str(a))} {a.max_prefixlen} {port} own" for a, port in own]
    for host in content.nodes:
        try:
            address = ip_address(host)
        except ValueError:
            log.warning("edge_node_left_out", address=host)
            continue
        rows.append(f"{NODES_GROUP} {_host(str(address))} {address.max_prefixlen} 0 node")
    for place in content.carriers:
        if _PLACE.fullmatch(place):
            host, _, port = place.rpartition(":")
            bits = ip_address(host.strip("[]")).max_prefixlen
            rows.append(f"{CARRIERS_GROUP} {host} {bits} {port} sandbox")
    for network in _fitting(content.networks):
        rows.append(f"{NETWORKS_GROUP} {_host(str(network.network_address))} {network.prefixlen} 0 trunk")
    return _lines(rows)


def _fitting(networks: Sequence[Network]) -> list[Network]:
    """Neighbours and what is inside of others as one; as many as Kamailio takes (hosts do not count)."""
    whole: list[Network] = [*collapse_addresses(n for n in networks if isinstance(n, IPv4Network))]
    whole += collapse_addresses(n for n in networks if isinstance(n, IPv6Network))
    kept: list[Network] = []
    room = MAX_SUBNETS
    for network in whole:
        room -= network.prefixlen < network.max_prefixlen
        if room >= 0 or network.prefixlen == network.max_prefixlen:
            kept.append(network)
    if room < 0:
        log.error("edge_networks_left_out", networks=-room)
    return kept


def _trunk_rows(trunks: Iterable[TrunkEntry]) -> Iterable[tuple[str, str]]:
    for trunk in trunks:
        if _SLUG.fullmatch(trunk.slug):
            yield trunk.slug, f"{trunk.inbound_auth},{trunk.registration}"


def _user_rows(users: Iterable[UserEntry]) -> Iterable[tuple[str, str]]:
    for user in users:
        if not _SLUG.fullmatch(user.slug) or not _USERNAME.fullmatch(user.username):
            log.warning("edge_user_left_out", trunk=user.slug)
            continue
        yield user.username, f"{user.slug},{user.ha1}"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    """db_text: columns in the first line, fields separated by colons."""
    return _COLUMNS + "".join(f"{_escaped(key)}:{_escaped(value)}\n" for key, value in rows)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _lines(rows: list[str]) -> str:
    return "\n".join(rows) + "\n"
