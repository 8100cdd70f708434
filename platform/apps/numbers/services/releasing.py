"""Numbers are given back."""

from __future__ import annotations

from typing import Literal

from django.utils import timezone

from apps.numbers import telling
from apps.numbers.models import NumberOrder, OrderState, PhoneNumber, Rental
from apps.numbers.selectors import get_number
from apps.numbers.services.reach import ensure_in_reach
from apps.numbers.services.stopping import stop_order
from apps.numbers.signals import number_releasing
from tenants.errors import Conflict, InvalidInput

Why = Literal["given_back", "unpaid"]
_WORDS = {"given_back": "Given back.", "unpaid": "Given back: its rental was not paid."}


def release_number(
    *, number: PhoneNumber, confirm: str = "", why: Why = "given_back", test: bool = False
) -> None:
    """Give the number back; its calls stay, and somebody else may have it from now on. One that a carrier
    sold goes back to it.

    Conflict while something needs it, unless `confirm` is the number itself, typed: then it goes all the
    same. `test`: by a key that reaches the sandbox only.
    """
    fresh = get_number(number.pk, lock=True)
    ensure_in_reach(fresh.carrier, test=test)
    if confirm:
        # A + that nobody has encoded arrives as a space.
        if "".join(confirm.split()).removeprefix("+") != fresh.e164.removeprefix("+"):
            raise InvalidInput(f"Type {fresh.e164} to give it back.", field="confirm")
    elif why == "given_back":
        _ask_others(fresh)
    now = timezone.now()
    fresh.archived_at = now
    fresh.save(update_fields=["archived_at", "updated_at"])
    Rental.objects.filter(number=fresh, ended_at=None).update(ended_at=now, updated_at=now)
    telling.released(fresh, why=why)
    rows = NumberOrder.objects.filter(number=fresh, state=OrderState.ACTIVE)
    order = rows.select_for_update(no_key=True).first()
    if order is not None:
        stop_order(order, ends_as=OrderState.RELEASED, words=_WORDS[why], now=now)


def _ask_others(number: PhoneNumber) -> None:
    """One that was ordered is somebody else's soon: those who call it would reach a stranger."""
    try:
        if number.type and number.agent is not None and number.agent.archived_at is None:
            words = f"The agent {number.agent.name!r} takes its calls. Take the agent off the number first."
            raise Conflict(words, code="in_use")
        number_releasing.send(PhoneNumber, number=number)
    except Conflict as error:
        more = f"Or confirm with the number itself ({number.e164}) to give it back all the same."
        raise Conflict(f"{error.detail} {more}", code=error.code) from error
