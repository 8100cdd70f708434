"""What a call's rules (`Call.redact`) take out of what a node reports, before it is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.calls.digits import CARD_LENGTHS, MASK, Run, has_card, is_card, masked, runs_in
from apps.calls.models import Call, CallEvent, Redaction, RedactionKind, Turn
from apps.calls.services.erasing import erasing
from media_workers.contract import acts
from media_workers.contract import events as contract

DIGITS = 4
"""So many in a row are a number that somebody gave; fewer are a price, an hour, a house."""

MARGIN_MS = 300
"""Before and after a turn whose sound is silenced: where speech begins is found a little late."""

LOOKED_BACK = 8
"""Turns of a speaker that one number may be spread over."""

_SIGNAL = re.compile(r"(?im)^(\s*signal\s*=\s*)[0-9a-d*#]+")


@dataclass(eq=False)
class _Spoken:
    """A turn as far as it may be part of a number. `place`: of its event in the batch; None: it is stored."""

    seq: int
    index: int
    speaker: str
    start_ms: int
    end_ms: int
    text: str
    runs: list[Run]
    place: int | None = None
    out: list[Run] = field(default_factory=list)
    kind: str = ""


def redacted(call: Call, events: Sequence[contract.CallEvent]) -> list[contract.CallEvent]:
    """`events` without what the call's rules take out. Where a number is complete only now, what was stored
    of it is masked too. The call is locked; nothing is done for one without rules."""
    if not call.redact:
        return list(events)
    kept = [event.model_copy(update={"body": _masked_body(event.body, call.redact)}) for event in events]
    spoken = _spoken(call, kept)
    _decide(spoken, call.redact)
    for turn in spoken:
        if turn.out:
            _take_out(call, turn, kept)
    _note(call, [turn for turn in spoken if turn.out], kept)
    return kept


# --- turns -----------------------------------------------------------------------------------------


def _spoken(call: Call, events: Sequence[contract.CallEvent]) -> list[_Spoken]:
    """The turns of `events`, behind those that were stored last before them."""
    fresh = [
        _of_body(event.seq, place, event.body)
        for place, event in enumerate(events)
        if isinstance(event.body, contract.TurnSpoken)
    ]
    if not any(turn.runs for turn in fresh):
        return []
    stored = Turn.objects.filter(call=call).order_by("-seq")[: 2 * LOOKED_BACK]
    return [_of_row(row) for row in reversed(stored)] + fresh


def _of_body(seq: int, place: int, body: contract.TurnSpoken) -> _Spoken:
    return _Spoken(
        seq, body.index, body.speaker, body.start_ms, body.end_ms, body.text, runs_in(body.text), place
    )


def _of_row(row: Turn) -> _Spoken:
    return _Spoken(row.seq, row.index, row.speaker, row.start_ms, row.end_ms, row.text, runs_in(row.text))


def _decide(turns: Sequence[_Spoken], rules: Iterable[str]) -> None:
    """Fills in what is taken out of which turn."""
    for speaker in ("caller", "agent"):
        own = [turn for turn in turns if turn.speaker == speaker]
        if "cards" in rules:
            _cards(own)
        if "digits" in rules:
            _digits(own)


def _cards(turns: Sequence[_Spoken]) -> None:
    for turn in turns:
        _mark(((turn, run) for run in turn.runs if has_card(run.digits)), RedactionKind.CARDS)
    pieces = [(turn, run) for turn in turns for run in turn.runs]
    for first in range(len(pieces)):
        digits = ""
        for last in range(first, len(pieces)):
            digits += pieces[last][1].digits
            if len(digits) >= CARD_LENGTHS.stop:
                break
            if last > first and is_card(digits):
                _mark(pieces[first : last + 1], RedactionKind.CARDS)


def _digits(turns: Sequence[_Spoken]) -> None:
    """Long runs; and turns one after the other that are nothing but digits."""
    row: list[_Spoken] = []
    for turn in [*turns, None]:
        if turn is not None and turn.runs and not re.search(r"\w", masked(turn.text, turn.runs)):
            row.append(turn)
            continue
        pieces = [(part, run) for part in row for run in part.runs]
        if sum(len(run.digits) for _, run in pieces) >= DIGITS:
            _mark(pieces, RedactionKind.DIGITS)
        row = []
        if turn is not None:
            _mark(((turn, run) for run in turn.runs if len(run.digits) >= DIGITS), RedactionKind.DIGITS)


def _mark(pieces: Iterable[tuple[_Spoken, Run]], kind: str) -> None:
    for turn, run in pieces:
        if run not in turn.out:
            turn.out.append(run)
        turn.kind = turn.kind or kind


def _take_out(call: Call, turn: _Spoken, events: list[contract.CallEvent]) -> None:
    text = masked(turn.text, sorted(turn.out, key=lambda run: run.start))
    if turn.place is not None:
        event = events[turn.place]
        body = event.body.model_copy(update={"text": text})
        events[turn.place] = event.model_copy(update={"body": body})
        return
    Turn.objects.filter(call=call, seq=turn.seq).update(text=text)
    with erasing():
        stored = CallEvent.objects.get(call=call, seq=turn.seq)
        stored.body["text"] = text
        stored.save(update_fields=["body"])


def _note(call: Call, turns: Sequence[_Spoken], events: Sequence[contract.CallEvent]) -> None:
    """Writes down what is to be silenced: the whole turn, since nobody knows when a word of it was said."""
    rows = [_redaction(call, turn.kind, turn) for turn in turns]
    noted = {turn.seq for turn in turns}
    rows += [
        _redaction(call, RedactionKind.KEYS, event.body)
        for event in events
        if "keys" in call.redact
        and isinstance(event.body, contract.TurnSpoken)
        and event.body.dtmf
        and event.seq not in noted
    ]
    Redaction.objects.bulk_create(rows)


def _redaction(call: Call, kind: str, turn: _Spoken | contract.TurnSpoken) -> Redaction:
    return Redaction(
        tenant_id=call.tenant_id,
        call=call,
        kind=kind,
        turn=turn.index,
        speaker=turn.speaker,
        start_ms=turn.start_ms - MARGIN_MS,
        end_ms=max(turn.start_ms, turn.end_ms) + MARGIN_MS,
    )


# --- everything else -------------------------------------------------------------------------------


def _masked_body(body: Any, rules: Sequence[str]) -> Any:
    """A body in which nothing can be read that the rules take out; a turn's own words come later."""
    match body:
        case contract.TurnSpoken():
            return _masked_turn(body, rules)
        case contract.Partial():
            # Numbers grow in it: what is a card number later is none yet.
            return body.model_copy(update={"text": _without(body.text, lambda run: len(run.digits) > 1)})
        case contract.Dtmf(direction="in"):
            return body.model_copy(update={"digit": "*", "masked": True})
        case acts.ToolUsed():
            changes = {name: _deep(getattr(body, name), rules) for name in ("arguments", "result", "trouble")}
            return body.model_copy(update=changes)
        case contract.Ended():
            return body.model_copy(update={"slots": _deep(body.slots, rules)})
        case acts.LiveControl():
            return body.model_copy(update={"text": _deep(body.text, rules)})
        case contract.Trouble():
            return body.model_copy(update={"detail": _deep(body.detail, rules)})
        case contract.SipMessage() if body.first_line.startswith("INFO "):
            return body.model_copy(update={"text": _without_keys(body.text)})
    return body


