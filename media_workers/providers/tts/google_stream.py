"""Google's streaming synthesis by gRPC, for the voices that have it, and with what Google is spoken to.

https://cloud.google.com/text-to-speech/docs/reference/rpc/google.cloud.texttospeech.v1
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from functools import partial
from importlib import import_module
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from media_workers.providers.base import ProviderError
from media_workers.providers.outside import pinned_channel
from media_workers.providers.protobuf import Fields, message_classes
from media_workers.providers.refusals import refusal
from media_workers.providers.tts import line

NAME = "google"
METHOD = "/google.cloud.texttospeech.v1.TextToSpeech/StreamingSynthesize"
AUDIENCE = "https://texttospeech.googleapis.com/"
CONNECT_LIMIT_S = 5.0

_MESSAGES: dict[str, Fields] = {
    "VoiceSelectionParams": {"language_code": (1, "string"), "name": (2, "string")},
    "StreamingAudioConfig": {
        "audio_encoding": (1, "int32"),
        "sample_rate_hertz": (2, "int32"),
        "speaking_rate": (3, "double"),
    },
    "StreamingSynthesizeConfig": {
        "voice": (1, "VoiceSelectionParams"),
        "streaming_audio_config": (4, "StreamingAudioConfig"),
    },
    "StreamingSynthesisInput": {"text": (1, "string")},
    "StreamingSynthesizeRequest": {
        "streaming_config": (1, "StreamingSynthesizeConfig"),
        "input": (2, "StreamingSynthesisInput"),
    },
    "StreamingSynthesizeResponse": {"audio_content": (1, "bytes")},
}
_CLASSES = message_classes("google.cloud.texttospeech.v1", _MESSAGES)

Request: Any = _CLASSES["StreamingSynthesizeRequest"]
Response: Any = _CLASSES["StreamingSynthesizeResponse"]

ENCODINGS = {"MULAW": 5, "PCM": 7}
_STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "OUT_OF_RANGE": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "UNIMPLEMENTED": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""gRPC's codes, by HTTP's word for the same."""


class Access:
    """An API key, or a service account's JSON, which signs a token of its own for an hour at a time."""

    def __init__(self, key: str) -> None:
        """Raises `ProviderError` when it is neither."""
        self._key = key
        self._token: Any = None
        if key.startswith("{"):
            self._token = _token_of(key)

    def header(self) -> tuple[str, str]:
        """Name and value, of HTTP and gRPC alike. Signs for some 2 ms, once an hour."""
        if self._token is None:
            return "x-goog-api-key", self._key
        if not self._token.valid:
            self._token.refresh(None)
        token = self._token.token
        return "authorization", f"Bearer {token.decode() if isinstance(token, bytes) else token}"


def _token_of(key: str) -> Any:
    from google.auth import jwt

    make: Any = jwt.Credentials.from_service_account_info
    try:
        return make(json.loads(key), audience=AUDIENCE)
    except Exception:
        # What is wrong with the key is said by many kinds of errors, whose texts may hold it.
        raise ProviderError("tts", NAME, "its key is no service account's", retryable=False) from None


class Channel:
    """A connection, shared by the calls of an event loop. Made after `loaded`. `address`: where alone the
    server is looked for.

    gRPC's threads carry it: its asyncio interface loses the reason of an error that comes while a request is
    being written.
    """

    def __init__(self, where: str, address: str = "") -> None:
        import grpc

        parts = urlsplit(where)
        secure = parts.scheme in {"https", "wss"}
        place = parts.netloc if parts.port else f"{parts.netloc}:{443 if secure else 80}"
        options: list[tuple[str, str | int]] = []
        if address:
            place, options = pinned_channel(where, address)
        if secure:
            self._channel = grpc.secure_channel(place, grpc.ssl_channel_credentials(), options)
        else:
            self._channel = grpc.insecure_channel(place, options)
        self._synthesize = self._channel.stream_stream(
            METHOD, request_serializer=Request.SerializeToString, response_deserializer=Response.FromString
        )

    async def ready(self) -> None:
        """Connects, within `CONNECT_LIMIT_S` or not at all. Never raises."""
        import grpc

        ready = grpc.channel_ready_future(self._channel)
        with contextlib.suppress(grpc.FutureTimeoutError):
            await asyncio.to_thread(ready.result, CONNECT_LIMIT_S)

    async def speak(
        self, config: dict[str, Any], text: str, who: tuple[str, str], secret: str
    ) -> AsyncGenerator[bytes, None]:
        """Audio as it comes. Raises `ProviderError`; closing cancels the call, which the vendor sees."""
        requests = [Request(streaming_config=config), Request(input={"text": text})]
        call = self._synthesize(iter(requests), metadata=(who,))
        answers: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        post = partial(_post, asyncio.get_running_loop(), answers)
        Thread(target=_read, args=(call, post), name="google-tts", daemon=True).start()
        size = 0
        try:
            while True:
                async with asyncio.timeout(line.WAIT_S):
                    answer = await answers.get()
                if answer is None:
                    return
                if isinstance(answer, Exception):
                    raise _failure(answer, secret)
                size += len(answer)
                if size > line.MOST_AUDIO:
                    raise ProviderError("tts", NAME, "sent audio without end", retryable=False)
                yield answer
        except TimeoutError:
            raise ProviderError("tts", NAME, f"sent nothing for {line.WAIT_S:.0f} s") from None
        finally:
            call.cancel()

    async def close(self) -> None:
        await asyncio.to_thread(self._channel.close)


def _read(call: Any, post: Callable[[bytes | Exception | None], None]) -> None:
    """The responses of a call, in a thread of its own; then None, or what it failed with."""
    try:
        for response in call:
            if response.audio_content:
                post(response.audio_content)
    except Exception as error:
        post(error)
    else:
        post(None)


def _post(
    loop: asyncio.AbstractEventLoop,
    answers: asyncio.Queue[bytes | Exception | None],
    answer: bytes | Exception | None,
) -> None:
    with contextlib.suppress(RuntimeError):  # the loop was closed under us: nobody listens
        loop.call_soon_threadsafe(answers.put_nowait, answer)


def _failure(error: Any, secret: str) -> ProviderError:
    """What an error of gRPC's says."""
    code = getattr(error, "code", None)
    if code is None:
        return ProviderError("tts", NAME, "sent what is not of its protocol")
    return refusal("tts", NAME, _STATUS_OF.get(code().name, 500), error.details() or "", secret)


async def loaded() -> None:
    """gRPC takes some 200 ms to be imported, for which the calls of this loop need not wait."""
    await asyncio.to_thread(import_module, "grpc")
