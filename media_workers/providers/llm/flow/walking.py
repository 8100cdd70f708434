"""What nodes do: their words, what they make of the caller's, and the way on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

from media_workers.contract.flow import (
    CollectNode,
    ConditionNode,
    Edge,
    EndNode,
    HandOverNode,
    ListenNode,
    Node,
    PromptNode,
    SayNode,
    ScriptBranch,
    ToolNode,
    TransferNode,
)
from media_workers.contract.tools import KeyInput
from media_workers.providers.base import Delta, ProviderError, Tool, ToolCall, UserInput
from media_workers.providers.llm.chat import END_CALL, Chat
from media_workers.providers.llm.flow import prompting, values
from media_workers.providers.llm.flow.acting import call_of
from media_workers.providers.llm.flow.collecting import Collector
from media_workers.providers.llm.flow.graph import Graph
from media_workers.providers.llm.flow.listening import Listener
from media_workers.providers.llm.flow.state import Draft, State, Way

MOST_NODES = 50
"""Entered in one reply: a graph that walks in a circle without waiting for the caller is stopped."""

OUTCOME = "outcome"

Item = str | Delta
"""Words of a node's own, or what the model and the nodes' actions give."""

Acting = ToolNode | TransferNode | HandOverNode


class Walker:
    """The nodes of `graph` in one call. What they do goes into a draft; here is only what stays true whatever
    becomes of it: `results` of calls by their ids (and whether they failed), `secret_slots`."""

    def __init__(
        self,
        graph: Graph,
        variables: Mapping[str, str],
        *,
        language: str,
        greeting: str,
        chat: Chat | None,
        instructions: str,
        tools: Sequence[Tool],
        secret: Callable[[str, str], None],
    ) -> None:
        self._graph = graph
        self._variables = dict(variables)
        self._language = language
        self._greeting = greeting
        self._chat = chat
        self._instructions = instructions
        self._tools = tools
        self._secret = secret
        self._phrase_slots = {
            name: [values.filled(value, variables, {}) for value in some]
            for name, some in graph.slots.items()
        }
        self._listeners: dict[str, Listener] = {}
        self._collectors: dict[str, Collector] = {}
        self.results: dict[str, tuple[str, bool]] = {}
        self.secret_slots: set[str] = set()

    # --- while the caller speaks ------------------------------------------------------------------

    def expected(self, state: State) -> Sequence[str]:
        match self._node(state):
            case ListenNode() as node:
                return self._listener(state.node, node).expected
            case CollectNode() as node:
                return self._collector(state.node, node).expected
        return ()

    def key_input(self, state: State) -> KeyInput | None:
        match self._node(state):
            case ListenNode() as node if self._listener(state.node, node).takes_keys:
                return KeyInput()
            case CollectNode() as node:
                return self._collector(state.node, node).key_input
        return None

    def hides(self, state: State) -> bool:
        """What the caller says now is not to be written down."""
        node = self._node(state)
        return isinstance(node, CollectNode) and node.sensitive

    # --- what the caller did ----------------------------------------------------------------------

    async def answer(self, draft: Draft, said: UserInput) -> AsyncGenerator[Item, None]:
        silent = not (said.text or said.dtmf or said.unclear)
        first, node = not draft.state.begun, self._node(draft.state)
        waits = isinstance(node, ListenNode | PromptNode)
        if first:
            draft.move(Way(self._graph.start, ""))
            # Who has done something before a word was said is answered, by a node that listens.
            if self._greeting and (silent or not waits):
                yield self._say(draft, self._greeting)
                if waits:
                    return
        work = self._act(draft) if silent or (first and not waits) else self._hear(draft, said)
        for _ in range(MOST_NODES):
            draft.wait()
            async with aclosing(work) as items:
                async for item in items:
                    yield item
            if draft.next is None:
                return
            draft.move(draft.next)
            work = self._act(draft)
        raise _broken(f"{MOST_NODES} nodes were entered without waiting for the caller")

    async def _hear(self, draft: Draft, said: UserInput) -> AsyncGenerator[Item, None]:
        """What the node makes of it. One that does not listen was interrupted: it is taken up again."""
        node = self._node(draft.state)
        match node:
            case ListenNode():
                work = self._listen(draft, node, said)
            case CollectNode():
                work = self._collect(draft, node, said)
            case PromptNode():
                work = self._prompt(draft, node)
            case SayNode():
                self._go_on(draft, node.edges)
                return
            case _:
                work = self._act(draft)
        async with aclosing(work) as items:
            async for item in items:
                yield item

    async def _listen(self, draft: Draft, node: ListenNode, said: UserInput) -> AsyncGenerator[Item, None]:
        listener = self._listener(draft.state.node, node)
        found = listener.pressed(said.dtmf) if said.dtmf else listener.spoken(said.text)
        items = self._follow(draft, *found, said) if found else self._misunderstood(draft, node)
        for item in items:
            yield item

    def _follow(
        self, draft: Draft, branch: ScriptBranch, heard: Mapping[str, str], said: UserInput
    ) -> list[Item]:
        by = "keys" if said.dtmf else "phrase"
        slots = {**draft.state.slots, **heard}
        slots |= {name: values.spoken(value, self._variables, slots) for name, value in branch.set.items()}
        draft.set(replace(draft.state.with_slots(slots), tries=0))
        items: list[Item] = [self._say(draft, branch.reply)]
        if branch.action != END_CALL:
            draft.next = Way(branch.goto, by) if branch.goto else None
            return items
        target = self._graph.nodes[branch.goto] if branch.goto else None
        if branch.goto and isinstance(target, ListenNode):
            draft.move(Way(branch.goto, by))
            items.append(self._say(draft, target.say))
        return [*items, self._end(draft)]

    def _misunderstood(self, draft: Draft, node: ListenNode) -> list[Item]:
        tries = draft.state.tries + 1
        draft.set(replace(draft.state, tries=tries))
        words = self._say(draft, node.otherwise)
        if tries < node.otherwise_limit:
            return [words]
        if node.otherwise_goto is None:
            return [words, self._end(draft)]
        draft.next = Way(node.otherwise_goto, "failure")
        target = self._graph.nodes[node.otherwise_goto]
        silent = isinstance(target, ListenNode) and not self._say(draft, target.say)
        return [words] if silent else []

    async def _collect(self, draft: Draft, node: CollectNode, said: UserInput) -> AsyncGenerator[Item, None]:
        value = self._collector(draft.state.node, node).value(said)
        if value is None:
            for item in self._again(draft, node):
                yield item
            return
        if node.sensitive:
            self.secret_slots.add(node.save_as)
            self._secret(node.save_as, value)
        draft.keep({node.save_as: value})
        self._go_on(draft, node.edges, by="keys" if said.dtmf else "phrase")

    def _again(self, draft: Draft, node: CollectNode) -> list[Item]:
        tries = draft.state.tries + 1
        draft.set(replace(draft.state, tries=tries))
        again = self._say(draft, node.again)
        if tries < node.attempts:
            return [again, self._say(draft, node.ask)]
        if node.otherwise_goto is None:
            return [again, self._end(draft)]
        draft.next = Way(node.otherwise_goto, "failure")
        return []

    # --- what nodes do ----------------------------------------------------------------------------

    async def _act(self, draft: Draft) -> AsyncGenerator[Item, None]:
        """The node has been entered: its words, its deed, the way on."""
        node = self._node(draft.state)
        match node:
            case ListenNode():
                yield self._say(draft, node.say)
            case CollectNode():
                yield self._say(draft, node.ask)
            case SayNode():
                yield self._say(draft, node.text)
                self._go_on(draft, node.edges)
            case ConditionNode():
                self._go_on(draft, node.edges)
            case EndNode():
                yield self._say(draft, node.say)
                if node.outcome:
                    draft.keep({OUTCOME: node.outcome})
                yield self._end(draft)
            case PromptNode() if node.say:
                yield self._say(draft, node.say)
            case PromptNode():
                async with aclosing(self._prompt(draft, node)) as deltas:
                    async for delta in deltas:
                        yield delta
            case ToolNode() | TransferNode() | HandOverNode():
                async with aclosing(self._do(draft, node)) as items:
                    async for item in items:
                        yield item

    async def _prompt(self, draft: Draft, node: PromptNode) -> AsyncGenerator[Delta, None]:
        if self._chat is None:
            raise _broken(f"the node {draft.state.node} has no language model to speak with")
        task = prompting.task(
            node,
            instructions=self._instructions,
            tools=self._tools,
            variables=self._variables,
            slots=draft.state.slots,
            secret=self.secret_slots,
        )
        draft.turn.left_by = ""
        async with aclosing(self._chat.answer(draft.turn, task)) as deltas:
            async for delta in deltas:
                yield delta
                if isinstance(delta, ToolCall) and delta.name == END_CALL:
                    return
        if draft.turn.left_by:
            draft.next = Way(prompting.target(draft.turn.left_by), "model")
        else:
            draft.next = values.way_on(node.edges, self._known(draft))

    async def _do(self, draft: Draft, node: Acting) -> AsyncGenerator[Item, None]:
        id = f"{draft.state.node}_{draft.state.visit}"
        if id not in self.results:
            call = self._call_of(id, node, draft.state.slots)
            if isinstance(node, ToolNode):
                hidden = dict.fromkeys(self.secret_slots, "(secret)")
                draft.turn.called("", [self._call_of(id, node, {**draft.state.slots, **hidden})])
            yield call
        result, failed = self.results.get(id, ("", True))
        if isinstance(node, ToolNode):
            if node.save_as and not failed:
                draft.keep({node.save_as: result})
            if failed and node.failed_goto:
                draft.next = Way(node.failed_goto, "failure")
            else:
                self._go_on(draft, node.edges)
        elif failed and isinstance(node, HandOverNode):
            raise _broken(f"no other agent has taken the call: {result}")
        elif failed and isinstance(node, TransferNode):
            draft.turn.remark(f"(The transfer to {node.target} did not succeed: {result})")
            if node.failed_goto:
                draft.next = Way(node.failed_goto, "failure")
            else:
                yield self._end(draft)

    def _call_of(self, id: str, node: Acting, slots: Mapping[str, str]) -> ToolCall:
        return call_of(id, node, tools=self._tools, variables=self._variables, slots=slots)

    def _end(self, draft: Draft) -> ToolCall:
        return ToolCall(f"{END_CALL}_{draft.state.visit}", END_CALL, "{}")

    def _go_on(self, draft: Draft, edges: Sequence[Edge], *, by: str = "") -> None:
        """`by`: what decided when no condition did. Raises `ProviderError` where there is no way."""
        way = values.way_on(edges, self._known(draft))
        if way is None:
            raise _broken(f"there is no way on from the node {draft.state.node}")
        draft.next = Way(way.goto, by) if by and way.by == "always" else way

    # --- lookups ----------------------------------------------------------------------------------

    def _node(self, state: State) -> Node:
        return self._graph.nodes[state.node]

    def _known(self, draft: Draft) -> dict[str, str]:
        return {**self._variables, **draft.state.slots}

    def _say(self, draft: Draft, text: str) -> str:
        return values.spoken(text, self._variables, draft.state.slots)

    def _listener(self, name: str, node: ListenNode) -> Listener:
        if name not in self._listeners:
            self._listeners[name] = Listener(name, node, self._phrase_slots, self._variables)
        return self._listeners[name]

    def _collector(self, name: str, node: CollectNode) -> Collector:
        if name not in self._collectors:
            self._collectors[name] = Collector(node, self._variables, self._language)
        return self._collectors[name]


def _broken(detail: str) -> ProviderError:
    return ProviderError("llm", "flow", detail, retryable=False)
