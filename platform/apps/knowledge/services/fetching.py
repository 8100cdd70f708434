"""Fetching a page that a tenant named: never from our own network, never without an end."""

from __future__ import annotations

import time
from dataclasses import dataclass

import requests
from django.conf import settings

from apps.knowledge.models import Kind
from apps.knowledge.reading.blocks import Unreadable
from apps.knowledge.services.documents import KINDS_BY_TYPE
from tenants.outbound import TooLong, body_of, guarded_session

LIMIT_S = 60.0
_HEADERS = {
    "User-Agent": "Trunkline/1 (knowledge base)",
    "Accept": "text/html, text/markdown, text/plain, application/pdf, application/xhtml+xml;q=0.9",
}


class NotFetched(Exception):
    """The page did not come. `again`: it may when asked another time. The text is for people."""

    def __init__(self, detail: str, *, again: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.again = again


@dataclass(frozen=True, slots=True)
class Page:
    kind: str
    data: bytes


def fetch(url: str) -> Page:
    """What lies at `url`, redirects followed (three at most, each of them looked at). Outside any
    transaction. NotFetched; Unreadable when it is no document."""
    until = time.monotonic() + LIMIT_S
    private = settings.KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES
    try:
        with (
            guarded_session(allow_private=private) as session,
            session.get(url, headers=_HEADERS, stream=True, timeout=15) as answer,
        ):
            if answer.status_code != 200:
                again = answer.status_code >= 500 or answer.status_code in (408, 425, 429)
                raise NotFetched(f"The server answered {answer.status_code}.", again=again)
            return Page(_kind(answer, url), _body(answer, until))
    except requests.TooManyRedirects:
        raise NotFetched("The address leads from one to another without an end.", again=False) from None
    except requests.exceptions.SSLError:
        raise NotFetched("The server's certificate is not valid.", again=False) from None
    except requests.Timeout:
        raise NotFetched("The server gave no answer in time.", again=True) from None
    except (requests.RequestException, OSError, ValueError) as error:
        if "not a public one" in str(error):
            raise NotFetched("The address is private: it cannot be reached from here.", again=False) from None
        raise NotFetched("The server cannot be reached.", again=True) from None


def _kind(answer: requests.Response, url: str) -> str:
    said = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    kind = KINDS_BY_TYPE.get(said)
    if kind is None:
        raise Unreadable("unknown_kind", f"There is no text at this address, but {said or 'something'}.")
    if kind == Kind.TEXT and url.partition("?")[0].endswith((".md", ".markdown")):
        return Kind.MARKDOWN
    return kind


def _body(answer: requests.Response, until: float) -> bytes:
    most = settings.KNOWLEDGE_MAX_DOCUMENT_BYTES
    try:
        return body_of(answer, most=most, until=until)
    except TooLong:
        raise Unreadable("too_large", f"The page has more than {most // 1024 // 1024} MB.") from None
