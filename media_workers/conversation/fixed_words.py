"""What an agent begins a call with, and what is said when nobody can speak for it."""

from __future__ import annotations

from collections.abc import Mapping

from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason
from media_workers.contract.part import fill
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.providers.base import ProviderError, UserInput


class FixedWords:
    """First and last words of the call of `plan`."""

    def __init__(self, plan: CallPlan, variables: Mapping[str, str], report: Reporter) -> None:
        self._plan = plan
        self._variables = variables
        self._report = report

    def opening(self, now_ms: int) -> AgentTurn:
        """The first message; without one, and in a flow, which says it itself, the dialogue begins. Without
        an agent the apology."""
        agent = self._plan.agent
        if agent is None:
            problem = self._plan.problem or "The agent of this number has no published version."
            self._report.trouble("agent_unpublished", "agent", problem, now_ms)
            return AgentTurn(
                Kind.CLOSING,
                text=self._fill(self._plan.apology),
                end_reason=EndReason.NOT_READY,
                end_detail=problem,
            )
        if agent.first_message and agent.flow is None:
            return AgentTurn(Kind.OPENING, text=self._fill(agent.first_message))
        return AgentTurn(Kind.OPENING, said=UserInput())

    def fallback(self, error: ProviderError) -> AgentTurn:
        """After every vendor of a kind has failed."""
        agent = self._plan.agent
        return AgentTurn(
            Kind.CLOSING,
            text=self._fill(agent.fallback_message) if agent else "",
            end_reason=EndReason.PROVIDER_FAILED,
            end_detail=str(error),
            fallback_voice_only=error.component == "tts",
        )

    def _fill(self, text: str) -> str:
        return fill(text, self._variables)
