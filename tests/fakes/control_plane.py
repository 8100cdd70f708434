"""A control plane of the media node's internal API, on a real socket, with an open notebook.

It keeps the contract's promises (events stored once and in order, claims granted once) and can be
made to fail: `away` closes the port, `answer_with` gives the next requests a status.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from media_workers.contract.calls import (
    CallPlan,
    ClaimRequest,
    Heartbeat,
    HeartbeatAnswer,
    InboundAnswer,
    InboundCall,
    Rejection,
)
from media_workers.contract.events import CallEvent, Ended, EventAck, EventBatch
from media_workers.contract.requests import LegAnswer, LegOver, LegRequest
from media_workers.contract.signalling import SignallingReport, SignallingWork
from media_workers.contract.simulation import SimulationClaim, SimulationPlan, SimulationReport
from media_workers.contract.trials import ToolTrial, TrialClaim
from media_workers.contract.voices import PreviewClaim, VoicePreview

TOKEN = "node_" + "0" * 64
TICKET = "signed by the control plane"
NOT_OURS = Rejection(sip_code=404, sip_reason="Not Found", detail="not ours")


class ControlPlane:
    """Use as a context manager. `url` stays the same through `away`."""

    def __init__(self) -> None:
        self.events: dict[UUID, list[CallEvent]] = defaultdict(list)
        self.batches: list[EventBatch] = []
        self.recordings: dict[UUID, bytes] = {}
        self.captures: dict[UUID, bytes] = {}
        self.heartbeats: list[Heartbeat] = []
        self.asked: list[InboundCall] = []
        self.claims: list[UUID] = []
        self.plans: dict[UUID, CallPlan] = {}
        self.lost: set[UUID] = set()
        self.signalling: list[SignallingReport] = []
        self.work = SignallingWork()
        self.preview: VoicePreview | None = None
        self.trial: ToolTrial | None = None
        self.simulation: SimulationPlan | None = None
        self.simulated: list[SimulationReport] = []
        self.admit: Callable[[InboundCall], InboundAnswer] = lambda _: InboundAnswer(rejection=NOT_OURS)
        self.legs: Callable[[LegRequest], LegAnswer] = lambda _: LegAnswer(rejection=NOT_OURS)
        self.legs_asked: list[LegRequest] = []
        self.legs_over: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.unauthorized = 0
        self._faults: list[tuple[str, int]] = []
        self._slow_claims: dict[UUID, threading.Event] = {}
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> ControlPlane:
        return self

    def __exit__(self, *exc: object) -> None:
        self.gate.set()
        self._stop()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Nobody listens on the port."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def answer_with(self, status: int, path_end: str, times: int = 1) -> None:
        """The next requests whose path ends so are answered with `status`."""
        with self._lock:
            self._faults += [(path_end, status)] * times

    @contextlib.contextmanager
    def slow_claim(self, call_id: UUID) -> Iterator[Callable[[], None]]:
        """The claim of this call is answered once the function that is given here is called."""
        self._slow_claims[call_id] = answered = threading.Event()
        try:
            yield answered.set
        finally:
            answered.set()

    def forget(self) -> None:
        """The notebook is empty again, and nobody is admitted."""
        with self._lock:
            for notes in (self.events, self.recordings, self.captures, self.plans):
                notes.clear()
            for told in (self.batches, self.asked, self.claims, self._faults):
                told.clear()
            self.lost.clear()
            self.admit = lambda _: InboundAnswer(rejection=NOT_OURS)

    def bodies(self, call_id: UUID) -> list[Any]:
        """What has been reported of a call, in order."""
        with self._lock:
            return [event.body for event in self.events[call_id]]

    def ended(self, call_id: UUID) -> Ended | None:
        return next((b for b in self.bodies(call_id) if isinstance(b, Ended)), None)

    # --- the socket -------------------------------------------------------------------------------

    def _start(self) -> None:
        ThreadingHTTPServer.allow_reuse_address = True
        server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        server.daemon_threads = True
        self._server, self._port = server, server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            for connection in list(_handler_connections(self._server)):
                connection()
            self._server = None

    # --- the API ----------------------------------------------------------------------------------

    def handle(self, path: str, sha256: str, body: bytes) -> tuple[int, BaseModel | None]:
        with self._lock:
            for fault in self._faults:
                if path.endswith(fault[0]):
                    self._faults.remove(fault)
                    return fault[1], None
        parts = path.removeprefix("/internal/v1/").split("/")
        if parts == ["calls", "inbound"]:
            return self._inbound(InboundCall.model_validate_json(body))
        if parts == ["nodes", "heartbeat"]:
            return self._heartbeat(Heartbeat.model_validate_json(body))
        if parts == ["nodes", "signalling"]:
            self.signalling.append(SignallingReport.model_validate_json(body))
            return 200, self.work
        if parts == ["voices", "claim"]:
            ticket = PreviewClaim.model_validate_json(body).ticket
            return (200, self.preview) if ticket == TICKET else (409, None)
        if parts == ["tools", "claim"]:
            wanted = TrialClaim.model_validate_json(body).ticket == TICKET and self.trial is not None
            return (200, self.trial) if wanted else (409, None)
        if parts == ["simulations", "claim"]:
            wish = SimulationClaim.model_validate_json(body)
            plan, self.simulation = self.simulation, None
            return (200, plan) if wish.ticket == TICKET and plan is not None else (409, None)
        if parts[0] == "simulations" and parts[2] == "result":
            self.simulated.append(SimulationReport.model_validate_json(body))
            return 204, None
        call_id = UUID(parts[1])
        if parts[2] == "claim":
            self.claims.append(call_id)
            if slow := self._slow_claims.get(call_id):
                slow.wait(20)
        with self._lock:
            if parts[2] == "claim":
                return self._claim(call_id, ClaimRequest.model_validate_json(body))
            if parts[2] == "events":
                return self._store(EventBatch.model_validate_json(body))
            if parts[2] == "recording":
                if hashlib.sha256(body).hexdigest() != sha256:
                    return 422, None
                self.recordings[call_id] = body
                return 204, None
            if parts[2:] == ["legs"]:
                return self._leg(LegRequest.model_validate_json(body))
            if parts[2:] == ["legs", "over"]:
                return self._leg_over(LegOver.model_validate_json(body))
            if parts[2] == "capture":
                self.captures[call_id] = body
                return 204, None
        return 404, None

    def _leg(self, request: LegRequest) -> tuple[int, BaseModel]:
        self.legs_asked.append(request)
        return 200, self.legs(request)

    def _leg_over(self, over: LegOver) -> tuple[int, None]:
        self.legs_over.append(over.key)
        return 204, None

    def _inbound(self, call: InboundCall) -> tuple[int, BaseModel]:
        self.asked.append(call)
        self.gate.wait(20)
        return 200, self.admit(call)

    def _heartbeat(self, beat: Heartbeat) -> tuple[int, BaseModel]:
        self.heartbeats.append(beat)
        return 200, HeartbeatAnswer(lost=[i for i in beat.calls if i in self.lost])

    def _claim(self, call_id: UUID, wish: ClaimRequest) -> tuple[int, BaseModel | None]:
        waiting = self.plans.get(call_id)
        if waiting is not None and waiting.direction == "browser" and wish.ticket != TICKET:
            return 409, None
        plan = self.plans.pop(call_id, None)
        return (200, plan) if plan is not None else (409, None)

    def _store(self, batch: EventBatch) -> tuple[int, BaseModel]:
        self.batches.append(batch)
        stored = self.events[batch.call_id]
        for event in batch.events:
            if event.seq == len(stored) + 1:
                stored.append(event)
        return 200, EventAck(seq=len(stored))


_connections: dict[int, set[Any]] = defaultdict(set)


def _handler_connections(server: ThreadingHTTPServer) -> Iterator[Callable[[], None]]:
    """Keep-alive connections outlive the listening socket; a stopped server's do not."""
    for connection in _connections.pop(id(server), set()):

        def close(connection: Any = connection) -> None:
            with contextlib.suppress(OSError):
                connection.shutdown(2)

        yield close


def _handler(control: ControlPlane) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            _connections[id(self.server)].add(self.connection)

        def finish(self) -> None:
            _connections[id(self.server)].discard(self.connection)
            super().finish()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None: ...

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                control.unauthorized += 1
                status, model = 401, None
            else:
                status, model = control.handle(self.path, self.headers.get("X-Content-Sha256", ""), body)
            data = model.model_dump_json().encode() if model is not None else b""
            self.send_response(status)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    return Handler
