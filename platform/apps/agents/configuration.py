"""An agent's configuration at the door: checked, with its errors in their place.

`AgentConfig` itself is the planes' contract; here is what only the control plane does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from apps.agents.checks import faults
from apps.agents.flow_checks import flow_faults, unknown_agents
from apps.agents.knowledge import knowledge_faults
from apps.agents.selectors import is_agent
from apps.agents.tool_checks import tool_faults
from media_workers.contract.agent import AgentConfig
from media_workers.contract.part import E164, Language, Name, SipUri
from media_workers.contract.tools import ToolName, Url
from media_workers.contract.vendors import ChatVendor, RealtimeVendor
from tenants.errors import InvalidFields, InvalidInput

_SPOKEN = ("openai_compatible", *get_args(ChatVendor))
_ALL = ("script", *_SPOKEN, *get_args(RealtimeVendor))
_TAGS = ("provider", "type", "kind", "do")
_WORDS = {"missing": "This field is required.", "extra_forbidden": "Unknown field."}
# For people, of the texts that they type; each by the pattern that what was typed does not fit.
_PATTERNS = {
    TypeAdapter(kind).json_schema()["pattern"]: words
    for kind, words in (
        (Name, "Begin with a small letter; then small letters, figures and _, 64 at most."),
        (ToolName, "Begin with a letter; then letters, figures, _ and -, 64 at most."),
        (Url, "Give a whole address, with https:// or http:// in front."),
        (E164, "Give the number with + and the country's code, like +12025550100."),
        (SipUri, "Give an address like sip:desk@pbx.example.com."),
        (Language, "Give a language like en-US or de."),
    )
}


@cache
def config_schema() -> dict[str, Any]:
    """The JSON schema of a configuration."""
    return AgentConfig.model_json_schema()


def parse_config(data: object, *, field: str = "config") -> AgentConfig:
    """The configuration in `data`. InvalidFields with each fault's dotted place under `field`."""
    try:
        config = AgentConfig.model_validate(data)
    except ValidationError as error:
        raise misplaced_in(data, error, field=field) from error
    remarks = [
        *faults(config),
        *tool_faults(config),
        *knowledge_faults(config),
        *flow_faults(config),
        *unknown_agents(config, is_agent),
    ]
    found = [InvalidInput(f.detail, field=f"{field}.{f.place}", code=f.code) for f in remarks]
    if found:
        raise InvalidFields(found)
    return config


def misplaced_in(data: object, error: ValidationError, *, field: str) -> InvalidFields:
    """Each fault that pydantic has found in `data` by its dotted place under `field`."""
    return InvalidFields([_fault(e, field, data) for e in error.errors(include_url=False)])


def _fault(error: ErrorDetails, field: str, data: object) -> InvalidInput:
    places = _places(error, data)
    places += filter(None, [str(error.get("ctx", {}).get("place", ""))])
    pattern = error.get("ctx", {}).get("pattern", "")
    words = _WORDS.get(error["type"]) or _PATTERNS.get(pattern)
    detail = words or error["msg"].removeprefix("Value error, ")
    if error["type"] in ("union_tag_not_found", "union_tag_invalid"):
        detail = _choose(error, places)
    return InvalidInput(detail, field=".".join([field, *places]), code=error["type"])


def _places(error: ErrorDetails, data: object) -> list[str]:
    """Where the fault lies in the document. pydantic puts the variant of a part that it chose into the path;
    the document has no such level."""
    places, here, chosen = [], data, False
    for part in error["loc"]:
        if part == "[key]":
            continue
        if not chosen and isinstance(here, Mapping) and part in [here.get(tag) for tag in _TAGS]:
            chosen = True
            continue
        places.append(str(part))
        here, chosen = _inside(here, part), False
    return places


def _inside(data: object, part: int | str) -> object:
    if isinstance(data, Mapping):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def _choose(error: ErrorDetails, places: list[str]) -> str:
    if "model" in places or "models" in places:
        providers = _SPOKEN if places[:2] == ["fallbacks", "models"] else _ALL
        return f"Give a `provider` among {', '.join(providers)}."
    found = error.get("ctx", {})
    tag = str(found.get("discriminator", "")).strip("'")
    return (
        f"Give a `{tag}` among {found['expected_tags']}." if "expected_tags" in found else f"Give a `{tag}`."
    )
