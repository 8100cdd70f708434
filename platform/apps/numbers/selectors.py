"""Reads of numbers. In the tenant's scope, except where the docstring says otherwise."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from apps.agents.models import AgentVersion
from apps.numbers.models import PhoneNumber
from tenants.errors import NotFound
from tenants.scope import platform_scope


def list_numbers() -> QuerySet[PhoneNumber]:
    """The numbers the tenant has, with what each reaches."""
    rows = PhoneNumber.objects.filter(archived_at=None)
    return rows.select_related("agent__published_version", "agent_version", "trunk")


def get_number(number_id: UUID, *, lock: bool = False) -> PhoneNumber:
    """One of `list_numbers`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_numbers()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    number = rows.filter(pk=number_id).first()
    if number is None:
        raise NotFound("There is no such number.")
    return number


def find_number(e164: str) -> PhoneNumber | None:
    """The tenant's own number `e164`."""
    return list_numbers().filter(e164=e164).first()


def numbers_of_anybody(e164s: Collection[str]) -> QuerySet[PhoneNumber]:
    """Those of the numbers that some tenant has: the platform's own question about a call, in its scope."""
    return list_numbers().filter(e164__in=e164s)


def answering_version(number: PhoneNumber) -> AgentVersion | None:
    """The version that takes calls to `number`: the pinned one, else the agent's published one, else None."""
    if number.agent is None or number.agent.archived_at is not None:
        return None
    version: AgentVersion | None = number.agent_version or number.agent.published_version
    return version


def taken_numbers(prefix: str) -> set[str]:
    """The numbers of all tenants that begin with `prefix`: never to be shown to one."""
    with platform_scope():
        rows = PhoneNumber.objects.filter(archived_at=None, e164__startswith=prefix)
        return set(rows.values_list("e164", flat=True))
