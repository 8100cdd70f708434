"""The control plane's internal API, as a line and the supervisor use it.

Every call has a timeout. What failed says whether asking again can help: `ControlPlaneDown` (nobody
answered, or not now) or `ControlPlaneRefused` (it answered, and will answer the same again).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from media_workers.contract.calls import (
    CallPlan,
    ClaimRequest,
    Heartbeat,
    HeartbeatAnswer,
    InboundAnswer,
    InboundCall,
)
from media_workers.contract.events import EventAck, EventBatch
from media_workers.contract.requests import KnowledgeAnswer, KnowledgeQuery
from media_workers.contract.signalling import SignallingReport, SignallingWork
from media_workers.contract.simulation import SimulationClaim, SimulationPlan, SimulationReport
from media_workers.contract.trials import ToolTrial, TrialClaim
from media_workers.contract.voices import PreviewClaim, VoicePreview

INBOUND_TIMEOUT = httpx.Timeout(3.0, read=8.0)
"""A caller hears ringing meanwhile. The tenant's own server may be asked, which takes 5 s at most."""

TIMEOUT_S = 10.0
UPLOAD_TIMEOUT_S = 60.0
DROP_CLAIM = frozenset({404, 409, 410})
SHOWN = 500
"""Characters of an answer, in an error's text."""


M = TypeVar("M", bound=BaseModel)


class ControlPlaneDown(Exception):
    """Nobody answered, or the answer was "not now" (401, 403, 408, 425, 429, 5xx): try again later."""


