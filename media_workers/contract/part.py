"""What every part of an agent's configuration is made of: names, texts, variables, and where a fault lies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

VARIABLE = re.compile(r"\{\{\s*([a-z][a-z0-9_]{0,63})\s*\}\}")
SLOT = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]{0,63})\}(?!\})")

Text = Annotated[str, Field(max_length=4_000)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Phrase = Annotated[str, Field(min_length=1, max_length=200)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
E164 = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
SipUri = Annotated[str, Field(pattern=r"^sips?:[^\s@<>\"]{1,80}@[^\s<>\"]{1,160}$")]
AgentId = Annotated[str, Field(pattern=r"^agt_[A-Za-z0-9]{1,40}$")]


class Part(BaseModel):
    """Base of every part of the configuration: an unknown field is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def misplaced(place: str, message: str) -> PydanticCustomError:
    """An error found by looking at the whole part; `place` is the field at fault, dotted, inside it."""
    return PydanticCustomError("value_error", "{message}", {"place": place, "message": message})


def fill(text: str, variables: Mapping[str, str]) -> str:
    """`text` with ``{{name}}`` replaced; a variable without a value becomes the empty string."""
    return VARIABLE.sub(lambda m: variables.get(m.group(1), ""), text)
