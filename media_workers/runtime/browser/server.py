"""The port that browser calls, voice previews and cases of test suites come by, spoken to by the control
plane alone.

Whoever connects brings a ticket (`Authorization: Bearer`), signed by the control plane for one call,
one preview or one case and good for seconds; what it is good for only the control plane knows, which is asked
with it. So the open port by itself starts nothing.
"""

from __future__ import annotations

import asyncio
import http
import json
import logging
import re
from uuid import UUID

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from media_workers.contract.calls import CallPlan
from media_workers.providers.base import ProviderError
from media_workers.runtime import logs
from media_workers.runtime.browser.clock import FrameClock
from media_workers.runtime.browser.leg import BrowserLeg
from media_workers.runtime.browser.preview import Previews
from media_workers.runtime.browser.run import BrowserRun
from media_workers.runtime.browser.simulations import Simulations
from media_workers.runtime.browser.trials import Trials
from media_workers.runtime.call import CallTools
from media_workers.runtime.control import ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.desk import CallDesk
from media_workers.runtime.places import Places

MAX_MESSAGE_BYTES = 64 * 1024
HANDSHAKE_S = 12.0
"""Making a preview is a part of it."""

PREVIEW_PATH = "/voices/preview"
TRIAL_PATH = "/tools/try"
SIMULATION_PATH = "/simulations"
CALL_PATH = re.compile(r"/calls/([0-9a-f-]{36})")


class Refused(Exception):
    """No call comes of this socket; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class BrowserServer:
    """Event loop only. Takes calls from `open` until the desk drains."""

    def __init__(self, desk: CallDesk, places: Places) -> None:
        self._desk = desk
        self._places = places
        self._clock = FrameClock()
        self._tools: CallTools | None = None
        self._server: Server | None = None
        self._claiming = 0
        self._previews = Previews()
        self._trials = Trials()
        self._simulations = Simulations()

    async def start(self, host: str, port: int) -> None:
        """Listens. Raises `OSError` when the port is taken."""
        self._server = await serve(
            self._serve,
            host,
            port,
            process_request=self._answer_http,
            compression=None,
            open_timeout=HANDSHAKE_S,
            max_size=MAX_MESSAGE_BYTES,
            logger=_quiet_logger(),
            server_header=None,
        )

    def open(self, tools: CallTools) -> None:
        """From now on calls are taken."""
        self._tools = tools

    async def claimed(self) -> None:
        """Returns when no answer to a claim is waited for, and no case is played any more."""
        while self._claiming or self._simulations.busy:
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Closes the port and what is left on it."""
        await self._simulations.close()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    # --- calls ------------------------------------------------------------------------------------

    async def _serve(self, socket: ServerConnection) -> None:
        try:
            leg = await self._connect(socket)
        except Refused as refusal:
            logs.get().warning("browser_call_refused", code=refusal.code)
            words = {"type": "refused", "code": refusal.code, "detail": str(refusal)}
            await socket.send(json.dumps(words))
            return
        await leg.serve()

    async def _connect(self, socket: ServerConnection) -> BrowserLeg:
        """The call that the socket is for, in the desk's hands. Raises `Refused`."""
        if self._tools is None or self._desk.draining:
            raise Refused("draining", "The media node is stopping.")
        if not self._places.take_free():
            raise Refused("full", "This media node carries as many browser calls as it may.")
        self._claiming += 1
        try:
            plan = await self._claim(self._tools, socket)
        except BaseException:
            self._places.give()
            raise
        finally:
            self._claiming -= 1
        leg = BrowserLeg(socket, self._clock)
        self._desk.take(BrowserRun(plan, self._tools, leg))
        return leg

    async def _claim(self, tools: CallTools, socket: ServerConnection) -> CallPlan:
        request = socket.request
        path = CALL_PATH.fullmatch(request.path) if request else None
        if request is None or path is None:
            raise Refused("unknown_path", "There is nothing at this address.")
        try:
            plan = await tools.control.claim(UUID(path[1]), tools.index, ticket=_ticket(request))
        except (ControlPlaneDown, ControlPlaneRefused) as error:
            logs.get().warning("browser_claim_failed", error=str(error))
            raise Refused("unavailable", "The control plane cannot be asked at the moment.") from error
        except ValueError as error:
            raise Refused("unknown_path", "There is nothing at this address.") from error
        if plan is None:
            raise Refused("not_waiting", "No call waits for this socket.")
        return plan

    # --- plain HTTP -------------------------------------------------------------------------------

    async def _answer_http(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return None
        if request.path == SIMULATION_PATH and self._tools is not None:
            return await self._simulate(self._tools, connection, request)
        if request.path == TRIAL_PATH and self._tools is not None:
            return await self._try(self._tools, connection, request)
        if request.path != PREVIEW_PATH or self._tools is None:
            return connection.respond(http.HTTPStatus.NOT_FOUND, "There is nothing at this address.\n")
        try:
            preview = await self._tools.control.preview(_ticket(request))
            if preview is None:
                return connection.respond(http.HTTPStatus.FORBIDDEN, "This needs a ticket.\n")
            wav = await self._previews.speak(preview)
        except (ControlPlaneDown, ProviderError, TimeoutError, ValueError) as error:
            logs.get().warning("preview_failed", error=str(error))
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n")
        headers = Headers({"Content-Type": "audio/wav", "Content-Length": str(len(wav))})
        return Response(http.HTTPStatus.OK, "OK", headers, wav)

    async def _try(self, tools: CallTools, connection: ServerConnection, request: Request) -> Response:
        try:
            trial = await tools.control.trial(_ticket(request))
            if trial is None:
                return connection.respond(http.HTTPStatus.FORBIDDEN, "This needs a ticket.\n")
            result = await self._trials.run(trial)
        except (ControlPlaneDown, TimeoutError, ValueError) as error:
            logs.get().warning("trial_failed", error=type(error).__name__)
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "Not now.\n")
        body = result.model_dump_json().encode()
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
        return Response(http.HTTPStatus.OK, "OK", headers, body)

    async def _simulate(self, tools: CallTools, connection: ServerConnection, request: Request) -> Response:
        if self._desk.draining or self._simulations.full:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "No more cases now.\n")
        try:
            taken = await self._simulations.take(tools.control, _ticket(request))
        except ControlPlaneDown as error:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n")
        if not taken:
            return connection.respond(http.HTTPStatus.FORBIDDEN, "This needs a ticket.\n")
        return connection.respond(http.HTTPStatus.ACCEPTED, "It is being played.\n")


def _ticket(request: Request) -> str:
    scheme, _, ticket = request.headers.get("Authorization", "").partition(" ")
    return ticket.strip() if scheme.lower() == "bearer" else ""


def _quiet_logger() -> logging.Logger:
    """Of strangers' broken handshakes one line each is too much."""
    logger = logging.getLogger("media_workers.browser.websockets")
    logger.setLevel(logging.CRITICAL)
    return logger
