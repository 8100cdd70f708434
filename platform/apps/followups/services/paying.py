"""Text messages are paid before they are sent, and paid back when they are not."""

from __future__ import annotations

from apps.billing.errors import NotEnoughMoney
from apps.billing.models import AccountKind, Entry, EntryKind
from apps.billing.services import charge, refund
from apps.billing.services.rates import message_price_micros
from apps.followups.models import TextMessage
from apps.followups.parts import parts_of
from telephony.carriers.registry import GIVERS


def pay(message: TextMessage) -> str:
    """Takes the message's price from the wallet, once, however often it is tried; why it cannot be paid, in
    words, or "". Those of the sandbox cost nothing. In the tenant's scope."""
    carrier = message.call.number.carrier
    if carrier in GIVERS:
        return ""
    parts = parts_of(message.text)
    price = message_price_micros(carrier=carrier, e164=message.to_number, parts=parts, at=message.created_at)
    if price is None:
        return "There is no price for messages to this number, so that none is sent."
    if not price:
        return ""
    try:
        charge(
            tenant_id=message.tenant_id,
            reference=_reference(message),
            kind=EntryKind.MESSAGE,
            account=AccountKind.MESSAGES,
            amount_micros=price,
            why="Text message" + (f" in {parts} parts" if parts > 1 else ""),
            subject=message.public_id,
        )
    except NotEnoughMoney as error:
        return error.detail
    return ""


def pay_back(message: TextMessage) -> None:
    """What was taken for a message that was not sent. In the tenant's scope."""
    paid = Entry.objects.filter(reference=_reference(message)).first()
    if paid is None:
        return
    amount = paid.postings.get(account=AccountKind.MESSAGES).amount_micros
    refund(
        tenant_id=message.tenant_id,
        reference=f"{_reference(message)}:undone",
        of=paid,
        amount_micros=amount,
        why="A message that was not sent",
    )


def _reference(message: TextMessage) -> str:
    return f"message:{message.pk}"
