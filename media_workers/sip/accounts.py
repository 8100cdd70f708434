"""pjsip accounts of a line: for calls that come in one for each transport, for those that go out one for
each set of credentials, use of SRTP and transport. pjsip keeps all of these with the account."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

import pjsua2

from media_workers.contract.calls import DialTarget
from media_workers.sip.call import SRTP_USE
from media_workers.sip.dial import bracketed
from media_workers.sip.endpoint import account_config
from media_workers.sip.guard import guarded
from media_workers.sip.media6 import Media6
from media_workers.sip.types import LineConfig

log = logging.getLogger(__name__)

MAX_IDLE = 2
"""pjsip has room for 8 accounts; those of ended calls are kept for the next call to the same trunk."""

CRYPTO_SUITES = ("AES_CM_128_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
"""RFC 4568 and 6188; first the one that every carrier has."""

_VIA_TRANSPORT = re.compile(r"(?mi)^(?:via|v)[ \t]*:[ \t]*SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*(\w+)")

InviteReceived = Callable[["LineAccount", pjsua2.OnIncomingCallParam], None]


class LineAccount(pjsua2.Account):
    """Hands every INVITE to the line, whichever account pjsip thinks it is for."""

    def __init__(self, on_invite: InviteReceived, media6: Media6 | None) -> None:
        super().__init__()
        self._on_invite = on_invite
        self.media6 = media6
        self.users = 0

    @guarded
    def onIncomingCall(self, prm: pjsua2.OnIncomingCallParam) -> None:
        self._on_invite(self, prm)


class AccountPool:
    """Owner thread only. `transports`: the ids of pjsip's transports by name."""

    def __init__(
        self,
        config: LineConfig,
        port: int,
        on_invite: InviteReceived,
        transports: Callable[[], dict[str, int]],
    ) -> None:
        self._config = config
        self._on_invite = on_invite
        self._transports = transports
        self._media6 = Media6(config) if config.ipv6 else None
        self._id_uri = f"sip:{bracketed(config.sip_address)}:{port}"
        self._inbound: dict[str, LineAccount] = {}
        for transport in config.transports:
            account = self._inbound[transport] = LineAccount(on_invite, self._media6)
            account.create(self._inbound_settings(transport, port), len(self._inbound) == 1)
        self._by_key: dict[tuple[str, ...], LineAccount] = {}

    def for_request(self, text: str) -> int:
        """The id of the account for a request that came in: its transport's, whose Contact is right."""
        found = _VIA_TRANSPORT.search(text)
        default = next(iter(self._inbound.values()))
        return int(self._inbound.get(found[1].lower() if found else "", default).getId())

    def take(self, target: DialTarget, port: int) -> LineAccount:
        """The account to place a call from; `port` is ours for the first gateway's transport. Give it back
        when the call has ended."""
        transport = target.gateways[0].transport
        key = (target.username, target.password, target.leg.srtp, transport)
        account = self._by_key.get(key)
        if account is None:
            account = self._by_key[key] = self._create(target, transport, port)
        account.users += 1
        return account

    def give_back(self, account: LineAccount) -> None:
        """The call is over; accounts nobody uses are deleted beyond `MAX_IDLE`, oldest first."""
        account.users -= 1
        idle = [key for key, known in self._by_key.items() if known.users == 0]
        for key in idle[: max(0, len(idle) - MAX_IDLE)]:
            self._by_key.pop(key).shutdown()

    def close(self) -> None:
        """Deletes all accounts; no call may be left."""
        for account in self._by_key.values():
            account.shutdown()
        self._by_key.clear()
        for account in self._inbound.values():
            account.shutdown()

    def _inbound_settings(self, transport: str, port: int) -> pjsua2.AccountConfig:
        """For what comes in: takes any offer, for what the trunk wants is known only later."""
        settings = self._settings(transport, self._contact(transport, port))
        _encrypt(settings, pjsua2.PJMEDIA_SRTP_OPTIONAL)
        return settings

    def _contact(self, transport: str, port: int) -> str:
        """Where a peer reaches us. For TCP and TLS pjsip would guess it, by the system's routes. Behind an
        edge it is always UDP's, which pjsip does not guess, and over IPv6 does not know."""
        address = f"{bracketed(self._config.sip_address)}:{port}"
        if transport == "udp" or self._config.edge is not None:
            return f"<sip:{address}>" if self._config.ipv6 else ""
        return f"<sip:{address};transport={transport}>"

    def _settings(self, transport: str, contact: str) -> pjsua2.AccountConfig:
        settings = account_config(self._config, self._id_uri)
        settings.sipConfig.contactForced = contact
        if self._config.ipv6:  # pjsip would look for an IPv4 one
            settings.sipConfig.transportId = self._transports()[transport]
        return settings

    def _create(self, target: DialTarget, transport: str, port: int) -> LineAccount:
        settings = self._settings(transport, self._contact(transport, port))
        _encrypt(settings, SRTP_USE[target.leg.srtp])
        if target.username:
            credentials = pjsua2.AuthCredInfo("digest", "*", target.username, 0, target.password)
            settings.sipConfig.authCreds.append(credentials)
        account = LineAccount(self._on_invite, self._media6)
        account.create(settings)
        return account


def _encrypt(settings: pjsua2.AccountConfig, use: int) -> None:
    """Whether TLS hides the keys is decided where trunks are saved: pjsip sees no further than the edge."""
    settings.mediaConfig.srtpUse = use
    settings.mediaConfig.srtpSecureSignaling = 0
    for name in CRYPTO_SUITES:
        suite = pjsua2.SrtpCrypto()
        suite.name = name
        settings.mediaConfig.srtpOpt.cryptos.append(suite)
