"""Offers of the kind llm."""

from __future__ import annotations

from media_workers.contract.catalog.offer import Offer

LLM: tuple[Offer, ...] = ()
