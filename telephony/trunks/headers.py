"""Custom SIP headers of a trunk: which may be sent, how their values are made, what becomes of theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from media_workers.contract.part import fill
from tenants.errors import InvalidInput

MAX_HEADERS = 20
MAX_VALUE_CHARS = 256
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!%*_+`'~-]{0,63}")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

# What the SIP stack writes itself (RFC 3261 and its extensions), and what other settings are for.
_WRITTEN_BY_US = """
    accept accept-contact accept-encoding accept-language alert-info allow allow-events authorization
    call-id call-info contact content-disposition content-encoding content-language content-length
    content-type cseq date error-info event expires from identity in-reply-to join max-forwards
    mime-version min-expires min-se organization p-asserted-identity p-preferred-identity path priority
    privacy proxy-authenticate proxy-authorization proxy-require rack reason record-route refer-sub
    refer-to referred-by reject-contact remote-party-id replaces reply-to request-disposition require
    retry-after route rseq server service-route session-expires sip-etag sip-if-match
    subscription-state supported target-dialog timestamp to unsupported user-agent via warning
    www-authenticate
"""
_OURS = frozenset(_WRITTEN_BY_US.split())


def check_headers_out(headers: Mapping[str, str]) -> None:
    """InvalidInput when a name is SIP's own, is written twice or is none; RFC 3261, section 25.1."""
    _check_names(headers, field="headers_out")
    for name, template in headers.items():
        if name.lower() in _OURS or len(name) == 1 or name.lower().startswith("x-trunkline-"):
            raise InvalidInput(
                f"{name} is written by the SIP stack or by another setting; choose a header of your own, "
                "like X-Account.",
                field=f"headers_out.{name}",
                code="reserved",
            )
        if _CONTROL.search(template):
            raise InvalidInput("A header is one line.", field=f"headers_out.{name}")


def check_headers_in(headers: Mapping[str, str]) -> None:
    """InvalidInput when a header or the variable it fills has no proper name."""
    _check_names(headers, field="headers_in")
    for name, variable in headers.items():
        if not _VARIABLE.fullmatch(variable):
            raise InvalidInput(
                "The name of a variable has small letters, digits and _, and begins with a letter.",
                field=f"headers_in.{name}",
            )


def _check_names(headers: Mapping[str, str], *, field: str) -> None:
    if len(headers) > MAX_HEADERS:
        raise InvalidInput(f"At most {MAX_HEADERS} headers.", field=field)
    for name in headers:
        if not _NAME.fullmatch(name):
            raise InvalidInput("This is no header name (RFC 3261, section 25.1).", field=f"{field}.{name}")
    if len({name.lower() for name in headers}) != len(headers):
        raise InvalidInput("Two headers have the same name, but for their case.", field=field)


def headers_to_send(templates: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The headers of an INVITE: variables filled in, each value made one line; empty ones left out."""
    filled = {name: one_line(fill(text, dict(variables))) for name, text in templates.items()}
    return {name: value for name, value in filled.items() if value}


def variables_from(headers: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The variables that an INVITE's `headers` fill, by the names in `wanted` (header to variable)."""
    given = {name.lower(): value for name, value in headers.items()}
    return {
        variable: one_line(given[name.lower()]) for name, variable in wanted.items() if name.lower() in given
    }


def one_line(value: str) -> str:
    """`value` without line breaks and control characters, which would begin a header of their own."""
    return _CONTROL.sub(" ", value).strip()[:MAX_VALUE_CHARS]
