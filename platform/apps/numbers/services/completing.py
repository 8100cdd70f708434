"""Orders go on, step after step, until they have ended: this is where the carrier is asked.

No transaction is open meanwhile. A worker takes an order for `jobs.LEASE`, asks the carrier, and writes down
what came of it; whoever dies in between leaves the order to the next one, which asks the carrier first
whether the number is ours already. So it is never paid twice, and never owned without being charged for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.utils import timezone

from apps.billing.services.rates import number_price_micros
from apps.numbers import jobs
from apps.numbers.errors import OrderFailed
from apps.numbers.models import OPEN, NumberOrder, OrderState
from apps.numbers.services.activating import activate_number
from apps.numbers.services.addresses import address_at
from apps.numbers.services.steps import GIVE_UP_AFTER, OURS, UNEXPECTED, given_up, later, note, waiting
from apps.numbers.services.stopping import stop_order
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.keeping import TrunkNotKept, keep_trunk
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import Available, Owned, Search
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import is_suspended

log = structlog.get_logger(__name__)

GONE = "Somebody else has bought this number meanwhile. Search again and choose another."
NO_TRUNK = (
    "Calls of numbers of this carrier cannot be brought here now; the operator of this installation sees it."
)


def due_orders(*, now: datetime) -> list[tuple[UUID, UUID]]:
    """Tenant and id of those that nobody works on."""
    with platform_scope():
        rows = NumberOrder.objects.filter(state__in=OPEN, next_at__lte=now).order_by("next_at")
        return list(rows.values_list("tenant_id", "pk")[: jobs.AT_ONCE])


def complete_order(*, tenant_id: UUID, order_id: UUID) -> None:
    """Takes the order as far as it goes now. Twice at once does no harm. Outside any transaction."""
    order = _lease(tenant_id, order_id)
    while order is not None and order.state in OPEN:
        order = _go_on(order)


def _lease(tenant_id: UUID, order_id: UUID) -> NumberOrder | None:
    """The order for this worker alone; None when it is not due."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        rows = NumberOrder.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
        due = rows.filter(pk=order_id, state__in=OPEN, next_at__lte=now)
        order = due.select_related("address", "bundle").first()
        if order is not None:
            order.attempts += 1
            order.next_at = now + jobs.LEASE
            order.save(update_fields=["attempts", "next_at", "updated_at"])
    return order


def _go_on(order: NumberOrder) -> NumberOrder | None:
    """One step; None when the order waits, or another one has it now."""
    try:
        seller = SELLERS.get(order.carrier)
        if seller is None:
            raise CarrierDown(f"The carrier {order.carrier} is not set up.")
        return _STEPS[OrderState(order.state)](order, seller)
    except OrderFailed as error:
        return _fail(order, error.words, error.code)
    except CarrierRefused as error:
        if error.code == "account":
            log.error("carrier_account", carrier=order.carrier, order=str(order.pk), words=str(error))
            _wait(order, OURS, "carrier_account")
            return None
        return _fail(order, str(error), error.code)
    except CarrierDown as error:
        _wait(order, str(error), "carrier_down")
    except TrunkNotKept:  # whatever the carrier has against it: the order is not to blame
        _wait(order, NO_TRUNK, "carrier_trunk")
    except Exception:
        log.exception("order_stuck", order=str(order.pk))
        _wait(order, UNEXPECTED, "unexpected")
    return None


# --- The steps ------------------------------------------------------------------------------------


def _price(order: NumberOrder, seller: NumberCarrier) -> NumberOrder | None:
    """Nothing is bought for more than was agreed to."""
    offer = _offer(order, seller)
    if offer is None:
        raise OrderFailed(GONE, code="unavailable")
    _ensure_address(order, offer)
    monthly, setup = _agreed(order, offer)
    keep_trunk(seller)  # what it could not be connected to is better known before it is bought
    return _moved(
        order,
        OrderState.BUYING,
        "Still for sale; it is being bought.",
        monthly_micros=monthly,
        setup_micros=setup,
        cost_micros=offer.price.monthly_micros,
        capabilities=sorted(offer.capabilities),
    )


def _agreed(order: NumberOrder, offer: Available) -> tuple[int, int]:
    """What the tenant pays by the month, and once. OrderFailed when that is more than it agreed to."""
    with tenant_scope(order.tenant_id):
        if is_suspended():
            raise OrderFailed("The workspace was suspended meanwhile.", code="suspended")
        monthly, setup = number_price_micros(offer.price.monthly_micros), offer.price.setup_micros
    if offer.price.currency != order.currency:
        raise OrderFailed(f"The carrier asks for {offer.price.currency}.", code="currency")
    if monthly > order.monthly_micros or setup > order.setup_micros:
        words = "It costs more now than you agreed to. Search again and order it at its new price."
        raise OrderFailed(words, code="price_changed")
    return monthly, setup


def _ensure_address(order: NumberOrder, offer: Available) -> None:
    """OrderFailed when the regulator asks for an address that the order does not have."""
    if offer.address == "none":
        return
    if order.address is None:
        words = "Numbers of this kind need an address: add one and order again."
        raise OrderFailed(words, code="address_required")
    at_home = order.address.country == order.country
    if offer.address == "local" and not at_home:
        words = f"Numbers of this kind need an address in {order.country}: add one and order again."
        raise OrderFailed(words, code="address_required")
    if offer.address == "foreign" and at_home:
        words = f"Numbers of this kind need an address outside {order.country}: add one and order again."
        raise OrderFailed(words, code="address_required")


