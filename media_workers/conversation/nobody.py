"""The dialogue of a call that nobody can speak for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from media_workers.contract.tools import KeyInput
from media_workers.providers.base import Delta, ToolCall, UserInput


class NoDialogue:
    """Of a call that nobody can speak for: it has nothing to say and remembers nothing."""

    async def reply(self, said: UserInput) -> AsyncIterator[Delta]:
        nothing: tuple[Delta, ...] = ()
        for delta in nothing:
            yield delta

    def commit(self) -> None: ...

    def heard(self, text: str, *, interrupted: bool) -> None: ...

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None: ...

    def expected(self) -> Sequence[str]:
        return ()

    def key_input(self) -> KeyInput | None:
        return None

    def note(self, text: str) -> bool:
        return False

    async def brief(self) -> str:
        return ""

    @property
    def slots(self) -> dict[str, str]:
        return {}

    def keep(self, name: str, value: str) -> None: ...

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...
