"""Builds a pjsua2 endpoint the way a line needs it. Everything here runs on the owner thread."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import ssl
import time
from collections.abc import Callable
from typing import Final

import pjsua2
from pjsua2 import _pjsua2 as extension

from media_workers.audio.pcm import FRAME_MS, SAMPLE_RATE
from media_workers.sip.guard import guarded
from media_workers.sip.handles import MAX_CONNECTION_HANDLES, MAX_CONNECTIONS, HandleBudget
from media_workers.sip.types import LineConfig

log = logging.getLogger(__name__)

CODECS: Final = ("PCMU/8000/1", "PCMA/8000/1")
SESSION_EXPIRES_S: Final = 1800
SESSION_EXPIRES_MIN_S: Final = 90
FREE_PORT_ATTEMPTS: Final = 8
WARNINGS_A_MINUTE: Final = 30
UNUSED_MEDIA: Final = "127.0.0.1"
"""Where pjsua binds the media transports of an IPv6 line, which are exchanged at once (see `media6`)."""

PJ_OS_ERRORS: Final = range(120_000, 140_000)
"""pjlib reports the system's errno as 120000 + errno (pj/errno.h)."""


class LogTap(pjsua2.LogWriter):
    """Passes pjsip's log on: SIP messages to the trace, warnings to ours.

    pjsua2 deletes its log writer when the endpoint goes, so Python gives it away
    (`__disown__` in `create_endpoint`); otherwise it would be freed twice.
    """

    def __init__(self, on_entry: Callable[[str], None]) -> None:
        super().__init__()
        self._on_entry = on_entry
        self._minute = 0
        self._warned = 0

    def write(self, entry: pjsua2.LogEntry) -> None:
        try:
            text = entry.msg
            self._on_entry(text)
            if entry.level <= 1 and "socket bind() at" not in text:  # RTP looks for a free port
                self._warn(text.partition("\n")[0].strip())  # what follows may be a message
        except Exception:
            log.exception("an entry of pjsip's log could not be handled")

    def _warn(self, text: str) -> None:
        """So many a minute: whoever sends us nonsense does not fill the disk."""
        minute = int(time.monotonic() / 60)
        self._minute, self._warned = minute, self._warned + 1 if minute == self._minute else 1
        if self._warned <= WARNINGS_A_MINUTE:
            log.warning("pjsip: %s", text)
        elif self._warned == WARNINGS_A_MINUTE + 1:
            log.warning("pjsip has more to say than is worth keeping: left out for a minute")


class GuardedEndpoint(pjsua2.Endpoint):
    """Counts TCP connections and closes those beyond what pjsip can bear (see `handles`)."""

    def __init__(self) -> None:
        super().__init__()
        self._connections: set[int] = set()
        self._handles = HandleBudget("TCP connections", MAX_CONNECTION_HANDLES)
        self.select_account: Callable[[str], int] | None = None
        """Which account (its id) takes the request with this text."""

    @guarded
    def onTransportState(self, prm: pjsua2.OnTransportStateParam) -> None:
        key = int(prm.hnd)
        if prm.state == pjsua2.PJSIP_TP_STATE_CONNECTED:
            self._connections.add(key)
            self._handles.opened()
            if len(self._connections) > MAX_CONNECTIONS:
                self.transportShutdown(prm.hnd)
            self._handles.wait()
        elif prm.state == pjsua2.PJSIP_TP_STATE_DESTROY and key in self._connections:
            self._connections.remove(key)
            self._handles.closed(time.monotonic())

    @guarded
    def onSelectAccount(self, prm: pjsua2.OnSelectAccountParam) -> None:
        if self.select_account is not None:
            prm.accountIndex = self.select_account(prm.rdata.wholeMsg)


