"""One entry of the catalogue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from media_workers.contract.message import Message
from media_workers.contract.vendors import Kind

Unit = Literal[
    "minute",
    "million_characters",
    "million_input_tokens",
    "million_cached_tokens",
    "million_output_tokens",
    "million_audio_input_tokens",
    "million_audio_output_tokens",
]

LatencyClass = Literal["fast", "medium", "slow"]
"""Time to the first token, first audio or final transcript as the vendor or we know it: fast up to 300 ms,
medium up to 800 ms, slow beyond."""


class Price(Message):
    """`usd` per `unit`."""

    unit: Unit
    usd: Decimal


class Offer(Message):
    """`model` is the vendor's own name for it ("" where a vendor has only one). `languages` are BCP 47 tags;
    `["*"]`: so many that the vendor's page is the list. `regions`: where the vendor processes the data,
    in its own words; empty: it does not say. `local`: runs on the media node. `tools`: functions can be
    called. `voices`: the best known voices of a synthesizer, id and label; others may be given by id.
    """

    kind: Kind
    vendor: str
    model: str = ""
    label: str
    languages: tuple[str, ...]
    latency: LatencyClass
    prices: tuple[Price, ...] = ()
    regions: tuple[str, ...] = ()
    local: bool = False
    tools: bool = False
    end_of_turn: bool = False
    word_timestamps: bool = False
    voices: tuple[tuple[str, str], ...] = ()
    default: bool = False
    source: str = ""
    priced_on: date | None = None
