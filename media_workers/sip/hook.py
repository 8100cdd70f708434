"""A place in pjsip's chain of modules, where every request passes before pjsip's user agent sees it.

pjsua2 decides about some requests without asking: a fifth INVITE gets 486, an unknown method nothing at
all, OPTIONS what pjsip could do rather than what we do. Its C functions let a module of ours answer
first. Owner thread only. Structures as in pjsip's sip_module.h and sip_msg.h.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from media_workers.sip.endpoint import library

log = logging.getLogger(__name__)

BEFORE_TRANSACTIONS: Final = 12
BEFORE_USER_AGENT: Final = 24
"""Priorities among pjsip's own modules: transports have 8, transactions, which absorb retransmissions,
16, dialogs 32."""

UDP, UDP6 = 1, 129
"""pjsip_transport_type_e"""

ACCEPT, ALLOW, SUPPORTED = 0, 4, 36
"""pjsip_hdr_e of the headers in which the endpoint tells what it can do."""

MAX_VALUES = 32
MAX_SLOTS = 256

_RequestCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class _Text(ctypes.Structure):
    """pj_str_t"""

    _fields_ = (("address", ctypes.c_void_p), ("length", ctypes.c_ssize_t))


class _Module(ctypes.Structure):
    """pjsip_module"""

    _fields_ = (
        ("previous", ctypes.c_void_p),
        ("next", ctypes.c_void_p),
        ("name", _Text),
        ("id", ctypes.c_int),
        ("priority", ctypes.c_int),
        ("load", ctypes.c_void_p),
        ("start", ctypes.c_void_p),
        ("stop", ctypes.c_void_p),
        ("unload", ctypes.c_void_p),
        ("on_rx_request", _RequestCallback),
        ("on_rx_response", _RequestCallback),
        ("on_tx_request", ctypes.c_void_p),
        ("on_tx_response", ctypes.c_void_p),
        ("on_tsx_state", ctypes.c_void_p),
    )


_HEADER_FIELDS = (
    ("previous", ctypes.c_void_p),
    ("next", ctypes.c_void_p),
    ("type", ctypes.c_int),
    ("name", _Text),
    ("short_name", _Text),
    ("functions", ctypes.c_void_p),
)


class _Header(ctypes.Structure):
    """pjsip_hdr; room enough for pjsip_generic_string_hdr, which adds its value."""

    _fields_ = (*_HEADER_FIELDS, ("value", _Text))


class _ListHeader(ctypes.Structure):
    """pjsip_generic_array_hdr"""

    _fields_ = (*_HEADER_FIELDS, ("count", ctypes.c_uint), ("values", _Text * MAX_VALUES))


Take = Callable[[str, int], bool]


class RequestHook:
    """`take` hears of each request, as pjsip names it, and its handle; True: it has dealt with it. So does
    `take_response` of each response, when it is given.

    The handle is good for `respond` until `take` returns. What they raise is logged, and pjsip goes on
    as if we were not there.
    """

    def __init__(self, take: Take, name: str, priority: int, *, take_response: Take | None = None) -> None:
        """On an initialised endpoint. Raises `RuntimeError` when pjsip refuses the module."""
        self._library = _declared(library())
        self._endpoint = self._library.pjsua_get_pjsip_endpt()
        self._name = ctypes.create_string_buffer(name.encode())
        self._callback = _RequestCallback(self._guarded(take))
        self._response_callback = _RequestCallback(self._guarded(take_response) if take_response else 0)
        self._module = _Module(
            name=_Text(ctypes.addressof(self._name), len(self._name) - 1),
            id=-1,
            priority=priority,
            on_rx_request=self._callback,
            on_rx_response=self._response_callback,
        )
        status = self._library.pjsip_endpt_register_module(self._endpoint, ctypes.addressof(self._module))
        if status != 0:
            raise RuntimeError(f"pjsip does not take our module: status {status}")

    def respond(self, handle: int, code: int, reason: str, headers: Iterable[tuple[str, str]]) -> None:
        """A response that pjsip forgets at once: a retransmitted request is asked about again."""
        texts: list[object] = []
        chain = [_Header()]
        for name, value in headers:
            chain.append(_Header())
            name_text, value_text = _text(name, texts), _text(value, texts)
            self._library.pjsip_generic_string_hdr_init2(
                ctypes.addressof(chain[-1]), ctypes.addressof(name_text), ctypes.addressof(value_text)
            )
        for place, header in enumerate(chain):
            header.previous = ctypes.addressof(chain[place - 1])
            header.next = ctypes.addressof(chain[(place + 1) % len(chain)])
        status = self._library.pjsip_endpt_respond_stateless(
            self._endpoint,
            handle,
            code,
            ctypes.addressof(_text(reason, texts)) if reason else None,
            ctypes.addressof(chain[0]),
            None,
        )
        if status != 0:
            log.warning("a response %d could not be sent: status %d", code, status)

    def send_datagram(self, to: str, data: bytes) -> None:
        """Raw octets from the line's UDP socket to `to` (host:port, an IPv6 address in brackets)."""
        kind, address = _socket_address(to)
        if address:
            self._library.pjsip_endpt_send_raw(
                self._endpoint, kind, None, data, len(data), address, len(address), None, None
            )

    def calls(self) -> int:
        """How many of its slots for calls pjsip has in use."""
        slots = (ctypes.c_int * MAX_SLOTS)()
        count = ctypes.c_uint(MAX_SLOTS)
        self._library.pjsua_enum_calls(ctypes.addressof(slots), ctypes.addressof(count))
        return count.value

    def in_dialog(self, call_id: str, local_tag: str, remote_tag: str) -> bool:
        """Whether there is such a dialog."""
        texts: list[object] = []
        keys = [ctypes.addressof(_text(key, texts)) for key in (call_id, local_tag, remote_tag)]
        return bool(self._library.pjsip_ua_find_dialog(*keys, 0))

    def keep_capabilities(self, header: int, values: Sequence[str]) -> None:
        """Leaves of what the endpoint says in `header` (ALLOW or SUPPORTED) only `values`, in our order."""
        address = self._library.pjsip_endpt_get_capability(self._endpoint, header, None)
        if not address:
            return
        listed = _ListHeader.from_address(address)
        if listed.count > MAX_VALUES:
            raise RuntimeError(f"pjsip's list of capabilities has {listed.count} values: not our layout")
        found = {_read(text): (text.address, text.length) for text in listed.values[: listed.count]}
        kept = [found[value] for value in values if value in found]
        for place, (text, length) in enumerate(kept):
            listed.values[place] = _Text(text, length)
        listed.count = len(kept)

    def capabilities(self, header: int) -> list[str]:
        """What the endpoint says in `header`."""
        address = self._library.pjsip_endpt_get_capability(self._endpoint, header, None)
        listed = _ListHeader.from_address(address)
        return [_read(text) for text in listed.values[: listed.count]]

    def _guarded(self, take: Take) -> Callable[[int], int]:
        def call(handle: int) -> int:
            try:
                name = self._library.pjsip_rx_data_get_info(handle)
                return int(take(name.decode(errors="replace"), handle))
            except Exception:
                log.exception("a message could not be looked at")
                return 0

        return call


