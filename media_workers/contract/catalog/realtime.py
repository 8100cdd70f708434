"""Offers of the kind realtime."""

from __future__ import annotations

from media_workers.contract.catalog.offer import Offer

REALTIME: tuple[Offer, ...] = ()
