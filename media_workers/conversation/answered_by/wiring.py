"""The policy of a call: from its plan, and with the hands of its conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.part import fill
from media_workers.contract.tools import LeaveVoicemailTool
from media_workers.conversation.answered_by.policy import AnswerPolicy, Rules
from media_workers.conversation.reporting import Reporter
from media_workers.conversation.speaking import AgentTurn
from media_workers.providers.base import Dialogue


def policy_of(
    plan: CallPlan,
    *,
    variables: Mapping[str, str],
    report: Reporter,
    dialogue: Dialogue,
    post: Callable[..., None],
    opening: Callable[[], AgentTurn],
) -> AnswerPolicy | None:
    """None: nobody listens for machines in this call, and none can be left a message. `post` runs a function
    on the loop."""
    agent = plan.agent
    if agent is None:
        return None
    detects = plan.direction == "outbound" and agent.voicemail.detect
    if not detects and not any(isinstance(tool, LeaveVoicemailTool) for tool in agent.tools):
        return None
    return AnswerPolicy(
        _rules(agent, variables, detects=detects),
        report=report.answered_by,
        note=lambda text: post(dialogue.note, text),
        keep=lambda name, value: post(dialogue.keep, name, value),
        opening=opening,
    )


def _rules(agent: AgentConfig, variables: Mapping[str, str], *, detects: bool) -> Rules:
    chosen = agent.voicemail
    return Rules(
        detect=detects,
        action=chosen.action,
        message=fill(chosen.message or agent.first_message, variables),
        beep_within_ms=chosen.beep_within_ms,
        decide_within_ms=chosen.decide_within_ms,
        screening_reply=fill(chosen.screening_reply or agent.first_message, variables),
        navigate=chosen.navigate,
        goal=fill(chosen.goal, variables),
        language=agent.language,
    )
