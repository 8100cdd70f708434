"""OpenAI's Realtime API over a websocket: mu-law at 8 kHz both ways, nothing is resampled.

https://developers.openai.com/api/docs/guides/realtime-websocket
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
from collections.abc import Callable
from typing import Any

from media_workers.audio import mulaw
from media_workers.contract.agent import RealtimeModel, TurnTaking
from media_workers.contract.events import TurnUsage
from media_workers.contract.vendors import Credential
from media_workers.providers.base import ProviderError, ToolCall
from media_workers.providers.llm.openai import openai_address
from media_workers.providers.realtime.base import (
    SAY,
    AnswerAudio,
    AnswerDone,
    AnswerText,
    Asked,
    Called,
    CallerPauses,
    CallerSaid,
    CallerSpeaks,
    Complaint,
    Event,
    Settings,
)
from media_workers.providers.realtime.batches import Batches
from media_workers.providers.refusals import message_of
from media_workers.providers.websocket import VendorSocket, connect, websocket_url

log = logging.getLogger(__name__)

NAME = "openai_realtime"
VOICE = "marin"
TRANSCRIBER = "gpt-4o-mini-transcribe"
THRESHOLDS = {"low": 0.65, "medium": 0.5, "high": 0.35}
BYTES_PER_MS = 16

FATAL = frozenset({"session_expired", "insufficient_quota", "invalid_api_key", "model_not_found"})
"""Errors after which nothing will be answered, besides the server's own."""


class OpenAIRealtime:
    """A `SpeakingModel`."""

    def __init__(self, choice: RealtimeModel, credential: Credential) -> None:
        self.name: str = choice.provider
        self.model = choice.model
        self._choice = choice
        self._credential = credential

    async def open(
        self,
        settings: Settings,
        *,
        on_event: Callable[[Event], None],
        on_error: Callable[[ProviderError], None],
    ) -> OpenAISession:
        key = self._credential.api_key
        base = self._credential.base_url or openai_address(self._credential)
        url = websocket_url(base, "/realtime", {"model": self.model})
        headers = {"Authorization": f"Bearer {key}"}
        connection = await connect(
            url,
            component="realtime",
            vendor=self.name,
            headers=headers,
            secret=key,
            public_only=self._credential.public_only,
        )
        session = OpenAISession(self.name, key, settings.rules.barge_in, on_event, on_error)
        session.socket = VendorSocket(
            connection,
            component="realtime",
            vendor=self.name,
            on_message=session.received,
            on_broken=session.broken,
            secret=key,
        )
        session.put(type="session.update", session=session_of(self._choice, settings))
        try:
            async with asyncio.timeout(self._choice.timeout_ms / 1000):
                await session.ready
        except TimeoutError:
            await session.close()
            detail = f"was not ready within {self._choice.timeout_ms} ms"
            raise ProviderError("realtime", self.name, detail) from None
        except BaseException:
            await session.close()
            raise
        return session


