"""Contacts whose numbers are looked up before anybody calls them.

While a campaign with a `number_check` runs, its contacts are `checking` until the look-up has said of their
number that it can be dialed. One that is down keeps them there: nothing is dialed unchecked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.campaigns.config import CampaignConfig, NumberCheck
from apps.campaigns.live import progressed
from apps.campaigns.models import (
    Campaign,
    CampaignState,
    CheckedNumber,
    Contact,
    ContactState,
    NumberHook,
    Progress,
)
from apps.campaigns.number_hook import BATCH, CheckFailed, Dialable, NumberValidator, WebhookValidator
from apps.campaigns.outcomes import SetAside
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting
from tenants.scope import platform_scope, statements_may_take, tenant_scope
from tenants.standard_webhooks import new_secret
from tenants.suspension import is_suspended

AT_ONCE = 2_000
"""Contacts that go on together without anybody being asked."""

CHANGE_LIMIT_S = 300
"""For all contacts of a campaign at once, while its row is locked."""

LEASE = timedelta(seconds=90)
"""Longer than an answer may take."""

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(minutes=15)

MakeValidator = Callable[[str, str], NumberValidator]
"""By address and secret."""


def campaigns_to_check(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Tenant and campaign of those that run with contacts to look up, and may ask now."""
    later = Q(leased_until__gt=now) | Q(next_at__gt=now)
    with platform_scope():
        not_now = NumberHook.objects.filter(later, campaign=OuterRef("pk"))
        checking = Progress.objects.filter(campaign=OuterRef("pk"), checking__gt=0)
        rows = Campaign.objects.filter(Exists(checking), ~Exists(not_now), state=CampaignState.RUNNING)
        return list(rows.order_by("pk").values_list("tenant_id", "pk"))


def check_numbers(
    tenant_id: UUID, campaign_id: UUID, *, now: datetime, validator: MakeValidator | None = None
) -> int:
    """One round: contacts of whom enough is known go on, others' numbers are asked for.

    How many contacts went on; 0: there is nothing more to do now. Harmless twice, and at once.
    """
    with tenant_scope(tenant_id):
        hook = _leased(campaign_id, now)
        if hook is None:
            return 0
        campaign = Campaign.objects.get(pk=campaign_id)
        config = config_of(campaign)
        gone = _let_go(campaign, config, now)
        wanted = _unknown(campaign) if not gone and config.number_check else []
        if not wanted or config.number_check is None:
            _release(hook)
            return gone
    make = validator or (lambda url, secret: WebhookValidator(url=url, secret=secret))
    try:
        said = make(config.number_check.url, str(hook.secret)).check(wanted, now=now)
    except CheckFailed as error:
        with tenant_scope(tenant_id):
            _failed(hook.pk, str(error), now)
        return 0
    with tenant_scope(tenant_id):
        _remember(said, now)
        gone = _decide(campaign, said, now)
        _release(hook)
    return gone


def roll_secret(campaign: Campaign) -> str:
    """A new secret of the campaign's number check, which is shown this once. The old one is forgotten."""
    secret = new_secret()
    NumberHook.objects.update_or_create(campaign=campaign, defaults={"secret": secret})
    return secret


def check_first(campaign: Campaign) -> None:
    """A number check was added to a campaign: those who were never called wait for it."""
    statements_may_take(CHANGE_LIMIT_S)
    progress = counting.lock(campaign.pk)
    rows = Contact.objects.filter(campaign=campaign, state=ContactState.WAITING, attempts=0)
    n = rows.update(state=ContactState.CHECKING, next_at=None)
    counting.moved(progress, before=ContactState.WAITING, after=ContactState.CHECKING, n=n)
    counting.save(progress)


def trouble_of(campaign: Campaign) -> str:
    """Why contacts wait for their numbers' look-up, in words; "" when the hook answers."""
    return NumberHook.objects.filter(campaign=campaign).values_list("trouble", flat=True).first() or ""


