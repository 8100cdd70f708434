"""pjsua2's call object, reduced to passing each event on to its leg. Owner thread only."""

from __future__ import annotations

import re
from typing import Protocol

import pjsua2

from media_workers.contract.calls import LegPolicy
from media_workers.sip import sdp
from media_workers.sip.guard import guarded
from media_workers.sip.observer import MediaDescription
from media_workers.sip.rtp_lock import MediaAddresses, read_address
from media_workers.sip.stats import StreamFigures, read_stream
from media_workers.sip.tap import TapOwner, tap

SRTP_USE = {
    "off": pjsua2.PJMEDIA_SRTP_DISABLED,
    "optional": pjsua2.PJMEDIA_SRTP_OPTIONAL,
    "required": pjsua2.PJMEDIA_SRTP_MANDATORY,
}

_SRTP_RUNS = re.compile(r"SRTP status: Active")
"""pjsua tells it in its words about a call only."""


class CallEvents(TapOwner, Protocol):
    """What a call tells its leg."""

    def ringing(self, sip_code: int) -> None: ...
    def confirmed(self) -> None: ...
    def disconnected(self, sip_code: int, sip_reason: str, *, by_peer: bool) -> None: ...
    def media_changed(self) -> None: ...
    def stream_created(self, stream: int) -> None: ...
    def stream_ending(self) -> None: ...
    def digit_received(self, digit: str) -> None: ...
    def transfer_progressed(self, sip_code: int, sip_reason: str, *, final: bool) -> None: ...
    def replace_requested(self, invite: str) -> bool: ...
    def replaced(self, call_id: int) -> DialogCall | None: ...


