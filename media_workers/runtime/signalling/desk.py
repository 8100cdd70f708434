"""The node's registrations and the gateways it asks: told by the control plane, which hears how they are.

The control plane gives each registration to one node, under a lease. A node that cannot report lets go of
all when its lease has run out: another one holds them by then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from media_workers.contract.signalling import (
    LEASE_S,
    SIGNALLING_EVERY_S,
    RegistrationStatus,
    RegistrationTask,
    SignallingReport,
    SignallingWork,
)
from media_workers.runtime import logs
from media_workers.runtime.control import ControlPlane, ControlPlaneDown, ControlPlaneRefused
from media_workers.runtime.locate import Locator
from media_workers.runtime.signalling.probe import Prober
from media_workers.runtime.signalling.wire import NoAnswer, Target, Wire, places_of
from media_workers.runtime.waiting import cancelled, within
from media_workers.sip.client.registration import Registration
from media_workers.sip.types import Edge

REGISTER_LIMIT_S = 16.0
"""Half of timer F (RFC 3261, 17.1.2): then the next try."""

LOST_S = LEASE_S - SIGNALLING_EVERY_S
LONGEST_SLEEP_S = 3_600.0


class SignallingDesk:
    """Runs until cancelled. `reached_at` (host:port) is what registrars are told to call."""

    def __init__(
        self,
        control: ControlPlane,
        wire: Wire,
        locator: Locator,
        *,
        reached_at: str,
        edge: Edge | None,
    ) -> None:
        self._control = control
        self._wire = wire
        self._locator = locator
        self._reached_at = reached_at
        self._edge = edge
        self._allow_private = False
        self._held: dict[UUID, _Held] = {}
        self._told: dict[UUID, RegistrationStatus] = {}
        self._prober = Prober(wire, locator, edge=edge)
        self._soon = asyncio.Event()
        self.log = logs.get()

    async def run(self) -> None:
        """Reports and does what it is told, every `SIGNALLING_EVERY_S`, sooner when a state changed."""
        heard_at = time.monotonic()
        try:
            while True:
                if await self._report():
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > LOST_S:
                    await self._hold([])
                await within(SIGNALLING_EVERY_S, self._soon.wait())
                self._soon.clear()
        finally:
            await self._hold([])
            await self._prober.stop()

    @property
    def holds(self) -> int:
        """How many registrations are this node's."""
        return len(self._held)

    async def _report(self) -> bool:
        now = time.monotonic()
        statuses = {key: held.status(now) for key, held in self._held.items()}
        changed = [status for key, status in statuses.items() if self._told.get(key) != status]
        asked = self._prober.results()
        report = SignallingReport(node=self._control.node, registrations=changed, gateways=asked)
        try:
            work = await self._control.signalling(report)
        except (ControlPlaneDown, ControlPlaneRefused) as error:
            self._prober.give_back(asked)
            self.log.warning("signalling_report_failed", error=str(error))
            return False
        self._told |= {status.trunk_id: status for status in changed}
        await self._take(work)
        return True

    async def _take(self, work: SignallingWork) -> None:
        self._allow_private = work.allow_private
        await self._hold(work.registrations)
        self._prober.ask(work.gateways, allow_private=work.allow_private)

    async def _hold(self, tasks: Sequence[RegistrationTask]) -> None:
        wanted = {task.trunk_id: task for task in tasks}
        for key in [key for key, held in self._held.items() if not held.fits(wanted.get(key))]:
            await cancelled(self._held.pop(key).work)
            self._told.pop(key, None)
        for key, task in wanted.items():
            if key not in self._held:
                self._held[key] = _Held(task, self)
            elif task.expires_s == 0:
                self._held[key].end()

    # --- what a registration needs of us ----------------------------------------------------------

    async def places_of(self, task: RegistrationTask) -> tuple[Target, list[str]]:
        """Where REGISTERs for `task` go, to the edge when there is one; and the registrar's addresses."""
        places = await places_of(task.registrar, self._locator, allow_private=self._allow_private)
        addresses = sorted({place.address for place in places})
        if self._edge is not None:
            address, port = self._edge.places[0]
            return Target("udp", address, port), addresses
        return places[0], addresses

    def changed(self) -> None:
        """Something is worth telling at once."""
        self._soon.set()

    @property
    def wire(self) -> Wire:
        return self._wire

    @property
    def route(self) -> str:
        return self._edge.route if self._edge is not None else ""

    def contact(self, task: RegistrationTask) -> str:
        """What the registrar calls: the edge, or the line that takes calls; over the same transport."""
        transport = task.registrar.transport
        parameter = f";transport={transport}" if transport != "udp" else ""
        return f"sip:{task.contact_user}@{self._reached_at}{parameter}"


class _Held:
    """One registration, and the task that keeps it."""

    def __init__(self, task: RegistrationTask, desk: SignallingDesk) -> None:
        self.task = task
        self._desk = desk
        self._registration = Registration(
            task, contact=desk.contact(task), route=desk.route, now=time.monotonic()
        )
        self._addresses: list[str] = []
        self._wake = asyncio.Event()
        self.work = asyncio.create_task(self._run(), name=f"registration {task.trunk_id}")

    def fits(self, task: RegistrationTask | None) -> bool:
        """Whether it is still the one that is wanted, or to be taken back, and works."""
        if self.work.done() and not self._registration.over:  # a mistake of ours: it begins anew
            return False
        return task is not None and (task.expires_s == 0 or task == self.task)

    def end(self) -> None:
        """Takes it back, once."""
        if not self._registration.ending:
            self._registration.end(now=time.monotonic())
            self._wake.set()

    def status(self, now: float) -> RegistrationStatus:
        """How it stands, for the control plane."""
        registration = self._registration
        state, expires_at = registration.state, registration.expires_at
        if expires_at is not None and expires_at <= now:
            state, expires_at = "backing_off", None
        failing = registration.failures > 0 and registration.due_at != float("inf")
        return RegistrationStatus(
            trunk_id=self.task.trunk_id,
            state=state,
            expires_at=None if expires_at is None else _at(expires_at, now),
            last_error=registration.last_error,
            failures=registration.failures,
            retry_at=_at(registration.due_at, now) if failing else None,
            addresses=[ip_address(a) for a in self._addresses] if state == "registered" else [],
        )

    async def _run(self) -> None:
        registration = self._registration
        while not registration.over:
            wait = registration.due_at - time.monotonic()
            if wait > 0:
                self._wake.clear()
                await within(min(wait, LONGEST_SLEEP_S), self._wake.wait())
                continue
            before = registration.state
            try:
                await self._once()
            except Exception:
                self._desk.log.exception("registration_broke", trunk_id=str(self.task.trunk_id))
                raise
            if registration.state != before:
                self._desk.changed()

    async def _once(self) -> None:
        """One request and its answer."""
        registration, wire = self._registration, self._desk.wire
        try:
            target, addresses = await self._desk.places_of(self.task)
            request = registration.request(await wire.sender(target))
            response = await wire.ask(target, request, limit_s=REGISTER_LIMIT_S)
        except NoAnswer as error:
            registration.failed(str(error), now=time.monotonic())
        else:
            registration.answered(response, now=time.monotonic())
            self._addresses = addresses


def _at(moment: float, now: float) -> datetime:
    """A moment of the steady clock as a time, whole seconds: it is told only when it changes."""
    at = datetime.now(UTC) + timedelta(seconds=moment - now)
    return at.replace(microsecond=0)
