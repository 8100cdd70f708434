"""A campaign that goes wrong pauses itself, and says why with its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from apps.campaigns.config import CampaignConfig
from apps.campaigns.models import Campaign, CampaignState, Minute, PauseCode
from apps.campaigns.selectors import config_of, get_campaign, progress_of
from apps.campaigns.services import counting
from apps.campaigns.services.lifecycle import set_paused
from apps.campaigns.services.preflight import refusals_of_running
from tenants.audit.services import record

LASTING = frozenset(
    {
        PauseCode.AGENT_ARCHIVED,
        PauseCode.UNPUBLISHED,
        PauseCode.NO_USABLE_NUMBER,
        PauseCode.NO_TRUNK,
        PauseCode.BUDGET,
        PauseCode.NO_MONEY,
    }
)
"""Refusals that come up while a campaign runs, and that time alone does not mend: numbers that rest are
waited for."""

_SAME = {"no_numbers": PauseCode.NO_USABLE_NUMBER}

_KINDS = (
    (PauseCode.FAILED, "max_failed", "failed on our side"),
    (PauseCode.HUNG_UP_EARLY, "max_hung_up_early", "were hung up early"),
    (PauseCode.TRUNK_TROUBLE, "max_trunk_trouble", "met trunk trouble"),
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a campaign should not go on: which kind of thing, and in words."""

    code: PauseCode
    words: str


def pause_if_wrong(campaign_id: UUID, *, now: datetime) -> str:
    """Pauses a running campaign that should not go on; why, in words ("" when nothing is wrong). In the scope
    of its tenant; nothing happens twice. Asked at every turn: it locks only what seems to be wrong."""
    campaign = _running(campaign_id)
    if campaign is None or why_pause(campaign, now=now) is None:
        return ""
    with transaction.atomic():
        counting.lock(campaign_id)
        campaign = _running(campaign_id, lock=True)
        wrong = why_pause(campaign, now=now) if campaign else None
        if campaign is None or wrong is None:
            return ""
        set_paused(campaign, wrong.code, wrong.words, now=now)
        record(
            "paused_itself",
            of=campaign,
            after={"pause_code": wrong.code, "pause_reason": wrong.words},
            actor_kind="system",
            actor_id="",
            actor_label="Trunkline",
        )
        return wrong.words


def _running(campaign_id: UUID, *, lock: bool = False) -> Campaign | None:
    campaign = get_campaign(campaign_id, lock=lock)
    return campaign if campaign.state == CampaignState.RUNNING else None


def why_pause(campaign: Campaign, *, now: datetime) -> Wrong | None:
    """What is wrong; None when nothing is. Calls that go on still hold their money: a campaign whose
    budget is only held waits for their end."""
    config = config_of(campaign)
    found = _too_many(campaign, config, now)
    if found:
        return found
    progress = progress_of(campaign)
    for refusal in refusals_of_running(campaign, now):
        code = _SAME.get(refusal.code, refusal.code)
        if code in LASTING and not (code in ("budget", "no_money") and progress.calling):
            return Wrong(PauseCode(code), refusal.detail)
    return None


def _too_many(campaign: Campaign, config: CampaignConfig, now: datetime) -> Wrong | None:
    rules = config.auto_pause
    # What was before the last start has been seen by whoever started it again.
    since = now - timedelta(seconds=rules.window_s)
    if campaign.resumed_at is not None:
        since = max(since, campaign.resumed_at.replace(second=0, microsecond=0) + timedelta(minutes=1))
    rows = Minute.objects.filter(campaign=campaign, begins__gte=since, begins__lte=now)
    sums = rows.aggregate(attempts=Sum("attempts"), **{name: Sum(name) for name, _, _ in _KINDS})
    attempts = sums["attempts"] or 0
    if attempts < rules.at_least:
        return None
    for name, limit, words in _KINDS:
        n, most = sums[name] or 0, getattr(rules, limit)
        if n > most * attempts:
            share, allowed = round(100 * n / attempts), round(100 * most)
            told = f"{n} of the last {attempts} attempts ({share} %) {words}; at most {allowed} % may."
            return Wrong(name, told)
    return None
