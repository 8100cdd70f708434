"""Tones on a telephone line: the beep of an answering machine, and what only looks like one.

Pure: a frame of 20 ms goes in, what has been heard comes out once it is over. A tone is a line or two in the
spectrum that hold nearly all of the energy, at the same place for 80 ms or more; speech has its energy in
harmonics that move. Costs 10 to 20 us a frame (one FFT), and next to nothing on silence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from media_workers.audio.pcm import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE

WINDOW: Final = 2 * FRAME_SAMPLES
"""The frame and the one before: lines 25 Hz apart, so that the harmonics of a voice stay apart."""

HZ_PER_LINE: Final = SAMPLE_RATE / WINDOW
LOWEST: Final = int(300 / HZ_PER_LINE)
HIGHEST: Final = int(2_600 / HZ_PER_LINE)
HUM: Final = 3
"""Lines up to 75 Hz are mains hum and count for nothing."""

SOFTEST: Final = 60.0**2
"""Mean square of 16-bit samples, -55 dBFS: nobody's beep is softer."""

PURE: Final = 0.8
"""So much of the energy is in one line (and the two on each side that the window smears it over)."""

PURE_PAIR: Final = 0.85
WEAKER: Final = 0.08
"""The second line of a pair has at least so much of the energy of the first."""

DRIFT_HZ: Final = 14.0
"""A tone stays where it is. The line's place is known to 2 Hz in silence, to 10 Hz in noise."""

SHORTEST_MS: Final = 80
LONGEST_MS: Final = 2_200
APART_MS: Final = 240
"""Tones closer than this belong together: a double beep, a chord that is played one by one."""

DROPOUT_MS: Final = 40
MOST_PARTS: Final = 4
"""More tones than that, one after the other, are a melody."""

DROPPED: Final = 0.1
LOUD_FRAMES: Final = 3
"""After a beep it is 10 dB softer; where something as loud follows for so long, it was music, or a word."""

Kind = Literal["beep", "dtmf", "fax", "cng", "sit", "progress"]

DTMF_LOW: Final = (697, 770, 852, 941)
DTMF_HIGH: Final = (1209, 1336, 1477, 1633)
DTMF_OFF: Final = 0.022

PROGRESS: Final = ((350, 440), (440, 480), (480, 620), (400, 450))
"""Dial tone, ringback and busy of North America; ringback of Britain."""

PROGRESS_HZ: Final = 425.0
"""Ringback and busy of most other countries (ITU-T E.180)."""

CNG_HZ, CNG_MS = 1_100.0, (400, 600)
"""The calling fax (ITU-T T.30): half a second every 3.5 s. One of them alone may be a beep."""

CED_HZ, CED_MS = 2_100.0, 1_500
"""The fax that answers: 2.6 to 4 s, told as soon as it has lasted longer than any beep near it."""

SIT_HZ: Final = ((913.8, 985.2), (1_370.6, 1_428.5), (1_776.7,))
SIT_LONG_MS: Final = 330
SIT_NAMES: Final = {
    ("low", "low"): {"short short": "intercept", "long long": "no_circuit"},
    ("high", "low"): {"long short": "vacant_code", "short long": "reorder"},
    ("high", "high"): {"long long": "no_circuit"},
    ("low", "high"): {"short long": "reorder"},
}
"""By the pitch and the length of the first two tones (Telcordia SR-2275); the third is always the same."""


@dataclass(frozen=True, slots=True)
class Tone:
    """What was heard. Times are ms since the first frame. `hz`: of its parts, one after the other.

    `name`: the digit of `dtmf`, which of the special information tones it was, else empty.
    """

    kind: Kind
    hz: tuple[float, ...]
    start_ms: int
    end_ms: int
    name: str = ""


@dataclass(slots=True)
class _Part:
    """One steady tone. `lines`: where its one or two lines are, in Hz, low first."""

    lines: tuple[float, ...]
    start_ms: int
    end_ms: int
    energy: float
    frames: int = 1

    @property
    def ms(self) -> int:
        # The window looks one frame back, so a tone is seen for one frame after its end.
        return self.end_ms - self.start_ms - FRAME_MS

    def goes_on(self, lines: tuple[float, ...]) -> bool:
        same = len(lines) == len(self.lines)
        return same and all(abs(a - b) <= DRIFT_HZ for a, b in zip(lines, self.lines, strict=True))

    def add(self, lines: tuple[float, ...], energy: float, now_ms: int) -> None:
        self.frames += 1
        weight = 1 / min(self.frames, 8)
        self.lines = tuple(a + (b - a) * weight for a, b in zip(self.lines, lines, strict=True))
        self.energy = max(self.energy, energy)
        self.end_ms = now_ms


