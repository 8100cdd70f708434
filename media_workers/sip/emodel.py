"""How good a direction of a call sounds, from its figures: the E-model of ITU-T G.107 for G.711.

    R = 93.2 - Id - Ie,eff

93.2 is R0 - Is with the default values of G.107, 7.7: what G.711 loses without delay and loss.

Id, the impairment by delay, is the part of G.107 that is left without echo, as fitted by Cole and
Rosenbluth ("Voice over IP performance monitoring", ACM CCR 31(2), 2001; also ITU-T G.114):

    Id = 0.024 d + 0.11 (d - 177.3) H(d - 177.3)        d: one way, mouth to ear, ms

Ie,eff, the impairment by loss (G.107, 7.5), with Ie = 0 and Bpl = 25.1 of G.711 with packet loss
concealment (G.113, Appendix I, table I.4), losses taken for random (BurstR = 1):

    Ie,eff = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl)  Ppl: packets that could not be played, per cent

MOS from R as in G.107, Annex B. No talker is asked: this is an estimate, the same one that carriers' own
probes give.
"""

from __future__ import annotations

from typing import Final

R_UNDISTURBED: Final = 93.2
BPL_G711_PLC: Final = 25.1
KNEE_MS: Final = 177.3
ENOUGH_PACKETS: Final = 100
"""Two seconds of 20 ms: less says nothing about a call."""


def delay_impairment(one_way_ms: float) -> float:
    """Id, from 0 on. `one_way_ms`: mouth to ear."""
    beyond = max(0.0, one_way_ms - KNEE_MS)
    return 0.024 * one_way_ms + 0.11 * beyond


def loss_impairment(loss_percent: float) -> float:
    """Ie,eff of G.711 with concealment, 0 to 95. `loss_percent`: 0 to 100."""
    return 95.0 * loss_percent / (loss_percent + BPL_G711_PLC)


def rating(*, one_way_ms: float, loss_percent: float) -> float:
    """R, 0 to 93.2."""
    return max(0.0, R_UNDISTURBED - delay_impairment(one_way_ms) - loss_impairment(loss_percent))


def mos_of(r: float) -> float:
    """MOS-CQE of a rating, 1 to 4.5 (G.107, Annex B)."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def mos(*, played: int, missing: int, network_ms: float, buffer_ms: float, ptime_ms: int) -> float | None:
    """MOS of one direction, to two digits; None when too little was sent to judge.

    `missing` of the `played + missing` packets were lost or came at the wrong time. The delay is the
    network's one way (half the round trip), the receiver's jitter buffer and the packet itself.
    """
    expected = played + missing
    if expected < ENOUGH_PACKETS:
        return None
    r = rating(one_way_ms=network_ms + buffer_ms + ptime_ms, loss_percent=100 * missing / expected)
    return round(mos_of(r), 2)
