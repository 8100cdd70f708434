"""Who is there: a caller on hold, or with somebody else, does not listen; an agent that is muted, or finds
nobody to talk to, listens and says nothing of its own."""

from __future__ import annotations

from media_workers.conversation.agenda import Agenda
from media_workers.conversation.silence import SilenceWatch
from media_workers.conversation.speaking import Kind
from media_workers.conversation.stage import Stage


class Presence:
    """State on passed-in time. `muted`: the agent listens, and speaks only what it is told to."""

    def __init__(self, *, stage: Stage, agenda: Agenda, silence: SilenceWatch) -> None:
        self._stage = stage
        self._agenda = agenda
        self._silence = silence
        self._on_hold = False
        self._away = False
        self._listens_only = False
        self.muted = False

    @property
    def held(self) -> bool:
        """The caller does not listen."""
        return self._on_hold or self._away

    @property
    def quiet(self) -> bool:
        """The agent says nothing but commands and last words."""
        return self.muted or self._listens_only

    @property
    def silenced(self) -> bool:
        """Nothing of the agent is to be heard now."""
        agent, stage = self._stage.agent, self._stage
        if agent is None or self.held:
            return True
        return self.quiet and not (stage.closing or agent.kind is Kind.COMMAND)

    def hold(self, held: bool) -> None:
        """On hold the caller neither listens nor speaks: what the agent was saying stops there and goes on
        after it. Back again, the whole time to speak is theirs."""
        self._on_hold = held
        if not self.held:
            self._silence.agent_spoke()

    def suspend(self, away: bool) -> None:
        """The caller waits for somebody else, and neither hears the agent nor is heard by it."""
        self._away = away
        if not self.held:
            self._silence.agent_spoke()
        if not away and self._stage.agent is not None:
            self._stage.agent.firm = False

    def mute(self, muted: bool, now_ms: int) -> None:
        """From the next frame on. What was being said stops there; what the caller says is kept without an
        answer."""
        self.muted = muted
        self._silence.agent_spoke()
        if muted and not self._stage.closing:
            self._hush(now_ms)

    def listen_only(self, on: bool, now_ms: int) -> None:
        """As `mute`, by ourselves: what answered is nobody to talk to."""
        self._listens_only = on
        self._silence.agent_spoke()
        if on and not self._stage.closing:
            self._agenda.clear()
            self._hush(now_ms)

    def _hush(self, now_ms: int) -> None:
        stage, agent = self._stage, self._stage.agent
        stage.cut_off()
        if agent is not None and agent.started_ms is not None and agent.kind is not Kind.COMMAND:
            stage.interrupt(agent, now_ms)
        elif agent is not None and agent.started_ms is None and not agent.committed:
            self._agenda.put_back(agent)
            stage.discard()
