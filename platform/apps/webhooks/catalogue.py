"""Every event that a tenant can be told of: its name, its version, what its data hold.

Each domain registers its own (`register`, in its `AppConfig.ready`), since it knows what it tells; here is
only the list. The models give the JSON schemas that the OpenAPI document shows as `webhooks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict

PUBLIC_ID = "^[a-z]+_[0-9a-f]{32}$"


class EventData(BaseModel):
    """Base of what an event holds. Frozen; ids as the API shows them; times are UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class EventType:
    """`version` counts changes that a receiver could stumble over; a new field is none.
    `key`: the prefix of the ids that its events are about. `example`: data as the documentation and a test
    event show them."""

    name: str
    description: str
    data: type[EventData]
    key: str
    example: Mapping[str, Any]
    version: int = 1


_types: dict[str, EventType] = {}
TYPES: Mapping[str, EventType] = MappingProxyType(_types)
"""By name."""


def register(*types: EventType) -> None:
    """Adds types to the catalogue. Raises ValueError for a name that is taken by another, and where the
    example is not what the model says."""
    for type_ in types:
        if _types.setdefault(type_.name, type_) != type_:
            raise ValueError(f"there are two events called {type_.name}")
        type_.data.model_validate(type_.example)


def matches(wanted: Iterable[str], name: str) -> bool:
    """Whether an endpoint that wants `wanted` hears of the event `name`. None wanted: all."""
    patterns = list(wanted)
    return not patterns or any(
        pattern == name or (pattern.endswith(".*") and name.startswith(pattern[:-1])) for pattern in patterns
    )


def is_known(wanted: str) -> bool:
    """Whether `wanted` is the name of an event, or a kind of them (`call.*`)."""
    return any(matches([wanted], name) for name in _types)
