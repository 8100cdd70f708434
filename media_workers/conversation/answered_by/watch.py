"""Listens to whoever answered, and says when it is known who that is, and when that changes."""

from __future__ import annotations

from typing import Final

from media_workers.audio.beep import Tone, ToneDetector
from media_workers.conversation.answered_by import lexicon
from media_workers.conversation.answered_by.judge import UNKNOWN, Evidence, Finding, Verdict, judge
from media_workers.conversation.answered_by.lexicon import CERTAIN, Sign, signs_in
from media_workers.providers.base import FRAME_MS, Transcript

SPEECH: Final = 0.5
"""From which probability a frame is speech."""

LOUD_SPEECH: Final = 40.0**2
"""Mean square; softer is the rounding of mu-law, whatever voice activity says."""

EVERY_MS: Final = 100
"""How often the evidence is judged when nothing but time has passed."""

HELD: Final = 3
"""Answers to the agent after which only a tone or the plainest words change a verdict of `human`."""

LONGEST_TEXT: Final = 4_000

CNG_AFTER_MS: Final = 1_500
"""A calling fax says nothing; half a second of 1100 Hz after so much speech is a beep."""


class AnswerWatch:
    """Fed with every frame of the called side from the answer on. `finding`: as things stand.

    `decide_within_ms`: after so long `unknown` is a verdict too. `told`: verdicts given so far.
    """

    def __init__(self, *, language: str, decide_within_ms: int) -> None:
        self._language = language
        self._decide_within_ms = decide_within_ms
        self._tones = ToneDetector()
        self._texts: dict[int, str] = {}
        self._changed = False
        self._now_ms = 0
        self._told: Verdict | None = None
        self._evidence = Evidence()
        self.finding = UNKNOWN
        self.tone: Tone | None = None

    @property
    def quiet_ms(self) -> int:
        """Since the last speech or tone."""
        return self._evidence.quiet_ms

    @property
    def records(self) -> bool:
        """A machine that takes a message, as far as one can tell: no announcement, no fax, not full."""
        refuses = any(sign.phrase in lexicon.NO_MESSAGE for sign in self._evidence.signs)
        return not (refuses or self._evidence.fax or self._evidence.sit)

    def feed(self, pcm: bytes, probability: float, energy: float) -> Finding | None:
        """20 ms. Who it is, when that has become known or has changed. `tone`: what ended with this frame."""
        self._now_ms += FRAME_MS
        self.tone = self._tones.feed(pcm)
        # A beep sounds like a vowel to voice activity.
        speech = probability >= SPEECH and energy >= LOUD_SPEECH and not self._tones.sounding_ms
        self._evidence.cadence.feed(speech, energy)
        sounds = speech or bool(self._tones.sounding_ms)
        self._evidence.quiet_ms = 0 if sounds else self._evidence.quiet_ms + FRAME_MS
        if self.tone is not None:
            self._heard_tone(self.tone)
        if self._changed or self._now_ms % EVERY_MS == 0:
            self._changed = False
            return self._judge()
        return None

    def heard(self, transcript: Transcript) -> None:
        """Words so far; a later transcript of the same utterance takes the place of the earlier."""
        if sum(len(text) for text in self._texts.values()) > LONGEST_TEXT:
            return
        self._texts[transcript.utterance] = transcript.text[:LONGEST_TEXT]
        text = " ".join(self._texts[number] for number in sorted(self._texts))
        self._evidence.signs = self._counted(signs_in(text, self._language))
        self._changed = True

    def answered(self) -> None:
        """They have said something short after the agent had spoken."""
        self._evidence.answers += 1
        self._changed = True

    def restart(self) -> None:
        """Somebody else may speak from here on: what was heard so far counts no more."""
        self._evidence = Evidence()
        self._texts.clear()
        self._now_ms, self._told, self.finding = 0, "unknown", UNKNOWN

    def _counted(self, signs: list[Sign]) -> list[Sign]:
        """In a conversation that goes both ways, somebody may well speak of a voicemail."""
        if self._evidence.answers < HELD:
            return signs
        return [sign for sign in signs if sign.weight >= CERTAIN]

    def _heard_tone(self, tone: Tone) -> None:
        evidence, cadence = self._evidence, self._evidence.cadence
        spoken = cadence.spoken_ms >= CNG_AFTER_MS
        if tone.kind == "fax" or (tone.kind == "cng" and not spoken):
            evidence.fax = True
        elif tone.kind == "sit":
            evidence.sit = tone.name
        elif tone.kind in ("beep", "cng") and cadence.said:
            evidence.beeps += 1
        elif tone.kind == "beep":
            evidence.lone_beeps += 1
        self._changed = True

    def _judge(self) -> Finding | None:
        found = judge(self._evidence)
        if found.verdict == "unknown":
            late = self._now_ms >= self._decide_within_ms
            if self._told is not None or not late:
                return None
        self.finding = found
        if found.verdict == self._told:
            return None
        self._told = found.verdict
        return found
