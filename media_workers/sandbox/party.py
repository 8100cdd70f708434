"""One party to a call, playing a script. No clock and no socket: each frame heard is 20 ms.

`hear` and `speak` are called once per 20 ms, from one thread. Steps are generators that yield once
per frame, so a script reads like the conversation it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod

from media_workers.sandbox import script as steps
from media_workers.sandbox.ear import Ear
from media_workers.sandbox.mouth import Mouth, tone

DTMF_DIGIT_MS = 300
"""Time a pressed key takes, pause included; the next step begins after the last one."""


@dataclass(frozen=True, slots=True)
class PressKeys:
    """Send these digits now."""

    digits: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """Hang up now."""


Action = PressKeys | EndCall


@dataclass(slots=True)
class Said:
    """One line spoken, ms from the answer."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class BargeIn:
    """An interruption: when it began, and how long the other side went on speaking over it."""

    at_ms: int
    yielded_after_ms: int | None = None


@dataclass(slots=True)
class Account:
    """What the party did and how it went. `problem` is empty when every step did what it says."""

    said: list[Said] = field(default_factory=list)
    pressed: str = ""
    digits_heard: str = ""
    barge_ins: list[BargeIn] = field(default_factory=list)
    completed: bool = False
    problem: str = ""


class _Stuck(Exception):
    """A step waited in vain."""