def _masked_turn(body: contract.TurnSpoken, rules: Sequence[str]) -> contract.TurnSpoken:
    changes: dict[str, Any] = {}
    if body.dtmf and "keys" in rules:
        changes["text"] = MASK
    if body.account is not None and body.account.retrieval is not None:
        query = _deep(body.account.retrieval.query, rules)
        retrieval = body.account.retrieval.model_copy(update={"query": query})
        changes["account"] = body.account.model_copy(update={"retrieval": retrieval})
    return body.model_copy(update=changes) if changes else body


def _deep(value: Any, rules: Sequence[str]) -> Any:
    """A JSON value with what the rules name masked, however deep."""
    if isinstance(value, str):
        return _without(value, lambda run: _is_named(run.digits, rules))
    if isinstance(value, int) and not isinstance(value, bool):
        return MASK if _is_named(str(abs(value)), rules) else value
    if isinstance(value, Mapping):
        return {_deep(name, rules): _deep(part, rules) for name, part in value.items()}
    return [_deep(part, rules) for part in value] if isinstance(value, list) else value


def _is_named(digits: str, rules: Sequence[str]) -> bool:
    return ("digits" in rules and len(digits) >= DIGITS) or ("cards" in rules and has_card(digits))


def _without(text: str, out: Callable[[Run], bool]) -> str:
    return masked(text, [run for run in runs_in(text) if out(run)])


def _without_keys(text: str) -> str:
    """An INFO (RFC 6086) with a key in its body: `Signal=5`, or the key alone."""
    head, blank, body = text.partition("\r\n\r\n")
    if not re.search(r"(?im)^content-type:.*dtmf", head):
        return text
    relay = re.search(r"(?im)^content-type:.*dtmf-relay", head)
    return head + blank + (_SIGNAL.sub(r"\1*", body) if relay else re.sub(r"[0-9A-Da-d*#]", "*", body))
