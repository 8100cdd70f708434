"""What is to be known of a call after it. The media plane carries it along and does nothing with it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, field_validator, model_validator

from media_workers.contract.part import Name, Part, Phrase, Text, misplaced
from media_workers.contract.vendors import ChatVendor

Label = Annotated[str, Field(min_length=1, max_length=80)]


class ExtractionField(Part):
    """One value to extract after the call.

    `pattern` (a regular expression that the whole value matches) is of strings. `slot` names what the
    dialogue collected under that name, which then is the value. `keywords` tell the extractor without a model
    which words a value stands near; it looks at the answers to questions that have them.
    """

    name: Name
    type: Literal[
        "string", "number", "integer", "boolean", "date", "time", "amount", "phone", "email", "enum"
    ] = "string"
    description: Text = ""
    choices: Annotated[list[Label], Field(max_length=100)] = []
    many: bool = Field(False, description="A list of values.")
    required: bool = Field(False, description="A call without it is marked as incomplete.")
    pattern: Annotated[str, Field(max_length=300)] = ""
    slot: Name | None = None
    keywords: Annotated[list[Phrase], Field(max_length=30)] = []

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"the pattern is not a regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _fits_its_type(self) -> ExtractionField:
        if self.type == "enum" and not self.choices:
            raise misplaced("choices", "an enum needs choices")
        if len(set(self.choices)) != len(self.choices):
            raise misplaced("choices", "a choice stands there twice")
        if self.pattern and self.type != "string":
            raise misplaced("pattern", "only a string has a pattern")
        return self


class Criterion(Part):
    """A goal of the agent. Without a model it is met when the slot or the extracted field `field` has one of
    `equals` (any value, when there are none), or one of `phrases` was said by the caller."""

    name: Label
    description: Text = ""
    field: Name | None = None
    equals: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)] = []
    phrases: Annotated[list[Phrase], Field(max_length=30)] = []


class ComplianceRule(Part):
    """Words that the agent must say, or must never say; `within_turns`: among its first so many turns."""

    name: Label
    kind: Literal["must_say", "must_not_say"] = "must_say"
    phrases: Annotated[list[Phrase], Field(min_length=1, max_length=30)]
    within_turns: Annotated[int, Field(ge=1, le=200)] | None = None


class Topic(Part):
    """Something a call may be about; `phrases` tell it where no model reads."""

    name: Label
    phrases: Annotated[list[Phrase], Field(max_length=50)] = []


class AnalysisModel(Part):
    """The language model that reads the transcript: with the tenant's key for the vendor, or an address that
    speaks OpenAI's protocol with a key of its own among the vendors' keys."""

    provider: Literal[ChatVendor, "openai_compatible"]
    model: Annotated[str, Field(min_length=1, max_length=200)]
    base_url: HttpUrl | None = None
    timeout_ms: Annotated[int, Field(ge=1_000, le=120_000)] = 60_000

    @model_validator(mode="after")
    def _has_an_address(self) -> AnalysisModel:
        if (self.provider == "openai_compatible") != (self.base_url is not None):
            raise misplaced("base_url", "openai_compatible needs base_url; a vendor has its own")
        return self


class CallAnalysis(Part):
    """What is made of a call after it. Without `model` rules and the dialogue's slots do it, on our side,
    without a key."""

    enabled: bool = True
    model: AnalysisModel | None = None
    instructions: Text = Field("", description="For the model, beside the descriptions of the fields.")
    summary: bool = True
    outcomes: Annotated[list[Label], Field(max_length=30)] = Field(
        [], description="What a call may come to, for the model to choose from."
    )
    criteria: Annotated[list[Criterion], Field(max_length=20)] = []
    sentiment: bool = True
    topics: Annotated[list[Topic], Field(max_length=50)] = []
    unanswered: bool = Field(True, description="Questions that the agent could not answer.")
    compliance: Annotated[list[ComplianceRule], Field(max_length=30)] = []

    @model_validator(mode="after")
    def _names_once(self) -> CallAnalysis:
        for part in ("criteria", "topics", "compliance"):
            names = [item.name for item in getattr(self, part)]
            if len(set(names)) != len(names):
                raise misplaced(part, "two of them have the same name")
        return self