def _text(value: str, keep: list[object]) -> _Text:
    """`value` as pj_str_t; `keep` holds its memory."""
    data = value.encode(errors="replace")
    buffer = ctypes.create_string_buffer(data)
    text = _Text(ctypes.addressof(buffer), len(data))
    keep += [buffer, text]
    return text


def _socket_address(to: str) -> tuple[int, bytes]:
    """pjsip's kind of transport and the sockaddr of host:port; nothing when it is no address."""
    host, _, port = to.rpartition(":")
    host = host.strip("[]")  # pjsip's log leaves them out
    try:
        if ":" in host:
            packed = socket.inet_pton(socket.AF_INET6, host)
            return UDP6, struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16sI", int(port), 0, packed, 0)
        packed = socket.inet_pton(socket.AF_INET, host)
        return UDP, struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", int(port), packed)
    except (OSError, ValueError, struct.error):
        return UDP, b""


def _read(text: _Text) -> str:
    return ctypes.string_at(text.address, text.length).decode(errors="replace")


def _declared(lib: ctypes.CDLL) -> ctypes.CDLL:
    """The functions used here, with the types of their arguments: pointers do not fit into ints."""
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("pjsua_get_pjsip_endpt", pointer, ()),
        ("pjsip_rx_data_get_info", ctypes.c_char_p, (pointer,)),
        ("pjsip_endpt_register_module", number, (pointer, pointer)),
        ("pjsip_endpt_respond_stateless", number, (pointer, pointer, number, pointer, pointer, pointer)),
        (
            "pjsip_endpt_send_raw",
            number,
            (pointer, number, pointer, pointer, ctypes.c_size_t, pointer, number, pointer, pointer),
        ),
        ("pjsip_endpt_get_capability", pointer, (pointer, number, pointer)),
        ("pjsip_generic_string_hdr_init2", pointer, (pointer, pointer, pointer)),
        ("pjsip_ua_find_dialog", pointer, (pointer, pointer, pointer, number)),
        ("pjsua_enum_calls", number, (pointer, pointer)),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
