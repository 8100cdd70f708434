"""Papers that a regulator wants, handed in at the carrier that sells the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from apps.numbers import jobs
from apps.numbers.models import BUNDLE_WAITS, BundleState, NumberAddress, NumberBundle, NumberType
from apps.numbers.services import asked_later
from apps.numbers.services.addresses import address_at
from apps.numbers.services.offers import seller
from apps.numbers.services.reach import ensure_in_reach
from apps.numbers.services.steps import OURS, UNEXPECTED, later, waiting
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import Bundle, BundleWish, Paper
from tenants.countries import checked
from tenants.errors import InvalidInput
from tenants.ids import from_public
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

ASK_AGAIN = timedelta(minutes=30)
"""While the carrier looks at them."""


def add_bundle(
    *,
    label: str,
    carrier: str,
    country: str,
    owner: str,
    email: str,
    type: str = NumberType.LOCAL,
    business: bool = True,
    attributes: Mapping[str, str] | None = None,
    papers: Sequence[Mapping[str, Any]] = (),
    test: bool = False,
) -> NumberBundle:
    """Papers to be handed in; a job does it. `papers`: [{"type", "attributes", "address" (its row or None)}].
    `test`: by a key that reaches the sandbox only. InvalidInput with the field, NotAllowed."""
    seller(carrier)
    ensure_in_reach(carrier, test=test)
    (code,) = checked([country], field="country")
    row = NumberBundle.objects.create(
        label=label.strip(),
        carrier=carrier,
        country=code,
        type=type,
        owner=owner.strip(),
        email=email,
        business=business,
        attributes=dict(attributes or {}),
        papers=[_kept(paper) for paper in papers],
        next_at=timezone.now(),
    )
    jobs.enqueue(jobs.HAND_IN, row)
    return row


def remove_bundle(*, bundle: NumberBundle) -> None:
    """Nothing new is ordered with it."""
    now = timezone.now()
    NumberBundle.objects.filter(pk=bundle.pk).update(archived_at=now, next_at=None, updated_at=now)


def due_bundles(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Tenant and id of those that a carrier is to be asked about."""
    return asked_later.due(_waiting, now=now)


def hand_in_bundle(*, tenant_id: UUID, bundle_id: UUID) -> None:
    """Hands the papers in, or asks how far they are, if it is time. Outside any transaction."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        row = asked_later.taken(_waiting(), bundle_id, now=now)
    if row is None:
        return
    try:
        told = _ask(row)
    except CarrierRefused as error:
        if error.code == "account":
            log.error("carrier_account", carrier=row.carrier, bundle=str(row.pk), words=str(error))
            _note(row, row.state, waiting(OURS), later(row.attempts, now))
            return
        told = Bundle(row.carrier_id, "rejected", str(error))
    except CarrierDown as error:
        _note(row, row.state, waiting(str(error)), later(row.attempts, now))
        return
    except Exception:
        log.exception("papers_stuck", bundle=str(row.pk))
        _note(row, row.state, waiting(UNEXPECTED), later(row.attempts, now))
        return
    waits = told.state in BUNDLE_WAITS
    _note(row, told.state, told.problem, now + ASK_AGAIN if waits else None, carrier_id=told.id)


def _waiting() -> QuerySet[NumberBundle]:
    return NumberBundle.objects.filter(archived_at=None, state__in=BUNDLE_WAITS)


def _ask(row: NumberBundle) -> Bundle:
    at = SELLERS.get(row.carrier)
    if at is None:
        raise CarrierDown(f"The carrier {row.carrier} is not set up.")
    if row.carrier_id:
        return at.bundle(row.carrier_id)
    return at.create_bundle(key=str(row.pk), wish=_wish(row, at))


def _wish(row: NumberBundle, at: NumberCarrier) -> BundleWish:
    return BundleWish(
        country=row.country,
        type=row.type,  # type: ignore[arg-type]
        owner=row.owner,
        email=row.email,
        business=row.business,
        attributes=row.attributes,
        papers=tuple(
            Paper(paper["type"], paper["attributes"], _address(row.tenant_id, paper["address"], at))
            for paper in row.papers
        ),
    )


def _address(tenant_id: UUID, public_id: str | None, at: NumberCarrier) -> str:
    if not public_id:
        return ""
    with tenant_scope(tenant_id):
        address = NumberAddress.objects.get(pk=from_public(NumberAddress.id_prefix, public_id))
    return address_at(at, address)


def _kept(paper: Mapping[str, Any]) -> dict[str, Any]:
    if not paper["type"].strip():
        raise InvalidInput("Say which paper it is, as the requirements name it.", field="papers")
    address = paper.get("address")
    return {
        "type": paper["type"],
        "attributes": dict(paper.get("attributes") or {}),
        "address": address and address.public_id,
    }


def _note(
    row: NumberBundle, state: str, problem: str, again: datetime | None, carrier_id: str | None = None
) -> None:
    with tenant_scope(row.tenant_id):
        fresh = NumberBundle.objects.select_for_update(no_key=True).get(pk=row.pk)
        fresh.state, fresh.problem, fresh.next_at = BundleState(state), problem[:500], again
        fresh.carrier_id = fresh.carrier_id if carrier_id is None else carrier_id
        if fresh.archived_at is not None:
            fresh.next_at = None
        fresh.save()
