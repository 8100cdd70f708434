"""Cases at the door: checked, with their errors in their place; and back from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.conf import settings
from pydantic import TypeAdapter, ValidationError

from apps.agents.configuration import misplaced_in
from media_workers.contract.agent import OpenAICompatibleModel
from media_workers.contract.simulation import MOST_CASES, Case, Judged, ModelCaller
from telephony.trunks.values import is_private
from tenants.errors import InvalidFields, InvalidInput

_CASES = TypeAdapter(list[Case])


@cache
def case_schema() -> dict[str, Any]:
    """The JSON schema of a case."""
    return Case.model_json_schema()


def parse_cases(data: object, *, field: str = "cases") -> list[Case]:
    """The cases in `data`. InvalidFields with each fault's dotted place under `field`."""
    try:
        cases = _CASES.validate_python(data)
    except ValidationError as error:
        raise misplaced_in(data, error, field=field) from error
    if len(cases) > MOST_CASES:
        raise InvalidInput(f"A suite has {MOST_CASES} cases at most.", field=field, code="too_many")
    found = [*_names(cases, field), *_private(cases, field)]
    if found:
        raise InvalidFields(found)
    return cases


def stored(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """As JSON that `Case` reads again."""
    return [case.model_dump(mode="json", by_alias=True) for case in cases]


def models_of(case: Case) -> list[tuple[str, Any]]:
    """The language models that a case itself asks, and their dotted places in it."""
    found: list[tuple[str, Any]] = []
    if isinstance(case.caller, ModelCaller):
        found.append(("caller.model", case.caller.model))
    judges = enumerate(case.assertions)
    return found + [(f"assertions.{n}.model", a.model) for n, a in judges if isinstance(a, Judged)]


def _names(cases: Sequence[Case], field: str) -> list[InvalidInput]:
    names = [case.name.strip() for case in cases]
    return [
        InvalidInput("Two cases have this name.", field=f"{field}.{n}.name", code="duplicate")
        for n, name in enumerate(names)
        if name in names[:n]
    ]


def _private(cases: Sequence[Case], field: str) -> list[InvalidInput]:
    """A media node must not be sent into our own network."""
    if settings.VENDORS_ALLOW_PRIVATE_ADDRESSES:
        return []
    return [
        InvalidInput(
            "This address is private: it cannot be reached from here.",
            field=f"{field}.{n}.{place}.base_url",
            code="private_address",
        )
        for n, case in enumerate(cases)
        for place, model in models_of(case)
        if isinstance(model, OpenAICompatibleModel) and is_private((model.base_url.host or "").strip("[]"))
    ]
