"""Who is in a call, and who hears whom: the caller, the agent, a human beside the agent, a person who has
taken over.

Everybody's frames are mixed on the media clock that ticks all legs of a line. The recording has the caller on
the left and everybody else on the right; while the caller waits, what the others say to each other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Protocol

from media_workers.audio.mix import mixed
from media_workers.audio.pcm import FRAME_MS, SILENCE
from media_workers.audio.recorder import Recorded, Recorder
from media_workers.contract.events import Answered, Dtmf, EventBody, Trouble
from media_workers.runtime.leg_port import Ears
from media_workers.runtime.listening import Tap
from media_workers.runtime.talk import Talk, now_ms

WAITING_FRAMES = 3
"""Of one leg for the others. All are ticked by one clock, so that one is enough; the rest is for the tick in
which a leg begins."""


class Speaker(Protocol):
    """A person who has taken over."""

    def next_frame(self) -> bytes | None:
        """Their next 20 ms; None is silence. Media clock."""


class Nobody:
    """Implements `leg_port.Ears` for who hears nothing and is not heard."""

    def on_answered(self, codec: str) -> None: ...
    def on_dtmf(self, digit: str) -> None: ...
    def on_hold(self, held: bool) -> None: ...
    def on_frame(self, pcm: bytes) -> None: ...
    def next_frame(self) -> bytes | None: ...


NOBODY = Nobody()


class Seats(Enum):
    """Who hears whom."""

    AGENT = auto()
    """Caller and agent."""
    WAITING = auto()
    """The caller hears a sound of waiting; the guest, if there is one, is somewhere else."""
    GUEST = auto()
    """Caller and guest; the agent is out."""
    ALL = auto()
    """Caller, agent and guest, each both of the others."""


class Guest:
    """The human beside the agent. Implements `leg_port.Ears` for that leg. While it `meets` somebody, its
    frames and keys go there and nowhere else."""

    def __init__(self) -> None:
        self.meets: Ears | None = None
        self.send_key: Callable[[str], None] = _lost
        """Where its keys go while it is with the caller."""
        self.said: deque[bytes] = deque(maxlen=WAITING_FRAMES)
        self.hears: deque[bytes] = deque(maxlen=WAITING_FRAMES)
        self.aside: deque[bytes] = deque(maxlen=WAITING_FRAMES)
        """Both sides of a meeting."""
        self._told: bytes | None = None

    def on_answered(self, codec: str) -> None:
        """Nobody is there to talk to before somebody has decided who that is."""

    def on_dtmf(self, digit: str) -> None:
        if self.meets is not None:
            self.meets.on_dtmf(digit)
        else:
            self.send_key(digit)

    def on_hold(self, held: bool) -> None:
        """The others hear silence meanwhile."""
        if self.meets is not None:
            self.meets.on_hold(held)

    def on_frame(self, pcm: bytes) -> None:
        meets = self.meets
        if meets is None:
            self.said.append(pcm)
            return
        meets.on_frame(pcm)
        self.aside.append(mixed(pcm, self._told) or SILENCE)

    def next_frame(self) -> bytes | None:
        meets = self.meets
        if meets is None:
            return self.hears.popleft() if self.hears else None
        self._told = frame = meets.next_frame()
        return frame


class Company:
    """What the caller's leg is connected to. Implements `leg_port.Ears` for it. `talk` is the agent, None
    when nobody can speak: then `guest`, the human, is there from the beginning."""

    def __init__(self, emit: Callable[[EventBody], None], talk: Talk | None = None) -> None:
        self.talk = talk
        self.guest = Guest()
        self.answered_ms: int | None = None
        self.send_key: Callable[[str], None] = _lost
        """Where the caller's keys go while it is with the guest."""
        self.hush: Callable[[], bool] = _audible
        """Whether what the caller says now must not be recorded or listened to."""
        self._emit = emit
        self._seats = Seats.AGENT if talk is not None else Seats.GUEST
        self._keys_too = False
        self._sound: Sequence[bytes] = ()
        self._waited = 0
        self._speaker: Speaker | None = None
        self._operator: Tap | None = None
        self._both = BothSides(emit)
        self._agent_says: bytes | None = None
        self._others_say: bytes | None = None
        self._guest_says: bytes | None = None
        self._unspoken: bytes | None = None

    # --- who sits where: any thread ----------------------------------------------------------------

    @property
    def seats(self) -> Seats:
        return self._seats

    def seat(self, seats: Seats) -> None:
        """From the next frame on."""
        if seats in (Seats.GUEST, Seats.ALL):
            self.guest.meets = None
        self._seats = seats

    def wait(self, sound: Sequence[bytes]) -> None:
        """The caller hears `sound`, a loop of frames (empty: silence), until somebody is seated."""
        self._sound, self._waited = sound, 0
        self._seats = Seats.WAITING

    def let_speak(self, speaker: Speaker | None, tap: Tap | None = None) -> None:
        """A person speaks to everybody, and hears the others by `tap`; None: no more."""
        self._speaker, self._operator = speaker, tap

    # --- SIP's owner thread and the media clock ---------------------------------------------------

    def on_answered(self, codec: str) -> None:
        self.answered_ms = now_ms()
        self._emit(Answered(codec=codec, recorded_ms=self._both.recorded_ms))
        if self.talk is not None:
            self.talk.answered(self.answered_ms)

    def on_dtmf(self, digit: str) -> None:
        if self.talk is not None and self._seats is not Seats.GUEST:
            self.talk.on_dtmf(digit)
            return
        at_ms, masked = now_ms(), self._keys_too
        shown = "*" if masked else digit
        self._emit(Dtmf(digit=shown, masked=masked, at_ms=at_ms - (self.answered_ms or at_ms)))
        self.send_key(digit)

    def on_hold(self, held: bool) -> None:
        """Who is with the caller hears silence meanwhile."""
        if self.talk is not None:
            self.talk.on_hold(held)

    def next_frame(self) -> bytes | None:
        seats, guest = self._seats, self.guest
        agent = None if self.talk is None or seats is Seats.GUEST else self.talk.next_frame()
        if seats is Seats.WAITING:
            self._others_say = guest.aside.popleft() if guest.aside else None
            return self._next_of_sound()
        human = guest.said.popleft() if guest.said and seats is not Seats.AGENT else None
        if (speaker := self._speaker) is not None:
            self._unspoken = mixed(agent, human)
            agent = mixed(agent, speaker.next_frame())
        self._agent_says, self._guest_says = agent, human
        self._others_say = heard = mixed(agent, human)
        return heard

    def _next_of_sound(self) -> bytes | None:
        sound, at = self._sound, self._waited
        self._waited += 1
        return sound[at % len(sound)] if sound else None

    def on_frame(self, pcm: bytes) -> None:
        seats = self._seats
        agent, human, others = self._agent_says, self._guest_says, self._others_say
        self._agent_says = self._guest_says = self._others_say = None
        if seats in (Seats.GUEST, Seats.ALL):
            self.guest.hears.append(mixed(pcm, agent) or SILENCE)
        if self.talk is not None and seats is not Seats.GUEST:
            self.talk.on_frame(mixed(pcm, human) or SILENCE)
        hidden = self.hush()
        self._both.feed(pcm, others, hidden=hidden)
        if (operator := self._operator) is not None:
            operator.feed(SILENCE if hidden else pcm, self._unspoken)

    # --- loop -------------------------------------------------------------------------------------

    @property
    def slots(self) -> dict[str, str]:
        """What was collected so far."""
        return self.talk.slots if self.talk is not None else {}

    async def prepare(self) -> None:
        """While it rings. Never raises."""
        if self.talk is not None:
            await self.talk.prepare()

    def hide(self, hush: Callable[[], bool], *, hold_frames: int, keys_too: bool = False) -> None:
        """What the caller says while `hush` says so is neither recorded nor listened to, nor the
        `hold_frames` before it. `keys_too`: which keys the guest is sent is not told either."""
        self.hush, self._keys_too = hush, keys_too
        self._both.hold(hold_frames)

    def record(self, recorder: Recorder) -> None:
        """Before the answer: both sides go into `recorder`, which is ours to close from now on."""
        self._both.record(recorder)

    def listen(self, tap: Tap) -> None:
        """At any time: both sides go into `tap` too, until nobody listens any more."""
        self._both.listen(tap)

    def ended(self, at_ms: int) -> None:
        """The caller is gone. `close` must follow."""
        if self.talk is not None:
            self.talk.ended(at_ms)

    async def close(self) -> Recorded | None:
        """After the caller's leg has ended: their last words, and the recording when there is one."""
        if self.talk is not None:
            await self.talk.close()
        return await self._both.close()


