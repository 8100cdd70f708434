"""What a trunk wants of its legs: encryption, codecs, keys and early media, between two lines of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.media_workers.sip.conftest import Pair
from tests.media_workers.sip.host import Host, loudest_hz


def answers(mouth: str = "echo", **policy: Any) -> list[dict[str, Any]]:
    """They answer as the policy says."""
    return [{"do": "mouth", "mouth": mouth}, {"do": "ring"}, {"do": "answer", "options": {"policy": policy}}]


def sdp_of(host: Host, leg: int, rung: str) -> str:
    """The body of the first message of that kind."""
    from tests.media_workers.sip.host import rung as short

    message = next(e for e in host.all("sip", leg) if short(e) == rung)
    return str(message["text"].partition("\r\n\r\n")[2])


def both_hear(pair: Pair, ours: int, theirs: int, folder: Path) -> None:
    pair.us.until(lambda: loudest_hz(pair.us.heard(ours, folder)) > 0, "sound from them")
    pair.them.until(lambda: loudest_hz(pair.them.heard(theirs, folder)) > 0, "sound from us")


@pytest.mark.parametrize(
    ("ours", "theirs", "profile", "encrypted"),
    [
        ("off", "off", "RTP/AVP", False),
        ("off", "optional", "RTP/AVP", False),
        ("optional", "optional", "RTP/AVP", True),
        ("required", "optional", "RTP/SAVP", True),
        ("required", "required", "RTP/SAVP", True),
        ("optional", "required", "RTP/AVP", True),
    ],
)
def test_srtp(pair: Pair, ours: str, theirs: str, profile: str, encrypted: bool, tmp_path: Path) -> None:
    a, b = pair.answered(answers("700", srtp=theirs), mouth="440", leg={"srtp": ours})
    both_hear(pair, a, b, tmp_path)
    offer, answer = sdp_of(pair.us, a, "> INVITE"), sdp_of(pair.us, a, "< 200 INVITE")
    assert f" {profile} " in offer
    assert ("a=crypto:" in answer) is encrypted
    pair.hung_up(a, b)
