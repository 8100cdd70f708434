"""What the fakes of voices over websockets have in common: sentences said side by side, each in pieces."""

from __future__ import annotations

import asyncio

from tests.fakes.speech import Manner, Notebook, Said, characters
from tests.fakes.websocket_server import Connection, WebSocketServer


class VoiceServer(WebSocketServer):
    """`book`: what was asked for, and how it is said."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Notebook()

    def begin(self, connection: Connection, key: str, said: Said) -> asyncio.Task[None]:
        return asyncio.create_task(self._say(connection, key, said))

    async def piece(self, connection: Connection, key: str, said: Said, text: str, at_ms: int) -> None:
        """Sends what `text`, a part of the sentence `at_ms` after its beginning, sounds like."""
        raise NotImplementedError

    async def end(self, connection: Connection, key: str, said: Said) -> None:
        """Says that the sentence is complete, or was stopped."""
        raise NotImplementedError

    async def error(self, connection: Connection, key: str, manner: Manner) -> None:
        """Says `manner.error` as the vendor does."""
        raise NotImplementedError

    async def _say(self, connection: Connection, key: str, said: Said) -> None:
        manner = await self.book.note(said)
        await asyncio.sleep(manner.first_ms / 1000)
        pieces = list(characters(said.text, manner.size))
        for number, (text, at_ms) in enumerate(pieces):
            if said.stopped.is_set():
                break
            if manner.fault and number == manner.after:
                return await self._fail(connection, key, said, manner)
            await self.piece(connection, key, said, text, at_ms)
            await asyncio.sleep(0)
        if manner.fault and len(pieces) <= manner.after:
            return await self._fail(connection, key, said, manner)
        said.over.set()
        await self.end(connection, key, said)
        return None

    async def _fail(self, connection: Connection, key: str, said: Said, manner: Manner) -> None:
        if manner.fault == "hang":
            await said.stopped.wait()
            said.over.set()
            await self.end(connection, key, said)
        elif manner.fault == "cut":
            connection.cut()
        elif manner.fault == "garbage":
            await connection.send(manner.garbage)
        else:
            await self.error(connection, key, manner)
