"""The last words of a call whose vendor, and with it the voice, is gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from media_workers.conversation.answering import Voice
from media_workers.conversation.realtime_turns import SpokenAnswer
from media_workers.conversation.reporting import Reporter
from media_workers.providers.base import ProviderError
from media_workers.providers.streams import closing

logger = logging.getLogger(__name__)

VOICE_LIMIT_S = 10.0


class FallbackSpeech:
    """Speaks with `voice`."""

    def __init__(
        self,
        voice: Voice,
        *,
        report: Reporter,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
    ) -> None:
        self._voice = voice
        self._report = report
        self._lock = lock
        self._clock = clock

    async def speak(self, answer: SpokenAnswer) -> None:
        """Adds the audio of its text to `answer`, which is complete then. Never raises."""
        voice = self._voice
        try:
            async with (
                asyncio.timeout(VOICE_LIMIT_S),
                closing(voice.tts.speak(answer.text, voice.settings)) as speech,
            ):
                async for part in speech:
                    if isinstance(part, bytes):
                        with self._lock:
                            answer.add(part)
        except (ProviderError, TimeoutError) as error:
            logger.warning("the fallback message could not be spoken: %s", error)
            failed = ProviderError("tts", voice.tts.name, str(error) or "gave no audio in time")
            with self._lock:
                self._report.provider_trouble(failed, self._clock())
        finally:
            with self._lock:
                answer.complete = True