class DialogCall(pjsua2.Call):
    """A call of pjsua2. Its leg lets go of it on the owner thread when the dialog has ended."""

    def __init__(
        self, account: pjsua2.Account, events: CallEvents, call_id: int = pjsua2.PJSUA_INVALID_ID
    ) -> None:
        super().__init__(account, call_id)
        self.account = account
        self._events: CallEvents | None = events
        self.policy: LegPolicy | None = None
        self.offer = ""
        self._first_answer = ""

    def tell(self, events: CallEvents) -> None:
        """From now on `events` hears of this call."""
        self._events = events

    def detach(self) -> None:
        """Nothing more is told; breaks the cycle so that the last reference frees the object at once."""
        self._events = None

    def audio_index(self) -> int | None:
        """Index of the audio stream that runs, or is held by the peer; None when there is none."""
        usable = (pjsua2.PJSUA_CALL_MEDIA_ACTIVE, pjsua2.PJSUA_CALL_MEDIA_REMOTE_HOLD)
        info = self.getInfo()  # its media are part of it: they must not outlive it
        for media in info.media:
            bridged = media.audioConfSlot != pjsua2.PJSUA_INVALID_ID  # not when its stream has failed
            if media.type == pjsua2.PJMEDIA_TYPE_AUDIO and media.status in usable and bridged:
                return int(media.index)
        return None

    def peer_sends(self) -> bool:
        """False while the peer has said that it sends nothing: its silence means nothing then."""
        info = self.getInfo()
        return any(
            media.type == pjsua2.PJMEDIA_TYPE_AUDIO and media.dir & pjsua2.PJMEDIA_DIR_DECODING
            for media in info.media
        )

    def peer_listens(self) -> bool:
        """False while the peer has put the call on hold (`sendonly`, `inactive`; RFC 3264, 8.4)."""
        info = self.getInfo()
        return any(
            media.type == pjsua2.PJMEDIA_TYPE_AUDIO and media.dir & pjsua2.PJMEDIA_DIR_ENCODING
            for media in info.media
        )

    def figures(self, index: int) -> StreamFigures | None:
        """A reading of the stream, None when there is none (any more)."""
        try:
            codec = self.getStreamInfo(index).codecName
            return read_stream(codec, self.getStreamStat(index))
        except pjsua2.Error:
            return None

    def described(self, index: int) -> MediaDescription | None:
        """What was agreed on for the stream; None when there is none (any more)."""
        try:
            stream = self.getStreamInfo(index)
            codec = stream.audCodecParam
            srtp = _SRTP_RUNS.search(self.dump(True, "")) is not None
        except pjsua2.Error:
            return None
        return MediaDescription(
            codec=stream.codecName,
            ptime_ms=int(codec.info.frameLen * codec.setting.frmPerPkt) or None,
            remote=stream.remoteRtpAddress,
            srtp=srtp,
        )

    def media_addresses(self, index: int) -> MediaAddresses | None:
        """Where the stream's packets go and come from; None when there is none (any more)."""
        try:
            transport = self.getMedTransportInfo(index)
            announced = self.getStreamInfo(index).remoteRtpAddress
        except pjsua2.Error:
            return None
        return MediaAddresses(
            rtp_port=int(transport.localRtpName.rpartition(":")[2]),
            rtcp_port=int(transport.localRtcpName.rpartition(":")[2]),
            announced=read_address(announced),
            rtp_source=read_address(transport.srcRtpName),
            rtcp_source=read_address(transport.srcRtcpName),
        )

    @guarded
    def onCallState(self, prm: pjsua2.OnCallStateParam) -> None:
        events = self._events
        if events is None:
            return
        info = self.getInfo()
        if info.state == pjsua2.PJSIP_INV_STATE_EARLY:
            events.ringing(info.lastStatusCode)
        elif info.state == pjsua2.PJSIP_INV_STATE_CONFIRMED:
            events.confirmed()
        elif info.state == pjsua2.PJSIP_INV_STATE_DISCONNECTED:
            ours = (pjsua2.PJSIP_EVENT_TIMER, pjsua2.PJSIP_EVENT_TRANSPORT_ERROR)
            by_peer = prm.e.body.tsxState.type not in ours
            events.disconnected(info.lastStatusCode, info.lastReason, by_peer=by_peer)

    @guarded
    def onCallSdpCreated(self, prm: pjsua2.OnCallSdpCreatedParam) -> None:
        """pjsip answers an INVITE before anybody has decided about it: what it would say is kept for
        `answer`. To an INVITE without an offer it makes its own as early; such a call begins in clear."""
        ours, theirs = prm.sdp.wholeSdp, prm.remSdp.wholeSdp
        if theirs and not self._first_answer:
            self.offer, self._first_answer = theirs, ours
        policy = self.policy or LegPolicy()
        if not theirs and policy.srtp == "off" and not sdp.offers_srtp(self._first_answer):
            ours = sdp.without_keys(ours)
        prm.sdp.wholeSdp = sdp.shaped(ours, theirs, policy)

    @property
    def first_answer(self) -> str:
        """Our answer to the INVITE's offer, as the policy wants it by now; "" when there was no offer."""
        if not self._first_answer:
            return ""
        return sdp.shaped(self._first_answer, self.offer, self.policy or LegPolicy())

    @guarded
    def onCreateMediaTransport(self, prm: pjsua2.OnCreateMediaTransportParam) -> None:
        if self.account.media6 is not None:
            self.account.media6.exchange(prm)
        if self._events is not None:
            tap(int(prm.mediaTp), self._events)

    @guarded
    def onCallRxOffer(self, prm: pjsua2.OnCallRxOfferParam) -> None:
        """A call that is up does not change to what the policy would not have begun with (RFC 3261, 14.2:
        it goes on as it was)."""
        if self.policy is not None and sdp.refusal(prm.offer.wholeSdp, self.policy):
            prm.statusCode = pjsua2.PJSIP_SC_NOT_ACCEPTABLE_HERE

    @guarded
    def onCallMediaState(self, prm: pjsua2.OnCallMediaStateParam) -> None:
        if self._events is not None:
            self._events.media_changed()

    @guarded
    def onStreamCreated(self, prm: pjsua2.OnStreamCreatedParam) -> None:
        if self._events is not None:
            self._events.stream_created(int(prm.stream))

    @guarded
    def onStreamDestroyed(self, prm: pjsua2.OnStreamDestroyedParam) -> None:
        if self._events is not None:
            self._events.stream_ending()

    @guarded
    def onDtmfDigit(self, prm: pjsua2.OnDtmfDigitParam) -> None:
        if self._events is not None:
            self._events.digit_received(prm.digit)

    @guarded
    def onCallTransferRequest(self, prm: pjsua2.OnCallTransferRequestParam) -> None:
        """No REFER comes as far as pjsip (see `gate`); if one did, it would call whomever it names."""
        prm.statusCode = pjsua2.PJSIP_SC_DECLINE

    @guarded
    def onCallTransferStatus(self, prm: pjsua2.OnCallTransferStatusParam) -> None:
        if self._events is not None:
            self._events.transfer_progressed(prm.statusCode, prm.reason, final=prm.finalNotify)

    @guarded
    def onCallReplaceRequest(self, prm: pjsua2.OnCallReplaceRequestParam) -> None:
        """Taking over a call of another (RFC 3891): only when its handler allows it."""
        allowed = self._events is not None and self._events.replace_requested(prm.rdata.wholeMsg)
        prm.statusCode = pjsua2.PJSIP_SC_OK if allowed else pjsua2.PJSIP_SC_DECLINE

    @guarded
    def onCallReplaced(self, prm: pjsua2.OnCallReplacedParam) -> None:
        if self._events is not None:
            prm.newCall = self._events.replaced(prm.newCallId)

    def onCallRedirected(self, prm: pjsua2.OnCallRedirectedParam) -> int:
        """A 3xx ends the attempt: where to call is the platform's decision."""
        return int(pjsua2.PJSIP_REDIRECT_REJECT)
