"""Making a running Kamailio take up a table that was written anew."""

from __future__ import annotations

import re
import time
from typing import Any

from telephony.edge.kamailio.content import EdgeContent
from telephony.edge.kamailio.render import TLS_CONFIG
from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from telephony.edge.kamailio.tables import ADDRESSES, DISPATCHER, LINES_GROUP, TRUNKS, USERS, destinations

COMMANDS: dict[str, tuple[str, ...]] = {
    ADDRESSES: ("permissions.addressReload",),
    TRUNKS: ("htable.reload", "trunk"),
    USERS: ("htable.reload", "user"),
    TLS_CONFIG: ("tls.reload",),
}
SWAP_S = 0.02
"""The dispatcher has two lists and fills the one that is not in use: whoever still reads the old one has
left it by then."""

_DUID = re.compile(r"duid=([^;]*)")


def reload(rpc: KamailioRpc, name: str, content: EdgeContent) -> None:
    """Has the table `name` taken up. Raises RpcFailed. `kamailio.cfg` is taken up by a restart only."""
    if name == DISPATCHER:
        _change_lines(rpc, content)
    elif name in COMMANDS:
        rpc.call(*COMMANDS[name])


def _change_lines(rpc: KamailioRpc, content: EdgeContent) -> None:
    """One by one: `dispatcher.reload` would forget how many calls each line carries."""
    wanted = destinations(content.lines)
    known = current_lines(rpc)
    for uri, attributes in known.items():
        if uri not in wanted or _duid(wanted[uri]) != _duid(attributes):
            rpc.call("dispatcher.remove", LINES_GROUP, uri)
            time.sleep(SWAP_S)
    for uri, attributes in wanted.items():
        if uri not in known or _duid(known[uri]) != _duid(attributes):
            rpc.call("dispatcher.add", LINES_GROUP, uri, 0, 0, attributes)
            time.sleep(SWAP_S)


def current_lines(rpc: KamailioRpc) -> dict[str, str]:
    """The attributes of each line that Kamailio knows, by its URI."""
    return {
        destination["URI"]: str(destination.get("ATTRS", {}).get("BODY", "")) for destination in listed(rpc)
    }


def listed(rpc: KamailioRpc) -> list[dict[str, Any]]:
    """The dispatcher's destinations as it shows them."""
    try:
        answer = rpc.call("dispatcher.list")
    except RpcFailed as error:
        if "No Destination Sets" in str(error):
            return []
        raise
    return [
        target["DEST"]
        for record in answer.get("RECORDS", [])
        if record["SET"]["ID"] == LINES_GROUP
        for target in record["SET"]["TARGETS"]
    ]


def _duid(attributes: str) -> str:
    match = _DUID.search(attributes)
    return match[1] if match else ""
