"""Listens to a call's RTP and RTCP packets where pjsip hands them to its sockets and takes them from them.

An ordinary user may not read the network. But each media transport of pjsip has a table of functions
(pjmedia/transport.h), which may be exchanged: a transport gets a copy of its own whose `attach2` puts
our callbacks before the stream's. RTCP is always seen (one packet in some seconds); RTP only of calls that
are captured, since every packet is a call into Python then. With SRTP the packets are as they are on the
wire, encrypted.

Structures as in pjproject 2.15. `supported` compares what can be compared; where it says no, nothing is
touched.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import socket
import time
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from pjsua2 import _pjsua2 as extension

from media_workers.sip.sockets import EVERY_ADDRESS
from media_workers.sip.types import PacketSink

log = logging.getLogger(__name__)

MAX_DATAGRAM: Final = 65_535
_GRAVE_S: Final = 10.0
_INFO_BYTES: Final = 16_384
_AF_INET: Final = 2

_pointer, _number, _size = ctypes.c_void_p, ctypes.c_int, ctypes.c_ssize_t
_Received = ctypes.CFUNCTYPE(None, _pointer, _pointer, _size)
_Received2 = ctypes.CFUNCTYPE(None, _pointer)
_Send = ctypes.CFUNCTYPE(_number, _pointer, _pointer, ctypes.c_size_t)
_Attach2 = ctypes.CFUNCTYPE(_number, _pointer, _pointer)
_GetInfo = ctypes.CFUNCTYPE(_number, _pointer, _pointer)
_Destroy = ctypes.CFUNCTYPE(_number, _pointer)

Place = tuple[str, int]


class _Operations(ctypes.Structure):
    """pjmedia_transport_op"""

    _fields_ = tuple(
        (name, _pointer)
        for name in (
            "get_info", "attach", "detach", "send_rtp", "send_rtcp", "send_rtcp2", "media_create",
            "encode_sdp", "media_start", "media_stop", "simulate_lost", "destroy", "attach2",
        )
    )  # fmt: skip


class _Transport(ctypes.Structure):
    """pjmedia_transport"""

    _fields_ = (
        ("name", ctypes.c_char * 32),
        ("type", _number),
        ("operations", ctypes.POINTER(_Operations)),
        ("user_data", _pointer),
    )


_SockAddr = ctypes.c_uint8 * 28


class _Attachment(ctypes.Structure):
    """pjmedia_transport_attach_param"""

    _fields_ = (
        ("stream", _pointer),
        ("media_type", _number),
        ("remote", _SockAddr),
        ("remote_rtcp", _SockAddr),
        ("address_length", ctypes.c_uint),
        ("user_data", _pointer),
        ("on_rtp", _pointer),
        ("on_rtcp", _pointer),
        ("on_rtp2", _pointer),
    )


class _Arrival(ctypes.Structure):
    """pjmedia_tp_cb_param"""

    _fields_ = (
        ("user_data", _pointer),
        ("packet", _pointer),
        ("size", _size),
        ("source", _pointer),
        ("switched", _number),
    )


class TapOwner(Protocol):
    """The leg of a transport. `our_host`: our address, where a socket is bound to every one."""

    @property
    def our_host(self) -> str: ...

    def rtcp_received(self, packet: bytes) -> None:
        """On pjsip's media thread."""

    def packet_sink(self) -> PacketSink | None:
        """Who keeps the packets of the stream that is about to run, if anybody does."""


class _Symbol(ctypes.Structure):
    _fields_ = (("file", ctypes.c_char_p), ("base", _pointer), ("name", ctypes.c_char_p), ("at", _pointer))


def _is_pjsips(address: int | None) -> bool:
    """Whether a pointer leads into pjsip's code."""
    found = _Symbol()
    ok = address and ctypes.CDLL(None).dladdr(_pointer(address), ctypes.byref(found))
    return bool(ok) and Path(os.fsdecode(found.file or b"")).name == Path(extension.__file__).name


@cache
def _refused(why: str) -> None:
    log.warning("packets of calls cannot be looked at: %s", why)


def _supported(transport: _Transport) -> bool:
    operations = transport.operations.contents
    needed = (operations.get_info, operations.send_rtp, operations.send_rtcp, operations.attach2)
    if all(_is_pjsips(each) for each in (*needed, operations.destroy, operations.detach)):
        return True
    _refused("this build's table of functions is not the one that is known")
    return False


_taps: dict[int, Tap] = {}
_graveyard: list[tuple[float, Tap]] = []
"""Closed taps: the function that closes one must not free itself while it runs."""


def tap(transport: int, owner: TapOwner) -> None:
    """Listens to the media transport at this address from its first stream on. On the owner thread."""
    now = time.monotonic()
    _graveyard[:] = [(at, dead) for at, dead in _graveyard if now - at < _GRAVE_S]
    found = _Transport.from_address(transport)
    if transport not in _taps and _supported(found):
        _taps[transport] = Tap(found, transport, owner)


