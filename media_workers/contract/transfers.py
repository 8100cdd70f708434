"""Where an agent may send a caller, and how: the configuration of transfers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from media_workers.contract.part import E164, AgentId, Name, Part, Phrase, SipUri, Text, misplaced

Mode = Literal["blind", "bridge", "warm", "conference"]
"""`blind`: REFER, the carrier connects and we are out. `bridge`: a second leg through us, the agent leaves
when it is answered. `warm`: the agent briefs whoever answers and asks, then joins both or comes back.
`conference`: caller, human and agent stay together."""

Wait = Literal["ringback", "music", "silence"]


UNNAMED = "unnamed"
"""The name of a target that is none of the agent's: it is called by its number or URI."""


class TransferTarget(Part):
    """Somebody the agent may hand the caller to. Exactly one of `number`, `sip_uri` and `agent`.

    `description` tells the model when. Of `agent` only that, `message` and `on_failure` are used: it takes
    over in the same call, with what has been said. `briefing`: what the human is told of the call (`warm`;
    empty: a summary by the model, or what the dialogue has collected); `question` is asked after it, and
    anything but a yes is a no. Who does not answer within `ring_timeout_ms`, or declines, leaves the caller
    with the agent, who says `on_failure` and goes on.
    """

    name: Name
    description: Text = ""
    number: E164 | None = None
    sip_uri: SipUri | None = None
    agent: AgentId | None = None
    mode: Mode = "bridge"
    message: Text = "One moment please, I will connect you."
    wait: Wait = "ringback"
    ring_timeout_ms: Annotated[int, Field(ge=5_000, le=120_000)] = 25_000
    caller_id: Literal["number", "caller"] = Field(
        "number",
        description="Whose number the human sees: ours, or the caller's where the carrier allows it.",
    )
    briefing: Text = ""
    question: Phrase = "Do you want to take the call?"
    on_failure: Text = "I am sorry, nobody is free at the moment."

    @model_validator(mode="after")
    def _one_target(self) -> TransferTarget:
        if sum(target is not None for target in (self.number, self.sip_uri, self.agent)) != 1:
            raise misplaced("number", "give exactly one of number, sip_uri and agent")
        return self
