"""The recogniser's own process: `python -m media_workers.providers.stt.decoder`.

Decoding holds the interpreter's lock for tens of milliseconds, so it never runs beside a media clock.
One decoder serves all calls of a line: an utterance of two seconds takes about 60 ms. Requests come on
standard input and results go to standard output, each a 4-byte big-endian length and that many bytes:

- request: JSON header, a newline, then the audio (16-bit mono, 8000 Hz). Header: `id`, `phrases`.
- result: JSON with `id`, `text` (empty: nothing expected was heard), `took_ms` and `unheard` (phrases
  left out of a grammar that was made just now); first of all a result with `id` 0, once the model is
  loaded.
"""

from __future__ import annotations

import ctypes
import json
import signal
import struct
import sys
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from pocketsphinx import Decoder, get_model_path

from media_workers.audio.resample import resample
from media_workers.providers.llm.phrases import ANY_DIGITS, variants
from media_workers.providers.stt.pronunciation import guess

LENGTH = struct.Struct(">I")
GRAMMARS_KEPT = 64
# One call's phrases must not keep the calls beside it waiting.
MOST_SENTENCES = 1_000
MOST_GUESSES = 100
PR_SET_PDEATHSIG = 1

# A path of common words that sound unlike each other: speech which fits it better than any expected
# phrase is not one of them. Measured (docs/guides/local-speech.md): without it nearly everything said
# becomes some expected phrase.
# fmt: off
FILLERS = [
    "the", "and", "you", "for", "what", "about", "my", "house", "water", "she", "think", "like", "good",
    "just", "very", "other", "back", "give", "talk", "ready",
]
# fmt: on
DIGITS = frozenset(["zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
FILLER_PREFIX = "zz"
# Probability that foreign speech goes on for another word.
STAY = 0.8
# Probability of each further digit: more of it adds digits that nobody said.
READ_ON = 0.001
# Narrow beams are enough for grammars of this size and halve the time.
BEAMS = {"beam": 1e-30, "wbeam": 1e-20, "pbeam": 1e-30}

_START, _END, _GARBAGE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Grammar:
    """A set of phrases as the decoder knows it. `name` is empty when nothing of it can be heard; `digits`:
    any number of them, read out, is expected too."""

    name: str
    sentences: frozenset[tuple[str, ...]]
    unheard: list[str]
    digits: bool = False

    def holds(self, said: tuple[str, ...]) -> bool:
        return said in self.sentences or (self.digits and bool(said) and DIGITS.issuperset(said))


class Recogniser:
    """A decoder that knows the grammar of each set of phrases it was asked for lately."""

    def __init__(self) -> None:
        model = get_model_path()
        self._decoder = Decoder(
            hmm=f"{model}/en-us/en-us",
            dict=f"{model}/en-us/cmudict-en-us.dict",
            lm=None,
            loglevel="FATAL",
            **BEAMS,
        )
        self._fillers = [FILLER_PREFIX + word for word in FILLERS]
        for word in FILLERS:
            # The last one is what makes the decoder take notice of all of them.
            phones = self._decoder.lookup_word(word)
            self._decoder.add_word(FILLER_PREFIX + word, phones, word == FILLERS[-1])
        self._grammars: OrderedDict[tuple[str, ...], Grammar] = OrderedDict()
        self._made = 0

    def recognise(self, phrases: Sequence[str], pcm: bytes) -> str:
        """The words of the expected phrase that `pcm` (8000 Hz) holds; empty when it holds none."""
        grammar = self.grammar(tuple(phrases))
        if not grammar.name or not pcm:
            return ""
        decoder = self._decoder
        decoder.activate_search(grammar.name)
        decoder.start_utt()
        decoder.process_raw(resample(pcm, 8000, 16000), full_utt=True)
        decoder.end_utt()
        best = decoder.hyp()
        said = tuple(best.hypstr.split()) if best else ()
        # The decoder also tells of a phrase that was only begun, and of fillers.
        return " ".join(said) if grammar.holds(said) else ""

    def knows(self, phrases: Sequence[str]) -> bool:
        """Whether the grammar for `phrases` is made already."""
        return tuple(phrases) in self._grammars

    def grammar(self, phrases: tuple[str, ...]) -> Grammar:
        """The grammar for `phrases`, made if necessary; a few ms, more when words are unknown."""
        if phrases not in self._grammars:
            while len(self._grammars) >= GRAMMARS_KEPT:
                _, oldest = self._grammars.popitem(last=False)
                if oldest.name:
                    self._decoder.remove_search(oldest.name)
            self._grammars[phrases] = self._make(phrases)
        self._grammars.move_to_end(phrases)
        return self._grammars[phrases]

    def _make(self, phrases: tuple[str, ...]) -> Grammar:
        digits = ANY_DIGITS in phrases
        spoken = {
            phrase: [tuple(map(str, v)) for v in variants(phrase)]
            for phrase in phrases
            if phrase != ANY_DIGITS
        }
        self._learn({word for sentences in spoken.values() for sentence in sentences for word in sentence})
        found: dict[tuple[str, ...], None] = {}
        unheard = []
        for phrase, sentences in spoken.items():
            heard = [s for s in sentences if all(self._decoder.lookup_word(word) for word in s)]
            if not heard or len(found) + len(heard) > MOST_SENTENCES:
                unheard.append(phrase)
            else:
                found.update(dict.fromkeys(heard))
        if not found and not digits:
            return Grammar("", frozenset(), unheard)
        self._made += 1
        name = f"g{self._made}"
        transitions = self._transitions(list(found), digits=digits)
        fsg = self._decoder.create_fsg(name, _START, _END, transitions)
        self._decoder.add_fsg(name, fsg)
        return Grammar(name, frozenset(found), unheard, digits)

    def _learn(self, words: set[str]) -> None:
        """Adds what the dictionary lacks and somebody can pronounce."""
        unknown = sorted(word for word in words if not self._decoder.lookup_word(word))
        for word in unknown[:MOST_GUESSES]:
            if phones := guess(word):
                self._decoder.add_word(word, phones, True)

    def _transitions(self, sentences: Sequence[tuple[str, ...]], *, digits: bool) -> list[tuple[Any, ...]]:
        """A tree of the sentences beside a loop of the fillers, and one of digits."""
        states: dict[tuple[str, ...], int] = {(): _START}
        found: dict[tuple[int, int, str], None] = {}
        for sentence in sentences:
            for i, word in enumerate(sentence):
                target = _END
                if i + 1 < len(sentence):
                    target = states.setdefault(sentence[: i + 1], len(states) + 2)
                found[(states[sentence[:i]], target, word)] = None
        loop = len(states) + 2
        read_out: list[tuple[Any, ...]] = [(loop, _END, 1 - STAY)] if digits else []
        for word in sorted(DIGITS) if digits else []:
            read_out += [(_START, loop, 1.0, word), (loop, loop, READ_ON, word)]
        stay = STAY / len(self._fillers)
        garbage = [(_GARBAGE, _GARBAGE, stay, word) for word in self._fillers]
        words = [(source, target, 1.0, word) for source, target, word in found]
        return [*words, *read_out, (_START, _GARBAGE, 1.0), (_GARBAGE, _END, 1 - STAY), *garbage]


def serve(requests: IO[bytes], results: IO[bytes]) -> None:
    """Answers requests until their end."""
    recogniser = Recogniser()
    _write(results, {"id": 0, "text": ""})
    while (message := _read(requests)) is not None:
        head, _, pcm = message.partition(b"\n")
        request = json.loads(head)
        phrases = tuple(request["phrases"])
        started = time.monotonic()
        unheard = [] if recogniser.knows(phrases) else recogniser.grammar(phrases).unheard
        text = recogniser.recognise(phrases, pcm)
        took_ms = round((time.monotonic() - started) * 1000)
        _write(results, {"id": request["id"], "text": text, "took_ms": took_ms, "unheard": unheard})


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    body = stream.read(size)
    return body if len(body) == size else None


def _write(stream: IO[bytes], result: dict[str, Any]) -> None:
    body = json.dumps(result).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    # The parent's death ends us even in the middle of decoding; the terminal's Ctrl-C is its business.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
