"""Calls to models that hear and speak themselves, each vendor's protocol on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from media_workers.contract.acts import ToolUsed
from media_workers.contract.events import BargeIn, Dtmf, EndReason, Trouble, TurnSpoken
from media_workers.conversation import realtime_floor
from media_workers.conversation.realtime import RealtimeConversation
from media_workers.conversation.tools import NoTools
from media_workers.providers.base import ToolCall
from media_workers.providers.realtime.base import Called
from tests.fakes.realtime import Said
from tests.fakes.realtime_gemini import GeminiLiveServer
from tests.fakes.realtime_openai import RealtimeOpenAIServer
from tests.media_workers.conversation.realtime_phone import RealtimePhone, Server

BYE = Said("Goodbye then.", 400, calls=[("end_call", "{}")])


@pytest.fixture(params=[RealtimeOpenAIServer, GeminiLiveServer], ids=["openai", "gemini"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    made: Server = request.param()
    async with made:
        yield made


async def test_greeting_question_answer_goodbye(server: Server) -> None:
    server.script.hears = ["when do you open", "thanks"]
    server.script.answers = [Said("At nine in the morning.", 800), BYE]
    phone = RealtimePhone(server)
    phone.says(1_000)
    phone.says(4_000)
    await phone.run()
    assert phone.texts() == [
        "agent: Hello.",
        "caller: when do you open",
        "agent: At nine in the morning.",
        "caller: thanks",
        "agent: Goodbye then.",
    ]
    assert phone.ending == (EndReason.AGENT_HUNG_UP, "")
    assert [(t.name, t.result) for t in phone.of(ToolUsed)] == [("end_call", "ok")]
    assert phone.of(Trouble) == []
    assert [t.index for t in phone.of(TurnSpoken)] == [0, 1, 2, 3, 4]


async def test_a_session_that_comes_late_still_greets(server: Server) -> None:
    server.script.hears = ["are you there"]
    server.script.answers = [BYE]
    phone = RealtimePhone(server)
    phone.says(2_500)
    await phone.run(early_frames=40)
    assert phone.texts() == ["agent: Hello.", "caller: are you there", "agent: Goodbye then."]


async def test_a_caller_who_speaks_before_the_vendor_listens_is_heard(server: Server) -> None:
    server.script.hears = ["are you there"]
    server.script.answers = [BYE]
    phone = RealtimePhone(server)
    phone.says(100, 500)
    await phone.run(early_frames=40)
    assert {"caller: are you there", "agent: Goodbye then."} <= set(phone.texts())


async def test_a_session_that_cannot_be_opened_after_the_answer(server: Server) -> None:
    server.refuse = (503, "")
    phone = RealtimePhone(server)
    await phone.run(early_frames=10)
    assert "has a fault of its own" in apologized(phone)


async def test_a_caller_who_leaves_before_the_session_is_open(server: Server) -> None:
    talk = RealtimePhone(server)._talk()
    preparing = asyncio.create_task(talk.prepare())
    talk.answered(0)
    await talk.close()
    await preparing
    connection = await server.connection(1)
    await asyncio.wait_for(connection.closed.wait(), 30)


async def test_an_answer_has_its_account(server: Server) -> None:
    server.script.hears = ["hello"]
    server.script.answers = [Said("Yes please.", 400)]
    phone = RealtimePhone(server)
    phone.says(1_000)
    await phone.run(until=lambda p: len(p.texts()) >= 3)
    greeting, _, answer = phone.of(TurnSpoken)
    assert answer.account is not None
    (served,) = answer.account.served_by
    assert (served.component, served.vendor, served.own_key) == ("realtime", phone.provider, True)
    usage = answer.account.usage
    assert (usage.audio_input_tokens, usage.input_tokens, usage.audio_output_tokens) == (20, 10, 8)
    assert usage.output_tokens == 2
    assert usage.audio_ms > 0
    assert answer.latency is not None
    assert answer.latency.total is not None
    assert answer.latency.total > 0
    assert greeting.latency is None


async def test_the_caller_interrupts(server: Server) -> None:
    server.script.hears = ["wait", ""]
    server.script.answers = [Said("We are open from nine to five on all days of the week.", 4_000)]
    server.script.pace_s = 0.001
    phone = RealtimePhone(server)
    phone.says(1_000)
    phone.says(3_200, 1_000)
    await phone.run(until=lambda p: bool(p.of(BargeIn)) and p.now_ms > 6_000)
    cut = next(t for t in phone.of(TurnSpoken) if t.interrupted)
    assert "We are open from nine".startswith(cut.text) or cut.text.startswith("We are open")
    assert len(cut.text) < 40
    (barge_in,) = phone.of(BargeIn)
    assert barge_in.turn_index == cut.index
    assert 3_200 < barge_in.at_ms < 3_600
    # Nothing of the interrupted answer was sent later.
    assert not [at for at, _ in phone.sent if barge_in.at_ms < at < barge_in.at_ms + 500]
    if isinstance(server, RealtimeOpenAIServer):
        ((_, heard_ms),) = server.cut_at
        assert abs(heard_ms - (cut.end_ms - cut.start_ms)) <= 20


async def test_an_agent_that_may_not_be_interrupted(server: Server) -> None:
    server.script.hears = ["wait"]
    phone = RealtimePhone(
        server,
        {"first_message": "This call is recorded for training.", "turn_taking": {"barge_in": False}},
    )
    phone.says(300, 200)
    await phone.run(until=lambda p: len(p.texts()) >= 1 and p.now_ms > 1_500)
    if isinstance(server, RealtimeOpenAIServer):
        detection = server.sessions[0]["audio"]["input"]["turn_detection"]
        assert detection["interrupt_response"] is False
        assert phone.of(BargeIn) == []
        assert phone.texts()[0] == "agent: This call is recorded for training."
    else:
        assert server.setups[0]["realtimeInputConfig"]["activityHandling"] == "NO_INTERRUPTION"


class _Table(NoTools):
    def __init__(self) -> None:
        self.calls: list[ToolCall] = []

    def has(self, name: str) -> bool:
        return name == "look"

    async def run(self, call: ToolCall) -> str:
        self.calls.append(call)
        return "one table"


async def test_functions_are_run_and_answered(server: Server) -> None:
    server.script.hears = ["a table please"]
    server.script.answers = [
        Said("One moment.", 300, calls=[("look", '{"day": "friday"}'), ("fly", "{}")]),
        Said("One is free.", 300),
        Said("One is free.", 300),
    ]
    table = _Table()
    tools = [{"type": "http", "name": name, "url": "https://crm.example.com"} for name in ("look", "fly")]
    phone = RealtimePhone(server, {"tools": tools}, tools=table)
    phone.says(1_000)
    await phone.run(until=lambda p: any("One is free" in text for text in p.texts()))
    assert [call.arguments for call in table.calls] == ['{"day": "friday"}']
    assert [(t.name, t.arguments, t.result) for t in phone.of(ToolUsed)] == [
        ("look", {"day": "friday"}, "one table"),
        ("fly", {}, "There is no function called fly."),
    ]
    assert phone.texts()[:3] == ["agent: Hello.", "caller: a table please", "agent: One moment."]
    if isinstance(server, RealtimeOpenAIServer):
        items = [m["item"] for m in server.connections[0].messages if m["type"] == "conversation.item.create"]
        outputs = [i["output"] for i in items if i["type"] == "function_call_output"]
        assert outputs == ["one table", "There is no function called fly."]
        creates = [m for m in server.connections[0].messages if m["type"] == "response.create"]
        assert len(creates) == 2  # the greeting, and one for both results
    else:
        assert [r["response"] for r in server.results] == [
            {"result": "one table"},
            {"result": "There is no function called fly."},
        ]


async def test_a_model_that_hangs_up_without_a_word_says_goodbye_first(server: Server) -> None:
    server.script.hears = ["that is all"]
    server.script.answers = [Said("", 0, calls=[("end_call", "{}")]), Said("Bye.", 200)]
    phone = RealtimePhone(server)
    phone.says(1_000)
    await phone.run()
    assert phone.texts() == ["agent: Hello.", "caller: that is all", "agent: Bye."]
    assert phone.ending == (EndReason.AGENT_HUNG_UP, "")


async def test_words_of_goodbye_end_the_call(server: Server) -> None:
    server.script.hears = ["thanks"]
    server.script.answers = [Said("You are welcome. Have a nice day!", 400)]
    phone = RealtimePhone(server, {"end_call_phrases": ["have a nice day"]})
    phone.says(1_000)
    await phone.run()
    assert phone.texts()[-1] == "agent: You are welcome. Have a nice day!"
    assert phone.ending == (EndReason.AGENT_HUNG_UP, "")


async def test_a_pressed_key_interrupts_and_is_told(server: Server) -> None:
    server.script.answers = [Said("You pressed five.", 400)]
    phone = RealtimePhone(server, {"first_message": "Press five to go on, or hold the line for us."})
    server.script.pace_s = 0.001
    phone.acts.append((400, lambda talk, now_ms: talk.on_dtmf("5", now_ms)))
    await phone.run(until=lambda p: "agent: You pressed five." in p.texts())
    assert [d.digit for d in phone.of(Dtmf)] == ["5"]
    assert phone.texts()[1:] == ["caller: 5", "agent: You pressed five."]
    assert phone.of(BargeIn) == []
    told = [text for text in server.connections[0].received if "pressed 5 on the keypad" in str(text)]
    assert len(told) == 1


async def test_a_live_command_is_spoken_when_nobody_speaks(server: Server) -> None:
    phone = RealtimePhone(server)
    phone.acts.append((100, lambda talk, now_ms: talk.say("A colleague listens in.", now_ms)))
    await phone.run(until=lambda p: len(p.texts()) >= 2)
    assert phone.texts() == ["agent: Hello.", "agent: A colleague listens in."]


async def test_a_silent_caller_is_asked_and_then_left(server: Server) -> None:
    silence = {"prompt_after_ms": 1_000, "prompts": ["Are you there?"], "goodbye": "Bye."}
    phone = RealtimePhone(server, {"silence": silence})
    await phone.run()
    assert phone.texts() == ["agent: Hello.", "agent: Are you there?", "agent: Bye."]
    assert phone.ending == (EndReason.SILENCE, "")


async def test_a_call_that_is_too_long_ends_with_a_farewell(server: Server) -> None:
    phone = RealtimePhone(server, {"max_duration_ms": 10_000, "max_duration_message": "Time is up."})
    phone.says(5_000, 600)
    await phone.run()
    assert phone.texts()[-1] == "agent: Time is up."
    assert phone.ending == (EndReason.MAX_DURATION, "")


async def test_a_call_whose_money_ends_is_ended_with_words(server: Server) -> None:
    phone = RealtimePhone(server, {"money_ended_message": "I have to go."})
    phone.acts.append((2_000, lambda talk, now_ms: talk.pay_until(8_000)))
    await phone.run()
    assert phone.texts() == ["agent: Hello.", "agent: I have to go."]
    assert phone.ending == (EndReason.MONEY_ENDED, "")
    assert phone.now_ms < 8_000


async def test_on_hold_nothing_is_heard_and_nothing_said(server: Server) -> None:
    server.script.hears = ["never"]
    phone = RealtimePhone(server)
    phone.acts.append((2_000, lambda talk, now_ms: talk.on_hold(True)))
    phone.says(2_200, 5_000)
    phone.acts.append((8_000, lambda talk, now_ms: talk.on_hold(False)))
    await phone.run(until=lambda p: p.now_ms > 9_000)
    assert phone.texts() == ["agent: Hello."]


async def test_silence_is_not_dead(server: Server) -> None:
    phone = RealtimePhone(server, {"sounds": {"comfort_noise": True}})
    await phone.run(until=lambda p: p.now_ms > 2_000)
    # From the first frame on, whether the agent speaks or not.
    assert len(phone.sent) >= 90


# --- the vendor fails -----------------------------------------------------------------------------------


def apologized(phone: RealtimePhone) -> str:
    """Checks that the caller heard the fallback message in the local voice; the words of the trouble."""
    assert phone.ending is not None
    reason, detail = phone.ending
    assert reason is EndReason.PROVIDER_FAILED
    assert phone.texts()[-1] == "agent: Sorry."
    assert phone.sent[-1][1][:2] == b"\x09\x00"
    (trouble,) = phone.of(Trouble)
    assert (trouble.what, trouble.component) == ("provider_error", "realtime")
    assert trouble.detail.startswith(f"{phone.provider}: ")
    assert "secret-key" not in trouble.detail + detail
    return trouble.detail


async def test_a_key_that_is_refused(server: Server) -> None:
    server.refuse = (401, '{"error": {"message": "Incorrect key secret-key"}}')
    phone = RealtimePhone(server)
    await phone.run()
    assert "refused the API key" in apologized(phone)


async def test_a_connection_that_breaks_in_mid_call(server: Server) -> None:
    server.script.hears = ["hello"]
    server.script.answers = [Said("We are open from nine to five.", 3_000)]
    server.script.pace_s = 0.002
    phone = RealtimePhone(server)
    phone.says(1_000)
    phone.acts.append((3_000, lambda talk, now_ms: server.connections[0].cut()))
    await phone.run()
    assert "the connection broke" in apologized(phone)


async def test_a_connection_that_breaks_during_the_goodbye(server: Server) -> None:
    server.script.hears = ["thanks"]
    server.script.answers = [Said("Goodbye then, and thank you for calling.", 3_000)]
    phone = RealtimePhone(server)
    phone.says(1_000)

    def part(talk: RealtimeConversation, now_ms: int) -> None:
        talk._take(Called(ToolCall("call", "end_call", "{}")), now_ms)
        server.connections[0].cut()

    phone.acts.append((3_000, part))
    await phone.run()
    assert phone.ending == (EndReason.AGENT_HUNG_UP, "")
    assert phone.texts()[-1].startswith("agent: Goodbye then")
    assert "agent: Sorry." not in phone.texts()


async def test_garbage_in_mid_call(server: Server) -> None:
    phone = RealtimePhone(server)

    async def send() -> None:
        await server.connections[0].send("{not json")

    tasks = []
    phone.acts.append((1_500, lambda talk, now_ms: tasks.append(asyncio.ensure_future(send()))))
    await phone.run()
    assert "sent something that is not an event" in apologized(phone)


async def test_a_model_that_never_answers(server: Server) -> None:
    server.script.mute = True
    phone = RealtimePhone(server, model={"timeout_ms": 2_000})
    await phone.run()
    assert "did not answer within 2000 ms" in apologized(phone)


async def test_a_model_that_calls_functions_without_end_is_left(server: Server) -> None:
    again = Said("", 0, calls=[("look", "{}")])
    server.script.hears = ["hello"]
    server.script.answers = [again] * 200
    phone = RealtimePhone(server)
    phone.says(1_000)
    await phone.run()
    assert "calls functions without end" in apologized(phone)
    assert len(server.script.answers) > 100


async def test_a_vendor_that_sends_audio_without_end_is_left(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime_floor, "MOST_AHEAD_MS", 5_000)
    server.script.hears = ["hello"]
    server.script.answers = [Said("And so on.", 200_000)]
    phone = RealtimePhone(server)
    phone.says(1_000)
    await phone.run()
    assert "sent audio without end" in apologized(phone)
    assert phone.spoke_ms() < 20_000
