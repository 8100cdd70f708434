"""Who is asked whether numbers can be dialed: an interface, and the tenant's own server behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

import requests
from django.conf import settings
from pydantic import BaseModel, Field, StrictBool, ValidationError

from tenants.ids import new_id
from tenants.outbound import TooLong, body_of, guarded_session
from tenants.standard_webhooks import signed

BATCH = 100
"""Numbers in one request."""

TIMEOUT_S = 10.0
"""To connect, and for each piece of the answer."""

LIMIT_S = 20.0
"""For the whole answer."""

MOST_BYTES = 256 * 1024


class CheckFailed(Exception):
    """It is not known what can be dialed. The text is for people, and says nothing of what was answered."""


@dataclass(frozen=True, slots=True)
class Dialable:
    """What is said of a number. `reason`: why not, in the words of who was asked."""

    yes: bool
    reason: str = ""


class NumberValidator(Protocol):
    """A look-up of numbers (HLR)."""

    def check(self, e164s: Sequence[str], *, now: datetime) -> dict[str, Dialable]:
        """What is true of each of `e164s` (at most BATCH). Outside any transaction. CheckFailed."""
        ...


class _Result(BaseModel):
    number: str
    dialable: StrictBool
    reason: Annotated[str, Field(max_length=10_000)] = ""


class _Answer(BaseModel):
    results: Annotated[list[_Result], Field(max_length=10 * BATCH)]


class WebhookValidator:
    """POSTs the numbers to `url`, signed with `secret` (docs/guides/campaigns.md). Follows no redirect."""

    def __init__(self, *, url: str, secret: str) -> None:
        self._url = url
        self._secret = secret

    def check(self, e164s: Sequence[str], *, now: datetime) -> dict[str, Dialable]:
        said = {r.number: Dialable(r.dialable, r.reason.strip()[:200]) for r in self._ask(e164s, now).results}
        missing = [e164 for e164 in e164s if e164 not in said]
        if missing:
            raise CheckFailed(f"The answer says nothing of {len(missing)} of {len(e164s)} numbers.")
        return {e164: said[e164] for e164 in e164s}

    def _ask(self, e164s: Sequence[str], now: datetime) -> _Answer:
        body = json.dumps({"numbers": list(e164s)}).encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Trunkline/1 (number check)",
            **signed(self._secret, id=f"msg_{new_id().hex}", at=now, body=body),
        }
        try:
            return _Answer.model_validate_json(self._post(body, headers))
        except ValidationError:
            raise CheckFailed("The answer is not of the form that the guide describes.") from None
        except TooLong:
            raise CheckFailed(f"The answer has more than {MOST_BYTES // 1024} KB.") from None
        except requests.exceptions.SSLError:
            raise CheckFailed("The server's certificate is not valid.") from None
        except requests.Timeout:
            raise CheckFailed("The server gave no answer in time.") from None
        except (requests.RequestException, OSError, ValueError) as error:
            if "not a public one" in str(error):
                raise CheckFailed("The address is private: it cannot be reached from here.") from None
            raise CheckFailed("The server cannot be reached.") from None

    def _post(self, body: bytes, headers: dict[str, str]) -> bytes:
        until = time.monotonic() + LIMIT_S
        private = settings.NUMBER_CHECK_ALLOW_PRIVATE_ADDRESSES
        with (
            guarded_session(allow_private=private) as session,
            session.post(
                self._url, data=body, headers=headers, stream=True, timeout=TIMEOUT_S, allow_redirects=False
            ) as answer,
        ):
            if answer.status_code != 200:
                raise CheckFailed(f"The server answered {answer.status_code}, not 200.")
            return body_of(answer, most=MOST_BYTES, until=until)