def create_endpoint(config: LineConfig, on_log: Callable[[str], None]) -> GuardedEndpoint:
    """An initialised endpoint, not started, without transports. The caller destroys it."""
    library().pj_log_set_level(0)  # until our log writer is in place it would write to stdout
    _stay_on_udp()
    endpoint = GuardedEndpoint()
    endpoint.libCreate()
    settings = pjsua2.EpConfig()
    settings.uaConfig.natTypeInSdp = 0
    settings.uaConfig.mwiUnsolicitedEnabled = False
    settings.uaConfig.userAgent = config.user_agent
    settings.uaConfig.threadCnt = 0
    settings.uaConfig.mainThreadOnly = True
    settings.uaConfig.maxCalls = config.max_calls or 1_000
    _describe_media(settings.medConfig)
    tap = LogTap(on_log)
    settings.logConfig.level = 4
    settings.logConfig.msgLogging = 1
    settings.logConfig.consoleLevel = 4  # of these the writer gets its entries
    settings.logConfig.decor = 0
    settings.logConfig.writer = tap.__disown__()
    endpoint.libInit(settings)
    _offer_only(endpoint, CODECS)
    return endpoint


def _stay_on_udp() -> None:
    """A request of more than 1300 bytes would go over TCP (RFC 3261, 18.1.1), where a carrier with UDP alone
    never hears it; custom headers and SRTP make them that long. The trunk says which transport it is.

    `disable_tcp_switch` of pjsip_cfg_t, known by its place: the timers behind it prove the layout.
    """
    settings = (ctypes.c_int * 18).in_dll(library(), "pjsip_sip_cfg_var")
    if tuple(settings[14:18]) != (500, 4_000, 5_000, 32_000):
        log.warning("pjsip's settings are not where they were: long requests over UDP may go over TCP")
        return
    settings[4] = 1


def _describe_media(media: pjsua2.MediaConfig) -> None:
    media.clockRate = SAMPLE_RATE
    media.sndClockRate = SAMPLE_RATE
    media.channelCount = 1
    media.audioFramePtime = FRAME_MS
    media.ptime = FRAME_MS
    media.noVad = True  # RTP never pauses while the agent thinks
    media.ecTailLen = 0
    media.sndAutoCloseTime = -1  # the clock is running before the first packet is due


def _offer_only(endpoint: pjsua2.Endpoint, codecs: tuple[str, ...]) -> None:
    for codec in endpoint.codecEnum2():
        if codec.codecId not in codecs:
            endpoint.codecSetPriority(codec.codecId, 0)
    for rank, codec_id in enumerate(codecs):
        endpoint.codecSetPriority(codec_id, 255 - rank)


class MediaClock:
    """The tick that drives the bridge, from a null sound device. Stopped on a line without calls: the
    idle ports of the bridge would cost more than all the rest of it."""

    IDLE_S = 5.0

    def __init__(self, endpoint: pjsua2.Endpoint) -> None:
        self._devices = endpoint.audDevManager()
        self._idle_since: float | None = None
        self.running = False
        self._devices.setNoDev()

    def start(self) -> None:
        """Ticks from now on."""
        self._idle_since = None
        if not self.running:
            self._devices.setNullDev()
            self.running = True

    def idle(self, now: float) -> None:
        """There is no call at `now` (s, monotonic); stops some seconds later, when pjsip has put away
        what the last call left, which it does on this clock."""
        if not self.running:
            return
        self._idle_since = self._idle_since or now
        if now - self._idle_since >= self.IDLE_S:
            self.stop()

    def stop(self) -> None:
        """No port is called any more when this returns."""
        self._devices.setNoDev()
        self.running = False


def max_calls() -> int:
    """How many calls this build of pjsip can carry, whatever was asked for. After `libInit` only."""
    return int(library().pjsua_call_get_max_count())


def pause_sending(stream: int) -> None:
    """Keeps the stream at that address from sending any RTP; receiving goes on."""
    library().pjmedia_stream_pause(ctypes.c_void_p(stream), pjsua2.PJMEDIA_DIR_ENCODING)


def library() -> ctypes.CDLL:
    """pjsip's C functions, which the extension exports beside the wrapped classes."""
    return ctypes.CDLL(extension.__file__)


