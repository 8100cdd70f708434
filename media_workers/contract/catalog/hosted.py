"""Offers of vendors without an adapter of ours (`vendors.HOSTED_STT`, `HOSTED_TTS`). Their prices change
too often, and their models are too many, to be kept here: `source` is the vendor's own page.
"""

from __future__ import annotations

from media_workers.contract.catalog.offer import Offer
from media_workers.contract.vendors import HOSTED_STT, HOSTED_TTS

_PAGES = {
    "asyncai": ("Async", "https://async.com/pricing"),
    "cartesia": ("Cartesia Ink", "https://cartesia.ai/pricing"),
    "gladia": ("Gladia", "https://www.gladia.io/pricing"),
    "gradium": ("Gradium", "https://gradium.ai/pricing"),
    "inworld": ("Inworld", "https://inworld.ai/pricing"),
    "meta": ("Meta", "https://llama.developer.meta.com/docs"),
    "neuphonic": ("Neuphonic", "https://www.neuphonic.com/pricing"),
    "resembleai": ("Resemble AI", "https://www.resemble.ai/pricing"),
    "sarvam": ("Sarvam", "https://www.sarvam.ai/api-pricing"),
    "smallest": ("Smallest.ai", "https://smallest.ai/pricing"),
    "soniox": ("Soniox", "https://soniox.com/pricing"),
    "together": ("Together AI", "https://www.together.ai/pricing"),
    "xai": ("xAI", "https://docs.x.ai/docs/models"),
    "zoom_ai": ("Zoom", "https://developers.zoom.us/docs"),
}

HOSTED: tuple[Offer, ...] = tuple(
    Offer(
        kind=kind,
        vendor="pipecat",
        model=name,
        label=_PAGES[name][0],
        languages=("*",),
        latency="medium",
        source=_PAGES[name][1],
    )
    for kind, names in (("stt", HOSTED_STT), ("tts", HOSTED_TTS))
    for name in names
)
