"""E-mail addresses, written and as they are said: ``jane dot doe at example dot com``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.analysis.rules.english import DIGITS
from apps.analysis.rules.found import Found, Setting, apart
from apps.analysis.text import Word, listed, words

_WRITTEN = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9_.+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}\b"
)
_AT = frozenset({"at", "arroba", "arobase"})
_JOINS = {"dot": ".", "point": ".", "period": ".", "punkt": ".", "punto": ".", "underscore": "_",
          "dash": "-", "hyphen": "-", "minus": "-", "plus": "+"}  # fmt: skip
_DOTS = frozenset({"dot", "point", "period", "punkt", "punto"})
_LEADS = frozenset(listed("is it's its email mail address that's to on and at my yes no please so"))
_PART = re.compile(r"[a-z0-9]+")


def find(text: str, setting: Setting) -> list[Found]:
    """The addresses in `text`, in lower case."""
    written = [Found(m.group().lower(), m.start(), m.end(), 0.98) for m in _WRITTEN.finditer(text)]
    return apart([*written, *_spoken(text)])


def _spoken(text: str) -> Iterator[Found]:
    said = words(text)
    for i, word in enumerate(said):
        if word.folded not in _AT or i == 0:
            continue
        domain, after = _domain(said, i + 1, text)
        if not domain:
            continue
        first, local = _local(said, i, text)
        if local and len(local) <= 64:
            yield Found(f"{local}@{domain}", said[first].start, said[after - 1].end, 0.75)


def _domain(said: list[Word], i: int, text: str) -> tuple[str, int]:
    """What stands after the ``at``, and the index of the word after it; "" when it is no domain."""
    labels, j = [""], i
    while j < len(said):
        word = said[j].folded
        if word in _DOTS:
            if not labels[-1]:
                break
            labels.append("")
        elif word in ("dash", "hyphen") and labels[-1]:
            labels[-1] += "-"
        elif _PART.fullmatch(word) and (not labels[-1] or labels[-1].endswith("-") or len(word) == 1):
            # `gmail.com` may be written within what is otherwise said.
            labels[-1] += DIGITS.get(word, word) if len(word) > 1 and word != "o" else word
            glued = j + 1 < len(said) and text[said[j].end : said[j + 1].start] == "."
            if glued:
                labels.append("")
        else:
            break
        j += 1
    if labels and not labels[-1]:
        return "", i
    good = (
        len(labels) >= 2
        and re.fullmatch(r"[a-z]{2,24}", labels[-1])
        and not any(x.endswith("-") for x in labels)
    )
    return (".".join(labels), j) if good else ("", i)


def _local(said: list[Word], at: int, text: str) -> tuple[int, str]:
    """What stands before the ``at``: one word, or several with dots or the like between them, or spelled."""
    parts: list[str] = []
    i, joined = at - 1, True
    while i >= 0:
        word = said[i].folded
        single = len(word) == 1 or word in DIGITS or word.isdigit()
        if word in _JOINS and parts:
            parts.append(_JOINS[word])
            joined = True
        elif _PART.fullmatch(word) and (joined or (single and _is_single(parts[-1]))):
            parts.append(DIGITS.get(word, word) if word not in ("o",) else word)
            joined = False
        elif parts and parts[-1].isdigit() and _PART.fullmatch(word) and word not in _LEADS:
            parts.append(word)  # `sales seven`
            i -= 1
            break
        else:
            break
        i -= 1
    if parts and parts[-1] in _JOINS.values():
        parts.pop()
        i += 1
    # A lone letter that is really a word: "I at" and the like.
    local = "".join(reversed(parts))
    return i + 1, local if _PART.search(local) else ""


def _is_single(part: str) -> bool:
    return len(part) == 1 or part.isdigit()
