"""The tools of an agent, by their types: what the model calls is done here, or by who can."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from media_workers.contract.acts import Retrieval
from media_workers.contract.agent import AgentConfig
from media_workers.contract.part import SLOT, fill
from media_workers.contract.tools import (
    AgentTool,
    CallbackTool,
    CollectDigitsTool,
    DoNotCallTool,
    HttpTool,
    KnowledgeTool,
    LeaveVoicemailTool,
    McpServer,
    SendDigitsTool,
    SmsTool,
    TransferTool,
)
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation.backoffice import Backoffice, BackofficeError
from media_workers.conversation.control import CallControl, Deed
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.tools import LIMIT_S, PLAIN, About, Result
from media_workers.providers.base import HAND_OVER_CALL, TRANSFER_CALL, ToolCall
from media_workers.providers.llm.passages import framed
from media_workers.providers.tools.offers import SWITCH_LANGUAGE, allowed
from media_workers.providers.tools.remote import Remote

TRANSFER_LIMIT_S = 600.0
"""Ringing, briefing and asking have limits of their own, which come to less than this."""

MESSAGE_LIMIT_S = 120.0
SLACK_S = 5.0
KNOWLEDGE_LIMIT_S = 5.0
SOONEST = timedelta(minutes=1)


class Memory(Protocol):
    """Where slots are kept: the dialogue."""

    @property
    def slots(self) -> dict[str, str]: ...

    def keep(self, name: str, value: str) -> None: ...


class Slots:
    """A memory of its own."""

    def __init__(self) -> None:
        self._slots: dict[str, str] = {}

    @property
    def slots(self) -> dict[str, str]:
        return dict(self._slots)

    def keep(self, name: str, value: str) -> None:
        self._slots[name] = value


class AgentTools:
    """Of one conversation. `memory` is where its slots are: the dialogue, where there is one.

    `remote` runs what other machines do (HTTP, MCP); `control` what is done to the call, `backoffice` what
    the control plane does. `prepare` before the model is asked for the first time.
    """

    def __init__(
        self,
        config: AgentConfig,
        *,
        variables: Mapping[str, str],
        remote: Remote,
        control: CallControl,
        backoffice: Backoffice,
        secrecy: Secrecy,
    ) -> None:
        self._config = config
        self._variables = variables
        self._remote = remote
        self._control = control
        self._backoffice = backoffice
        self._secrecy = secrecy
        self.memory: Memory = Slots()
        self._tools: dict[str, AgentTool] = {t.name: t for t in config.tools if not isinstance(t, McpServer)}
        if config.searches_itself:
            self._tools.setdefault("search_knowledge", KnowledgeTool())
        if config.voicemail.navigate:
            self._tools.setdefault("send_digits", SendDigitsTool())

    async def prepare(self) -> Sequence[str]:
        """Asks MCP servers for their tools. Never raises."""
        return await self._remote.prepare()

    async def close(self) -> None:
        await self._remote.close()

    def has(self, name: str) -> bool:
        unlisted = (TRANSFER_CALL, HAND_OVER_CALL, SWITCH_LANGUAGE)
        return name in self._tools or name in unlisted or self._remote.has(name)

    def about(self, name: str) -> About:
        tool = self._tools.get(name)
        match tool:
            case HttpTool():
                return About(tool.type, tool.timeout_ms / 1000 + SLACK_S, firm=tool.method != "GET")
            case TransferTool():
                return About(tool.type, TRANSFER_LIMIT_S, alone=True)
            case CollectDigitsTool():
                limit_s = (tool.max_digits + 1) * tool.timeout_ms / 1000 + MESSAGE_LIMIT_S
                return About(tool.type, limit_s, alone=True)
            case LeaveVoicemailTool():
                return About(tool.type, MESSAGE_LIMIT_S, alone=True)
            case SendDigitsTool():
                return About(tool.type, LIMIT_S, alone=True)
            case None if name == TRANSFER_CALL:
                return About("transfer", TRANSFER_LIMIT_S, alone=True)
            case None if name == SWITCH_LANGUAGE:
                return About(SWITCH_LANGUAGE, LIMIT_S, alone=True)
            case None if name == HAND_OVER_CALL:
                return About("hand_over", LIMIT_S, alone=True)
            case None:
                return (
                    About("mcp", self._remote.limit_s(name), firm=True) if self._remote.has(name) else PLAIN
                )
        return About(tool.type, firm=not isinstance(tool, KnowledgeTool))

    async def run(self, call: ToolCall) -> Result:
        arguments: dict[str, object] = json.loads(call.arguments or "{}")
        tool = self._tools.get(call.name)
        if tool is None:
            return await self._run_unlisted(call.name, arguments)
        match tool:
            case HttpTool():
                return await self._http(tool, arguments)
            case TransferTool():
                target = self._target(arguments, allowed(tool, self._config.transfers))
                return target if isinstance(target, Result) else await self._transfer(target)
            case SendDigitsTool():
                return _told(await self._control.send_digits(self._filled(_text(arguments, "digits"))))
            case CollectDigitsTool():
                return await self._collect(tool)
            case LeaveVoicemailTool():
                return _told(await self._control.leave_voicemail())
            case CallbackTool():
                return await self._callback(tool, arguments)
            case SmsTool():
                return await self._sms(tool, arguments)
            case DoNotCallTool():
                done = await self._backoffice.do_not_call()
                return Result(done.words, "" if done.ok else done.words)
            case KnowledgeTool():
                return await self._look_up(tool, arguments)
        raise TypeError(f"nobody runs a tool of the type {tool.type}")

    async def _run_unlisted(self, name: str, arguments: Mapping[str, object]) -> Result:
        if name == TRANSFER_CALL:
            target = self._target(arguments, self._config.transfers)
            return target if isinstance(target, Result) else await self._transfer(target)
        if name == SWITCH_LANGUAGE:
            return _told(await self._control.switch_language(_text(arguments, "language")))
        if name == HAND_OVER_CALL:
            agent = TransferTarget(name="agent", agent=_text(arguments, "agent"), message="")
            return _told(await self._control.hand_over(agent))
        outcome = await self._remote.mcp(name, self._with_slots(arguments))
        return Result(self._secrecy.mask(outcome.text), self._secrecy.mask(outcome.trouble))

    # --- other machines ---------------------------------------------------------------------------

    async def _http(self, tool: HttpTool, arguments: Mapping[str, object]) -> Result:
        outcome = await self._remote.http(tool, self._with_slots(arguments), self.memory.slots)
        for name, value in outcome.saved.items():
            self.memory.keep(name, value)
        return Result(self._secrecy.mask(outcome.text), self._secrecy.mask(outcome.trouble))

    def _with_slots(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """``{slot}`` in texts of the arguments is replaced: so the model uses what it may not know."""
        return {
            name: self._filled(value) if isinstance(value, str) else value
            for name, value in arguments.items()
        }

    def _filled(self, text: str) -> str:
        slots = self.memory.slots
        return SLOT.sub(lambda m: slots.get(m.group(1), m.group()), fill(text, self._variables))

    # --- the call itself --------------------------------------------------------------------------

    def _target(
        self, arguments: Mapping[str, object], targets: list[TransferTarget]
    ) -> TransferTarget | Result:
        name = _text(arguments, "target")
        for target in targets:
            if target.name == name:
                return target
        names = ", ".join(target.name for target in targets)
        words = f"there is no target {name[:100]!r}; choose one of: {names or 'none'}"
        return Result(f"Error: {words}.", words)

    async def _transfer(self, target: TransferTarget) -> Result:
        if target.agent is not None:
            return _told(await self._control.hand_over(target))
        return _told(await self._control.transfer(target))

    async def _collect(self, tool: CollectDigitsTool) -> Result:
        filled = tool.model_copy(update={"prompt": self._filled(tool.prompt)})
        collected = await self._control.collect_digits(filled)
        if collected.digits and not collected.trouble:
            if tool.sensitive:
                self._secrecy.keep(tool.save_as, collected.digits)
            self.memory.keep(tool.save_as, collected.digits)
        if collected.trouble:
            return Result(f"Error: {collected.trouble}", collected.trouble)
        if tool.sensitive:
            count = len(collected.digits)
            return Result(
                f"The caller has entered {count} digits. They are secret and kept as {{{tool.save_as}}}: "
                f"write exactly that where a function needs them."
            )
        return Result(f"The caller has entered {collected.digits}")

    # --- the control plane ------------------------------------------------------------------------

    async def _callback(self, tool: CallbackTool, arguments: Mapping[str, object]) -> Result:
        try:
            at = datetime.fromisoformat(_text(arguments, "at"))
        except ValueError:
            return _wrong("`at` is no time: give it as 2030-01-31T15:00:00+01:00")
        if at.tzinfo is None:
            return _wrong("`at` has no time zone: give it as 2030-01-31T15:00:00+01:00")
        now = datetime.now(UTC)
        if not now + SOONEST <= at <= now + timedelta(days=tool.longest_days):
            return _wrong(f"`at` must be ahead, and at most {tool.longest_days} days; now it is {now:%FT%RZ}")
        note = self._secrecy.mask(_text(arguments, "note"))
        done = await self._backoffice.callback(at, note[:1000])
        return Result(done.words, "" if done.ok else done.words)

    async def _sms(self, tool: SmsTool, arguments: Mapping[str, object]) -> Result:
        text = self._filled(tool.text or _text(arguments, "text")).strip()
        if not text:
            return _wrong("the text of the message is empty")
        # What is secret is not written into a message, which is stored and shown.
        done = await self._backoffice.message(self._secrecy.mask(text)[:1000])
        return Result(done.words, "" if done.ok else done.words)

    async def _look_up(self, tool: KnowledgeTool, arguments: Mapping[str, object]) -> Result:
        query = _text(arguments, "query").strip()
        if not query:
            return _wrong("`query` is empty")
        use = self._config.knowledge
        try:
            answer = await self._backoffice.knowledge(
                query[:2000], use.results, bases=use.bases, timeout_s=KNOWLEDGE_LIMIT_S
            )
        except BackofficeError as error:
            return Result(f"Error: {error}", str(error))
        found = Retrieval(
            query=query[:2000], took_ms=answer.took_ms, sources=answer.sources, trouble=answer.trouble
        )
        if tool.save_as is not None:
            if not answer.sources:
                return _wrong("nothing was found")
            self.memory.keep(tool.save_as, answer.sources[0].text)
        return Result(framed(answer.sources) or "Nothing was found.", retrieval=found)


def _told(deed: Deed) -> Result:
    return Result(deed.words, "" if deed.ok else deed.words, deed.over)


def _wrong(what: str) -> Result:
    return Result(f"Error: {what}.", what)


def _text(arguments: Mapping[str, object], name: str) -> str:
    value = arguments.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)
