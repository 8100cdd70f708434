"""Which side of a call hears nothing. No clock, no socket: time is a parameter.

What can be known: that nothing arrives here; that only silence arrives; and what the peer's RTCP says
about ours (RFC 3550, 6.4: a report has a block for each source that was heard since the last one). A
peer that sends no RTCP leaves open whether it hears us, and then nothing is claimed about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from media_workers.contract.events import MediaStats, OneWay

CERTAIN_AFTER_S: Final = 5.0
"""Without a single packet: a stream begins with the answer, at the latest when NAT has been passed."""

EARLY_S: Final = 1.0
"""Reports that come so soon after the answer were on their way before they could tell of our audio."""

ONLY_SILENCE_S: Final = 15.0
"""Packets that hold nothing but digital silence: even a person who waits breathes into the telephone."""

DEAF_REPORTS: Final = 2
"""So many reports in a row without our stream: the first may have been on its way before our packets."""

WORDS: Final[dict[OneWay, str]] = {
    "we_hear_nothing": "No audio arrives from the far side.",
    "they_hear_nothing": "The far side reports that it receives no audio from us.",
    "both_silent": "No audio arrives in either direction.",
}
ONLY_SILENCE = "The far side sends nothing but silence; a muted microphone sounds the same."


def one_way_words(stats: MediaStats) -> str:
    """What is wrong, for people; "" when nothing is."""
    if stats.one_way == "we_hear_nothing" and stats.rx_packets:
        return ONLY_SILENCE
    return WORDS.get(stats.one_way, "")


@dataclass(frozen=True, slots=True)
class Reception:
    """What is known at one moment, counted from the answer. `should_send` and `should_hear`: what the SDP
    asks of the peer (false on hold). `deaf_reports`: reports in a row in which the peer has not
    received us; `hearing_reports`: those in which it has."""

    rx_packets: int
    tx_packets: int
    heard: bool
    should_send: bool = True
    should_hear: bool = True
    deaf_reports: int = 0
    hearing_reports: int = 0


class Hearing:
    """Follows one leg from its answer on."""

    def __init__(self) -> None:
        self._answered: float | None = None
        self._expected_since: float | None = None
        self._excused = 0
        self._verdict: OneWay = ""

    @property
    def verdict(self) -> OneWay:
        """As of the last `update`."""
        return self._verdict

    def update(self, now: float, known: Reception) -> OneWay:
        """The verdict at `now` (s, monotonic; the first call is the answer). It is taken back when audio
        arrives after all."""
        if self._answered is None:
            self._answered = now
        if self._expected_since is None or not known.should_send:
            self._expected_since = now  # a hold is no reason to expect anything
        waited = now - self._expected_since
        we = self._we_are_deaf(known, waited)
        they = self._they_are_deaf(known, early=now - self._answered < EARLY_S)
        if we and they:
            self._verdict = "both_silent"
        elif we:
            self._verdict = "we_hear_nothing"
        else:
            self._verdict = "they_hear_nothing" if they else ""
        return self._verdict

    def _they_are_deaf(self, known: Reception, *, early: bool) -> bool:
        """Reports that were sent while the call was on hold do not count: nothing was sent to them."""
        if early or not known.should_hear:
            self._excused = known.deaf_reports
        excused = min(self._excused, known.deaf_reports)
        return known.deaf_reports - excused >= DEAF_REPORTS and not known.hearing_reports

    @staticmethod
    def _we_are_deaf(known: Reception, waited: float) -> bool:
        if known.heard or not known.should_send:
            return False
        return waited >= (ONLY_SILENCE_S if known.rx_packets else CERTAIN_AFTER_S)
