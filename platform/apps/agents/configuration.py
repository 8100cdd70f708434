"""An agent's configuration at the door: checked, with its errors in their place.

`AgentConfig` itself is the planes' contract; here is what only the control plane does with it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apps.agents.checks import faults
from media_workers.contract.agent import AgentConfig
from media_workers.contract.vendors import ChatVendor, RealtimeVendor
from tenants.errors import InvalidFields, InvalidInput

_SPOKEN = ("openai_compatible", *get_args(ChatVendor))
_ALL = ("script", *_SPOKEN, *get_args(RealtimeVendor))
_WORDS = {"missing": "This field is required.", "extra_forbidden": "Unknown field."}


@cache
def config_schema() -> dict[str, Any]:
    """The JSON schema of a configuration."""
    return AgentConfig.model_json_schema()


def parse_config(data: object, *, field: str = "config") -> AgentConfig:
    """The configuration in `data`. InvalidFields with each fault's dotted place under `field`."""
    try:
        config = AgentConfig.model_validate(data)
    except ValidationError as error:
        raise InvalidFields([_fault(e, field) for e in error.errors(include_url=False)]) from error
    found = [InvalidInput(f.detail, field=f"{field}.{f.place}", code=f.code) for f in faults(config)]
    if found:
        raise InvalidFields(found)
    return config


def _fault(error: ErrorDetails, field: str) -> InvalidInput:
    places = [str(part) for part in error["loc"] if part != "[key]"]
    providers, tag = (_SPOKEN, 3) if places[:2] == ["fallbacks", "models"] else (_ALL, 1)
    # pydantic puts the variant of the model that it chose into the path; the document has no such level.
    if (tag == 3 or places[:1] == ["model"]) and places[tag : tag + 1] and places[tag] in providers:
        del places[tag]
    places += filter(None, [str(error.get("ctx", {}).get("place", ""))])
    detail = _WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    if error["type"] in ("union_tag_not_found", "union_tag_invalid"):
        detail = f"Give a `provider` among {', '.join(providers)}."
    return InvalidInput(detail, field=".".join([field, *places]), code=error["type"])
