"""Where pjsip sends what is addressed to a name: to the server that was located for it (RFC 3263).

pjsip's own resolver knows no NAPTR, blocks its thread while it waits for the system's, and tries the
servers of a name in an order of its own. Through its hook for an external resolver every destination is
asked for here; the Request-URI, and the name that a TLS certificate must prove, stay the carrier's.
Owner thread only. Structures as in pjsip's sip_resolve.h and sip_types.h.
"""

from __future__ import annotations

import ctypes
import ipaddress
import logging
import socket
import struct
from collections import OrderedDict
from typing import Final

from media_workers.sip.endpoint import library
from media_workers.sip.types import Destination

log = logging.getLogger(__name__)

MAX_ADDRESSES: Final = 8
"""PJSIP_MAX_RESOLVED_ADDRESSES"""

MAX_NAMES: Final = 256
NOT_RESOLVED: Final = 70_018
"""PJ_ERESOLVE"""

_UDP, _TLS, _IPV6 = 1, 3, 128
_SECURE = 2
_TRANSPORTS: Final = {"udp": _UDP, "tcp": 2, "tls": _TLS}


class _Text(ctypes.Structure):
    """pj_str_t"""

    _fields_ = (("address", ctypes.c_void_p), ("length", ctypes.c_ssize_t))


class _HostInfo(ctypes.Structure):
    """pjsip_host_info"""

    _fields_ = (
        ("flag", ctypes.c_uint),
        ("type", ctypes.c_int),
        ("host", _Text),
        ("port", ctypes.c_int),
    )


class _Record(ctypes.Structure):
    """pjsip_server_address_record; `addr` is a struct sockaddr_in or sockaddr_in6."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("priority", ctypes.c_uint),
        ("weight", ctypes.c_uint),
        ("addr", ctypes.c_uint8 * 28),
        ("addr_len", ctypes.c_int),
    )


class _Addresses(ctypes.Structure):
    """pjsip_server_addresses"""

    _fields_ = (("count", ctypes.c_uint), ("entry", _Record * MAX_ADDRESSES))


_Done = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Addresses))
_Resolve = ctypes.CFUNCTYPE(
    None, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(_HostInfo), ctypes.c_void_p, _Done
)


class _Resolver(ctypes.Structure):
    """pjsip_ext_resolver"""

    _fields_ = (("resolve", _Resolve),)


class Names:
    """The servers located for names, and pjsip's questions answered with them."""

    def __init__(self) -> None:
        """On an initialised endpoint. Raises `RuntimeError` when pjsip does not take the hook."""
        self._known: OrderedDict[tuple[str, int, int], Destination] = OrderedDict()
        self._resolve = _Resolve(self._asked)
        self._hook = _Resolver(self._resolve)
        functions = library()
        functions.pjsua_get_pjsip_endpt.restype = ctypes.c_void_p
        endpoint = ctypes.c_void_p(functions.pjsua_get_pjsip_endpt())
        status = functions.pjsip_endpt_set_ext_resolver(endpoint, ctypes.byref(self._hook))
        if status != 0:
            raise RuntimeError(f"pjsip does not take our resolver: status {status}")

    def send_to(self, host: str, port: int | None, destination: Destination) -> None:
        """From now on what is addressed to this host and port (None: a URI without one) by that transport
        goes there."""
        key = (host.lower().rstrip("."), port or 0, _TRANSPORTS[destination.transport])
        self._known[key] = destination
        self._known.move_to_end(key)
        while len(self._known) > MAX_NAMES:
            self._known.popitem(last=False)

    def _asked(self, _resolver: int, _pool: int, target: object, token: int, done: object) -> None:
        """pjsip waits for `done` to be called, whatever happens here."""
        status, answer = NOT_RESOLVED, _Addresses()
        try:
            info = target.contents  # type: ignore[attr-defined]
            if records := self._records(info):
                status, answer.count = 0, len(records)
                for place, record in enumerate(records):
                    answer.entry[place] = record
        except Exception:
            log.exception("a destination could not be found")
        done(status, token, ctypes.byref(answer))  # type: ignore[operator]

    def _records(self, info: _HostInfo) -> list[_Record]:
        host = ctypes.string_at(info.host.address, info.host.length).decode("ascii", "replace")
        kind = info.type & ~_IPV6 or (_TLS if info.flag & _SECURE else _UDP)
        located = self._known.get((host.lower().rstrip("."), info.port, kind))
        if located is not None:
            found = [(located.address, located.port)]
        else:
            port = info.port or (5061 if kind == _TLS else 5060)
            found = [(address, port) for address in _addresses(host.strip("[]"))[:MAX_ADDRESSES]]
        return [_record(kind, address, port) for address, port in found]


def _addresses(host: str) -> list[str]:
    """A number stands for itself. Only what a peer put into its Contact or Record-Route is looked up here:
    what we dial has been located before."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except OSError as error:
        log.warning("the name %s was not found: %s", host, error)
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _record(kind: int, address: str, port: int) -> _Record:
    number = ipaddress.ip_address(address.partition("%")[0])
    record = _Record(type=kind)
    if number.version == 4:
        packed = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + number.packed + bytes(8)
    else:
        packed = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", port, 0) + number.packed + bytes(4)
        record.type |= _IPV6
    ctypes.memmove(record.addr, packed, len(packed))
    record.addr_len = len(packed)
    return record
