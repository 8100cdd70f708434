"""Extra headers of a SIP message in pjsua2's form."""

from __future__ import annotations

from collections.abc import Iterable

import pjsua2


def header_vector(headers: Iterable[tuple[str, str]]) -> pjsua2.SipHeaderVector:
    """For `txOption.headers`: name and value of each, in this order."""
    vector = pjsua2.SipHeaderVector()
    for name, value in headers:
        header = pjsua2.SipHeader()
        header.hName, header.hValue = name, value
        vector.append(header)
    return vector