def open_transports(endpoint: pjsua2.Endpoint, config: LineConfig) -> int:
    """Binds the configured transports on one port and returns it. Raises `OSError` with the address."""
    attempts = 1 if config.port else FREE_PORT_ATTEMPTS
    for attempt in range(1, attempts + 1):
        opened: list[int] = []
        port = config.port
        try:
            for name in config.transports:
                opened.append(_open_transport(endpoint, config, name, port))
                port = port or int(endpoint.transportGetInfo(opened[0]).localAddress.rpartition(":")[2])
            return port
        except OSError:
            for transport in opened:  # a port free for UDP may be taken for TCP
                endpoint.transportClose(transport)
            if attempt == attempts:
                raise
    raise AssertionError("the last attempt returns or raises")


def _open_transport(endpoint: pjsua2.Endpoint, config: LineConfig, name: str, port: int) -> int:
    kinds = {"udp": pjsua2.PJSIP_TRANSPORT_UDP, "tcp": pjsua2.PJSIP_TRANSPORT_TCP}
    version = pjsua2.PJSIP_TRANSPORT_IPV6 if config.ipv6 else 0
    settings = pjsua2.TransportConfig()
    settings.port = port
    settings.boundAddress = config.bind_address
    settings.publicAddress = config.sip_address
    try:
        return int(endpoint.transportCreate(kinds[name] | version, settings))
    except pjsua2.Error as error:
        raise _bind_error(error, name, config.bind_address, port) from None


def open_tls_client(endpoint: pjsua2.Endpoint, config: LineConfig) -> int:
    """A transport for calls to gateways that want TLS; their certificates must prove their names. Returns
    the port that stands in the Contact: a gateway that knows its connections uses the one it has."""
    settings = pjsua2.TransportConfig()
    settings.boundAddress = config.bind_address
    settings.publicAddress = config.public_address
    settings.tlsConfig.verifyServer = True
    settings.tlsConfig.method = pjsua2.PJSIP_TLSV1_2_METHOD
    version = pjsua2.PJSIP_TRANSPORT_IPV6 if config.ipv6 else 0
    settings.tlsConfig.CaListFile = ssl.get_default_verify_paths().cafile or ""
    transport = endpoint.transportCreate(pjsua2.PJSIP_TRANSPORT_TLS | version, settings)
    return int(endpoint.transportGetInfo(transport).localAddress.rpartition(":")[2])


def _bind_error(error: pjsua2.Error, transport: str, address: str, port: int) -> OSError:
    code = error.status - PJ_OS_ERRORS.start if error.status in PJ_OS_ERRORS else errno.EADDRNOTAVAIL
    return OSError(code, f"{os.strerror(code)}: SIP over {transport} on {address}:{port}")


def transport_ids(endpoint: pjsua2.Endpoint) -> dict[str, int]:
    """The transports that were opened, by name."""
    known = {}
    for number in endpoint.transportEnum():
        known[endpoint.transportGetInfo(number).typeName.lower().removesuffix("6")] = int(number)
    return known


def account_config(config: LineConfig, id_uri: str) -> pjsua2.AccountConfig:
    """The settings every account shares: media ports and address, timers, no guessing of addresses."""
    account = pjsua2.AccountConfig()
    account.idUri = id_uri
    if config.edge is not None:
        account.sipConfig.proxies.append(config.edge.route)
    nat = account.natConfig
    nat.contactRewriteUse = 0
    nat.viaRewriteUse = 0
    nat.sdpNatRewriteUse = 0
    account.callConfig.prackUse = pjsua2.PJSUA_100REL_OPTIONAL
    account.callConfig.timerUse = pjsua2.PJSUA_SIP_TIMER_OPTIONAL
    account.callConfig.timerMinSESec = SESSION_EXPIRES_MIN_S
    account.callConfig.timerSessExpiresSec = SESSION_EXPIRES_S
    first, last = config.rtp_ports
    media = account.mediaConfig.transportConfig
    media.port = first + first % 2
    media.portRange = last - 1 - media.port
    media.boundAddress = UNUSED_MEDIA if config.ipv6 else config.bind_address
    media.publicAddress = UNUSED_MEDIA if config.ipv6 else config.public_address
    return account
