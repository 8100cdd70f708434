"""What is different between two configurations: place by place, long texts line by line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

LONG = 80
"""Characters from which on a text is compared line by line."""

MOST_PAIRS = 250_000
"""Of lines, that are all held against each other."""


@dataclass(frozen=True, slots=True)
class Line:
    kind: Literal["same", "removed", "added"]
    line: str


@dataclass(frozen=True, slots=True)
class Change:
    """`path` is dotted; parts of a list that have a name go by it. None: there was, or is, nothing. `text`:
    of a long text its lines."""

    path: str
    before: Any
    after: Any
    text: list[Line] | None = None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The changes from `before` to `after`, in the order of the fields there."""
    return list(_between("", before, after))


def _between(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(k for k in after if k not in before)]:
            yield from _between(f"{path}.{key}" if path else key, before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and (named := _by_name(before, after)):
        yield from _between(path, *named)
    else:
        yield Change(path, before, after, _lines(before, after))


def _by_name(before: list[Any], after: list[Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Both lists by their parts' names, where all have one and no two have the same; None otherwise, and when
    only the order is another."""
    tables: list[dict[str, Any]] = []
    for parts in (before, after):
        names = [part.get("name") if isinstance(part, Mapping) else None for part in parts]
        if None in names or len(set(names)) < len(names):
            return None
        tables.append({str(part["name"]): part for part in parts})
    return None if tables[0] == tables[1] else (tables[0], tables[1])


def _lines(before: Any, after: Any) -> list[Line] | None:
    if not isinstance(before, str) or not isinstance(after, str) or max(len(before), len(after)) < LONG:
        return None
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for tag, i, i_end, j, j_end in _steps(old, new):
        if tag == "equal":
            lines += [Line("same", line) for line in old[i:i_end]]
        else:
            lines += [Line("removed", line) for line in old[i:i_end]]
            lines += [Line("added", line) for line in new[j:j_end]]
    return lines


def _steps(old: list[str], new: list[str]) -> Iterable[tuple[str, int, int, int, int]]:
    """As `SequenceMatcher.get_opcodes`, which would take minutes for thousands of lines: of so many only the
    equal ones at the beginning and the end are found."""
    if len(old) * len(new) <= MOST_PAIRS:
        return difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    shorter = min(len(old), len(new))
    first = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    last = next((n for n in range(shorter - first) if old[-1 - n] != new[-1 - n]), shorter - first)
    i, j = len(old) - last, len(new) - last
    return [
        ("equal", 0, first, 0, first),
        ("replace", first, i, first, j),
        ("equal", i, len(old), j, len(new)),
    ]
