"""Scripts from files: what is accepted, and how a mistake is named."""

from __future__ import annotations

import pytest

from media_workers.sandbox.script import ScriptError, builtin_names, load, parse


def test_every_built_in_script_is_valid() -> None:
    assert builtin_names()
    for name in builtin_names():
        assert load(name).steps


def test_json_is_read_like_yaml(tmp_path) -> None:
    path = tmp_path / "call.json"
    path.write_text('{"voice": "awb", "steps": [{"do": "say", "text": "Hi"}, {"do": "hang_up"}]}')
    script = load(str(path))
    assert script.voice == "awb"
    assert script.lines() == ["Hi"]


def test_lines_are_named_once_each() -> None:
    script = parse(
        "steps: [{do: say, text: A}, {do: interrupt, text: B}, {do: say, text: A}, {do: wait, ms: 5}]", "x"
    )
    assert script.lines() == ["A", "B"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("steps: [{do: say}]", "steps.0.say.text"),
        ("steps: [{do: sing, text: la}]", "steps.0"),
        ("steps: [{do: press, digits: 12x}]", "steps.0.press.digits"),
        ("steps: [{do: wait, ms: -1}]", "steps.0.wait.ms"),
        ("steps: [{do: wait, ms: 5, tempo: 3}]", "steps.0.wait.tempo"),
        ("steps: []", "steps"),
        ("voice: espeak\nsteps: [{do: hang_up}]", "voice"),
        ("just a sentence", "the file"),
        ("steps: [", "not YAML or JSON"),
    ],
)
def test_a_mistake_names_the_file_and_the_field(text: str, named: str) -> None:
    with pytest.raises(ScriptError, match=rf"^call\.yaml: {named}"):
        parse(text, "call.yaml")


def test_a_missing_file_and_an_unknown_name_are_told_apart(tmp_path) -> None:
    with pytest.raises(ScriptError, match=r"nothing\.yaml: cannot be read"):
        load(str(tmp_path / "nothing.yaml"))
    with pytest.raises(ScriptError, match=r"no script is called 'nothing'.*book_a_visit"):
        load("nothing")