@dataclass(slots=True)
class ToneDetector:
    """Of one direction of one call. `sounding_ms`: how long the tone that sounds now has lasted."""

    _last: NDArray[np.float32] = field(default_factory=lambda: np.zeros(FRAME_SAMPLES, np.float32))
    _now_ms: int = 0
    _part: _Part | None = None
    _parts: list[_Part] = field(default_factory=list)
    _told: bool = False
    _loud: int = 0

    @property
    def sounding_ms(self) -> int:
        part = self._part
        return max(0, part.ms) if part is not None and part.frames > 2 else 0

    def feed(self, pcm: bytes) -> Tone | None:
        """20 ms (320 bytes, 16-bit mono, 8000 Hz). A tone is told once, `APART_MS` after its end."""
        self._now_ms += FRAME_MS
        samples = np.frombuffer(pcm, "<i2").astype(np.float32)
        energy = float(samples @ samples) / FRAME_SAMPLES
        before, self._last = self._last, samples
        if energy < SOFTEST:
            return self._no_tone(energy)
        lines = _lines(np.concatenate((before, samples)))
        return self._tone(lines, energy) if lines else self._no_tone(energy)

    def _tone(self, lines: tuple[float, ...], energy: float) -> Tone | None:
        part = self._part
        if part is not None and part.goes_on(lines) and self._now_ms - part.end_ms <= DROPOUT_MS + FRAME_MS:
            part.add(lines, energy, self._now_ms)
            return self._fax(part)
        self._finish_part()
        self._loud = 0
        self._part = _Part(lines, self._now_ms - FRAME_MS, self._now_ms, energy)
        return None

    def _fax(self, part: _Part) -> Tone | None:
        if self._told or abs(part.lines[0] - CED_HZ) > 25 or part.ms < CED_MS:
            return None
        self._told = True
        return Tone("fax", part.lines, part.start_ms, part.end_ms)

    def _no_tone(self, energy: float) -> Tone | None:
        part = self._part
        if part is not None and self._now_ms - part.end_ms > DROPOUT_MS:
            self._finish_part()
        if not self._parts:
            return None
        last = self._parts[-1]
        quiet_ms = self._now_ms - last.end_ms
        self._loud = self._loud + 1 if quiet_ms > DROPOUT_MS and energy > DROPPED * last.energy else 0
        if self._loud >= LOUD_FRAMES:
            self._parts.clear()
            return None
        return self._tell() if quiet_ms >= APART_MS and self._part is None else None

    def _finish_part(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        if part.ms >= SHORTEST_MS and not self._told:
            self._parts.append(part)
        self._told = False

    def _tell(self) -> Tone | None:
        parts, self._parts = self._parts, []
        named = _named(parts)
        if named is None:
            return None
        hz = tuple(round(line, 1) for part in parts for line in part.lines)
        return Tone(named[0], hz, parts[0].start_ms, parts[-1].end_ms - FRAME_MS, named[1])


_HANN = np.hanning(WINDOW).astype(np.float32)


def _lines(samples: NDArray[np.float32]) -> tuple[float, ...]:
    """Where the one or two lines are that hold the energy, in Hz; empty: it is no tone."""
    spectrum = np.fft.rfft(samples * _HANN)
    power = spectrum.real**2 + spectrum.imag**2
    # A few numbers are added faster as Python's own.
    hum = sum(power[:HUM].tolist())
    total = float(np.add.reduce(power)) - hum
    if total < hum:
        return ()
    first = LOWEST + int(power[LOWEST:HIGHEST].argmax())
    held = sum(power[first - 2 : first + 3].tolist())
    if held >= PURE * total:
        return (_place(power, first),)
    if held < 0.4 * total:
        return ()
    rest = power[LOWEST - 6 : HIGHEST].copy()
    around = first - LOWEST + 6
    rest[max(0, around - 2) : around + 3] = 0
    second = LOWEST - 6 + int(rest.argmax())
    more = float(rest[max(0, second - LOWEST + 4) : second - LOWEST + 9].sum())
    if held + more < PURE_PAIR * total or more < WEAKER * held:
        return ()
    low, high = sorted((first, second))
    return (_place(power, low), _place(power, high))


def _place(power: NDArray[np.floating], line: int) -> float:
    """Between the lines, by the parabola through the logarithms of three."""
    before, at, after = np.log(power[line - 1 : line + 2] + 1e-6).tolist()
    bend = before - 2 * at + after
    return float(HZ_PER_LINE * (line + (0.5 * (before - after) / bend if bend else 0.0)))


def _named(parts: list[_Part]) -> tuple[Kind, str] | None:
    """None: a melody, a tone without end."""
    if (sit := _sit(parts)) is not None:
        return "sit", sit
    if any(_progress(part) for part in parts):
        return "progress", ""
    keys = [_key(part) for part in parts]
    if all(keys):
        return "dtmf", "".join(keys)
    if len(parts) > MOST_PARTS or any(part.ms > LONGEST_MS for part in parts):
        return None
    if len(parts) == 1 and _near(parts[0].lines, CNG_HZ, 30) and CNG_MS[0] <= parts[0].ms <= CNG_MS[1]:
        return "cng", ""
    return "beep", ""


def _sit(parts: list[_Part]) -> str | None:
    if len(parts) < 3:
        return None
    pitches: list[str] = []
    for part, heights in zip(parts, SIT_HZ, strict=False):
        near = [i for i, hz in enumerate(heights) if _near(part.lines, hz, 26)]
        if not near:
            return None
        pitches.append("high" if near[-1] else "low")
    lengths = " ".join("long" if part.ms >= SIT_LONG_MS else "short" for part in parts[:2])
    return SIT_NAMES.get((pitches[0], pitches[1]), {}).get(lengths, "unknown")


def _progress(part: _Part) -> bool:
    if len(part.lines) == 1:
        return _near(part.lines, PROGRESS_HZ, 12) and part.ms >= 200
    return any(abs(part.lines[0] - low) < 15 and abs(part.lines[1] - high) < 15 for low, high in PROGRESS)


def _key(part: _Part) -> str:
    """The DTMF digit; empty: it is none."""
    if len(part.lines) != 2:
        return ""
    low = [i for i, hz in enumerate(DTMF_LOW) if abs(part.lines[0] - hz) <= DTMF_OFF * hz]
    high = [i for i, hz in enumerate(DTMF_HIGH) if abs(part.lines[1] - hz) <= DTMF_OFF * hz]
    return ("123A", "456B", "789C", "*0#D")[low[0]][high[0]] if low and high else ""


def _near(lines: tuple[float, ...], hz: float, within: float) -> bool:
    return len(lines) == 1 and abs(lines[0] - hz) <= within
