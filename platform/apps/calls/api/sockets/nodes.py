"""A browser call's way to a media node: one that lives and has room, with a ticket for this call."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from telephony.edge.models import MediaNode
from telephony.edge.selectors import browser_nodes
from telephony.edge.tickets import call_ticket

log = structlog.get_logger(__name__)

OPEN_S = 3.0
READY_S = 10.0
"""The node claims the call meanwhile, which asks us."""

CLOSE_S = 2.0
MAX_MESSAGE_BYTES = 64 * 1024
NODES_TRIED = 3

TRY_ANOTHER = frozenset({"full", "draining"})


class NoNode(Exception):
    """No media node takes the call; the text is for people, `code` for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


NONE_THERE = NoNode("no_media_node", "No media node has room for this call at the moment; try again soon.")


@contextlib.asynccontextmanager
async def node_socket(call_id: UUID) -> AsyncIterator[ClientConnection]:
    """A socket to the node that carries the call from now on, closed with the block. Raises NoNode."""
    nodes = await database_sync_to_async(browser_nodes)()
    for node in nodes[:NODES_TRIED]:
        socket = await _open(node, call_id)
        if socket is not None:
            try:
                yield socket
            finally:
                await socket.close()
            return
    raise NONE_THERE


async def _open(node: MediaNode, call_id: UUID) -> ClientConnection | None:
    """None: this node does not, another may."""
    try:
        socket = await connect(
            f"{node.browser_url}/calls/{call_id}",
            additional_headers={"Authorization": f"Bearer {call_ticket(call_id)}"},
            compression=None,
            proxy=None,
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            max_size=MAX_MESSAGE_BYTES,
        )
    except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
        log.warning("media_node_unreachable", node=node.name, error=type(error).__name__)
        return None
    try:
        async with asyncio.timeout(READY_S):
            answer = json.loads(await socket.recv())
    except (TimeoutError, ConnectionClosed, ValueError) as error:
        log.warning("media_node_silent", node=node.name, error=type(error).__name__)
        await socket.close()
        raise NONE_THERE from error
    if answer["type"] == "ready":
        return socket
    await socket.close()
    log.warning("media_node_refused", node=node.name, code=answer.get("code"))
    if answer.get("code") in TRY_ANOTHER:
        return None
    raise NoNode("not_waiting", "The call is not waiting for its browser any more.")
