"""Offers of the kind stt."""

from __future__ import annotations

from media_workers.contract.catalog.offer import Offer

STT: tuple[Offer, ...] = ()
