"""The way back to a peer behind NAT: its Contact names an address that nobody outside its network reaches.

Requests of ours in the dialog (BYE above all) then go to where its INVITE came from, by a route set of
one entry. A proxy that stays in the path (Record-Route) knows the way itself, and so does our own edge.
"""

from __future__ import annotations

import ctypes
import logging
import re
from typing import Final

from media_workers.sip.endpoint import library
from media_workers.sip.message import headers_of
from media_workers.sip.private import is_private
from media_workers.sip.trace import TracedMessage
from media_workers.sip.types import Invite

log = logging.getLogger(__name__)

POOL_BYTES: Final = 1_000
_HOST = re.compile(r"sips?:(?:[^@>\s]*@)?([0-9.]+)(?=[:;>?\s]|$)", re.IGNORECASE)
_TAG = re.compile(r";\s*tag=([^;>\s]+)", re.IGNORECASE)


def route_back(invite: Invite) -> str:
    """What requests of ours must be routed by: the INVITE's source, as a Route; "" when its Contact will
    do. Two private addresses are one network: there a peer may well want us to answer elsewhere."""
    if invite.edge or "record-route" in invite.headers:
        return ""
    contact = _HOST.search(invite.headers.get("contact", ""))
    if contact is None or not is_private(contact[1]) or is_private(invite.source_address):
        return ""
    address = f"{invite.source_address}:{invite.source_port}"
    return f"<sip:{address};transport={invite.transport};lr>"


class WaysBack:
    """Gives each dialog its route as soon as our first answer has named the dialog. Owner thread only."""

    def __init__(self) -> None:
        self._waiting: dict[str, str] = {}

    def invited(self, invite: Invite) -> None:
        """An INVITE has come."""
        if route := route_back(invite):
            self._waiting[invite.sip_call_id] = route

    def saw(self, message: TracedMessage) -> None:
        """Any message of a call, after pjsip has dealt with it."""
        if message.call_id not in self._waiting or message.direction != "out" or message.method != "INVITE":
            return
        headers = headers_of(message.text)
        ours, theirs = _TAG.search(headers.get("to", "")), _TAG.search(headers.get("from", ""))
        if ours is not None and theirs is not None:
            _set_route(message.call_id, ours[1], theirs[1], self._waiting.pop(message.call_id))


class _Text(ctypes.Structure):
    """pj_str_t"""

    _fields_ = (("address", ctypes.c_char_p), ("length", ctypes.c_ssize_t))

    @classmethod
    def of(cls, value: str) -> _Text:
        data = value.encode()
        return cls(data, len(data))


class _Node(ctypes.Structure):
    """The beginning of every pjsip header, which is all that a list's head needs."""

    _fields_ = (("previous", ctypes.c_void_p), ("next", ctypes.c_void_p))


def _set_route(call_id: str, ours: str, theirs: str, route: str) -> None:
    """pjsip copies the route into the dialog's own memory. A dialog that has just ended has none."""
    lib = _declared(library())
    dialog = lib.pjsip_ua_find_dialog(_Text.of(call_id), _Text.of(ours), _Text.of(theirs), 1)
    if not dialog:
        return
    pool = lib.pjsua_pool_create(b"way-back", POOL_BYTES, POOL_BYTES)
    try:
        text = ctypes.create_string_buffer(route.encode())
        header = lib.pjsip_parse_hdr(pool, _Text.of("Route"), text, len(route), None)
        status = -1
        if header:
            head = _Node(header, header)
            node = _Node.from_address(header)
            node.previous = node.next = ctypes.addressof(head)
            status = lib.pjsip_dlg_set_route_set(dialog, ctypes.addressof(head))
        if status != 0:
            log.warning("the way back to a caller behind NAT could not be set: status %d", status)
    finally:
        lib.pj_pool_release(pool)
        lib.pjsip_dlg_dec_lock(dialog)


def _declared(lib: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number, size, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t, ctypes.POINTER(_Text)
    for name, result, arguments in (
        ("pjsip_ua_find_dialog", pointer, (text, text, text, number)),
        ("pjsip_dlg_set_route_set", number, (pointer, pointer)),
        ("pjsip_dlg_dec_lock", None, (pointer,)),
        ("pjsip_parse_hdr", pointer, (pointer, text, ctypes.c_char_p, size, pointer)),
        ("pjsua_pool_create", pointer, (ctypes.c_char_p, size, size)),
        ("pj_pool_release", None, (pointer,)),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