class OpenAISession:
    """A `Session`. The server answers a turn of the caller by itself; what else is to be answered waits until
    the answer under way is done, since it makes one at a time."""

    def __init__(
        self,
        name: str,
        key: str,
        barge_in: bool,
        on_event: Callable[[Event], None],
        on_error: Callable[[ProviderError], None],
    ) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.socket: VendorSocket | None = None
        self._name = name
        self._key = key
        self._barge_in = barge_in
        self._on_event = on_event
        self._on_error = on_error
        self._batches = Batches(self._append)
        self._answering = False
        self._interrupted = False
        self._owed: list[dict[str, Any]] = []
        self._paid: dict[str, Any] = {}
        self._items: dict[str, tuple[str, int]] = {}
        self._given_ms: dict[str, int] = {}
        self._calls: set[str] = set()
        self._called = False
        self._said: dict[str, str] = {}

    # --- Session ----------------------------------------------------------------------------------

    @property
    def sent_ms(self) -> int:
        return self._batches.sent_ms

    def feed(self, pcm: bytes) -> None:
        self._batches.add(pcm)

    def say(self, text: str) -> None:
        self._respond(instructions=SAY.format(text=text), tools=[], tool_choice="none")

    def tell(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        self.put(
            type="conversation.item.create", item={"type": "message", "role": "user", "content": content}
        )
        self._respond()

    def tool_result(self, call: ToolCall, result: str) -> None:
        item = {"type": "function_call_output", "call_id": call.id, "output": result}
        self.put(type="conversation.item.create", item=item)
        self._calls.discard(call.id)
        self._go_on()

    def cut(self, answer: str, heard_ms: int) -> None:
        """The server refuses to cut later than the end of what it has sent."""
        if self._answering and not self._interrupted:
            self.put(type="response.cancel", response_id=answer)
        if answer in self._items:
            item, index = self._items[answer]
            until_ms = min(heard_ms, self._given_ms.get(answer, 0))
            self.put(
                type="conversation.item.truncate", item_id=item, content_index=index, audio_end_ms=until_ms
            )

    async def close(self) -> None:
        self._batches.close()
        if self.socket is not None:
            await self.socket.close()

    # --- what is sent -----------------------------------------------------------------------------

    def put(self, **message: Any) -> None:
        if self.socket is not None:
            self.socket.put(json.dumps(message))

    def _append(self, pcm: bytes) -> None:
        audio = base64.b64encode(mulaw.encode(pcm)).decode("ascii")
        self.put(type="input_audio_buffer.append", audio=audio)

    def _respond(self, **response: Any) -> None:
        """Asks for an answer, once the one under way is done."""
        self._owed.append(response)
        self._pay()

    def _pay(self) -> None:
        if self._owed and not self._answering:
            self._paid = response = self._owed.pop(0)
            self._answering = True
            self._on_event(Asked())
            self.put(type="response.create", **({"response": response} if response else {}))

    def _go_on(self) -> None:
        """Results were given: the model speaks on, when it has them all and its answer is closed."""
        if self._called and not self._calls and not self._answering:
            self._called = False
            self._respond()

    # --- what is received ---------------------------------------------------------------------------

    def broken(self, error: ProviderError) -> None:
        if not self.ready.done():
            self.ready.set_exception(error)
            # Nobody may be waiting any more.
            self.ready.exception()
            return
        self._on_error(error)

    def received(self, message: str | bytes) -> None:
        """Raises `ProviderError`, which ends the session."""
        try:
            event = json.loads(message)
            handler = self._HANDLERS.get(event["type"])
            if handler is not None:
                handler(self, event)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("not an event of a realtime session: %s", type(error).__name__)
            raise self._failure("sent something that is not an event") from None

    def _updated(self, event: dict[str, Any]) -> None:
        if not self.ready.done():
            self.ready.set_result(None)

    def _speech_started(self, event: dict[str, Any]) -> None:
        if self._barge_in:
            # What was to be said is overtaken, and what is being said, stopped.
            self._owed.clear()
            self._interrupted = self._answering
        self._on_event(CallerSpeaks(str(event["item_id"]), interrupts=self._barge_in))

    def _speech_stopped(self, event: dict[str, Any]) -> None:
        self._on_event(CallerPauses())
        self._on_event(Asked())

    def _caller_delta(self, event: dict[str, Any]) -> None:
        item = str(event["item_id"])
        self._said[item] = self._said.get(item, "") + str(event.get("delta") or "")
        self._on_event(CallerSaid(item, self._said[item], final=False))

    def _caller_said(self, event: dict[str, Any]) -> None:
        item = str(event["item_id"])
        partial = self._said.pop(item, "")
        self._on_event(CallerSaid(item, str(event.get("transcript") or partial).strip(), final=True))

    def _response_created(self, event: dict[str, Any]) -> None:
        self._answering, self._interrupted = True, False

    def _audio(self, event: dict[str, Any]) -> None:
        answer = str(event["response_id"])
        self._items[answer] = str(event["item_id"]), int(event.get("content_index") or 0)
        try:
            audio = base64.b64decode(event["delta"], validate=True)
        except binascii.Error:
            raise ValueError("audio is base64") from None
        self._given_ms[answer] = self._given_ms.get(answer, 0) + len(audio) * 2 // BYTES_PER_MS
        self._on_event(AnswerAudio(answer, mulaw.decode(audio)))

    def _words(self, event: dict[str, Any]) -> None:
        self._on_event(AnswerText(str(event["response_id"]), str(event["delta"])))

    def _call(self, event: dict[str, Any]) -> None:
        item = event["item"]
        if item["type"] == "function_call" and item.get("status") != "incomplete":
            call = ToolCall(str(item["call_id"]), str(item["name"]), str(item.get("arguments") or "{}"))
            self._calls.add(call.id)
            self._called = True
            self._on_event(Called(call))

    def _response_done(self, event: dict[str, Any]) -> None:
        response = event["response"]
        self._answering = self._interrupted = False
        if response.get("status") == "failed":
            details = response.get("status_details") or {}
            raise self._failure(self._said_by(details.get("error")) or "could not answer")
        self._on_event(AnswerDone(str(response["id"]), _usage(response.get("usage") or {})))
        self._go_on()
        self._pay()

    def _error(self, event: dict[str, Any]) -> None:
        error = event["error"]
        said = self._said_by(error) or "reported an error"
        code = error.get("code")
        if not self.ready.done() or error.get("type") == "server_error" or code in FATAL:
            raise self._failure(said, retryable=error.get("type") != "invalid_request_error")
        if code == "conversation_already_has_active_response":
            # The server began to answer just before it heard that it should.
            self._answering = True
            self._owed.insert(0, self._paid)
        elif code != "response_cancel_not_active":
            self._on_event(Complaint(self._failure(said)))

    def _said_by(self, error: object) -> str:
        return message_of(json.dumps(error), self._key) if error else ""

    def _failure(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("realtime", self._name, detail, retryable=retryable)

    _HANDLERS: dict[str, Callable[[OpenAISession, dict[str, Any]], None]] = {
        "session.updated": _updated,
        "input_audio_buffer.speech_started": _speech_started,
        "input_audio_buffer.speech_stopped": _speech_stopped,
        "conversation.item.input_audio_transcription.delta": _caller_delta,
        "conversation.item.input_audio_transcription.completed": _caller_said,
        "conversation.item.input_audio_transcription.failed": _caller_said,
        "response.created": _response_created,
        "response.output_audio.delta": _audio,
        "response.output_audio_transcript.delta": _words,
        "response.output_item.done": _call,
        "response.done": _response_done,
        "error": _error,
    }


def session_of(choice: RealtimeModel, settings: Settings) -> dict[str, Any]:
    """The session as OpenAI wants it described."""
    mulaw_8k = {"type": "audio/pcmu"}
    language = settings.language.partition("-")[0]
    transcriber = choice.extra.get("transcription_model", TRANSCRIBER)
    session: dict[str, Any] = {
        "type": "realtime",
        "model": choice.model,
        "instructions": settings.instructions,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": mulaw_8k,
                "transcription": {"model": transcriber, "language": language},
                "turn_detection": _turn_detection(settings.rules, choice.extra.get("eagerness", "auto")),
            },
            "output": {"format": mulaw_8k, "voice": choice.voice or VOICE},
        },
        "tools": [
            {"type": "function", "name": t.name, "description": t.description, "parameters": t.parameters}
            for t in settings.tools
        ],
        "tool_choice": "auto",
    }
    effort = choice.extra.get("reasoning_effort", "minimal" if "realtime-2" in choice.model else "")
    if effort:
        session["reasoning"] = {"effort": effort}
    return session


