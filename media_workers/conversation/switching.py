"""The call goes on in another language: what hears, speaks and thinks is told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from media_workers.conversation.backstage import Backstage
from media_workers.conversation.control import Deed
from media_workers.conversation.floor import Floor
from media_workers.conversation.languages import NOTE, Languages, known
from media_workers.conversation.listening import Ears
from media_workers.conversation.reporting import Reporter
from media_workers.providers.base import Dialogue, Transcript


class LanguageSwitch:
    """Everything here is called on the loop, without the lock."""

    def __init__(
        self,
        languages: Languages,
        *,
        floor: Floor,
        ears: Ears,
        backstage: Backstage,
        dialogue: Dialogue,
        report: Reporter,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
    ) -> None:
        self._languages = languages
        self._floor = floor
        self._ears = ears
        self._backstage = backstage
        self._dialogue = dialogue
        self._report = report
        self._lock = lock
        self._clock = clock

    def heard(self, transcript: Transcript) -> None:
        """Changes when the caller has done so."""
        if to := self._languages.heard(transcript):
            self._change(to)

    def told(self, language: str) -> Deed:
        """Because the model says so."""
        if not (to := known(language, list(self._languages.tongues))):
            return Deed(False, f"{language[:40]} is none of: {', '.join(self._languages.tongues)}.")
        self._change(to)
        return Deed(True, f"The call is spoken in {to} now. Go on in that language.")

    def _change(self, language: str) -> None:
        before, now_ms = self._languages.current, self._clock()
        if language == before:
            return
        tongue = self._languages.change(language)
        with self._lock:
            self._floor.change_language(language)
            self._report.language_changed(language, before, now_ms)
        if tongue.voice is not None:
            self._backstage.change_voice(tongue.voice)
        if tongue.ears is not None and tongue.ears is not self._ears.stt:
            self._backstage.run(self._ears.change(tongue.ears, language, self._backstage.phrases()))
        self._dialogue.note(NOTE.format(language=language))
