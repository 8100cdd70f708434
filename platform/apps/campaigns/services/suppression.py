"""Who is not called: the tenant's list, and one list per campaign.

A number that is added counts from the commit on: decisions set its contacts aside, and a call that waits is
withdrawn at the instant of dialing (`campaigns.suppression_gate`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.calls.models import Call
from apps.campaigns.models import Campaign, Suppression, SuppressionSource
from apps.numbers.e164 import parse_e164
from tenants.digests import digest_of, digests_of
from tenants.errors import InvalidFields, InvalidInput, NotFound

BATCH = 2_000
NOTE_LENGTH = 300
AT_ONCE = 1_000
"""Numbers in one request."""


def suppressed(e164s: Iterable[str], *, campaign: Campaign | UUID | None) -> set[str]:
    """Those of `e164s` that must not be called: on the tenant's list, or on that of `campaign`; those too
    that are on it by their digest."""
    wanted = list(e164s)
    if not wanted:
        return set()
    rows = Suppression.objects.filter(_lists(campaign))
    found = set(rows.filter(e164__in=wanted).values_list("e164", flat=True))
    return found | _by_digest(wanted, rows)


def _by_digest(e164s: Iterable[str], rows: QuerySet[Suppression]) -> set[str]:
    """Those of `e164s` whose digest `rows` have. Tenants who never deleted a number ask once in vain."""
    digests = digests_of(e164s)
    if not digests:
        return set()
    found = rows.filter(digest__in=list(digests)).values_list("digest", flat=True)
    return {digests[digest] for digest in found}


def digests_on_lists(campaign: Campaign | UUID | None) -> set[str]:
    """Of numbers that are not called and no longer known."""
    rows = Suppression.objects.filter(_lists(campaign)).exclude(digest="")
    return set(rows.values_list("digest", flat=True))


def forget_number(e164: str, spellings: Collection[str] = ()) -> int:
    """The entries of a number keep calls away by its digest from now on, and name it no more; how many.

    Under `pgtrigger.ignore`: their history would name it.
    """
    rows = Suppression.objects.filter(e164__in=[e164, *spellings]).order_by("pk")
    digest = digest_of(e164) if rows else ""
    for row in rows:
        same = Suppression.objects.filter(campaign=row.campaign_id, digest=digest)
        if same.exists():
            Suppression.objects.filter(pk=row.pk).delete()
            continue
        Suppression.objects.filter(pk=row.pk).update(e164="", digest=digest, note="", call=None)
    return len(rows)


def add(
    *,
    e164: str,
    source: SuppressionSource,
    campaign: Campaign | None = None,
    note: str = "",
    call: Call | None = None,
) -> Suppression:
    """Its row; one that is on the list already stays as it was. `e164` is in E.164 form already."""
    bulk_add(rows=[(e164, note)], source=source, campaign=campaign, call=call)
    return Suppression.objects.get(campaign=campaign, e164=e164)


def bulk_add(
    *,
    rows: Iterable[tuple[str, str]],
    source: SuppressionSource,
    campaign: Campaign | None = None,
    call: Call | None = None,
) -> int:
    """Adds (number in E.164, note) in the caller's transaction, in batches; how many were not there before.

    `rows` may be a generator over a million.
    """
    added = 0
    for batch in _batches(rows):
        # Everybody inserts in the same order: two imports of the same numbers wait, and do not deadlock.
        new = [
            Suppression(campaign=campaign, e164=e164, source=source, note=note[:NOTE_LENGTH], call=call)
            for e164, note in sorted(batch)
        ]
        Suppression.objects.bulk_create(new, ignore_conflicts=True)
        added += Suppression.objects.filter(pk__in=[row.pk for row in new]).count()
    return added


def add_given(
    *, numbers: Sequence[str], source: SuppressionSource, campaign: Campaign | None, note: str
) -> tuple[int, list[Suppression]]:
    """Adds `numbers` as somebody wrote them, all or none; how many are new, and the rows of all, in order.

    Raises InvalidFields that names each one that is no number (``numbers.3``).
    """
    e164s: dict[str, None] = {}
    wrong: list[InvalidInput] = []
    for i, text in enumerate(numbers):
        try:
            e164s[parse_e164(text, field=f"numbers.{i}")] = None
        except InvalidInput as error:
            wrong.append(error)
    if wrong:
        raise InvalidFields(wrong)
    added = bulk_add(rows=((e164, note) for e164 in e164s), source=source, campaign=campaign)
    rows = {r.e164: r for r in Suppression.objects.filter(campaign=campaign, e164__in=list(e164s))}
    return added, [rows[e164] for e164 in e164s]


def remove(*, suppression_id: UUID) -> None:
    """The number may be called again, unless another list has it. NotFound."""
    row = Suppression.objects.filter(pk=suppression_id).first()
    if row is None:
        raise NotFound("There is no such number on the list.")
    row.delete()


def opted_out(
    *,
    e164: str,
    campaign: Campaign | None,
    call: Call | None,
    scope: Literal["tenant", "campaign"] = "tenant",
) -> Suppression:
    """A callee asked not to be called again, in `call`. `scope` "campaign" keeps it to that campaign's list;
    without a campaign it is the tenant's."""
    only = campaign if scope == "campaign" else None
    return add(e164=e164, source=SuppressionSource.CALLEE, campaign=only, call=call)


def _lists(campaign: Campaign | UUID | None) -> Q:
    tenants = Q(campaign=None)
    return tenants if campaign is None else tenants | Q(campaign=campaign)


def _batches(rows: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch
