"""The agent's side of a simulated call: its real dialogue, its real tools, what it hears and says as text."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from media_workers.contract.acts import Retrieval, Source
from media_workers.contract.part import fill
from media_workers.contract.simulation import SimulatedTool, SimulatedTurn, SimulationPlan
from media_workers.contract.tools import HttpTool, KnowledgeTool
from media_workers.conversation import tools as functions
from media_workers.conversation.acting import END_CALL
from media_workers.conversation.agent_tools import AgentTools
from media_workers.conversation.answering import MOST_ATTEMPTS, MOST_TOOL_CALLS, spoken
from media_workers.conversation.keys import Keys, Typed
from media_workers.conversation.knowledge import Knowledge
from media_workers.conversation.tools import arguments_of
from media_workers.providers import assembly
from media_workers.providers.base import Dialogue, ProviderError, TextDelta, ToolCall, UserInput
from media_workers.providers.fallback import Watch
from media_workers.providers.plain import plain
from media_workers.providers.streams import closing
from media_workers.providers.tools.answers import taken
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.remote import Remote
from media_workers.providers.words import words
from media_workers.simulation.caller import Caller
from media_workers.simulation.story import Story
from media_workers.simulation.world import LookUp, SimulatedBackoffice, SimulatedControl

A_WHILE_MS = 3_600_000
"""No number is waited for that long: what has been typed is all."""


class SimulatedAgent:
    """Speaks into `story`; ends it when it hangs up."""

    def __init__(self, plan: SimulationPlan, story: Story, caller: Caller, look_up: LookUp) -> None:
        config = plan.agent
        self._config = config
        self._story = story
        self._variables = {**config.variables, **plan.case.variables}
        offered = Offers(config)
        backoffice = SimulatedBackoffice(look_up)
        watch = Watch()
        watch.passed_over = lambda error, after_ms: story.troubles.append(str(error))
        self._dialogue: Dialogue = assembly.build_dialogue(
            config,
            plan.case.variables,
            plan.credentials,
            tools=offered,
            watch=watch,
            look_up=Knowledge(config, backoffice).look_up,
            on_moved=story.moved,
            secret=story.secrecy.keep,
        )
        self._tools = AgentTools(
            config,
            variables=self._variables,
            remote=Remote(config, self._variables, offered, public_only=not plan.allow_private),
            control=SimulatedControl(plan.case, story, caller),
            backoffice=backoffice,
            secrecy=story.secrecy,
        )
        self._tools.memory = self._dialogue
        self._mocks = plan.case.mocks
        self._goodbyes = [spoken(p) for p in config.end_call_phrases if words(p)]
        self._keys = Keys(config.keys, story.secrecy)
        self._prompted = 0

    @property
    def slots(self) -> dict[str, str]:
        return dict(self._dialogue.slots)

    async def warm_up(self) -> None:
        await asyncio.gather(self._tools.prepare(), self._dialogue.warm_up())

    async def close(self) -> None:
        await self._tools.close()
        await self._dialogue.close()

    async def opens(self) -> None:
        """Its first message; without one the model speaks first, and a flow says it itself."""
        first = fill(self._config.first_message, self._variables).strip()
        if first and self._config.flow is None:
            self._recites(first)
        else:
            await self._replies(UserInput(), answers=False)

    async def answers(self, said: UserInput) -> None:
        self._prompted = 0
        await self._replies(said, answers=True)

    async def hears_keys(self, digits: str) -> None:
        """Pressed one after the other; they make turns as they do on the telephone."""
        for digit in digits:
            self._keys.expect(self._dialogue.key_input())
            await self._typed(self._keys.pressed(digit, 0).typed)
            if self._story.over:
                return
        await self._typed(self._keys.due(A_WHILE_MS, 0))

    async def _typed(self, typed: Typed | None) -> None:
        if typed is not None:
            shown = "*" * len(typed.digits) if typed.masked else typed.digits
            self._story.turns.append(SimulatedTurn(speaker="caller", text=shown, keys=True))
            await self.answers(UserInput(dtmf=typed.digits))

    async def is_left_waiting(self) -> None:
        """The caller says nothing: the prompts against silence in turn, then the goodbye."""
        self._story.turns.append(SimulatedTurn(speaker="caller", text=""))
        policy = self._config.silence
        last = self._prompted >= len(policy.prompts)
        text = policy.goodbye if last else policy.prompts[self._prompted]
        self._prompted += 1
        self._recites(fill(text, self._variables))
        if last:
            self._story.end("agent", "silence")

    def _recites(self, text: str) -> None:
        self._story.turns.append(SimulatedTurn(speaker="agent", text=text))
        self._dialogue.heard(text, interrupted=False)
        if self._says_goodbye(text):
            self._story.end("agent")

    async def _replies(self, said: UserInput, *, answers: bool) -> None:
        """Begun anew when it broke before its first item, as on the telephone."""
        for left in reversed(range(MOST_ATTEMPTS)):
            try:
                await self._reply(said, answers=answers)
                return
            except ProviderError as error:
                self._story.troubles.append(str(error))
                if not error.retryable or not left:
                    raise

    async def _reply(self, said: UserInput, *, answers: bool) -> None:
        turn = _Turn(self._story.clock())
        async with closing(self._dialogue.reply(said)) as deltas:
            async for delta in deltas:
                if isinstance(delta, ToolCall):
                    self._keep(turn)
                    turn.text = turn.text and f"{turn.text.rstrip()} "
                    await self._call(delta, turn)
                    if turn.ends or self._story.over or turn.calls >= MOST_TOOL_CALLS:
                        break
                elif isinstance(delta, Retrieval):
                    turn.sources += delta.sources
                elif isinstance(delta, TextDelta) and delta.text:
                    self._keep(turn)
                    if turn.response_ms is None and answers:
                        turn.response_ms = self._story.since_ms(turn.asked)
                    turn.text += delta.text
        self._keep(turn)
        self._speak(turn)
        self._dialogue.heard(turn.said, interrupted=False)
        if turn.ends or self._says_goodbye(turn.said):
            self._story.end("agent")

    def _keep(self, turn: _Turn) -> None:
        if not turn.stands:
            turn.stands = True
            self._dialogue.commit()

    def _speak(self, turn: _Turn) -> None:
        """What the turn has in words so far is in the transcript."""
        text, turn.text = plain(turn.text).strip(), ""
        if text:
            titles = list(dict.fromkeys(source.title for source in turn.sources))
            told = SimulatedTurn(speaker="agent", text=text, response_ms=turn.response_ms, sources=titles)
            self._story.turns.append(told)
            turn.sources = []
            turn.said = f"{turn.said} {text}".strip()
            turn.response_ms = None

    async def _call(self, call: ToolCall, turn: _Turn) -> None:
        turn.calls += 1
        if call.name == END_CALL:
            turn.ends = True
            self._dialogue.tool_result(call, "ok")
            return
        began = self._story.clock()
        mocked = call.name in self._mocks
        result = self._mocked(call.name) if mocked else await self._run(call, turn)
        self._dialogue.tool_result(call, result.text, failed=bool(result.trouble))
        if result.retrieval is not None:
            turn.sources += result.retrieval.sources
        self._story.tools.append(
            SimulatedTool(
                name=call.name[:200],
                arguments=arguments_of(call) or {},
                result=result.text,
                mocked=mocked,
                trouble=result.trouble,
                took_ms=self._story.since_ms(began),
                turn=len(self._story.turns),
            )
        )

    def _mocked(self, name: str) -> functions.Result:
        """The case's answer for the tool; what the tool keeps of answers is kept of this one."""
        text = self._mocks[name]
        for tool in self._config.tools:
            if isinstance(tool, HttpTool) and tool.name == name:
                for slot, value in taken(_as_json(text), tool.save).items():
                    self._dialogue.keep(slot, value)
            elif isinstance(tool, KnowledgeTool) and tool.name == name and tool.save_as:
                self._dialogue.keep(tool.save_as, text)
        return functions.Result(text)

    async def _run(self, call: ToolCall, turn: _Turn) -> functions.Result:
        if not self._tools.has(call.name):
            missing = f"There is no function called {call.name[:100]}."
            return functions.Result(missing, missing)
        if self._tools.about(call.name).alone:  # it may say something itself
            self._speak(turn)
        return await functions.run(self._tools, call)

    def _says_goodbye(self, text: str) -> bool:
        said = spoken(text)
        return any(phrase in said for phrase in self._goodbyes)


def _as_json(text: str) -> object:
    """None: it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


@dataclass(slots=True)
class _Turn:
    """A reply while it comes. `text` is not in the transcript yet, `said` is."""

    asked: float
    text: str = ""
    said: str = ""
    response_ms: int | None = None
    calls: int = 0
    sources: list[Source] = field(default_factory=list)
    stands: bool = False
    ends: bool = False
