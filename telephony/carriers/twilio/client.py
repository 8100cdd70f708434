"""Requests to Twilio: with limits of time, asked again where that is safe, failures in our words."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from telephony.carriers.base import CarrierDown
from telephony.carriers.twilio.refusals import Answer, refusal

AGAIN_AFTER_S = (0.3, 1.0)
LONGEST_WAIT_S = 3.0
"""What Twilio asks us to wait (Retry-After) is waited up to here; beyond, it counts as down."""

_BUSY = 429


class Http(TwilioHttpClient):
    """Twilio's own, with retries: a GET or DELETE after any failure of the way, anything else only when it
    cannot have arrived (no connection) or was turned away unread (429)."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        for pause in (*AGAIN_AFTER_S, None):
            try:
                response = super().request(method, _place(url), *args, **kwargs)
            except requests.RequestException as error:
                if pause is None or not _may_repeat(method, error):
                    raise
            else:
                pause = _pause(method, response, pause)
                if pause is None:
                    return response
            time.sleep(pause)
        raise AssertionError("the last round returns or raises")

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Twilio's own writes numbers and texts into the log."""

    def log_response(self, status_code: int, response: Any) -> None:
        """As above."""


def _place(url: str) -> str:
    """Of TWILIO_API_BASE, when there is one: Twilio's host becomes the first part of the path."""
    base = settings.TWILIO_API_BASE
    return f"{base}/{url.removeprefix('https://')}" if base and url.startswith("https://") else url


def _may_repeat(method: str, error: requests.RequestException) -> bool:
    return method.upper() in ("GET", "DELETE") or isinstance(error, requests.ConnectTimeout)


def _pause(method: str, response: Response, pause: float | None) -> float | None:
    """How long until it is asked again; None: this is the answer."""
    again = response.status_code == _BUSY or (response.status_code >= 500 and method.upper() == "GET")
    if not again or pause is None:
        return None
    told = (response.headers or {}).get("Retry-After", "")
    wait = float(told) if told.isdigit() else pause
    return wait if wait <= LONGEST_WAIT_S else None


def client() -> Client:
    """Of the platform's account. One for each thing to do: it keeps its connections."""
    return Client(
        settings.TWILIO_ACCOUNT_SID,
        settings.TWILIO_AUTH_TOKEN,
        http_client=Http(timeout=settings.CARRIER_TIMEOUT_S),
        # Nothing of the process's environment but what the settings took from it.
        environment={"TWILIO_ACCOUNT_SID": settings.TWILIO_ACCOUNT_SID},
    )


def upload_url() -> str:
    """Where documents go; the library does not know it."""
    return _place("https://numbers-upload.twilio.com/v1/Documents")


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Around requests: what Twilio and the way to it say becomes CarrierRefused or CarrierDown. `what` is
    asked for, as in "Twilio could not {what}"."""
    try:
        yield
    except TwilioException as error:
        raise refusal(what, _answer(error)) from None
    except requests.RequestException as error:
        raise CarrierDown(f"Twilio could not {what}: {type(error).__name__}.") from None


def _answer(error: TwilioException) -> Answer:
    """The library has three ways to tell a refusal: its two exceptions, and the bare response of a list."""
    if isinstance(error, TwilioServiceException):
        return Answer(error.status, error.code, error.detail or error.title)
    if isinstance(error, TwilioRestException):
        # It puts "Unable to create record: " before what Twilio says.
        return Answer(error.status, error.code, str(error.msg).partition(": ")[2] or str(error.msg))
    response = error.args[1] if len(error.args) == 2 else None
    if not isinstance(response, Response):
        return Answer(500, None, str(error))
    try:
        told = json.loads(response.text)
    except ValueError:
        told = {}
    return Answer(response.status_code, told.get("code"), told.get("message", ""))


def status_of(error: TwilioException) -> int:
    """What Twilio answered."""
    return _answer(error).status
