"""Offers of the kind tts."""

from __future__ import annotations

from media_workers.contract.catalog.offer import Offer

TTS: tuple[Offer, ...] = ()
