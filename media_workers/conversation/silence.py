"""What the agent does when the caller says nothing."""

from __future__ import annotations

from dataclasses import dataclass

from media_workers.contract.agent import SilencePolicy


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something to say into the silence; `last`: the goodbye, after which the call ends."""

    text: str
    last: bool


class SilenceWatch:
    """Adds up the time in which neither side does anything; noise only stops the count."""

    def __init__(self, policy: SilencePolicy) -> None:
        self._policy = policy
        self._silent_ms = 0
        self._prompted = 0
        self._last_ms: int | None = None

    def tick(self, idle: bool, now_ms: int) -> Prompt | None:
        """To be called every frame. The prompt that is due now, once."""
        passed = 0 if self._last_ms is None else now_ms - self._last_ms
        self._last_ms = now_ms
        if not idle:
            return None
        self._silent_ms += passed
        if self._silent_ms < self._policy.prompt_after_ms:
            return None
        self._silent_ms = 0
        self._prompted += 1
        prompts = self._policy.prompts
        if self._prompted <= len(prompts):
            return Prompt(prompts[self._prompted - 1], last=False)
        return Prompt(self._policy.goodbye, last=True)

    def agent_spoke(self) -> None:
        """The caller's time to answer begins again; prompts already given stay given."""
        self._silent_ms = 0

    def caller_spoke(self) -> None:
        """The caller is there: the first prompt comes first again."""
        self._silent_ms = 0
        self._prompted = 0
