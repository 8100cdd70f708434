"""Digest authentication of a client (RFC 7616, in SIP by RFC 3261, 22, and RFC 8760)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

HASHES: Final = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""What can be proven with, the preferred one first (RFC 8760, 2.4)."""

_PARAMETER = re.compile(r'([A-Za-z0-9-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_ASKS = {"www-authenticate": "Authorization", "proxy-authenticate": "Proxy-Authorization"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """One demand for credentials. `answer_in` is the header that the proof goes into."""

    answer_in: str
    realm: str
    nonce: str
    algorithm: str
    qop: str
    opaque: str | None
    stale: bool


def challenges(headers: Iterable[tuple[str, str]]) -> list[Challenge]:
    """Those in a 401's or 407's headers that can be met, the strongest first."""
    found = [c for name, value in headers if name.lower() in _ASKS and (c := _read(name, value))]
    return sorted(found, key=lambda c: list(HASHES).index(c.algorithm.removesuffix("-SESS")))


def _read(name: str, value: str) -> Challenge | None:
    scheme, _, rest = value.strip().partition(" ")
    given = {key.lower(): quoted or bare for key, quoted, bare in _PARAMETER.findall(rest)}
    algorithm = given.get("algorithm", "MD5").upper()
    offers = [q.strip().lower() for q in given.get("qop", "").split(",") if q.strip()]
    known = algorithm.removesuffix("-SESS") in HASHES
    if scheme.lower() != "digest" or not known or (offers and "auth" not in offers) or "nonce" not in given:
        return None
    return Challenge(
        answer_in=_ASKS[name.lower()],
        realm=given.get("realm", ""),
        nonce=given["nonce"],
        algorithm=algorithm,
        qop="auth" if offers else "",
        opaque=given.get("opaque"),
        stale=given.get("stale", "").lower() == "true",
    )


def proof(
    challenge: Challenge,
    *,
    method: str,
    uri: str,
    username: str,
    password: str,
    count: int,
    cnonce: str | None = None,
) -> tuple[str, str]:
    """The header, name and value, that meets `challenge`; `count`: how often its nonce was used, from 1."""
    cnonce = cnonce or secrets.token_hex(8)
    nc = f"{count:08x}"
    ha1 = _hash(challenge, f"{username}:{challenge.realm}:{password}")
    if challenge.algorithm.endswith("-SESS"):
        ha1 = _hash(challenge, f"{ha1}:{challenge.nonce}:{cnonce}")
    ha2 = _hash(challenge, f"{method}:{uri}")
    middle = f"{nc}:{cnonce}:{challenge.qop}:" if challenge.qop else ""
    quoted = {
        "username": username,
        "realm": challenge.realm,
        "nonce": challenge.nonce,
        "uri": uri,
        "response": _hash(challenge, f"{ha1}:{challenge.nonce}:{middle}{ha2}"),
    }
    if challenge.qop or challenge.algorithm.endswith("-SESS"):
        quoted["cnonce"] = cnonce
    if challenge.opaque is not None:
        quoted["opaque"] = challenge.opaque
    parts = [f'{name}="{_escaped(name, value)}"' for name, value in quoted.items()]
    parts.append(f"algorithm={challenge.algorithm.replace('-SESS', '-sess')}")
    if challenge.qop:
        parts += [f"qop={challenge.qop}", f"nc={nc}"]
    return challenge.answer_in, "Digest " + ", ".join(parts)


def _escaped(name: str, value: str) -> str:
    """What came from the challenge is written back as it came: it is still escaped."""
    return re.sub(r'(["\\])', r"\\\1", value) if name == "username" else value


def _hash(challenge: Challenge, text: str) -> str:
    return HASHES[challenge.algorithm.removesuffix("-SESS")](text.encode()).hexdigest()
