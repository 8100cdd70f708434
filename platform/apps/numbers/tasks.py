"""Background work of numbers."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.numbers import jobs
from apps.numbers.services.bundles import due_bundles, hand_in_bundle
from apps.numbers.services.caller_names import due_caller_names, tell_caller_name
from apps.numbers.services.comparing import compare_with_carriers
from apps.numbers.services.completing import complete_order, due_orders
from apps.numbers.services.porting import due_ports, go_on_with_port
from apps.numbers.services.renting import collect_rent


@shared_task(name="numbers.look", ignore_result=True)
def look() -> None:
    """Has everything done that waits, or was forgotten. Beat asks every 10 s."""
    now = timezone.now()
    for job, rows in (
        (jobs.COMPLETE, due_orders(now=now)),
        (jobs.CALLER_NAME, due_caller_names(now=now)),
        (jobs.HAND_IN, due_bundles(now=now)),
        (jobs.PORT, due_ports(now=now)),
    ):
        for tenant_id, row_id in rows:
            jobs.send(job, [str(tenant_id), str(row_id)], expires_s=60)


@shared_task(name="numbers.collect_rent", ignore_result=True)
def rent() -> None:
    """Charges the months that have begun. Beat asks every minute."""
    collect_rent()


@shared_task(name="numbers.compare", ignore_result=True)
def compare() -> None:
    """Looks for numbers that a carrier has for nobody, or does not have any more. Beat asks every six
    hours."""
    compare_with_carriers()


# Each of these twice does no harm.


@shared_task(name=jobs.COMPLETE, ignore_result=True)
def complete_one_order(tenant_id: str, order_id: str) -> None:
    """Takes an order as far as it goes."""
    complete_order(tenant_id=UUID(tenant_id), order_id=UUID(order_id))


@shared_task(name=jobs.CALLER_NAME, ignore_result=True)
def tell_one_caller_name(tenant_id: str, number_id: str) -> None:
    """Tells a number's carrier its caller name."""
    tell_caller_name(tenant_id=UUID(tenant_id), number_id=UUID(number_id))


@shared_task(name=jobs.HAND_IN, ignore_result=True)
def hand_in_one_bundle(tenant_id: str, bundle_id: str) -> None:
    """Hands papers in, or asks how far they are."""
    hand_in_bundle(tenant_id=UUID(tenant_id), bundle_id=UUID(bundle_id))


@shared_task(name=jobs.PORT, ignore_result=True)
def go_on_with_one_port(tenant_id: str, port_id: str) -> None:
    """Asks for a number at its present carrier, or how far it is."""
    go_on_with_port(tenant_id=UUID(tenant_id), port_id=UUID(port_id))
