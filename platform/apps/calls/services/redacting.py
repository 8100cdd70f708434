"""Words and sound that a person takes out of a call that has ended."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.calls.digits import MASK, masked, runs_in
from apps.calls.errors import CallGoesOn
from apps.calls.models import Call, CallEvent, Redaction, RedactionKind, Turn
from apps.calls.selectors import locked
from apps.calls.services.automatic_redaction import MARGIN_MS
from apps.calls.services.erasing import erase_rtp, erasing
from apps.calls.services.indexing import index_transcript
from apps.calls.services.silencing import seal
from apps.calls.signals import call_redacted
from apps.calls.states import CallState
from tenants.audit.context import actor_now
from tenants.audit.services import record
from tenants.errors import InvalidInput

SHORTEST = 3
"""Letters or digits of what is also looked for elsewhere; less is in every text by chance."""

SPEECH_MS = 1_000
"""So long after a turn its live text may still have been reported."""


def redact_turn(*, call_id: UUID, turn: int) -> Redaction:
    """Takes a turn out, by its index: its words, and the sound of its speaker meanwhile. CallUnknown,
    CallGoesOn, InvalidInput (turn)."""
    call = _ended(call_id)
    rows = list(Turn.objects.filter(call=call, index=turn))
    if not rows:
        raise InvalidInput("The call has no such turn.", field="turn")
    first, last = min(row.start_ms for row in rows), max(row.end_ms for row in rows)
    return _redact(call, rows, first - MARGIN_MS, max(first, last) + MARGIN_MS, rows[0].speaker, turn=turn)


def redact_span(*, call_id: UUID, start_ms: int, end_ms: int, speaker: str = "") -> Redaction:
    """Takes out what a side (`speaker`; "": both) sounded like from `start_ms` to `end_ms` after the answer,
    and every word of its turns that overlap. CallUnknown, CallGoesOn, InvalidInput (end_ms)."""
    if end_ms <= start_ms:
        raise InvalidInput("The end must be after the beginning.", field="end_ms")
    call = _ended(call_id)
    rows = Turn.objects.filter(call=call, start_ms__lt=end_ms, end_ms__gt=start_ms)
    if speaker:
        rows = rows.filter(speaker=speaker)
    return _redact(call, list(rows), start_ms, end_ms, speaker)


class Taken:
    """What was taken out, while it is taken out elsewhere too; kept nowhere."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = sorted(
            {t for text in texts if len(t := _plain(text)) >= SHORTEST}, key=len, reverse=True
        )
        runs = [run.digits for text in self._texts for run in runs_in(text)]
        self._digits = {digits for digits in runs if len(digits) >= SHORTEST}

    def mask(self, value: Any) -> Any:
        """A JSON value with what was taken out masked in each of its texts: the whole, or a text that was a
        part of it, or its digits in whatever form."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return MASK if str(abs(value)) in self._digits else value
        if isinstance(value, Mapping):
            return {name: self.mask(part) for name, part in value.items()}
        return [self.mask(part) for part in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        plain = _plain(text)
        if len(plain) >= SHORTEST and any(f" {plain} " in f" {taken} " for taken in self._texts):
            return MASK
        for taken in self._texts:
            words = r"\W+".join(map(re.escape, taken.split()))
            text = re.sub(rf"(?<!\w){words}(?!\w)", MASK, text, flags=re.IGNORECASE)
        return masked(text, [run for run in runs_in(text) if self._has(run.digits)])

    def _has(self, digits: str) -> bool:
        return any(digits in taken or taken in digits for taken in self._digits) and len(digits) >= SHORTEST


def _plain(text: str) -> str:
    """Its words alone."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _ended(call_id: UUID) -> Call:
    call = locked(call_id)
    if call.state != CallState.ENDED:
        raise CallGoesOn("The call goes on: take something out of it once it has ended.")
    return call


def _redact(
    call: Call, turns: list[Turn], start_ms: int, end_ms: int, speaker: str, turn: int | None = None
) -> Redaction:
    taken = Taken(row.text for row in turns)
    _mask_turns(call, turns)
    _mask_events(call, taken, _around(turns, start_ms, end_ms), speaker)
    call.slots = taken.mask(call.slots)
    index_transcript(call)
    call.save(update_fields=["slots", "search_language", "updated_at"])
    redaction = Redaction.objects.create(
        call=call,
        kind=RedactionKind.MANUAL,
        start_ms=start_ms,
        end_ms=end_ms,
        speaker=speaker,
        turn=turn,
        made_by=actor_now().get("actor_label", "")[:300],
    )
    erase_rtp(call)
    call_redacted.send(Call, call=call, mask=taken.mask)
    seal(call)
    record("call_redacted", of=call, after={"start_ms": start_ms, "end_ms": end_ms, "speaker": speaker})
    return redaction


def _mask_turns(call: Call, turns: list[Turn]) -> None:
    seqs = [row.seq for row in turns]
    Turn.objects.filter(call=call, seq__in=seqs).exclude(text="").update(text=MASK)
    with erasing():
        for event in CallEvent.objects.filter(call=call, seq__in=seqs):
            event.body["text"] = MASK
            event.save(update_fields=["body"])


def _around(turns: list[Turn], start_ms: int, end_ms: int) -> tuple[int, int]:
    """When live text of what is taken out was reported."""
    first = min([start_ms, *(row.start_ms for row in turns)])
    return first, max([end_ms, *(row.end_ms for row in turns)]) + SPEECH_MS


def _mask_events(call: Call, taken: Taken, around: tuple[int, int], speaker: str) -> None:
    with erasing():
        for event in _with_words(call):
            body = _masked(event.body, taken, around, speaker)
            if body != event.body:
                event.body = body
                event.save(update_fields=["body"])
    for turn in Turn.objects.filter(call=call, account__retrieval__isnull=False):
        account = _without_lookup(turn.account, taken)
        if account != turn.account:
            Turn.objects.filter(pk=turn.pk).update(account=account)


def _with_words(call: Call) -> QuerySet[CallEvent]:
    words = Q(type__in=["partial", "dtmf", "tool", "control", "trouble", "ended", "turn"])
    return CallEvent.objects.filter(words, call=call).order_by(F("seq"))


def _masked(body: dict[str, Any], taken: Taken, around: tuple[int, int], speaker: str) -> dict[str, Any]:
    kind, inside = body["type"], around[0] <= body.get("at_ms", -1) <= around[1]
    if kind == "turn":
        account = _without_lookup(body.get("account"), taken)
        return {**body, "account": account} if account else body
    if kind == "partial":
        ours = inside and speaker in ("", body["speaker"])
        return {**body, "text": MASK if ours else taken.mask(body["text"])}
    if kind == "dtmf":
        ours = inside and speaker in ("", "caller") and body.get("direction") == "in"
        return {**body, "digit": "*", "masked": True} if ours else body
    names = {"tool": ("arguments", "result", "trouble"), "ended": ("slots",), "trouble": ("detail",)}
    return body | {name: taken.mask(body[name]) for name in names.get(kind, ("text",)) if name in body}


def _without_lookup(account: dict[str, Any] | None, taken: Taken) -> dict[str, Any] | None:
    """What was looked up for a turn repeats the caller's words."""
    if not account or not account.get("retrieval"):
        return account
    retrieval = account["retrieval"]
    return {**account, "retrieval": {**retrieval, "query": taken.mask(retrieval["query"])}}
