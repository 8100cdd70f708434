"""The phone that is told by the control plane whom to play: the caller of a test suite's case over audio."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import httpx
from pydantic import ValidationError

from media_workers.contract.simulation import (
    TOLD_BY,
    HangUpStep,
    PhoneScript,
    PressStep,
    SayStep,
    SilentStep,
    Step,
)
from media_workers.sandbox.script import (
    AnyStep,
    HangUp,
    Interrupt,
    Listen,
    Press,
    Say,
    Script,
    WaitForEnd,
)

TIMEOUT_S = 5.0
ANSWER_LIMIT_MS = 20_000
"""How long an answer may take to begin; the caller goes on without it then."""

SILENT_LIMIT_MS = 60_000
GOODBYE_MS = 2_500
"""After the last answer: an agent that hangs up does it within this time."""

Ask = Callable[[Mapping[str, str]], Script | None]
"""By the INVITE's headers; None: nobody is to be played. May take a moment."""


def asker(control_url: str) -> Ask:
    """Asks the control plane at `control_url`."""

    def ask(headers: Mapping[str, str]) -> Script | None:
        ticket = next((v for name, v in headers.items() if name.lower() == TOLD_BY.lower()), "")
        if not ticket:
            return None
        url = f"{control_url}/internal/v1/simulations/phone"
        try:
            asked = {"Authorization": f"Bearer {ticket}"}
            response = httpx.get(url, headers=asked, timeout=TIMEOUT_S, trust_env=False)
            response.raise_for_status()
            return played(PhoneScript.model_validate_json(response.content).steps)
        except (httpx.HTTPError, ValidationError):
            return None

    return ask


def played(steps: Iterable[Step]) -> Script:
    """The steps as a party plays them: each after what the agent says, the last answer heard to its end."""
    return Script(steps=[*(part for step in steps for part in _parts(step)), *_ending()])


def _parts(step: Step) -> Iterator[AnyStep]:
    if isinstance(step, SayStep) and step.interrupt:
        yield Interrupt(text=step.text, after_ms=600)
        return
    limit_ms = SILENT_LIMIT_MS if isinstance(step, SilentStep) else ANSWER_LIMIT_MS
    yield Listen(required=False, limit_ms=limit_ms)
    match step:
        case SayStep(text=text):
            yield Say(text=text)
        case PressStep(digits=digits):
            yield Press(digits=digits)
        case HangUpStep():
            yield HangUp()


def _ending() -> Iterator[AnyStep]:
    yield Listen(required=False, limit_ms=ANSWER_LIMIT_MS)
    yield WaitForEnd(limit_ms=GOODBYE_MS, required=False)


def nobody_told(headers: Mapping[str, str]) -> Script | None:
    """Of a sandbox without a control plane."""
    return None
