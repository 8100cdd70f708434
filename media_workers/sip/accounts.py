"""pjsip accounts of a line: one for calls that come in, and for those that go out one for each set of
credentials and use of SRTP, which pjsip keeps with the account."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pjsua2

from media_workers.contract.calls import DialTarget
from media_workers.sip.call import SRTP_USE
from media_workers.sip.endpoint import account_config
from media_workers.sip.guard import guarded
from media_workers.sip.types import LineConfig

log = logging.getLogger(__name__)

MAX_IDLE = 3
"""pjsip has room for 8 accounts; those of ended calls are kept for the next call to the same trunk."""

InviteReceived = Callable[["LineAccount", pjsua2.OnIncomingCallParam], None]


class LineAccount(pjsua2.Account):
    """Hands every INVITE to the line, whichever account pjsip thinks it is for."""

    def __init__(self, on_invite: InviteReceived) -> None:
        super().__init__()
        self._on_invite = on_invite
        self.users = 0

    @guarded
    def onIncomingCall(self, prm: pjsua2.OnIncomingCallParam) -> None:
        self._on_invite(self, prm)


class AccountPool:
    """Owner thread only."""

    def __init__(self, config: LineConfig, port: int, on_invite: InviteReceived) -> None:
        self._config = config
        self._on_invite = on_invite
        self._id_uri = f"sip:{config.public_address}:{port}"
        self._main = LineAccount(on_invite)
        self._main.create(self._main_settings(), True)
        self._by_key: dict[tuple[str, ...], LineAccount] = {}

    def take(self, target: DialTarget) -> LineAccount:
        """The account to place a call from. Give it back when the call has ended."""
        key = (target.username, target.password, target.leg.srtp)
        account = self._by_key.get(key)
        if account is None:
            account = self._by_key[key] = self._create(target)
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
        self._main.shutdown()

    def _main_settings(self) -> pjsua2.AccountConfig:
        """For what comes in: takes any offer, for what the trunk wants is known only later."""
        settings = account_config(self._config, self._id_uri)
        settings.priority = 1  # of accounts with the same address pjsip gives an INVITE to the highest
        _encrypt(settings, pjsua2.PJMEDIA_SRTP_OPTIONAL)
        return settings

    def _create(self, target: DialTarget) -> LineAccount:
        settings = account_config(self._config, self._id_uri)
        _encrypt(settings, SRTP_USE[target.leg.srtp])
        if target.username:
            credentials = pjsua2.AuthCredInfo("digest", "*", target.username, 0, target.password)
            settings.sipConfig.authCreds.append(credentials)
        account = LineAccount(self._on_invite)
        account.create(settings)
        return account


def _encrypt(settings: pjsua2.AccountConfig, use: int) -> None:
    """Whether TLS hides the keys is decided where trunks are saved: pjsip sees no further than the edge."""
    settings.mediaConfig.srtpUse = use
    settings.mediaConfig.srtpSecureSignaling = 0