class Party:
    """Plays `script`; `speech` holds the audio of each of its lines (8000 Hz PCM, trimmed).

    `on_step` hears of every step as it begins (number from 1, the step); for showing progress.
    """

    def __init__(
        self,
        script: steps.Script,
        speech: Mapping[str, bytes],
        *,
        on_step: Callable[[int, steps.AnyStep], None] | None = None,
    ) -> None:
        self.ear = Ear()
        self.account = Account()
        self._mouth = Mouth()
        self._speech = speech
        self._on_step = on_step or (lambda number, step: None)
        self._actions: list[Action] = []
        self._where = "before the first step"
        self._awaiting_end = False
        self._keys_from = 0
        self._playing: Iterator[None] | None = self._play(script)

    @property
    def now_ms(self) -> int:
        return self.ear.now_ms

    def hear(self, pcm: bytes) -> list[Action]:
        """20 ms of the other side have passed. Returns what is to be done to the call now."""
        self.ear.hear(pcm)
        self._note_yielding()
        playing = self._playing  # `ended` may clear it from another thread
        if playing is not None and next(playing, self) is self:
            self._playing = None
        actions, self._actions = self._actions, []
        return actions

    def speak(self) -> bytes | None:
        """The next 20 ms to send; None is silence."""
        return self._mouth.frame()

    def press_heard(self, digit: str) -> None:
        """The other side pressed a key."""
        self.account.digits_heard += digit

    def ended(self) -> None:
        """The call is over, whoever ended it. A script that still waited for that is complete."""
        if self._playing is not None:
            if self._awaiting_end:
                self.account.completed = True
            elif not self.account.problem:
                self.account.problem = f"{self._where}: the call ended before the script did"
            self._playing = None

    def _play(self, script: steps.Script) -> Iterator[None]:
        for number, step in enumerate(script.steps, 1):
            self._where = f"step {number} ({step.do})"
            self._awaiting_end = isinstance(step, steps.WaitForEnd)
            self._on_step(number, step)
            try:
                yield from self._run(step)
            except _Stuck as stuck:
                self.account.problem = f"{self._where}: {stuck}"
                break
            if isinstance(step, steps.HangUp):
                break
        self.account.completed = not self.account.problem
        self._actions.append(EndCall())

    @singledispatchmethod
    def _run(self, step: object) -> Iterator[None]:
        raise TypeError(f"not a step: {step!r}")

    @_run.register
    def _(self, step: steps.Say) -> Iterator[None]:
        yield from self._utter(step.text)

    @_run.register
    def _(self, step: steps.Beep) -> Iterator[None]:
        self._mouth.say(tone(step.hz, step.ms))
        yield from self._until_said()

    @_run.register
    def _(self, step: steps.Wait) -> Iterator[None]:
        yield from self._pause(step.ms)

    @_run.register
    def _(self, step: steps.Press) -> Iterator[None]:
        self._actions.append(PressKeys(step.digits))
        self.account.pressed += step.digits
        yield from self._pause(len(step.digits) * DTMF_DIGIT_MS)

    @_run.register
    def _(self, step: steps.AwaitKeys) -> Iterator[None]:
        begun = self.now_ms
        while not (heard := self.account.digits_heard[self._keys_from :]).startswith(step.digits):
            if heard and not step.digits.startswith(heard):
                self._keys_from = len(self.account.digits_heard)
                yield from self._utter(step.again)
            if self.now_ms - begun >= step.limit_ms:
                raise _Stuck(f"the keys {step.digits} were not pressed within {step.limit_ms} ms")
            yield
        self._keys_from += len(step.digits)

    @_run.register
    def _(self, step: steps.HangUp) -> Iterator[None]:
        yield from ()

    @_run.register
    def _(self, step: steps.WaitForEnd) -> Iterator[None]:
        yield from self._pause(step.limit_ms)
        if step.required:
            raise _Stuck(f"the other side did not end the call within {step.limit_ms} ms")

    @_run.register
    def _(self, step: steps.Listen) -> Iterator[None]:
        begun = self.now_ms
        while not self._heard_since(begun):
            if self.now_ms - begun >= step.limit_ms:
                if step.required:
                    raise _Stuck(f"nothing heard for {step.limit_ms} ms")
                return
            yield
        heard = self.now_ms
        while self.ear.current or self.ear.quiet_ms < step.quiet_ms:
            if self.now_ms - heard >= step.speech_limit_ms:
                raise _Stuck(f"the other side would not stop for {step.speech_limit_ms} ms")
            yield

    @_run.register
    def _(self, step: steps.AwaitSpeech) -> Iterator[None]:
        yield from self._hear_out(step.for_ms, step.limit_ms)

    @_run.register
    def _(self, step: steps.Interrupt) -> Iterator[None]:
        yield from self._hear_out(step.after_ms, step.limit_ms)
        self.account.barge_ins.append(BargeIn(at_ms=self.now_ms))
        yield from self._utter(step.text)

    def _utter(self, text: str) -> Iterator[None]:
        said = Said(text, self.now_ms, self.now_ms)
        self.account.said.append(said)
        self._mouth.say(self._speech[text])
        for _ in self._until_said():
            said.end_ms = self.now_ms
            yield

    def _until_said(self) -> Iterator[None]:
        while self._mouth.busy:
            yield

    def _pause(self, ms: int) -> Iterator[None]:
        end = self.now_ms + ms
        while self.now_ms < end:
            yield

    def _heard_since(self, begun_ms: int) -> bool:
        segments = self.ear.segments
        return self.ear.current is not None or bool(segments and segments[-1].end_ms > begun_ms)

    def _hear_out(self, for_ms: int, limit_ms: int) -> Iterator[None]:
        """Until one stretch of the other side's speech has lasted `for_ms`."""
        begun = self.now_ms
        while self.ear.current is None:
            if self.now_ms - begun >= limit_ms:
                raise _Stuck(f"nothing heard for {limit_ms} ms")
            yield
        speech = self.ear.current
        while self.now_ms - speech.start_ms < for_ms:
            if self.ear.current is not speech:
                raise _Stuck(f"the other side spoke for less than {for_ms} ms")
            yield

    def _note_yielding(self) -> None:
        if not self.account.barge_ins:
            return
        last = self.account.barge_ins[-1]
        if last.yielded_after_ms is None and self.ear.current is None:
            heard = self.ear.segments[-1]
            last.yielded_after_ms = max(0, heard.end_ms - last.at_ms)


def answer_gaps(account: Account, ear: Ear) -> list[int]:
    """Milliseconds from the end of each line said to the other side's next words, as heard here.

    Lines that nothing followed before the next line was said are left out.
    """
    gaps = []
    limits = [said.start_ms for said in account.said[1:]] + [ear.now_ms]
    for said, limit in zip(account.said, limits, strict=False):
        replies = (s.start_ms for s in ear.segments if said.end_ms <= s.start_ms < limit)
        start = next(replies, None)
        if start is not None:
            gaps.append(start - said.end_ms)
    return gaps
