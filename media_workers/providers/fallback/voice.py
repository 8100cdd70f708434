"""Several voices, one speaking on where another fell silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from media_workers.providers.base import (
    SAMPLE_RATE,
    ProviderError,
    Served,
    Speech,
    SpokenWord,
    TextToSpeech,
    VoiceSettings,
)
from media_workers.providers.fallback.chain import Breaker, Chain, Option, Watch, broken, copied, slow
from media_workers.providers.streams import Timely, closing

BYTES_PER_MS = 2 * SAMPLE_RATE // 1000

MS_PER_CHARACTER = 70
"""How long a character takes to say, where the voice does not tell its words."""

SLOWEST = 2
"""So many times as long has it taken when nothing is left to say for certain."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A synthesizer with the settings it speaks with."""

    tts: TextToSpeech
    settings: VoiceSettings


class FallbackVoice:
    """A `TextToSpeech` whose voices each have settings of their own: those given to `speak` are not used.

    Who has taken over speaks for the rest of the call. A voice that fails in the middle of a sentence is
    followed by the next one from the word that was being said, so that the caller may hear that word
    twice but misses none.
    """

    def __init__(
        self, options: Sequence[Option[Speaker]], *, watch: Watch, breaker: Breaker | None = None
    ) -> None:
        self._chain = Chain("tts", options, breaker)
        self._watch = watch
        self._voices = [o.subject.tts for o in options if not isinstance(o.subject, ProviderError)]
        self.name = options[0].vendor
        self.model = self._voices[0].model if self._voices else ""

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        offset, last = 0, ""
        while True:
            option = await self._chain.current()
            said, asked = _Said(text), asyncio.get_running_loop().time()
            try:
                async with closing(self._ask(option, text)) as speech:
                    async for item in speech:
                        said.add(item)
                        if not isinstance(item, SpokenWord):
                            yield item
                        elif len(said.words) > 1 or item.text != last:
                            yield SpokenWord(item.text, item.start_ms + offset // BYTES_PER_MS)
                self._chain.served(option)
                if offset:
                    for number, word in enumerate(said.spread(text, offset)):
                        if number or word.text != last:
                            yield word
                return
            except ProviderError as error:
                if not self._chain.failed(option, error):
                    raise copied(error, retryable=False) from None
                self._watch.passed_over(error, round((asyncio.get_running_loop().time() - asked) * 1000))
            if said.given % 2:
                yield b"\0"
                said.given += 1
            cut = said.cut()
            for word in said.spread(text[:cut], offset):
                yield word
            text, last = text[cut:].strip(), said.words[-1].text if said.words else ""
            offset += said.given
            if not any(c.isalnum() for c in text):
                return

    async def warm_up(self) -> None:
        """Of the first; the others are not asked on most calls."""
        if self._voices:
            await self._voices[0].warm_up()

    async def close(self) -> None:
        for voice in self._voices:
            await voice.close()

    async def _ask(self, option: Option[Speaker], text: str) -> AsyncIterator[Speech]:
        """`Served`, then what one voice says."""
        speaker, first_ms = option.served(), self._chain.first_limit_ms
        begun = False
        try:
            async with closing(_audible(speaker.tts.speak(text, speaker.settings))) as stream:
                async for items in Timely(stream, first_s=first_ms / 1000, next_s=option.limit_ms / 1000):
                    if not begun:
                        begun = True
                        yield Served(option.vendor, speaker.tts.model)
                    for item in items:
                        yield item
        except ProviderError:
            raise
        except TimeoutError:
            raise slow("tts", option.vendor, option.limit_ms if begun else first_ms) from None
        except Exception as error:
            raise broken("tts", option.vendor, error) from None
        if not begun:
            raise ProviderError("tts", option.vendor, "gave no audio")


async def _audible(stream: AsyncIterator[Speech]) -> AsyncIterator[list[Speech]]:
    """Audio, each piece with the words told before it: words alone keep nobody waiting."""
    held: list[Speech] = []
    async with closing(stream) as speech:
        async for item in speech:
            if isinstance(item, Served) or item == b"":
                continue
            held.append(item)
            if isinstance(item, bytes):
                yield held
                held = []


@dataclass(slots=True)
class _Said:
    """How far a voice has come in `text`."""

    text: str
    given: int = 0
    words: list[SpokenWord] = field(default_factory=list)

    def add(self, item: Speech) -> None:
        if isinstance(item, bytes):
            self.given += len(item)
        elif isinstance(item, SpokenWord):
            self.words.append(item)

    def cut(self) -> int:
        """Where in the text the word begins that was being said."""
        if not self.given:
            return 0
        given_ms = self.given // BYTES_PER_MS
        at = self._last_word([w for w in self.words if w.start_ms < given_ms])
        if at is not None:
            return at
        if given_ms > SLOWEST * MS_PER_CHARACTER * len(self.text):
            return len(self.text)
        return len(self.text[: given_ms // MS_PER_CHARACTER + 1].rpartition(" ")[0])

    def spread(self, text: str, offset: int) -> Iterator[SpokenWord]:
        """The words of what was said of a sentence that more than one voice says, where this one did not
        tell them: those of the others would be taken for all."""
        if self.words or not self.given or " " not in self.text:
            return
        at = 0
        for word in text.split():
            at = text.index(word, at)
            start = offset + self.given * at // len(text)
            yield SpokenWord(word, start // BYTES_PER_MS)
            at += len(word)

    def _last_word(self, begun: list[SpokenWord]) -> int | None:
        """Where in the text the last of the words begins; None when they are not those of the text."""
        if not begun:
            return None
        at = end = 0
        for word in begun:
            at = self.text.find(word.text.strip(), end)
            if at < 0:
                return None
            end = at + len(word.text.strip())
        return at
