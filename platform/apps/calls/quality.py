"""How a call was set up and how it sounded, leg by leg, in figures and in words.

The media node measures (`media_workers.sip.stats`, `.emodel`, `.hearing`); here its events are put
together. MOS words are the categories of user satisfaction of ITU-T G.107, table B.1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from apps.calls.models import Call, CallEvent

TYPES = ("leg", "media", "gateway_failed")

RATINGS: tuple[tuple[float, str, str], ...] = (
    (4.34, "excellent", "Very good: as good as a telephone gets."),
    (4.03, "good", "Good."),
    (3.60, "fair", "Some people would complain."),
    (3.10, "poor", "Many people would complain."),
    (0.0, "bad", "Nearly everybody would complain."),
)
"""From which MOS on (G.107: R of 90, 80, 70 and 60)."""

ONE_WAY_WORDS = {
    "": "",
    "we_hear_nothing": "No audio, or nothing but silence, came from the far side.",
    "they_hear_nothing": "The far side reported that it received no audio from us.",
    "both_silent": "No audio came through in either direction.",
}


def rating_of(mos: float | None) -> tuple[str, str]:
    """The name of the category and its words; empty when nothing was measured."""
    if mos is None:
        return "", ""
    return next((name, words) for least, name, words in RATINGS if mos >= least)


def worse(*values: float | None) -> float | None:
    """The lowest of those that are known."""
    return min((value for value in values if value is not None), default=None)


def quality_of(call: Call) -> dict[str, Any]:
    """The call's figures and those of its legs. `rating` and `words` are empty where no MOS is known."""
    rating, words = rating_of(call.mos)
    events = CallEvent.objects.filter(call=call, type__in=TYPES).order_by("seq")
    return {
        "mos": call.mos,
        "rating": rating,
        "words": words,
        "one_way": call.one_way,
        "one_way_words": ONE_WAY_WORDS[call.one_way],
        "gateway": call.gateway,
        "transport": call.transport,
        "srtp": call.srtp,
        "remote_agent": call.remote_agent,
        "codec": call.codec,
        "ptime_ms": call.ptime_ms,
        "pdd_ms": call.pdd_ms,
        "setup_ms": call.setup_ms,
        "legs": legs_of(events),
    }


def legs_of(events: Iterable[CallEvent]) -> list[dict[str, Any]]:
    """The legs that the events tell of, in their order."""
    legs: defaultdict[int, _Leg] = defaultdict(_Leg)
    for event in events:
        body = event.body
        if event.type == "leg":
            legs[body["leg"]].info = body
        elif event.type == "media":
            legs[body.get("leg", 0)].readings.append(body)
        else:
            _leg_of(legs, body).failure = body
    return [leg.described(number) for number, leg in sorted(legs.items())]


def _leg_of(legs: defaultdict[int, _Leg], failure: dict[str, Any]) -> _Leg:
    """Which leg a failed gateway was: it tells, or it is the last one to that gateway, or none was made."""
    if failure.get("leg") is not None:
        return legs[failure["leg"]]
    same = [leg for leg in legs.values() if leg.info.get("gateway") == failure["gateway"] and not leg.failure]
    return same[-1] if same else legs[max(legs, default=-1) + 1]


class _Leg:
    def __init__(self) -> None:
        self.info: dict[str, Any] = {}
        self.failure: dict[str, Any] = {}
        self.readings: list[dict[str, Any]] = []

    def described(self, number: int) -> dict[str, Any]:
        last = self.readings[-1] if self.readings else None
        one_way = last.get("one_way", "") if last else ""
        failure = self.failure
        known = {name: self.info.get(name, empty) for name, empty in _LEG_FIELDS.items()}
        known["gateway"] = known["gateway"] or failure.get("gateway", "")
        return known | {
            "leg": number,
            "failed": {name: failure[name] for name in ("sip_code", "sip_reason", "after_ms")}
            if failure
            else None,
            "received": _direction(last, "rx") if last else None,
            "sent": _direction(last, "tx") if last else None,
            "rtt_ms": last.get("rtt_ms") if last else None,
            "rtt_max_ms": last.get("rtt_max_ms") if last else None,
            "one_way": one_way,
            "one_way_words": ONE_WAY_WORDS[one_way],
            "series": _series(self.readings),
        }


_LEG_FIELDS: dict[str, Any] = {
    "direction": "out",
    "gateway": "",
    "transport": "",
    "srtp": False,
    "remote_agent": "",
    "remote_media": "",
    "codec": "",
    "ptime_ms": None,
    "pdd_ms": None,
    "setup_ms": None,
}

_COUNTS = ("packets", "bytes", "lost", "reordered", "duplicated", "discarded", "empty")
_TIMES = ("jitter_ms", "jitter_max_ms", "delay_ms")


def _direction(reading: dict[str, Any], side: str) -> dict[str, Any]:
    """`side`: rx is what we received, tx what we sent. None: not measured, or not reported."""
    told = {name: reading.get(f"{side}_{name}") for name in (*_COUNTS, *_TIMES, "mos")}
    rating, words = rating_of(told["mos"])
    return told | {"lost_percent": _percent(reading, side), "rating": rating, "words": words}


def _percent(reading: dict[str, Any], side: str, before: dict[str, Any] | None = None) -> float | None:
    """Packets lost of those sent, since `before` when given. What we received excludes the lost ones, what
    we sent includes them."""
    packets, lost = reading.get(f"{side}_packets"), reading.get(f"{side}_lost")
    if packets is None or lost is None:
        return None
    if before is not None:
        packets, lost = (
            packets - (before.get(f"{side}_packets") or 0),
            lost - (before.get(f"{side}_lost") or 0),
        )
    sent = packets + lost if side == "rx" else packets
    return round(100 * min(max(lost, 0), sent) / sent, 2) if sent > 0 else None


def _series(readings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The readings during the call. Loss is that since the reading before; all else from the beginning."""
    points = [reading for reading in readings if not reading.get("final", True)]
    return [
        {
            "at_ms": point["at_ms"],
            "rx_mos": point.get("rx_mos"),
            "tx_mos": point.get("tx_mos"),
            "rx_lost_percent": _percent(point, "rx", before),
            "tx_lost_percent": _percent(point, "tx", before),
            "rx_jitter_ms": point.get("rx_jitter_ms"),
            "tx_jitter_ms": point.get("tx_jitter_ms"),
            "rtt_ms": point.get("rtt_ms"),
        }
        for before, point in zip([None, *points], points, strict=False)
    ]