class ControlPlaneRefused(Exception):
    """The request will never be taken as it is."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body[:SHOWN]}")
        self.status = status
        self.body = body


# A wrong token is an operator's mistake that gets mended: it must not cost a call's events.
NOT_NOW = frozenset({401, 403, 408, 425, 429})


class ControlPlane:
    """One keep-alive client. Use as an async context manager, or close it."""

    def __init__(self, url: str, node: str, token: str) -> None:
        self.node = node
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30),
            trust_env=False,
        )

    async def __aenter__(self) -> ControlPlane:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def inbound(self, call: InboundCall) -> InboundAnswer:
        """Asks what to do with an INVITE; once more when the connection failed (asking is idempotent), but
        not when nothing was said for so long that no caller waits for twice of it."""
        try:
            return await self._inbound(call)
        except ControlPlaneDown as error:
            cause = error.__cause__
            if not isinstance(cause, httpx.TransportError) or isinstance(cause, httpx.ReadTimeout):
                raise
        return await self._inbound(call)

    async def _inbound(self, call: InboundCall) -> InboundAnswer:
        response = await self._post("/internal/v1/calls/inbound", call, timeout=INBOUND_TIMEOUT)
        return _parse(InboundAnswer, response)

    async def claim(self, call_id: UUID, line: int, *, ticket: str = "") -> CallPlan | None:
        """The plan of a queued call, which is this line's from now on; None: drop the job."""
        request = ClaimRequest(node=self.node, line=line, ticket=ticket)
        try:
            response = await self._post(f"/internal/v1/calls/{call_id}/claim", request)
        except ControlPlaneRefused as refusal:
            if refusal.status in DROP_CLAIM:
                return None
            raise
        return _parse(CallPlan, response)

    async def preview(self, ticket: str) -> VoicePreview | None:
        """What a request with this ticket may hear; None: nothing."""
        try:
            response = await self._post("/internal/v1/voices/claim", PreviewClaim(ticket=ticket))
        except ControlPlaneRefused:
            return None
        return _parse(VoicePreview, response)

    async def trial(self, ticket: str) -> ToolTrial | None:
        """What a request with this ticket tries out; None: nothing."""
        try:
            response = await self._post("/internal/v1/tools/claim", TrialClaim(ticket=ticket))
        except ControlPlaneRefused:
            return None
        return _parse(ToolTrial, response)

    async def ask(
        self, call_id: UUID, what: str, request: BaseModel, answer: type[M], *, timeout_s: float
    ) -> M:
        """Something of `contract.requests`, in the middle of a call."""
        response = await self._post(f"/internal/v1/calls/{call_id}/{what}", request, timeout=timeout_s)
        return _parse(answer, response)

    async def simulation(self, ticket: str) -> SimulationPlan | None:
        """The case that this ticket is good for, which is this node's from now on; None: none is."""
        wish = SimulationClaim(node=self.node, ticket=ticket)
        try:
            response = await self._post("/internal/v1/simulations/claim", wish)
        except ControlPlaneRefused:
            return None
        return _parse(SimulationPlan, response)

    async def look_up(self, case_id: UUID, query: str, limit: int, bases: Sequence[str]) -> KnowledgeAnswer:
        """In the knowledge of the agent of a case that this node plays."""
        wish = KnowledgeQuery(node=self.node, query=query[:2_000], limit=limit, bases=list(bases))
        response = await self._post(f"/internal/v1/simulations/{case_id}/knowledge", wish, timeout=5.0)
        return _parse(KnowledgeAnswer, response)

    async def simulated(self, case_id: UUID, report: SimulationReport) -> None:
        """Tells what came of a case. Telling it again changes nothing."""
        await self._post(f"/internal/v1/simulations/{case_id}/result", report)

    async def events(self, batch: EventBatch) -> int:
        """Hands events over; the number up to which they are stored."""
        response = await self._post(f"/internal/v1/calls/{batch.call_id}/events", batch)
        return _parse(EventAck, response).seq

    async def recording(
        self, call_id: UUID, wav: AsyncIterator[bytes], *, size_bytes: int, sha256: str
    ) -> None:
        """Uploads a stereo WAV. Doing it again changes nothing."""
        response = await self._request(
            "PUT",
            f"/internal/v1/calls/{call_id}/recording",
            content=wav,
            headers={
                "Content-Type": "audio/wav",
                "Content-Length": str(size_bytes),
                "X-Content-Sha256": sha256,
            },
            timeout=UPLOAD_TIMEOUT_S,
        )
        _check(response)

    async def capture(
        self, call_id: UUID, pcap: AsyncIterator[bytes], *, size_bytes: int, sha256: str, truncated: bool
    ) -> None:
        """Uploads captured RTP. Doing it again changes nothing."""
        response = await self._request(
            "PUT",
            f"/internal/v1/calls/{call_id}/capture",
            content=pcap,
            headers={
                "Content-Type": "application/vnd.tcpdump.pcap",
                "Content-Length": str(size_bytes),
                "X-Content-Sha256": sha256,
                "X-Truncated": "yes" if truncated else "no",
            },
            timeout=UPLOAD_TIMEOUT_S,
        )
        _check(response)

    async def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """Renews the node's lease."""
        response = await self._post("/internal/v1/nodes/heartbeat", beat, timeout=4.0)
        return _parse(HeartbeatAnswer, response)

    async def signalling(self, report: SignallingReport) -> SignallingWork:
        """Tells how registrations and gateways are; the answer is all that is the node's."""
        response = await self._post("/internal/v1/nodes/signalling", report, timeout=4.0)
        return _parse(SignallingWork, response)

    async def _post(
        self, path: str, body: BaseModel, *, timeout: float | httpx.Timeout = TIMEOUT_S
    ) -> httpx.Response:
        response = await self._request(
            "POST",
            path,
            content=body.model_dump_json(),
            headers={"Content-Type": "application/json"},
            timeout=timeout,
        )
        _check(response)
        return response

    async def _request(
        self,
        method: str,
        path: str,
        *,
        content: str | AsyncIterator[bytes],
        headers: dict[str, str],
        timeout: float | httpx.Timeout,
    ) -> httpx.Response:
        try:
            return await self._http.request(method, path, content=content, headers=headers, timeout=timeout)
        except httpx.TransportError as error:
            raise ControlPlaneDown(f"{method} {path}: {type(error).__name__} {error}".rstrip()) from error


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    where = f"{response.request.method} {response.url.path}"
    if response.status_code in NOT_NOW or response.status_code >= 500 or response.is_redirect:
        raise ControlPlaneDown(f"{where}: {response.status_code} {response.text[:SHOWN]}")
    raise ControlPlaneRefused(response.status_code, response.text[:20_000])


def _parse(model: type[M], response: httpx.Response) -> M:
    try:
        return model.model_validate_json(response.content or b"{}")
    except ValidationError as error:
        raise ControlPlaneDown(f"{response.url.path}: answered something else: {error}") from error
