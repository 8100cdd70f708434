"""What an agent does to its own call, in the hands of those who carry it. Implements
`conversation.control.CallControl`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from media_workers.contract.tools import CollectDigitsTool
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation.control import IMPOSSIBLE, Collected, Deed


class Acts:
    """Of one call. What nobody has taken on is not possible in it. The functions are set before the call is
    answered."""

    def __init__(self) -> None:
        self.on_transfer: Callable[[TransferTarget], Awaitable[Deed]] | None = None
        self.on_hand_over: Callable[[TransferTarget], Awaitable[Deed]] | None = None
        self.on_send_digits: Callable[[str], Awaitable[Deed]] | None = None
        self.on_digits_sent: Callable[[], None] | None = None
        self.on_collect_digits: Callable[[CollectDigitsTool], Awaitable[Collected]] | None = None
        self.on_leave_voicemail: Callable[[], Awaitable[Deed]] | None = None
        self.on_switch_language: Callable[[str], Awaitable[Deed]] | None = None

    async def transfer(self, target: TransferTarget) -> Deed:
        return await self.on_transfer(target) if self.on_transfer else Deed(False, IMPOSSIBLE)

    async def hand_over(self, target: TransferTarget) -> Deed:
        return await self.on_hand_over(target) if self.on_hand_over else Deed(False, IMPOSSIBLE)

    async def send_digits(self, digits: str) -> Deed:
        if self.on_send_digits is None:
            return Deed(False, IMPOSSIBLE)
        deed = await self.on_send_digits(digits)
        if self.on_digits_sent is not None:
            self.on_digits_sent()
        return deed

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        if self.on_collect_digits is None:
            return Collected("", IMPOSSIBLE)
        return await self.on_collect_digits(tool)

    async def leave_voicemail(self) -> Deed:
        return await self.on_leave_voicemail() if self.on_leave_voicemail else Deed(False, IMPOSSIBLE)

    async def switch_language(self, language: str) -> Deed:
        return await self.on_switch_language(language) if self.on_switch_language else Deed(False, IMPOSSIBLE)
