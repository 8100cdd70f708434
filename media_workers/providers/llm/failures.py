"""What went wrong between us and a vendor's HTTP endpoint, in words for people.

The same words whichever SDK met it. A key never gets into them: what a vendor says of a refused key is
not quoted at all, and everywhere else the key is masked.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field

import httpx2

from media_workers.providers.base import ProviderError
from media_workers.providers.refusals import message_of, refusal

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_MS = 5_000


@dataclass(frozen=True)
class Failures:
    """Of one vendor at one address. `limit_ms`: how long one wait for it may last. `what`: what its answer
    should have been, as in "a chat completion stream"."""

    vendor: str
    host: str
    key: str = field(repr=False)
    limit_ms: int
    what: str

    def error(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("llm", self.vendor, detail, retryable=retryable)

    def refused(self, code: int, body: object) -> ProviderError:
        """An HTTP status that is an error; `body` as the SDK gives it."""
        # What is said of a refused key may hold the key, or a part of it.
        said = "" if code in (401, 403) else _text(body)
        told = refusal("llm", self.vendor, code, said, self.key)
        return self.error(f"{self.host} {told.detail}", retryable=told.retryable)

    def reported(self, body: object) -> ProviderError:
        """An error inside the stream."""
        said = message_of(_text(body), self.key)
        return self.error(f"{self.host} reported an error: {said or 'it does not say which'}")

    def broke(self, error: BaseException, *, begun: bool) -> ProviderError:
        """The connection failed. `begun`: the answer had begun."""
        host = self.host
        cause = error if isinstance(error, httpx2.HTTPError) else error.__cause__ or error
        if isinstance(cause, httpx2.ConnectTimeout | httpx2.PoolTimeout):
            limit_ms = min(self.limit_ms, CONNECT_TIMEOUT_MS)
            return self.error(f"{host} could not be connected to in {limit_ms} ms")
        if isinstance(cause, httpx2.ConnectError):
            return self.error(f"{host} cannot be reached: {cause}")
        if isinstance(cause, httpx2.TimeoutException):
            what = "fell silent in the middle of the answer, for" if begun else "did not answer within"
            return self.error(f"{host} {what} {self.limit_ms} ms")
        place = "in the middle of" if begun else "before"
        return self.error(f"{host} broke the connection {place} the answer")

    def garbage(self) -> ProviderError:
        return self.error(f"{self.host} sent something that is not {self.what}")

    def unfinished(self) -> ProviderError:
        return self.error(f"{self.host} ended the stream before the answer was complete")


def _text(body: object) -> str:
    """An error's body, of which an SDK may have read the JSON already."""
    return body if isinstance(body, str) else json.dumps(body) if body else ""
