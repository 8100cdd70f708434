"""Our trunks at the carriers stay as they should be, and staff sees what does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.utils import timezone

from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.models import CarrierWatch
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import CarrierTrunk
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)

BROKEN = "Something unforeseen went wrong here ({kind}); the log says more."


class TrunkNotKept(Exception):
    """Our trunk at a carrier is not as it should be, and could not be put right; why, in staff's words."""


def keep_trunks() -> dict[str, CarrierTrunk | str]:
    """Looks at the trunk of every carrier that is set up and puts right what somebody changed; each one's
    trunk, or in words why it could not. Outside any transaction."""
    found: dict[str, CarrierTrunk | str] = {}
    for name, seller in SELLERS.items():
        try:
            found[name] = keep_trunk(seller)
        except TrunkNotKept as error:
            found[name] = str(error)
    return found


def keep_trunk(seller: NumberCarrier) -> CarrierTrunk:
    """The carrier's trunk of ours, put right. Raises TrunkNotKept, of which staff is told. Outside any
    transaction."""
    try:
        trunk = seller.ensure_trunk()
    except (CarrierRefused, CarrierDown) as error:
        raise _not_kept(seller, str(error)) from error
    except Exception as error:  # whatever it is, the other carriers are looked at, and staff sees this one
        log.exception("carrier_trunk_broken", carrier=seller.name)
        raise _not_kept(seller, BROKEN.format(kind=type(error).__name__)) from error
    for words in trunk.repaired:
        log.warning("carrier_trunk_repaired", carrier=seller.name, what=words)
    _write(seller.name, "")
    return trunk


def _not_kept(seller: NumberCarrier, why: str) -> TrunkNotKept:
    log.error("carrier_trunk", carrier=seller.name, why=why)
    _write(seller.name, why)
    return TrunkNotKept(why)


def _write(carrier: str, problem: str) -> None:
    now = timezone.now()
    with platform_scope():
        watch, _ = CarrierWatch.objects.select_for_update().get_or_create(carrier=carrier)
        since = (watch.trunk_problem_since or now) if problem else None
        watch.trunk_at, watch.trunk_problem, watch.trunk_problem_since = now, problem[:1_000], since
        watch.save(update_fields=["trunk_at", "trunk_problem", "trunk_problem_since", "updated_at"])


def lost_numbers() -> set[tuple[str, str]]:
    """Carrier and number of those that tenants have, and their carrier has no more, as last compared."""
    with platform_scope():
        return {(watch.carrier, e164) for watch in CarrierWatch.objects.all() for e164 in watch.lost}


def note_numbers(carrier: str, *, unknown: Sequence[str], lost: Sequence[str], now: datetime) -> None:
    """What a comparison of the carrier's numbers with ours has found, for staff."""
    with platform_scope():
        CarrierWatch.objects.update_or_create(
            carrier=carrier, defaults={"unknown": list(unknown), "lost": list(lost), "compared_at": now}
        )
