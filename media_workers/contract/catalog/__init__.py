"""What there is to choose from: models and voices of every vendor, with price, languages and speed.

One module per kind, each a tuple of `Offer`s; `OFFERS` is all of them. Prices are the vendors' list prices
in US dollars on the date in `Offer.priced_on`, from the page in `Offer.source`.
"""

from __future__ import annotations

from media_workers.contract.catalog.hosted import HOSTED
from media_workers.contract.catalog.llm import LLM
from media_workers.contract.catalog.offer import LatencyClass, Offer, Price, Unit
from media_workers.contract.catalog.realtime import REALTIME
from media_workers.contract.catalog.stt import STT
from media_workers.contract.catalog.tts import TTS

OFFERS: tuple[Offer, ...] = (*STT, *LLM, *TTS, *REALTIME, *HOSTED)

__all__ = ["HOSTED", "LLM", "OFFERS", "REALTIME", "STT", "TTS", "LatencyClass", "Offer", "Price", "Unit"]
