"""An agent's settings as a call uses them: its texts filled in, and what holds without an agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from media_workers.contract.agent import AgentConfig, Fillers, SilencePolicy, Sounds, TurnTaking
from media_workers.contract.part import fill
from media_workers.conversation.limits import Times

NO_AGENT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Settings:
    language: str
    turn_taking: TurnTaking
    silence: SilencePolicy
    fillers: Fillers
    times: Times
    sounds: Sounds


def settings_of(agent: AgentConfig | None, variables: Mapping[str, str]) -> Settings:
    """`variables`: what `{{name}}` stands for in this call."""
    if agent is None:
        nothing = Times(NO_AGENT_MS)
        return Settings("en-US", TurnTaking(), SilencePolicy(), Fillers(), nothing, Sounds())
    values = dict(variables)
    silence, rules, fillers = agent.silence, agent.turn_taking, agent.fillers

    def filled(texts: list[str]) -> list[str]:
        return [fill(text, values) for text in texts]

    return Settings(
        agent.language,
        rules.model_copy(update={"protected_phrases": filled(rules.protected_phrases)}),
        silence.model_copy(
            update={"prompts": filled(silence.prompts), "goodbye": fill(silence.goodbye, values)}
        ),
        fillers.model_copy(update={"phrases": filled(fillers.phrases)}),
        Times(
            agent.max_duration_ms,
            farewell=fill(agent.max_duration_message, values),
            warning_ms=agent.max_duration_warning_ms,
            warning=fill(agent.max_duration_warning, values),
            money_ended=fill(agent.money_ended_message, values),
        ),
        agent.sounds,
    )
