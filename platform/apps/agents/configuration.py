"""An agent's configuration at the door: checked, with its errors in their place, and its secret taken out.

`AgentConfig` itself is the planes' contract; here is what only the control plane does with it.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from media_workers.contract.agent import AgentConfig, OpenAICompatibleModel
from tenants.errors import InvalidFields, InvalidInput

_WORDS = {
    "missing": "This field is required.",
    "extra_forbidden": "Unknown field.",
    "union_tag_not_found": "Give `provider`: script or openai_compatible.",
    "union_tag_invalid": "The provider must be script or openai_compatible.",
}
# pydantic puts the variant of the model that it chose into the path; the document has no such level.
_VARIANTS = {"script", "openai_compatible"}


@cache
def config_schema() -> dict[str, Any]:
    """The JSON schema of a configuration."""
    return AgentConfig.model_json_schema()


def parse_config(data: object, *, field: str = "config") -> AgentConfig:
    """The configuration in `data`. InvalidFields with each fault's dotted place under `field`."""
    try:
        return AgentConfig.model_validate(data)
    except ValidationError as error:
        raise InvalidFields([_fault(e, field) for e in error.errors(include_url=False)]) from error


def _fault(error: ErrorDetails, field: str) -> InvalidInput:
    places = [str(part) for part in error["loc"] if part != "[key]"]
    if places[:1] == ["model"] and places[1:2] and places[1] in _VARIANTS:
        del places[1]
    places += filter(None, [str(error.get("ctx", {}).get("place", ""))])
    detail = _WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return InvalidInput(detail, field=".".join([field, *places]), code=error["type"])


def split_secret(config: AgentConfig) -> tuple[dict[str, Any], str | None]:
    """`config` as JSON without `model.api_key`, and that key; None when it was left out."""
    key = config.model.api_key if isinstance(config.model, OpenAICompatibleModel) else ""
    document = config.model_dump(mode="json")
    if "api_key" in document["model"]:
        document["model"]["api_key"] = None
    return document, key


def kept_secret(*, old: dict[str, Any], new: dict[str, Any], secret: str) -> str:
    """The key a draft keeps when an update leaves it out.

    InvalidFields when the endpoint moves to another server: a key must not follow an address that
    somebody who cannot read it has typed in.
    """
    if not secret or _server(old) == _server(new):
        return secret
    fault = InvalidInput(
        "The endpoint is on another server: give its key, or an empty one.", field="config.model.api_key"
    )
    raise InvalidFields([fault])


def _server(document: dict[str, Any]) -> tuple[str, str]:
    url = urlsplit(document["model"].get("base_url", ""))
    return url.scheme, url.netloc


def with_secret(document: dict[str, Any], secret: str) -> AgentConfig:
    """The configuration a line runs: `document` with its key in place."""
    if secret and "api_key" in document["model"]:
        document = document | {"model": document["model"] | {"api_key": secret}}
    return AgentConfig.model_validate(document)
