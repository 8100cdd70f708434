"""What a line does on its owner thread: takes INVITEs, dials, and settles the legs that have ended.

Every pjsua2 object is created, used and freed here (pjproject #3125 is what happens otherwise).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pjsua2

from media_workers.contract.calls import DialTarget
from media_workers.sip import endpoint as endpoints
from media_workers.sip.accounts import AccountPool, LineAccount
from media_workers.sip.call import DialogCall
from media_workers.sip.dial import InviteAddresses, bracketed
from media_workers.sip.door import Door
from media_workers.sip.handles import MAX_CALLS, HandleBudget
from media_workers.sip.headers import header_vector
from media_workers.sip.leg import PjsuaLeg
from media_workers.sip.message import read_invite
from media_workers.sip.names import Names
from media_workers.sip.ports import PortPool
from media_workers.sip.sockets import connection_to, own_address
from media_workers.sip.trace import Trace, TracedMessage
from media_workers.sip.types import Destination, LineConfig, LineHandler
from media_workers.sip.way_back import WaysBack

log = logging.getLogger(__name__)

Post = Callable[[Callable[[], None]], None]


class Switchboard:
    """The endpoint and its calls. Owner thread only, except `legs`, whose length anyone may read."""

    def __init__(self, config: LineConfig, handler: LineHandler, post: Post) -> None:
        """Binds. Raises `OSError` naming the address that is busy, with nothing left behind."""
        self.post = post
        self.host = config.public_address
        self.legs: list[PjsuaLeg] = []
        self._config = config
        self._handler = handler
        self._by_call_id: dict[str, PjsuaLeg] = {}
        self._used: dict[PjsuaLeg, LineAccount] = {}
        self._ways_back = WaysBack()
        self._trace = Trace(self._local_address)
        self.door = Door(lambda: self.capacity, self._by_call_id.get)
        self._media_handles = HandleBudget("calls", MAX_CALLS // 2 if config.ipv6 else MAX_CALLS)
        self._tls_port = 0
        self._own_address = ""
        self._endpoint = endpoints.create_endpoint(config, self._logged)
        self.ports = PortPool()
        try:
            built_for = endpoints.max_calls()
            self.capacity = min(built_for, config.max_calls or built_for)
            self.port = endpoints.open_transports(self._endpoint, config)
            self._own_address = own_address(config, self.port)
            self._endpoint.libStart()
            self._names = Names()
            self.door.open(f"sip:{bracketed(config.sip_address)}:{self.port}")
            self._clock = endpoints.MediaClock(self._endpoint)
            self._accounts = AccountPool(config, self.port, self._invited, self._transport_ids)
            self._endpoint.select_account = self._accounts.for_request
        except BaseException:
            self._endpoint.libDestroy(pjsua2.PJSUA_DESTROY_NO_RX_MSG)
            raise

    def handle_events(self, wait_ms: int) -> None:
        """Lets pjsip work: returns after `wait_ms`, sooner when something arrived."""
        self._media_handles.wait()
        self._endpoint.libHandleEvents(wait_ms)

    def dial(
        self,
        leg: PjsuaLeg,
        target: DialTarget,
        addresses: InviteAddresses,
        headers: list[tuple[str, str]],
        to: Destination | None = None,
    ) -> None:
        """Sends the INVITE of a leg that is among `legs` already."""
        try:
            if addresses.transport == "tls" and not self._tls_port and self._config.edge is None:
                self._tls_port = endpoints.open_tls_client(self._endpoint, self._config)
            self._clock.start()
            self._media_handles.wait()
            account = self._used[leg] = self._accounts.take(target, self._contact_port(addresses.transport))
            call = DialogCall(account, leg)
            leg.attach(call)
            invite = pjsua2.CallOpParam(True)
            invite.opt.audioCount, invite.opt.videoCount = 1, 0
            invite.txOption.localUri = addresses.caller
            invite.txOption.headers = header_vector(headers)
            leg.observed.called(target.gateways[0])
            if to is not None:
                gateway = target.gateways[0]
                self._names.send_to(gateway.host, gateway.port, to)
            self._media_handles.opened()
            call.makeCall(addresses.request_uri, invite)
            self._know(leg, call.getInfo().callIdString)
        except pjsua2.Error as error:
            log.warning("an INVITE could not be sent: %s", error.info())
            leg.fail(503, error.reason)

    def _contact_port(self, transport: str) -> int:
        return self._tls_port if transport == "tls" else self.port

    def settle(self, now: float) -> None:
        """Hands the SIP messages on, frees what has ended and tells the handlers. `now`: monotonic, s."""
        self._trace.drain(self._traced)
        self.door.answer_unreadable(now)
        for leg in list(self.legs):
            leg.tell_set_up()
            leg.release_if_over()
            leg.latch(now)
            due = leg.end_due(now)
            if not leg.holds_slot and (due or leg.end_told):
                self._forget(leg)  # before its handler hears of it: there is room for another
            if due:
                leg.tell_end()

    def housekeep(self, now: float) -> None:
        """To be called about once a second."""
        for leg in self.legs:
            leg.housekeep(now)
        if not self.legs:
            self._clock.idle(now)

    def hang_up_all(self, reason: str) -> None:
        """Ends every call, politely."""
        for leg in self.legs:
            leg.hang_up(reason)

    def close(self) -> None:
        """Frees the pjsua2 objects, the endpoint last. Calls that are left are told they are over."""
        for leg in self.legs:
            leg.abandon()
        self.settle(time.monotonic())
        try:
            self._clock.stop()  # before the ports go, or it may call one that is half destroyed
            self.ports.close()
            self._accounts.close()
            self._endpoint.libDestroy(pjsua2.PJSUA_DESTROY_NO_RX_MSG)
        except pjsua2.Error as error:
            log.warning("the SIP endpoint did not close cleanly: %s", error.info())

    def _invited(self, account: LineAccount, prm: pjsua2.OnIncomingCallParam) -> None:
        self._media_handles.wait()  # pjsip may take several INVITEs in one turn
        self._clock.start()
        leg = PjsuaLeg(self, inbound=True, media_timeout_s=self._config.media_timeout_s)
        leg.attach(DialogCall(account, leg, prm.callId))
        self.legs.append(leg)
        self._media_handles.opened()
        try:
            invite = read_invite(prm.rdata.wholeMsg, prm.rdata.srcAddress, self._config.edge)
            self._know(leg, invite.sip_call_id)
            leg.observed.came_from(invite.source_address, invite.source_port, invite.transport)
            if self._config.edge is not None and not invite.edge:
                leg.reject(403, "Forbidden")  # behind an edge nobody else may call a line
                return
            self._ways_back.invited(invite)
            leg.set_handler(self._handler.on_invite(leg, invite))
        except Exception:
            log.exception("an INVITE could not be handled")
            leg.reject(500, "Server Internal Error")

    def _transport_ids(self) -> dict[str, int]:
        return endpoints.transport_ids(self._endpoint)

    def _know(self, leg: PjsuaLeg, sip_call_id: str) -> None:
        leg.sip_call_id = sip_call_id
        self._by_call_id[sip_call_id] = leg

    def replaced(self, leg: PjsuaLeg, sip_call_id: str) -> None:
        """A leg goes on in another dialog, which pjsip has opened RTP sockets for."""
        self._media_handles.opened()
        self._by_call_id[sip_call_id] = leg

    def slot_freed(self) -> None:
        """A call has ended and pjsip closes its RTP sockets."""
        self._media_handles.closed(time.monotonic())

    def _forget(self, leg: PjsuaLeg) -> None:
        self.legs.remove(leg)
        for call_id in [known for known, other in self._by_call_id.items() if other is leg]:
            del self._by_call_id[call_id]
        account = self._used.pop(leg, None)
        if account is not None:
            self._accounts.give_back(account)

    def _logged(self, entry: str) -> None:
        self._trace.logged(entry)
        self.door.logged(entry)

    def _local_address(self, transport: str, peer: str) -> str:
        """Where a message left from, or arrived: of a connection its own end, else our SIP port."""
        connected = connection_to(peer) if transport != "udp" else None
        return connected or self._own_address

    def _traced(self, message: TracedMessage) -> None:
        self._ways_back.saw(message)
        leg = self._by_call_id.get(message.call_id)
        if leg is not None:
            leg.traced(message)
