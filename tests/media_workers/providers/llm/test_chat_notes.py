"""What reaches a chat model from outside its call, and what it tells of it."""

from __future__ import annotations

from media_workers.providers.base import UserInput
from tests.fakes.openai_server import OpenAIServer, answer
from tests.media_workers.providers.llm.chat import dialogue, replied


async def test_a_note_is_known_from_the_next_answer_on_and_is_not_the_callers(server: OpenAIServer) -> None:
    server.will(answer("Hi."), answer("Of course."))
    mind = dialogue(server, prompt="You sell roses.")
    await replied(mind)
    mind.commit()
    mind.heard("Hi.", interrupted=False)
    assert mind.note("Offer ten percent off.") is True
    await replied(mind, UserInput(text="how much"))
    before, after = (request.messages for request in server.requests)
    assert "Offer ten percent off." not in str(before)
    assert "- Offer ten percent off." in after[0]["content"]
    assert after[0]["content"].startswith("You sell roses.")
    assert "Offer" not in str(after[1:])


async def test_a_summary_is_asked_for_beside_the_conversation(server: OpenAIServer) -> None:
    server.will(answer("Hi."), answer("The caller wants\n roses."), answer("Ten."))
    mind = dialogue(server)
    await replied(mind)
    mind.commit()
    mind.heard("Hi.", interrupted=False)
    assert await mind.brief() == "The caller wants roses."
    await replied(mind, UserInput(text="how many"))
    asked, later = server.requests[1], server.requests[2]
    assert "hand the caller to a colleague" in asked.messages[-1]["content"]
    assert "colleague" not in str(later.messages[1:])
