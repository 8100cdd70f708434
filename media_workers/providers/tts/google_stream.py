"""Google's streaming synthesis by gRPC, for the voices that have it, and with what Google is spoken to.

https://cloud.google.com/text-to-speech/docs/reference/rpc/google.cloud.texttospeech.v1
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from media_workers.providers.base import ProviderError
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
    """A connection, shared by the calls of an event loop. Made after `loaded`."""

    def __init__(self, where: str) -> None:
        import grpc
        import grpc.aio

        parts = urlsplit(where)
        secure = parts.scheme in {"https", "wss"}
        place = parts.netloc if parts.port else f"{parts.netloc}:{443 if secure else 80}"
        if secure:
            self._channel = grpc.aio.secure_channel(place, grpc.ssl_channel_credentials())
        else:
            self._channel = grpc.aio.insecure_channel(place)
        self._synthesize = self._channel.stream_stream(
            METHOD, request_serializer=Request.SerializeToString, response_deserializer=Response.FromString
        )

    async def ready(self) -> None:
        """Connects. Raises `TimeoutError`."""
        async with asyncio.timeout(CONNECT_LIMIT_S):
            await self._channel.channel_ready()

    async def speak(
        self, config: dict[str, Any], text: str, who: tuple[str, str], secret: str
    ) -> AsyncGenerator[bytes, None]:
        """Audio as it comes. Raises `ProviderError`; closing cancels the call, which the vendor sees."""
        import grpc.aio

        call = self._synthesize(_requests(config, text), metadata=(who,))
        size = 0
        try:
            responses = aiter(call)
            while True:
                async with asyncio.timeout(line.WAIT_S):
                    response = await anext(responses, None)
                if response is None:
                    return
                size += len(response.audio_content)
                if size > line.MOST_AUDIO:
                    raise ProviderError("tts", NAME, "sent audio without end", retryable=False)
                if response.audio_content:
                    yield response.audio_content
        except TimeoutError:
            raise ProviderError("tts", NAME, f"sent nothing for {line.WAIT_S:.0f} s") from None
        except grpc.aio.AioRpcError as error:
            status = _STATUS_OF.get(error.code().name, 500)
            raise refusal("tts", NAME, status, error.details() or "", secret) from None
        finally:
            call.cancel()

    async def close(self) -> None:
        await self._channel.close()


async def _requests(config: dict[str, Any], text: str) -> AsyncIterator[Any]:
    yield Request(streaming_config=config)
    yield Request(input={"text": text})


async def loaded() -> None:
    """gRPC takes some 200 ms to be imported, for which the calls of this loop need not wait."""
    await asyncio.to_thread(import_module, "grpc.aio")
