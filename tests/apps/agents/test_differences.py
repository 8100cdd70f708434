from __future__ import annotations

from typing import Any

import pytest

from apps.agents.differences import Line, differences


def test_the_same_has_no_differences() -> None:
    assert differences({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) == []


@pytest.mark.parametrize(
    ("before", "after", "path", "values"),
    [
        ({"voice": {"speed": 1.0}}, {"voice": {"speed": 1.2}}, "voice.speed", (1.0, 1.2)),
        ({}, {"prompt": "Be kind."}, "prompt", (None, "Be kind.")),
        ({"extra": {"top_k": "4"}}, {"extra": {}}, "extra.top_k", ("4", None)),
        ({"hints": ["a", "b"]}, {"hints": ["a"]}, "hints", (["a", "b"], ["a"])),
        (
            {"tools": [{"name": "book", "url": "x"}, {"name": "look", "url": "y"}]},
            {"tools": [{"name": "look", "url": "z"}, {"name": "book", "url": "x"}]},
            "tools.look.url",
            ("y", "z"),
        ),
        (
            {"tools": [{"name": "book"}]},
            {"tools": [{"name": "book"}, {"name": "look"}]},
            "tools.look",
            (None, {"name": "look"}),
        ),
        (
            {"tools": [{"name": "a"}, {"name": "b"}]},
            {"tools": [{"name": "b"}, {"name": "a"}]},
            "tools",
            ([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}]),
        ),
        ({"x": {"a": 1}}, {"x": None}, "x", ({"a": 1}, None)),
    ],
)
def test_a_change_is_told_by_its_place(
    before: dict[str, Any], after: dict[str, Any], path: str, values: tuple[Any, Any]
) -> None:
    (change,) = differences(before, after)

    assert (change.path, (change.before, change.after), change.text) == (path, values, None)


def test_a_long_text_is_compared_line_by_line() -> None:
    kept = "You answer the telephone of a restaurant with eighty seats, and nobody else's."
    (change,) = differences({"prompt": f"{kept}\nBe brief."}, {"prompt": f"{kept}\nBe kind.\nBook tables."})

    assert change.text == [
        Line("same", kept),
        Line("removed", "Be brief."),
        Line("added", "Be kind."),
        Line("added", "Book tables."),
    ]


def test_texts_of_very_many_lines_are_compared_in_no_time() -> None:
    old = "\n".join(str(n % 101) for n in range(20_000))
    new = "\n".join(["0", *(str(n * 7 % 101) for n in range(20_000)), "100"])
    (change,) = differences({"prompt": old + "\nend"}, {"prompt": new + "\nend"})
    assert change.text is not None
    assert change.text[0] == Line("same", "0")
    assert change.text[-1] == Line("same", "end")
    assert [line.line for line in change.text if line.kind != "removed"] == [*new.split("\n"), "end"]
    assert [line.line for line in change.text if line.kind != "added"] == [*old.split("\n"), "end"]