def _buy(order: NumberOrder, seller: NumberCarrier) -> NumberOrder | None:
    """Whoever was here before may have bought it, and died before writing it down."""
    owned = seller.owned(order.e164)
    if owned is None:
        if order.attempts > 1:  # the price that was looked at may be days old
            offer = _offer(order, seller)
            if offer is not None:
                _agreed(order, offer)
        owned = _bought(order, seller)
    _ensure_its_own(order, owned)
    moved = _moved(order, OrderState.OWNED, "Bought; it is being connected.", carrier_id=owned.id)
    if moved is None:
        _return_unwanted(order, owned, seller)
    return moved


def _ensure_its_own(order: NumberOrder, owned: Owned) -> None:
    """OrderFailed when the carrier sold the number for something else."""
    if owned.key not in ("", str(order.pk)):
        raise OrderFailed(GONE, code="unavailable")


def _bought(order: NumberOrder, seller: NumberCarrier) -> Owned:
    """Once, however often it is asked for."""
    address = address_at(seller, order.address) if order.address else ""
    bundle = order.bundle.carrier_id if order.bundle else ""
    return seller.buy(e164=order.e164, key=str(order.pk), address=address, bundle=bundle)


def _own(order: NumberOrder, seller: NumberCarrier) -> NumberOrder | None:
    """Connected first, so that what is paid for works."""
    owned = seller.owned(order.e164)
    if owned is None and order.held and not order.carrier_id:
        owned = _bought(order, seller)  # what was only ordered there may have come to nothing since
    if owned is None:
        raise CarrierDown("The carrier does not show the number yet.")
    if order.held:
        _ensure_its_own(order, owned)
    if not owned.active:
        raise CarrierDown(owned.problem or "The carrier is still working on the order.")
    seller.attach(owned, keep_trunk(seller))
    with tenant_scope(order.tenant_id):
        fresh = _locked(order)
        if fresh is not None:
            fresh.carrier_id = owned.id
            activate_number(fresh, now=timezone.now())
    return fresh


def _release(order: NumberOrder, seller: NumberCarrier) -> NumberOrder | None:
    """By the id that was written down, else what the carrier sold under this order's key."""
    carrier_id = order.carrier_id
    if not carrier_id:
        owned = seller.owned(order.e164)
        carrier_id = owned.id if owned is not None and owned.key == str(order.pk) else ""
    if carrier_id:
        seller.release(carrier_id)
    return _moved(order, OrderState(order.ends_as), "The carrier has it back.", ends_as="", next_at=None)


_STEPS: dict[OrderState, Callable[[NumberOrder, NumberCarrier], NumberOrder | None]] = {
    OrderState.PENDING: _price,
    OrderState.BUYING: _buy,
    OrderState.OWNED: _own,
    OrderState.RELEASING: _release,
}


def _offer(order: NumberOrder, seller: NumberCarrier) -> Available | None:
    """The number as the carrier sells it now; None when it does not."""
    wish = Search(country=order.country, type=order.type, pattern=order.e164, limit=5)  # type: ignore[arg-type]
    for number in seller.search(wish):
        if number.e164 == order.e164:
            return number
    return None


def _return_unwanted(order: NumberOrder, owned: Owned, seller: NumberCarrier) -> None:
    """The order ended while the carrier sold the number: nobody would ever pay for it."""
    with tenant_scope(order.tenant_id):
        ended = NumberOrder.objects.filter(pk=order.pk).exclude(state__in=(*OPEN, OrderState.ACTIVE)).exists()
    if ended:
        seller.release(owned.id)


# --- What is written down -------------------------------------------------------------------------


def _locked(order: NumberOrder) -> NumberOrder | None:
    """The row as it was read, locked; None when somebody has moved it on meanwhile."""
    rows = NumberOrder.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=order.pk, state=order.state).select_related("agent", "address", "bundle").first()


def _moved(order: NumberOrder, state: OrderState, words: str, **changes: object) -> NumberOrder | None:
    now = timezone.now()
    with tenant_scope(order.tenant_id):
        fresh = _locked(order)
        if fresh is None:
            return None
        fresh.state, fresh.attempts = state, 1
        fresh.next_at = now + jobs.LEASE
        for name, value in changes.items():
            setattr(fresh, name, value)
        if state in OPEN:
            fresh.problem = fresh.problem_code = ""
        note(fresh, str(state), words, now)
        fresh.save()
    return fresh


def _wait(order: NumberOrder, words: str, code: str) -> None:
    """Tried again later; given up in the end, but for what the carrier still has of ours."""
    now = timezone.now()
    with tenant_scope(order.tenant_id):
        fresh = _locked(order)
        if fresh is None:
            return
        if _may_fail(fresh) and now - fresh.created_at > GIVE_UP_AFTER:
            stop_order(fresh, ends_as=OrderState.FAILED, words=given_up(words), code=code, now=now)
            return
        fresh.problem, fresh.problem_code = waiting(words), code[:50]
        fresh.next_at = later(fresh.attempts, now)
        fresh.save(update_fields=["problem", "problem_code", "next_at", "updated_at"])


def _may_fail(order: NumberOrder) -> bool:
    """What cannot be released costs money, and who brought a number here does not lose it: these are tried on
    and on, and staff sees them."""
    return order.state != OrderState.RELEASING and (order.held or order.state != OrderState.OWNED)


def _fail(order: NumberOrder, words: str, code: str) -> NumberOrder | None:
    if not _may_fail(order):
        log.error("order_needs_staff", order=str(order.pk), state=order.state, code=code)
        _wait(order, words, code)
        return None
    with tenant_scope(order.tenant_id):
        fresh = _locked(order)
        if fresh is None:
            return None
        return stop_order(fresh, ends_as=OrderState.FAILED, words=words, code=code, now=timezone.now())
