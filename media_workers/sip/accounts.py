"""pjsip accounts of a line: one for all calls without a password, one per set of credentials."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pjsua2

from media_workers.contract.calls import DialTarget
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

    @guarded
    def onIncomingSubscribe(self, prm: pjsua2.OnIncomingSubscribeParam) -> None:
        """We have no presence to tell, and pjsip would keep a subscription of anybody who asks."""
        prm.code = pjsua2.PJSIP_SC_FORBIDDEN


class AccountPool:
    """Owner thread only. pjsip keeps digest credentials with the account, not with the call."""

    def __init__(self, config: LineConfig, port: int, on_invite: InviteReceived) -> None:
        self._config = config
        self._on_invite = on_invite
        self._id_uri = f"sip:{config.public_address}:{port}"
        self._main = LineAccount(on_invite)
        self._main.create(account_config(config, self._id_uri), True)
        self._by_credentials: dict[tuple[str, str], LineAccount] = {}

    def take(self, target: DialTarget) -> LineAccount:
        """The account to place a call from. Give it back when the call has ended."""
        if not target.username:
            return self._main
        key = (target.username, target.password)
        account = self._by_credentials.get(key)
        if account is None:
            account = self._by_credentials[key] = self._create(target)
        account.users += 1
        return account

    def give_back(self, account: LineAccount) -> None:
        """The call is over; accounts nobody uses are deleted beyond `MAX_IDLE`, oldest first."""
        if account is self._main:
            return
        account.users -= 1
        idle = [key for key, known in self._by_credentials.items() if known.users == 0]
        for key in idle[: max(0, len(idle) - MAX_IDLE)]:
            self._by_credentials.pop(key).shutdown()

    def close(self) -> None:
        """Deletes all accounts; no call may be left."""
        for account in self._by_credentials.values():
            account.shutdown()
        self._by_credentials.clear()
        self._main.shutdown()

    def _create(self, target: DialTarget) -> LineAccount:
        settings = account_config(self._config, self._id_uri)
        credentials = pjsua2.AuthCredInfo("digest", "*", target.username, 0, target.password)
        settings.sipConfig.authCreds.append(credentials)
        account = LineAccount(self._on_invite)
        account.create(settings)
        return account
