"""A campaign's configuration at the door: checked, with its errors in their place."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError

from apps.agents.configuration import misplaced_in
from apps.campaigns.config import CampaignConfig
from tenants.errors import InvalidInput


@cache
def config_schema() -> dict[str, Any]:
    """The JSON schema of a configuration."""
    return CampaignConfig.model_json_schema()


def parse_config(data: object, *, field: str = "config") -> CampaignConfig:
    """The configuration in `data`. InvalidFields with each fault's dotted place under `field`."""
    try:
        return CampaignConfig.model_validate(data)
    except ValidationError as error:
        raise misplaced_in(data, error, field=field) from error


def with_parts(
    stored: Mapping[str, Any], parts: Mapping[str, Any], *, field: str = "config"
) -> CampaignConfig:
    """`stored` with each of `parts` (by top-level name) in the place of its own."""
    return parse_config({**stored, **parts}, field=field)


def parts_in(data: object, *, field: str = "config") -> Mapping[str, Any]:
    """`data` as parts of a configuration. InvalidInput when it is no object."""
    if not isinstance(data, Mapping):
        raise InvalidInput("Give an object with parts of a configuration.", field=field)
    return data
