"""Whole calls in real time with a chat model behind a real socket."""

from __future__ import annotations

import asyncio
from typing import Any

from media_workers.contract.acts import ToolUsed
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, Trouble, TurnSpoken
from media_workers.conversation import Conversation, Voice
from media_workers.providers import assembly
from media_workers.providers.base import FRAME_MS, VoiceSettings
from media_workers.providers.fallback import Watch
from tests.fakes.openai_server import FOREVER, Failure, OpenAIServer, answer, call
from tests.media_workers.conversation.phone import CALL
from tests.media_workers.conversation.vendors import SILENCE, Listener, Loudness, Speaker, frame_of

LONGEST_CALL_S = 30
FALLBACK = "Sorry."


class Line:
    """A call to an agent whose model is `server`. The caller says `speech`: text and its (start, end) in ms
    from the answer. `run` returns when the agent has hung up. The media clock, which is the only one,
    falls behind on a busy machine, but never rushes the vendors."""

    def __init__(self, server: OpenAIServer, *speech: tuple[str, int, int], **model: Any) -> None:
        fields = {"provider": "openai_compatible", "base_url": server.url, "model": "small-talk", **model}
        self.agent = AgentConfig.model_validate(
            {"model": fields, "first_message": "Hi.", "fallback_message": FALLBACK}
        )
        self.speech = speech
        self.mouth = Speaker(first_ms=20)
        self.events: list[EventBody] = []
        self.ending: tuple[EndReason, str] | None = None
        self.now_ms = 0

    async def run(self) -> None:
        plan = CallPlan(
            call_id=CALL,
            tenant_id=CALL,
            direction="inbound",
            from_number="+12025550199",
            to_number="+12025550100",
            agent=self.agent,
        )
        watch = Watch()
        talk = Conversation(
            plan=plan,
            watch=watch,
            stt=Listener(phrases=[text for text, _, _ in self.speech], final_ms=20),
            dialogue=assembly.build_dialogue(self.agent, {}, {}, watch=watch),
            tts=self.mouth,
            fallback=Voice(self.mouth, VoiceSettings("other")),
            voice_activity=Loudness(),
            emit=self.events.append,
            hang_up=self._hang_up,
            loop=asyncio.get_running_loop(),
            clock=lambda: self.now_ms,
        )
        await talk.prepare()
        talk.answered(0)
        async with asyncio.timeout(LONGEST_CALL_S):
            while self.ending is None:
                await asyncio.sleep(FRAME_MS / 1000)
                self.now_ms += FRAME_MS
                talk.on_frame(self._heard(), self.now_ms)
                talk.next_frame(self.now_ms)
        talk.ended(self.now_ms)
        await talk.close()

    def texts(self) -> list[str]:
        return [f"{e.speaker}: {e.text}" for e in self.events if isinstance(e, TurnSpoken)]

    def troubles(self) -> list[tuple[str, str]]:
        return [(e.component, e.detail) for e in self.events if isinstance(e, Trouble)]

    def tools(self) -> list[tuple[str, str]]:
        return [(e.name, e.result) for e in self.events if isinstance(e, ToolUsed)]

    def _heard(self) -> bytes:
        numbers = (n for n, (_, start, end) in enumerate(self.speech, 1) if start < self.now_ms <= end)
        return frame_of(number) if (number := next(numbers, 0)) else SILENCE

    def _hang_up(self, reason: EndReason, detail: str) -> None:
        self.ending = (reason, detail)


async def test_question_answer_goodbye(server: OpenAIServer) -> None:
    server.will(
        answer(0.05, "At ", 0.02, "nine."),
        answer("Bye ", "now.", *call("end_call", "{", "}")),
    )
    line = Line(server, ("when do you open", 700, 1100), ("thanks", 2700, 3000))
    await line.run()
    assert line.texts() == [
        "agent: Hi.",
        "caller: when do you open",
        "agent: At nine.",
        "caller: thanks",
        "agent: Bye now.",
    ]
    assert line.ending == (EndReason.AGENT_HUNG_UP, "")
    assert line.tools() == [("end_call", "ok")]
    assert line.troubles() == []
    assert [m["content"] for m in server.requests[-1].messages[1:]] == [
        "(The call is connected.)",
        "Hi.",
        "when do you open",
        "At nine.",
        "thanks",
    ]
    assert len(server.requests) == 2
    assert server.connections == 1


async def test_a_model_that_hangs_up_without_a_word_says_goodbye(server: OpenAIServer) -> None:
    server.will(answer(*call("end_call", "{}")), answer("Bye."))
    line = Line(server, ("that is all", 700, 1000))
    await line.run()
    assert line.texts() == ["agent: Hi.", "caller: that is all", "agent: Bye."]
    assert line.ending == (EndReason.AGENT_HUNG_UP, "")
    assert line.tools() == [("end_call", "ok")]
    assert len(server.requests) == 2


async def test_a_caller_who_goes_on_stops_the_model(server: OpenAIServer) -> None:
    server.will(answer("For ", FOREVER), answer("Bye.", *call("end_call", "{}")))
    line = Line(server, ("a table", 700, 1000), ("for two", 1700, 2000))
    await line.run()
    first, second = server.requests
    assert first.dropped.is_set()
    assert first.messages[-1]["content"] == "a table"
    assert second.messages[-1]["content"] == "a table for two"
    assert line.texts() == ["agent: Hi.", "caller: a table for two", "agent: Bye."]


async def test_a_model_that_is_down_is_asked_twice_and_apologized_for(server: OpenAIServer) -> None:
    line = Line(server, ("hello", 700, 1000))
    await server.stop()
    await line.run()
    assert line.ending is not None
    reason, detail = line.ending
    assert reason is EndReason.PROVIDER_FAILED
    assert "127.0.0.1 cannot be reached" in detail
    assert [component for component, _ in line.troubles()] == ["llm", "llm"]
    assert all("127.0.0.1 cannot be reached" in detail for _, detail in line.troubles())
    assert line.texts() == ["agent: Hi.", "caller: hello", f"agent: {FALLBACK}"]


async def test_a_model_that_fails_once_is_asked_again(server: OpenAIServer) -> None:
    server.will(Failure(503), answer("Bye.", *call("end_call", "{}")))
    line = Line(server, ("hello", 700, 1000))
    await line.run()
    assert line.ending == (EndReason.AGENT_HUNG_UP, "")
    assert [component for component, _ in line.troubles()] == ["llm"]
    assert line.texts() == ["agent: Hi.", "caller: hello", "agent: Bye."]


async def test_a_refused_key_is_not_tried_again(server: OpenAIServer) -> None:
    server.will(Failure(401), answer("never"))
    line = Line(server, ("hello", 700, 1000))
    await line.run()
    assert line.ending is not None
    assert line.ending[0] is EndReason.PROVIDER_FAILED
    assert "refused the API key" in line.ending[1]
    assert len(line.troubles()) == len(server.requests) == 1
    assert line.texts()[-1] == f"agent: {FALLBACK}"
