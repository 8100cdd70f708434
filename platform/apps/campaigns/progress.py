"""How far campaigns are, as the API and the live socket tell it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from apps.agents.models import AgentVersion
from apps.billing.selectors import get_wallet
from apps.campaigns.comparing import Share, compare
from apps.campaigns.models import Campaign, CampaignState, Progress
from apps.campaigns.selectors import calls_now
from tenants.ids import from_public, to_public

COUNTS = (
    "contacts",
    "waiting",
    "checking",
    "calling",
    "done",
    "set_aside",
    "attempts",
    "connected",
    "human",
    "machine",
    "converted",
    "opted_out",
    "talk_ms",
    "cost_micros",
    "held_micros",
)
VERSION_COUNTS = ("attempts", "connected", "human", "converted", "opted_out", "talk_ms", "cost_micros")


def remaining(progress: Progress) -> int:
    """Contacts that are not finished yet."""
    return progress.waiting + progress.checking + progress.calling


def progress_of(campaign: Campaign, *, now: datetime) -> dict[str, Any]:
    """See `progress_of_all`."""
    return progress_of_all([campaign], now=now)[0]


def progress_of_all(campaigns: Sequence[Campaign], *, now: datetime) -> list[dict[str, Any]]:
    """The progress of each, ready for JSON. Its cost does not grow with the campaigns' contacts."""
    ids = [campaign.pk for campaign in campaigns]
    found = {row.campaign_id: row for row in Progress.objects.filter(campaign__in=ids)}
    rows = [found.get(campaign.pk) or Progress(campaign=campaign) for campaign in campaigns]
    numbers = _numbers_of(rows)
    calls = calls_now(ids)
    currency = get_wallet().currency
    return [
        _told(campaign, row, now)
        | {"currency": currency, "calls_now": calls.get(campaign.pk, 0)}
        | {"estimated_finish": _iso(_finish(campaign, row))}
        | _versions(row, numbers)
        for campaign, row in zip(campaigns, rows, strict=True)
    ]


def _told(campaign: Campaign, row: Progress, now: datetime) -> dict[str, Any]:
    head = {"campaign": campaign.public_id, "state": campaign.state, "at": _iso(now)}
    counts = {name: getattr(row, name) for name in COUNTS}
    kinds = {"outcomes": row.outcomes, "set_asides": row.set_asides}
    return head | counts | kinds | {"remaining": remaining(row)}


def _finish(campaign: Campaign, row: Progress) -> datetime | None:
    """As `services.estimate` wrote it last; None while it does not run."""
    return row.finish_at if campaign.state == CampaignState.RUNNING else None


def _numbers_of(rows: Iterable[Progress]) -> dict[str, int]:
    """Of each version in `Progress.by_version`, by its public id."""
    ids = {from_public(AgentVersion.id_prefix, version) for row in rows for version in row.by_version}
    found = AgentVersion.objects.filter(pk__in=ids).values_list("pk", "number") if ids else ()
    return {to_public(AgentVersion.id_prefix, pk): number for pk, number in found}


def _versions(row: Progress, numbers: dict[str, int]) -> dict[str, Any]:
    told, shares = [], []
    for version, number in sorted(numbers.items(), key=lambda item: item[1]):
        if version not in row.by_version:
            continue
        counts = {name: row.by_version[version].get(name, 0) for name in VERSION_COUNTS}
        share = Share(number, counts["human"], min(counts["human"], counts["converted"]))
        shares.append(share)
        rate = round(share.rate, 4) if share.people else None
        told.append({"version": version, "number": number} | counts | {"conversion_rate": rate})
    compared = compare(shares)
    return {"versions": told, "comparison": asdict(compared) if compared else None}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
