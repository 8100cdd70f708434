"""What an agent's configuration wants to be known of its calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, field_validator

from media_workers.contract.analysis import CallAnalysis, ExtractionField
from media_workers.contract.part import Part


class Wishes(Part):
    """The two parts of an agent's configuration that are about its calls afterwards."""

    extraction: Annotated[list[ExtractionField], Field(max_length=60)] = []
    analysis: CallAnalysis = CallAnalysis()

    @field_validator("extraction")
    @classmethod
    def _unique_names(cls, fields: list[ExtractionField]) -> list[ExtractionField]:
        names = [field.name for field in fields]
        if len(set(names)) != len(names):
            raise ValueError("two extraction fields have the same name")
        return fields


@dataclass(frozen=True, slots=True)
class Wanted:
    """`fields` to extract and `analysis` to make of a call."""

    fields: tuple[ExtractionField, ...]
    analysis: CallAnalysis

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Wanted:
        """Of an agent's configuration as it is stored, or of what `stored` gave."""
        parts = {name: config[name] for name in ("extraction", "analysis") if name in config}
        wishes = Wishes.model_validate(parts)
        return cls(tuple(wishes.extraction), wishes.analysis)

    def stored(self) -> dict[str, Any]:
        return {
            "extraction": [field.model_dump(mode="json") for field in self.fields],
            "analysis": self.analysis.model_dump(mode="json"),
        }

    @property
    def digest(self) -> str:
        """The same of configurations that want the same."""
        return hashlib.sha256(json.dumps(self.stored(), sort_keys=True).encode()).hexdigest()
