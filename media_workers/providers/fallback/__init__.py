"""Several vendors that look like one: each takes over from the one before it, within the turn.

`FallbackModel`, `FallbackVoice` and `FallbackTranscriber` fulfil the interfaces in `providers.base`. A
list of one is a vendor that is tried once more.
"""

from media_workers.providers.fallback.chain import Option, Watch
from media_workers.providers.fallback.model import FallbackModel
from media_workers.providers.fallback.transcriber import FallbackTranscriber, FallbackTranscription
from media_workers.providers.fallback.voice import FallbackVoice, Speaker

__all__ = [
    "FallbackModel",
    "FallbackTranscriber",
    "FallbackTranscription",
    "FallbackVoice",
    "Option",
    "Speaker",
    "Watch",
]