class Tap:
    """One transport's. Lives until pjsip has closed it."""

    def __init__(self, transport: _Transport, address: int, owner: TapOwner) -> None:
        self._owner = owner
        self._address = address
        self._original = transport.operations.contents
        self._sink: PacketSink | None = None
        self._rtp: tuple[Place, Place] = (("0.0.0.0", 0), ("0.0.0.0", 0))
        self._rtcp = self._rtp
        self._next: dict[str, Any] = {}
        self._keep = (
            _Attach2(self._attach), _Destroy(self._destroyed), _Send(self._send_rtp), _Send(self._send_rtcp),
            _Received(self._got_rtp), _Received(self._got_rtcp), _Received2(self._got_rtp2),
        )  # fmt: skip
        addresses = [ctypes.cast(each, _pointer).value for each in self._keep]
        self._our_send_rtp, self._our_send_rtcp = addresses[2:4]
        self._on_rtp, self._on_rtcp, self._on_rtp2 = addresses[4:]
        self._call_attach = _Attach2(self._original.attach2)
        self._call_destroy = _Destroy(self._original.destroy)
        self._call_send_rtp = _Send(self._original.send_rtp)
        self._call_send_rtcp = _Send(self._original.send_rtcp)
        self._operations = _Operations.from_buffer_copy(self._original)
        self._operations.attach2, self._operations.destroy = addresses[:2]
        transport.operations = ctypes.pointer(self._operations)

    # --- pjsip's owner thread ---------------------------------------------------------------------

    def _attach(self, transport: int, param: int) -> int:
        try:
            self._prepare(transport, _Attachment.from_address(param))
        except Exception:
            log.exception("the packets of a call cannot be looked at")
        return int(self._call_attach(transport, param))

    def _prepare(self, transport: int, attachment: _Attachment) -> None:
        callbacks = (attachment.on_rtp, attachment.on_rtcp, attachment.on_rtp2)
        if not any(callbacks) or not all(_is_pjsips(each) for each in callbacks if each):
            _refused("this build's attachment of a stream is not the one that is known")
            return
        if attachment.on_rtcp:
            self._next["rtcp"] = _Received(attachment.on_rtcp)
            attachment.on_rtcp = self._on_rtcp
        self._sink = self._owner.packet_sink()
        captured = self._sink is not None
        self._operations.send_rtp = self._our_send_rtp if captured else self._original.send_rtp
        self._operations.send_rtcp = self._our_send_rtcp if captured else self._original.send_rtcp
        if not captured:
            return
        self._find_places(transport, attachment)
        if attachment.on_rtp2:
            self._next["rtp2"] = _Received2(attachment.on_rtp2)
            attachment.on_rtp2 = self._on_rtp2
        if attachment.on_rtp:
            self._next["rtp"] = _Received(attachment.on_rtp)
            attachment.on_rtp = self._on_rtp

    def _find_places(self, transport: int, attachment: _Attachment) -> None:
        info = ctypes.create_string_buffer(_INFO_BYTES)  # pjmedia_transport_info, which begins with sockets
        _GetInfo(self._original.get_info)(transport, ctypes.addressof(info))
        handles = [ctypes.c_long.from_buffer(info, place).value for place in (0, 8 + 32)]
        rtp, rtcp = (self._bound(handle) for handle in handles)
        remote = _place(bytes(attachment.remote))
        remote_rtcp = _place(bytes(attachment.remote_rtcp))
        self._rtp = (rtp, remote)
        self._rtcp = (rtcp, remote_rtcp if remote_rtcp[1] else (remote[0], remote[1] + 1))

    def _bound(self, handle: int) -> Place:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(handle)) as bound:
            host, port = bound.getsockname()[:2]
            return (self._owner.our_host if host in EVERY_ADDRESS else host), port
        return self._owner.our_host, 0

    def _destroyed(self, transport: int) -> int:
        self._sink = None
        dead = _taps.pop(self._address, None)
        if dead is not None:
            _graveyard.append((time.monotonic(), dead))
        return int(self._call_destroy(transport))

    # --- pjsip's media threads --------------------------------------------------------------------

    def _got_rtcp(self, user_data: int, packet: int, size: int) -> None:
        data = _bytes(packet, size)
        if data:
            self._owner.rtcp_received(data)
            self._keep_packet(self._rtcp[::-1], data)
        self._next["rtcp"](user_data, packet, size)

    def _got_rtp(self, user_data: int, packet: int, size: int) -> None:
        self._keep_packet(self._rtp[::-1], _bytes(packet, size))
        self._next["rtp"](user_data, packet, size)

    def _got_rtp2(self, arrival: int) -> None:
        seen = _Arrival.from_address(arrival)
        local, remote = self._rtp
        if seen.source:
            remote = _place(ctypes.string_at(seen.source, 28))
            self._rtp = (local, remote)  # symmetric RTP: what we send goes there too
        self._keep_packet((remote, local), _bytes(seen.packet, seen.size))
        self._next["rtp2"](arrival)

    def _send_rtp(self, transport: int, packet: int, size: int) -> int:
        self._keep_packet(self._rtp, _bytes(packet, size))
        return int(self._call_send_rtp(transport, packet, size))

    def _send_rtcp(self, transport: int, packet: int, size: int) -> int:
        self._keep_packet(self._rtcp, _bytes(packet, size))
        return int(self._call_send_rtcp(transport, packet, size))

    def _keep_packet(self, way: tuple[Place, ...], data: bytes) -> None:
        sink = self._sink
        if sink is not None and data:
            try:
                sink.packet(way[0], way[1], data)
            except Exception:
                self._sink = None
                log.exception("a packet could not be kept; no more of this call will be")


def _bytes(address: int, size: int) -> bytes:
    """What lies there; a negative size is an error of the socket."""
    return ctypes.string_at(address, size) if address and 0 < size <= MAX_DATAGRAM else b""


def _place(sockaddr: bytes) -> Place:
    """Host and port of a sockaddr_in or sockaddr_in6."""
    family, port = int.from_bytes(sockaddr[:2], "little"), int.from_bytes(sockaddr[2:4], "big")
    if family == _AF_INET:
        return socket.inet_ntop(socket.AF_INET, sockaddr[4:8]), port
    if family == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, sockaddr[8:24]), port
    return "0.0.0.0", 0
