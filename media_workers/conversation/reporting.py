"""What the conversation reports: events with the call's own time and the order of its turns."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from media_workers.contract.acts import AnsweredBy, FlowMoved, LanguageChanged, ToolUsed
from media_workers.contract.events import BargeIn, Dtmf, EventBody, Partial, Trouble, TurnSpoken
from media_workers.conversation.account import Ledger
from media_workers.conversation.answered_by.judge import Finding
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.speaking import AgentTurn
from media_workers.conversation.tools import Result, arguments_of
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_MS, ProviderError, ToolCall
from media_workers.providers.plain import plain

PARTIAL_EVERY_MS = 250

LONGEST_SHOWN = 4_000
"""Characters of what vendors and functions said, in an event."""


class Timeline:
    """What all conversations of a call have in common, one after the other: when it was answered, and how
    many turns there were."""

    def __init__(self) -> None:
        self.answered_ms: int | None = None
        self._turns = 0

    def answered(self, now_ms: int) -> int:
        """When it was first answered: now, unless somebody has had the call before."""
        if self.answered_ms is None:
            self.answered_ms = now_ms
        return self.answered_ms

    def next_turn(self) -> int:
        index, self._turns = self._turns, self._turns + 1
        return index


class Reporter:
    """Makes the events and numbers the turns. `emit` may be called from any thread of the call, always
    with the call's lock held, so that the order is that of the decisions. `language`: of the call, where it
    may be spoken in several."""

    def __init__(
        self,
        emit: Callable[[EventBody], None],
        ledger: Ledger,
        timeline: Timeline | None = None,
        secrecy: Secrecy | None = None,
    ) -> None:
        self._emit = emit
        self._ledger = ledger
        self._timeline = timeline or Timeline()
        self._secrecy = secrecy or Secrecy()
        self._partial = ""
        self._partial_ms = -PARTIAL_EVERY_MS
        self.language = ""

    def answered(self, now_ms: int) -> int:
        """When the call was answered: now, unless another conversation has had it before."""
        return self._timeline.answered(now_ms)

    def at(self, now_ms: int) -> int:
        """`now_ms` in ms from the answer; 0 before it."""
        answered_ms = self._timeline.answered_ms
        return 0 if answered_ms is None else max(0, now_ms - answered_ms)

    def caller_turn(self, caller: CallerTurn) -> None:
        self._turn(
            "caller",
            caller.text,
            caller.started_ms,
            caller.ended_ms,
            confidence=caller.confidence,
            language=caller.language or self.language,
        )

    def key(self, digit: str, now_ms: int, *, masked: bool = False) -> None:
        """A pressed key, before it is known what it belongs to."""
        self._emit(Dtmf(digit="*" if masked else digit, masked=masked, at_ms=self.at(now_ms)))

    def typed(self, digits: str, now_ms: int, *, masked: bool = False) -> None:
        """What the keys have made together is a turn of the caller."""
        self._turn("caller", "*" * len(digits) if masked else digits, now_ms, now_ms, dtmf=True)

    def agent_turn(self, turn: AgentTurn, *, interrupted: bool) -> int:
        """The index of the reported turn."""
        return self._turn(
            "agent",
            turn.playback.heard(),
            turn.started_ms or turn.last_frame_ms,
            turn.last_frame_ms + FRAME_MS,
            interrupted=interrupted,
            language=self.language,
            latency=turn.timing.parts() if turn.timing else None,
            account=self._ledger.close(
                turn.account,
                turn.timing,
                heard=turn.caller is not None,
                endpointing=turn.endpointing,
                drafts=turn.drafts,
            ),
        )

    def barge_in(self, turn: AgentTurn, index: int, now_ms: int, *, resumed: bool = False) -> None:
        """The agent fell silent at `now_ms`; `resumed`: it went on, because it was nothing."""
        stop_ms = 0 if resumed else max(0, turn.last_frame_ms - now_ms)
        self._emit(BargeIn(at_ms=self.at(now_ms), turn_index=index, stop_ms=stop_ms, resumed=resumed))

    def partial(self, speaker: Literal["caller", "agent"], text: str, now_ms: int) -> None:
        """Live text, when it changed; the caller's at most every `PARTIAL_EVERY_MS`."""
        early = speaker == "caller" and now_ms - self._partial_ms < PARTIAL_EVERY_MS
        if text and text != self._partial and not early:
            self._partial, self._partial_ms = text, now_ms
            self._emit(Partial(speaker=speaker, text=self._shown(speaker, text), at_ms=self.at(now_ms)))

    def provider_trouble(self, error: ProviderError, now_ms: int) -> None:
        self.trouble("provider_error", error.component, f"{error.provider}: {error.detail}", now_ms)

    def language_changed(self, language: str, before: str, now_ms: int) -> None:
        self.language = language
        self._emit(LanguageChanged(language=language, before=before, at_ms=self.at(now_ms)))

    def answered_by(self, finding: Finding, beep: bool, now_ms: int) -> None:
        self._emit(
            AnsweredBy(
                verdict=finding.verdict,
                confidence=finding.confidence,
                signals=list(finding.signals),
                beep=beep,
                at_ms=self.at(now_ms),
            )
        )

    def moved(self, node: str, came_from: str, by: str, now_ms: int) -> None:
        """The dialogue has entered a node of its flow."""
        self._emit(FlowMoved(node=node, came_from=came_from, by=by, at_ms=self.at(now_ms)))

    def trouble(self, what: str, component: str, detail: str, now_ms: int) -> None:
        detail = plain(detail[:LONGEST_SHOWN])
        self._emit(Trouble(what=what, component=component, detail=detail, at_ms=self.at(now_ms)))

    def tool(self, call: ToolCall, result: Result, kind: str, now_ms: int, took_ms: int) -> None:
        """A function the model called. Arguments that are no JSON object are trouble, not an error."""
        arguments = arguments_of(call)
        if arguments is None:
            detail = f"{call.name[:100]}: {call.wrong or call.arguments[:200]}"
            self.trouble("bad_tool_arguments", "llm", detail, now_ms)
        self._emit(
            ToolUsed(
                name=plain(call.name[:200]),
                arguments=arguments or {},
                kind=kind,
                result=plain(result.text[:LONGEST_SHOWN]),
                trouble=plain(result.trouble[:LONGEST_SHOWN]),
                at_ms=self.at(now_ms),
                took_ms=took_ms,
            )
        )

    def _turn(
        self,
        speaker: Literal["caller", "agent"],
        text: str,
        start_ms: int,
        end_ms: int,
        **details: object,
    ) -> int:
        index = self._timeline.next_turn()
        self._partial = ""
        fields = {"start_ms": self.at(start_ms), "end_ms": self.at(end_ms), **details}
        fields |= {"index": index, "speaker": speaker, "text": self._shown(speaker, text)}
        self._emit(TurnSpoken.model_validate(fields))
        return index

    def _shown(self, speaker: str, text: str) -> str:
        """While something sensitive is typed or spoken, nobody reads what the caller says."""
        return re.sub(r"\w", "*", text) if speaker == "caller" and self._secrecy.hiding else text
