"""What came of a request to somebody else's machine."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it may be shown: its secrets are masked."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`text` is for the model, `trouble` for people (empty: nothing is wrong); `saved`: slots. `status`: of
    HTTP, where there was an answer. `sent`: None when nothing was."""

    text: str
    trouble: str = ""
    saved: dict[str, str] = field(default_factory=dict)
    status: int | None = None
    sent: Sent | None = None


def failure(words: str, *, status: int | None = None, sent: Sent | None = None) -> Outcome:
    """`words` for the model and for people."""
    return Outcome(f"Error: {words}", words, status=status, sent=sent)
