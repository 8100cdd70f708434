"""Plays a case: the agent's dialogue on one side, the caller on the other, turn by turn."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from media_workers.contract.agent import RealtimeModel
from media_workers.contract.simulation import (
    CaseRecord,
    CaseResult,
    ModelCaller,
    SimulatedTurn,
    SimulationPlan,
)
from media_workers.contract.vendors import key_of
from media_workers.providers import registry
from media_workers.providers.base import ProviderError, UserInput
from media_workers.providers.tools.prefetch import prefetch
from media_workers.simulation.agent import SimulatedAgent
from media_workers.simulation.caller import Actor, Caller, Move, Script
from media_workers.simulation.checks import failures
from media_workers.simulation.judge import judge
from media_workers.simulation.story import Story
from media_workers.simulation.world import LookUp, nothing_known

log = logging.getLogger(__name__)

JUDGE_LIMIT_S = 60.0
MOST_TURNS = 200
"""Of both together; two models would talk for ever."""

DEAF_AND_DUMB = "A model that hears and speaks itself can only be called over audio."
TOO_LONG = "The conversation was not over after {limit_s} s."


async def simulate(
    plan: SimulationPlan,
    *,
    look_up: LookUp = nothing_known,
    clock: Callable[[], float] = time.monotonic,
) -> CaseResult:
    """The case played, or the record that came with it, and what of it is not as it should be. Raises
    nothing. `look_up` in the agent's knowledge; `clock` in seconds."""
    record = plan.record if plan.record is not None else await _played(plan, look_up, clock)
    if record.problem:
        return CaseResult(passed=False, record=record)
    try:
        async with asyncio.timeout(JUDGE_LIMIT_S):
            verdicts = await judge(plan.case, record, plan.credentials)
    except TimeoutError:
        verdicts = {}
    wrong = failures(plan.case, record, verdicts)
    return CaseResult(passed=not wrong, record=record, failures=wrong)


async def _played(plan: SimulationPlan, look_up: LookUp, clock: Callable[[], float]) -> CaseRecord:
    story = Story(clock)
    try:
        async with asyncio.timeout(plan.case.limit_s):
            await _converse(plan, story, look_up)
    except TimeoutError:
        story.troubles.append(TOO_LONG.format(limit_s=plan.case.limit_s))
    except ProviderError as error:
        story.problem = str(error)
    except Exception as error:
        log.exception("a simulated call failed")
        story.problem = f"The conversation failed ({type(error).__name__})."
    return story.record()


async def _converse(plan: SimulationPlan, story: Story, look_up: LookUp) -> None:
    if isinstance(plan.agent.model, RealtimeModel):
        raise ProviderError("realtime", plan.agent.model.provider, DEAF_AND_DUMB, retryable=False)
    plan = await _with_variables(plan, story)
    caller = _caller(plan)
    agent = SimulatedAgent(plan, story, caller, look_up)
    try:
        await agent.warm_up()
        await agent.opens()
        while not story.over and len(story.turns) < MOST_TURNS:
            move = await caller.move(story.turns)
            await _moved(move, agent, story)
        story.slots = agent.slots
    finally:
        story.slots = story.slots or agent.slots
        await agent.close()
        await caller.close()


async def _with_variables(plan: SimulationPlan, story: Story) -> SimulationPlan:
    """The plan with what the agent asks for before a call; what the case itself gives counts more."""
    story.secrecy.keep_secrets(plan.agent.secrets)
    given = plan.case.variables
    if not set().union(*(fetch.take for fetch in plan.agent.prefetch)) - set(given):
        return plan
    fetched = await prefetch(
        plan.agent, {**plan.agent.variables, **given}, public_only=not plan.allow_private
    )
    story.troubles += fetched.troubles
    case = plan.case.model_copy(update={"variables": {**fetched.values, **given}})
    return plan.model_copy(update={"case": case})


async def _moved(move: Move, agent: SimulatedAgent, story: Story) -> None:
    if move.hangs_up:
        if move.text:
            story.turns.append(SimulatedTurn(speaker="caller", text=move.text))
        story.end("caller")
    elif move.keys:
        await agent.hears_keys(move.keys)
    elif move.text:
        story.turns.append(SimulatedTurn(speaker="caller", text=move.text))
        await agent.answers(UserInput(text=move.text))
    else:
        await agent.is_left_waiting()


def _caller(plan: SimulationPlan) -> Caller:
    caller = plan.case.caller
    if not isinstance(caller, ModelCaller):
        return Script(caller.filled({**plan.agent.variables, **plan.case.variables}))
    choice = caller.model.model_copy(update={"temperature": 0.0})
    return Actor(caller, registry.build_model(choice, plan.credentials.get(key_of(choice.provider))))
