"""What a scripted party to a call does, step by step: the model of the YAML or JSON files.

Durations are integer milliseconds. Every step that waits for the other side has a limit, so that a
script always comes to an end; a step that reaches its limit fails the script and hangs up, unless
the step says otherwise.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Ms = Annotated[int, Field(ge=0, le=3_600_000)]
Line = Annotated[str, Field(min_length=1, max_length=1_000)]


class ScriptError(ValueError):
    """A script cannot be read; the text names the file, the field and what is wrong."""


class Step(BaseModel):
    """Base of the steps: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Say(Step):
    """Speak `text` to its end."""

    do: Literal["say"] = "say"
    text: Line


class Listen(Step):
    """Wait until the other side has spoken and then been quiet for `quiet_ms`.

    Speech that is under way when the step begins counts. With `required` false the step also ends,
    without failing, when nothing is heard for `limit_ms`. Once it speaks, the other side may do so for
    `speech_limit_ms`.
    """

    do: Literal["listen"] = "listen"
    quiet_ms: Ms = 900
    limit_ms: Ms = 20_000
    speech_limit_ms: Ms = 60_000
    required: bool = True


class Interrupt(Step):
    """Barge in: wait for the other side to speak, let it for `after_ms`, then speak `text` over it.

    Fails when the other side has stopped of its own accord before `after_ms` have passed.
    """

    do: Literal["interrupt"] = "interrupt"
    text: Line
    after_ms: Ms = 600
    limit_ms: Ms = 20_000


class AwaitSpeech(Step):
    """Wait until the other side has been speaking for `for_ms`."""

    do: Literal["await_speech"] = "await_speech"
    for_ms: Ms = 0
    limit_ms: Ms = 20_000


class Wait(Step):
    """Be silent for `ms`."""

    do: Literal["wait"] = "wait"
    ms: Ms


class Beep(Step):
    """A pure tone, as of an answering machine."""

    do: Literal["beep"] = "beep"
    hz: Annotated[int, Field(ge=50, le=3_400)] = 1_000
    ms: Ms = 500


class Press(Step):
    """Press keys (RFC 4733 telephone-events)."""

    do: Literal["press"] = "press"
    digits: Annotated[str, Field(pattern=r"^[0-9*#A-D]{1,32}$")]


class AwaitKeys(Step):
    """Wait until the other side has pressed `digits`, counted from the beginning of what was said last. After
    other keys `again` is said."""

    do: Literal["await_keys"] = "await_keys"
    digits: Annotated[str, Field(pattern=r"^[0-9*#A-D]{1,32}$")]
    again: Line = "That is not a valid choice."
    limit_ms: Ms = 20_000


class HangUp(Step):
    """End the call."""

    do: Literal["hang_up"] = "hang_up"


class WaitForEnd(Step):
    """Stay silent until the other side ends the call; hang up after `limit_ms` if it does not.

    With `required` the script has then failed.
    """

    do: Literal["wait_for_end"] = "wait_for_end"
    limit_ms: Ms = 30_000
    required: bool = True


AnyStep = Annotated[
    Say | Listen | Interrupt | AwaitSpeech | Wait | Beep | Press | AwaitKeys | HangUp | WaitForEnd,
    Field(discriminator="do"),
]


class Script(Step):
    """One party's part in a call. At its end the party hangs up. `voice` is one of flite's."""

    voice: Annotated[str, Field(pattern=r"^(rms|awb|slt|kal16|kal)$")] = "rms"
    steps: Annotated[list[AnyStep], Field(min_length=1)]

    def lines(self) -> list[str]:
        """The texts that will be spoken, in order, each once."""
        spoken = (step.text for step in self.steps if isinstance(step, Say | Interrupt))
        again = (step.again for step in self.steps if isinstance(step, AwaitKeys))
        return list(dict.fromkeys([*spoken, *again]))


def load(name_or_path: str) -> Script:
    """The script in a YAML or JSON file, or the built-in one of that name.

    Raises `ScriptError` naming the file and the field.
    """
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml", ".json"}:
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise ScriptError(f"{name_or_path}: cannot be read ({error.strerror})") from error
    else:
        text = _builtin(name_or_path)
    return parse(text, name_or_path)


def builtin_names() -> list[str]:
    """Names that `load` knows without a file."""
    folder = resources.files(__package__) / "scripts"
    return sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir())


def _builtin(name: str) -> str:
    if name not in builtin_names():
        raise ScriptError(
            f"no script is called {name!r}; give a .yaml or .json file or one of {', '.join(builtin_names())}"
        )
    return (resources.files(__package__) / "scripts" / f"{name}.yaml").read_text(encoding="utf-8")


def parse(text: str, source: str) -> Script:
    """A script from YAML (JSON is YAML). Raises `ScriptError`, `source` named."""
    try:
        return Script.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ScriptError(f"{source}: not YAML or JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ScriptError(f"{source}: {field}: {first['msg']}") from error
