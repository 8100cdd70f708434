"""Requests to identity providers: to addresses that a customer wrote, so never into our own network."""

from __future__ import annotations

import requests
from django.conf import settings

from tenants import outbound

MAX_BYTES = 512 * 1024


class DocumentError(Exception):
    """A document of an identity provider cannot be read; the text says why, for people."""


def guarded_session() -> requests.Session:
    """A session that reaches private addresses only where SSO_ALLOW_PRIVATE_ADDRESSES says so."""
    return outbound.guarded_session(allow_private=settings.SSO_ALLOW_PRIVATE_ADDRESSES)


def fetch(url: str) -> bytes:
    """The document at `url`. DocumentError when it cannot be had or is larger than any real one."""
    try:
        with guarded_session() as session, session.get(url, stream=True) as answer:
            answer.raise_for_status()
            content = answer.raw.read(MAX_BYTES + 1, decode_content=True)
    except (requests.RequestException, OSError, ValueError) as error:
        raise DocumentError(f"{url} cannot be read: {_reason(error)}.") from error
    if len(content) > MAX_BYTES:
        raise DocumentError(f"{url} is larger than {MAX_BYTES // 1024} KiB.")
    return bytes(content)


def _reason(error: Exception) -> str:
    """No more than a person needs: the library's text tells of our network."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the answer was {error.response.status_code}"
    if isinstance(error, requests.Timeout):
        return "no answer came in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    return "no connection was possible"
