"""gRPC to Google's Speech-to-Text: a connection, and the streaming call of one utterance.

gRPC's threads carry it: its asyncio interface loses the reason of an error that comes while audio is being
written.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from media_workers.providers.base import ProviderError
from media_workers.providers.outside import pinned_channel
from media_workers.providers.stt.utterances import Utterance

NAME = "google"
METHOD = "/google.cloud.speech.v2.Speech/StreamingRecognize"
AUDIENCE = "https://speech.googleapis.com/"
CONNECT_LIMIT_S = 5.0


class Connection:
    """A channel, and the token of a service account (`account`; {}: requests carry an API key).
    `address`: where alone the server is looked for."""

    def __init__(self, where: str, account: dict[str, Any], address: str = "") -> None:
        import grpc

        from media_workers.providers.stt.google_messages import Request, Response

        parts = urlsplit(where)
        secure = parts.scheme in {"https", "wss"}
        place = parts.netloc if parts.port else f"{parts.netloc}:{443 if secure else 80}"
        self._token = _token_of(account) if account else None
        options: list[tuple[str, str | int]] = []
        if address:
            place, options = pinned_channel(where, address)
        if secure:
            self._channel = grpc.secure_channel(place, grpc.ssl_channel_credentials(), options)
        else:
            self._channel = grpc.insecure_channel(place, options)
        self._recognize = self._channel.stream_stream(
            METHOD, request_serializer=Request.SerializeToString, response_deserializer=Response.FromString
        )

    async def ready(self) -> None:
        """Raises `ProviderError` when nobody is there."""
        import grpc

        states: asyncio.Queue[Any] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def changed(state: Any) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(states.put_nowait, state)

        self._channel.subscribe(changed, try_to_connect=True)
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                while (state := await states.get()) is not grpc.ChannelConnectivity.READY:
                    if state is grpc.ChannelConnectivity.TRANSIENT_FAILURE:
                        raise ProviderError("stt", NAME, "cannot be reached")
        except TimeoutError:
            raise ProviderError("stt", NAME, f"no connection within {CONNECT_LIMIT_S:.0f} s") from None
        finally:
            self._channel.unsubscribe(changed)

    def recognize(self, requests: Iterator[Any], *, recognizer: str, api_key: str) -> Any:
        """A streaming call: an iterator of responses that can be cancelled. In any thread; a service
        account's token is signed here, once an hour."""
        if self._token is None:
            who = ("x-goog-api-key", api_key)
        else:
            if not self._token.valid:
                self._token.refresh(None)
            token = self._token.token
            who = ("authorization", f"Bearer {token.decode() if isinstance(token, bytes) else token}")
        routing = ("x-goog-request-params", f"recognizer={recognizer}")
        return self._recognize(requests, metadata=(who, routing))

    async def close(self) -> None:
        await asyncio.to_thread(self._channel.close)


def _token_of(account: dict[str, Any]) -> Any:
    """A token that the account signs itself: no request for it. Raises `ProviderError`."""
    from google.auth import jwt

    make: Any = jwt.Credentials.from_service_account_info
    try:
        return make(account, audience=AUDIENCE)
    except Exception:
        # What is wrong with the key is said by many kinds of errors, whose texts may hold it.
        raise ProviderError("stt", NAME, "its key is no service account's", retryable=False) from None


class Recognition:
    """The streaming call of one utterance: a thread reads its responses, one of gRPC's writes the requests.
    Its methods are the loop's."""

    def __init__(self, utterance: Utterance, post: Callable[..., None]) -> None:
        self.utterance = utterance
        self.over = asyncio.Event()
        self._requests: SimpleQueue[Any | None] = SimpleQueue()
        self._post = post
        self._call: Any = None
        self._cancelled = False

    def start(
        self,
        call: Callable[[Iterator[Any]], Any],
        *,
        on_response: Callable[[Utterance, Any], None],
        on_end: Callable[[Recognition, Exception | None], None],
    ) -> None:
        """`call` makes it, in the thread; the others are told on the loop."""
        told = (call, on_response, on_end)
        Thread(target=self._run, args=told, name="google-stt", daemon=True).start()

    @property
    def waiting(self) -> int:
        """How many requests the vendor has not taken yet."""
        return self._requests.qsize()

    def send(self, **fields: Any) -> None:
        from media_workers.providers.stt.google_messages import Request

        self._requests.put(Request(**fields))

    def end(self) -> None:
        """There are no more requests."""
        self._requests.put(None)

    def cancel(self) -> None:
        self._cancelled = True
        self.end()
        if self._call is not None:
            self._call.cancel()

    def _run(
        self,
        call: Callable[[Iterator[Any]], Any],
        on_response: Callable[[Utterance, Any], None],
        on_end: Callable[[Recognition, Exception | None], None],
    ) -> None:
        failure: Exception | None = None
        try:
            self._call = call(iter(self._requests.get, None))
            if self._cancelled:
                self._call.cancel()
            for response in self._call:
                self._post(on_response, self.utterance, response)
        except Exception as error:
            failure = error
        self.end()
        self._post(on_end, self, failure)