class BothSides:
    """Where the frames of both sides go: the recording and those who listen in. Media clock, but `record`,
    `listen` and `close`."""

    def __init__(self, emit: Callable[[EventBody], None]) -> None:
        self._emit = emit
        self._recorder: Recorder | None = None
        self._tap: Tap | None = None
        self._frames = 0
        self._held: deque[tuple[bytes, bytes | None]] = deque()
        self._hold = 0

    def hold(self, frames: int) -> None:
        """That many frames wait: a key that is to be hidden is known only when its tone has begun."""
        self._hold = frames

    @property
    def recorded_ms(self) -> int:
        """How much is recorded so far."""
        return self._frames * FRAME_MS

    def record(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def listen(self, tap: Tap) -> None:
        self._tap = tap

    def feed(self, caller: bytes, other: bytes | None, *, hidden: bool = False) -> None:
        """The same 20 ms of both sides. `hidden`: the caller is not to be heard, nor what waits of them."""
        if hidden:
            caller = SILENCE
            self._held = deque((SILENCE, before) for _, before in self._held)
        self._held.append((caller, other))
        while len(self._held) > self._hold:
            self._keep(*self._held.popleft())

    def _keep(self, caller: bytes, other: bytes | None) -> None:
        recorder, tap = self._recorder, self._tap
        if recorder is not None:
            recorder.feed(caller, other)
            self._frames += 1
        if tap is not None and not tap.feed(caller, other):
            self._tap = None

    async def close(self) -> Recorded | None:
        """The recording, when there is one."""
        while self._held:
            self._keep(*self._held.popleft())
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return None
        try:
            recorded = await asyncio.to_thread(recorder.close)
        except OSError as error:
            self._emit(Trouble(what="recording_failed", component="recorder", detail=str(error)))
            return None
        if recorded.duration_ms:
            return recorded
        recorded.path.unlink()
        return None


def _lost(digit: str) -> None:
    """A key pressed when nobody is there to hear it."""


def _audible() -> bool:
    return False
