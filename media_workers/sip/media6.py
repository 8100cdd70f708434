"""RTP over IPv6 with a pjsip that was compiled without it (PJ_HAS_IPV6 0, as pjsua2's wheels are).

What that leaves out is small: pjsua never makes an IPv6 media transport by itself, and its accounts must
not ask for one. But pjmedia's own sockets know both, and pjsua lets an application exchange a call's media
transport when it is made. SIP over IPv6 needs no more than accounts that are bound to their transport
and say what their Contact is. SRTP is lost on the way: it belongs to the transport that is exchanged.
"""

from __future__ import annotations

import ctypes
import itertools
import logging
import socket
from collections.abc import Iterator

import pjsua2

from media_workers.sip.endpoint import library
from media_workers.sip.types import LineConfig

log = logging.getLogger(__name__)

PJ_AF_INET6 = socket.AF_INET6
_ATTEMPTS = 50
_SWIG_POINTER = 16
"""Where SWIG's Python object keeps the pointer that it stands for: behind Python's own two fields."""


class _Text(ctypes.Structure):
    """pj_str_t"""

    _fields_ = (("address", ctypes.c_char_p), ("length", ctypes.c_ssize_t))


class _Transport(ctypes.Structure):
    """pjmedia_transport; of its table of functions the twelfth is `destroy`."""

    _fields_ = (
        ("name", ctypes.c_char * 32),
        ("type", ctypes.c_int),
        ("operations", ctypes.POINTER(ctypes.c_void_p * 12)),
    )


def _destroy(transport: int) -> None:
    address = _Transport.from_address(transport).operations.contents[11]
    ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(address)(transport)


class Media6:
    """Makes the media transports of an IPv6 line, each on the next free pair of ports. Owner thread only."""

    def __init__(self, config: LineConfig) -> None:
        first, last = config.rtp_ports
        self._pairs: Iterator[int] = itertools.cycle(range(first + first % 2, last, 2))
        self._address = _Text(config.bind_address.encode(), len(config.bind_address))

    def exchange(self, offered: pjsua2.OnCreateMediaTransportParam) -> None:
        """Puts an IPv6 transport in the place of the one that pjsua has made, which is closed."""
        made = self._create()
        if made is None:
            log.error("no free pair of RTP ports: the call will have no audio")
            return
        handle = offered.mediaTp
        kept = ctypes.c_void_p.from_address(id(handle) + _SWIG_POINTER)
        if kept.value != int(handle):
            raise RuntimeError("SWIG keeps its pointers elsewhere: RTP over IPv6 is not possible")
        _destroy(int(handle))
        kept.value = made
        offered.mediaTp = handle

    def _create(self) -> int | None:
        lib = library()
        lib.pjsua_get_pjmedia_endpt.restype = ctypes.c_void_p
        create = lib.pjmedia_transport_udp_create3
        pointer = ctypes.c_void_p
        create.argtypes = (
            pointer, ctypes.c_int, ctypes.c_char_p, pointer, ctypes.c_int, ctypes.c_uint, pointer,
        )  # fmt: skip
        endpoint, made = lib.pjsua_get_pjmedia_endpt(), ctypes.c_void_p()
        address = ctypes.addressof(self._address)
        for port in itertools.islice(self._pairs, _ATTEMPTS):
            if create(endpoint, PJ_AF_INET6, b"rtp6", address, port, 0, ctypes.addressof(made)) == 0:
                return made.value
        return None
