"""Every reason why a campaign could never dial, asked before it is started."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from apps.campaigns.models import Campaign


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, in words with the remedy; `code` for programs; `field` names the part of the configuration."""

    code: str
    detail: str
    field: str


def refusals(campaign: Campaign, now: datetime) -> list[Refusal]:
    """All there are; none: it may start."""
    return []