def _turn_detection(rules: TurnTaking, eagerness: str) -> dict[str, Any]:
    both = {"create_response": True, "interrupt_response": rules.barge_in}
    if rules.endpointing == "semantic":
        return {"type": "semantic_vad", "eagerness": eagerness, **both}
    return {
        "type": "server_vad",
        "threshold": THRESHOLDS[rules.sensitivity],
        "silence_duration_ms": rules.endpointing_ms,
        **both,
    }


def _usage(told: dict[str, Any]) -> TurnUsage:
    given, made = told.get("input_token_details") or {}, told.get("output_token_details") or {}
    cached = given.get("cached_tokens_details") or {}
    heard, spoken = int(given.get("audio_tokens") or 0), int(made.get("audio_tokens") or 0)
    return TurnUsage(
        input_tokens=max(0, int(told.get("input_tokens") or 0) - heard),
        cached_tokens=int(cached.get("text_tokens") or 0),
        output_tokens=max(0, int(told.get("output_tokens") or 0) - spoken),
        audio_input_tokens=heard,
        audio_output_tokens=spoken,
    )


def build(choice: RealtimeModel, credential: Credential | None) -> OpenAIRealtime:
    """Raises `ProviderError` without a key."""
    if credential is None or not credential.api_key:
        detail = "has no key: store one, or ask who runs this platform"
        raise ProviderError("realtime", NAME, detail, retryable=False)
    return OpenAIRealtime(choice, credential)
