"""Transfers of one call, in both directions (RFC 3515, 3891). Owner thread only.

What a peer asks for is never done here: a call that a stranger can make us place is toll fraud. The
handler decides, places it as any other call, and tells with `report` what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

import pjsua2

from media_workers.sip.call import DialogCall
from media_workers.sip.headers import header_vector

_TARGET = re.compile(r"(sips?:[^\s<>\"]{1,400}|tel:[+0-9*#.()-]{1,64}(;[^\s<>\"]{1,100})?)")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f]")


class TransferNews(Protocol):
    """Who hears of transfers."""

    def __call__(self, event: str, *args: object) -> object: ...


def checked_target(target: str) -> str:
    """`target` when it can go into Refer-To; ValueError otherwise."""
    if not _TARGET.fullmatch(target):
        raise ValueError(f"target: {target!r} is no SIP or tel URI")
    return target


class Transfers:
    """`do` runs something on the call, `tell` calls a method of the leg's handler, `post` runs it on the
    owner thread once pjsip has returned."""

    def __init__(
        self,
        do: Callable[[Callable[[DialogCall], None]], bool],
        tell: TransferNews,
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        self._do = do
        self._tell = tell
        self._post = post
        self._reporting = False

    def refer(self, target: str) -> None:
        """Asks the peer to call `target`."""
        if not self._do(lambda call: call.xfer(target, pjsua2.CallOpParam(True))):
            self._tell("on_transfer", 481, "The call cannot be transferred in its state", True)

    def refer_replaces(self, other: DialogCall | None) -> None:
        """Asks the peer to take the place of us in the call `other` (attended transfer)."""
        if other is None or not self._do(lambda call: call.xferReplaces(other, pjsua2.CallOpParam(True))):
            self._tell("on_transfer", 481, "The call cannot be transferred in its state", True)

    def progressed(self, sip_code: int, sip_reason: str, *, final: bool) -> None:
        """What the peer tells (NOTIFY with message/sipfrag) of the transfer that we asked for."""
        self._tell("on_transfer", sip_code, sip_reason, final)

    def asked(self, target: str) -> bool:
        """The peer's REFER; whether it is taken on. One at a time."""
        if self._reporting or self._tell("on_refer", target) is not True:
            return False
        self._reporting = True
        self._post(lambda: self._notify(100, "Trying"))
        return True

    def report(self, sip_code: int, sip_reason: str) -> None:
        """What became of the transfer that the peer asked for; from 200 on it is over."""
        if self._reporting:
            self._reporting = sip_code < 200
            self._notify(sip_code, sip_reason)

    def _notify(self, sip_code: int, sip_reason: str) -> None:
        state = "active;expires=60" if sip_code < 200 else "terminated;reason=noresource"
        notify = pjsua2.CallSendRequestParam()
        notify.method = "NOTIFY"
        notify.txOption.contentType = "message/sipfrag;version=2.0"
        notify.txOption.msgBody = f"SIP/2.0 {sip_code} {_NOT_IN_A_LINE.sub(' ', sip_reason)}\r\n"
        notify.txOption.headers = header_vector([("Event", "refer"), ("Subscription-State", state)])
        self._do(lambda call: call.sendRequest(notify))


class FormerCall:
    """A call that another has replaced, until pjsip has said goodbye to its peer. Implements `CallEvents`
    for it; nobody else hears of it any more."""

    def __init__(self, call: DialogCall, freed: Callable[[], None]) -> None:
        self._call: DialogCall | None = call
        self._freed = freed
        self._over = False
        call.tell(self)

    def release_if_over(self) -> None:
        """Frees the pjsua2 object of a dialog that has ended. Never inside pjsip's callbacks."""
        if self._over and self._call is not None:
            self._call.detach()
            self._call = None

    def disconnected(self, sip_code: int, sip_reason: str, *, by_peer: bool) -> None:
        self._over = True
        self._freed()

    @property
    def our_host(self) -> str:
        return ""

    def rtcp_received(self, packet: bytes) -> None: ...
    def packet_sink(self) -> None: ...
    def ringing(self, sip_code: int) -> None: ...
    def confirmed(self) -> None: ...
    def media_changed(self) -> None: ...
    def stream_created(self, stream: int) -> None: ...
    def stream_ending(self) -> None: ...
    def digit_received(self, digit: str) -> None: ...
    def transfer_progressed(self, sip_code: int, sip_reason: str, *, final: bool) -> None: ...
    def replace_requested(self, invite: str) -> bool:
        return False

    def replaced(self, call_id: int) -> DialogCall | None:
        return None