def _leased(campaign_id: UUID, now: datetime) -> NumberHook | None:
    """The campaign's hook, ours to ask until LEASE is over; None when it is not its time."""
    running = Campaign.objects.filter(pk=campaign_id, state=CampaignState.RUNNING)
    if is_suspended() or not running.exists():
        return None
    NumberHook.objects.bulk_create(
        [NumberHook(campaign_id=campaign_id, secret=new_secret())], ignore_conflicts=True
    )
    rows = NumberHook.objects.select_for_update(skip_locked=True, of=("self",))
    hook = rows.filter(campaign_id=campaign_id).first()
    if hook is None or any(at is not None and at > now for at in (hook.leased_until, hook.next_at)):
        return None
    hook.leased_until = now + LEASE
    hook.save(update_fields=["leased_until", "updated_at"])
    return hook


def _release(hook: NumberHook) -> None:
    NumberHook.objects.filter(pk=hook.pk).update(leased_until=None, next_at=None, failures=0, trouble="")


def _failed(hook_id: UUID, why: str, now: datetime) -> None:
    hook = NumberHook.objects.select_for_update(of=("self",)).get(pk=hook_id)
    hook.next_at = now + min(FIRST_WAIT * 2 ** min(hook.failures, 20), LONGEST_WAIT)
    hook.failures += 1
    hook.trouble, hook.leased_until = f"The number check does not answer as it should. {why}"[:300], None
    hook.save()


def _checking(campaign: Campaign) -> list[Contact]:
    rows = Contact.objects.filter(campaign=campaign, state=ContactState.CHECKING)
    return list(rows.order_by("pk").only("pk", "e164")[:AT_ONCE])


def _let_go(campaign: Campaign, config: CampaignConfig, now: datetime) -> int:
    """Those of whom enough is known already; all, when the campaign checks no more."""
    e164s = [contact.e164 for contact in _checking(campaign)]
    if not e164s:
        return 0
    known = _known(e164s, config.number_check, now) if config.number_check else _all_dialable(e164s)
    return _decide(campaign, known, now)


def _known(e164s: Iterable[str], check: NumberCheck, now: datetime) -> dict[str, Dialable]:
    since = now - timedelta(days=check.max_age_days)
    rows = CheckedNumber.objects.filter(e164__in=list(e164s), checked_at__gte=since)
    return {row.e164: Dialable(row.dialable, row.reason) for row in rows}


def _all_dialable(e164s: Iterable[str]) -> dict[str, Dialable]:
    return dict.fromkeys(e164s, Dialable(True))


def _unknown(campaign: Campaign) -> list[str]:
    return [contact.e164 for contact in _checking(campaign)[:BATCH]]


def _remember(said: Mapping[str, Dialable], now: datetime) -> None:
    rows = [
        CheckedNumber(e164=e164, dialable=one.yes, reason=one.reason, checked_at=now)
        for e164, one in sorted(said.items())
    ]
    CheckedNumber.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tenant", "e164"],
        update_fields=["dialable", "reason", "checked_at", "updated_at"],
    )


def _decide(campaign: Campaign, said: Mapping[str, Dialable], now: datetime) -> int:
    """Contacts that still wait for what is said now, either way; how many."""
    if not said:
        return 0
    progress = counting.lock(campaign.pk)
    rows = Contact.objects.filter(campaign=campaign, state=ContactState.CHECKING)
    good = rows.filter(e164__in=[e164 for e164, one in said.items() if one.yes])
    waiting = good.update(state=ContactState.WAITING, next_at=now, updated_at=now)
    counting.moved(progress, before=ContactState.CHECKING, after=ContactState.WAITING, n=waiting)
    aside = _set_aside(rows, {e164: one.reason for e164, one in said.items() if not one.yes}, now)
    counting.moved(
        progress,
        before=ContactState.CHECKING,
        after=ContactState.SET_ASIDE,
        n=aside,
        why=SetAside.UNREACHABLE_NUMBER,
        now=now,
    )
    counting.save(progress)
    progressed(campaign)
    return waiting + aside


def _set_aside(rows: QuerySet[Contact], reasons: Mapping[str, str], now: datetime) -> int:
    bad = list(rows.filter(e164__in=list(reasons)).select_for_update(of=("self",)).order_by("pk"))
    for contact in bad:
        contact.state, contact.set_aside = ContactState.SET_ASIDE, SetAside.UNREACHABLE_NUMBER
        contact.detail, contact.updated_at = reasons[contact.e164], now
    Contact.objects.bulk_update(bad, ["state", "set_aside", "detail", "updated_at"])
    return len(bad)
