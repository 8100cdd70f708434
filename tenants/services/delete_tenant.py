"""The end of a tenant. See docs/decisions/0006-deleting-a-tenant.md.

The request only closes the door: from then on nobody enters, and a job takes the files and rows away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pgtrigger
import structlog
from allauth.socialaccount.models import SocialAccount
from celery import current_app
from django.db import connection, models, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from tenants.audit.services import record_for_platform
from tenants.errors import Conflict, DomainError, InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.signals import tenant_going, tenant_leaving
from tenants.sso.reach import provider_id
from tenants.tables import referred_to, stored_files, tenant_column, tenant_models

log = structlog.get_logger(__name__)

JOB = "tenants.delete_left"
BATCH = 10_000
LEAVING = "The owner is deleting this tenant."


def leave(*, tenant: Tenant, confirm: str) -> None:
    """Close `tenant` for good; its rows and files are deleted soon after. In its scope.

    InvalidInput unless `confirm` is its slug; Conflict while calls run.
    """
    if confirm != tenant.slug:
        raise InvalidInput("Type the tenant's slug to delete it.", field="confirm")
    tenant_leaving.send(Tenant, tenant=tenant)
    now = timezone.now()
    tenant.deleting_at = now
    tenant.suspended_at = tenant.suspended_at or now
    tenant.suspended_reason = tenant.suspended_reason or LEAVING
    tenant.save(update_fields=["deleting_at", "suspended_at", "suspended_reason", "updated_at"])
    record_for_platform("tenant_leaving", of=tenant, label=_label(tenant))
    transaction.on_commit(_ask_for_job, robust=True)


def delete_left() -> int:
    """Delete every tenant whose owner has left; how many. Twice at once does no harm, neither does dying.

    A tenant that still has a running call waits for the next round.
    """
    with platform_scope():
        left = list(Tenant.objects.filter(deleting_at__isnull=False).order_by("deleting_at"))
    return sum(_delete(tenant) for tenant in left)


def _delete(tenant: Tenant) -> bool:
    with _alone(tenant.pk) as alone:
        if not alone or not _is_ready(tenant) or not _is_forgotten(tenant):
            return False
        _delete_files(tenant)
        _delete_rows(tenant)
    log.info("tenant_deleted", tenant_id=str(tenant.pk))
    return True


@contextmanager
def _alone(tenant_id: UUID) -> Iterator[bool]:
    """Whether no other process deletes this tenant: an advisory lock of the session."""
    key = tenant_id.int & (2**63 - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (alone,) = cursor.fetchone()
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _is_ready(tenant: Tenant) -> bool:
    try:
        with tenant_scope(tenant.pk):
            tenant_leaving.send(Tenant, tenant=tenant)
    except Conflict as reason:
        log.info("tenant_not_ready", tenant_id=str(tenant.pk), reason=reason.code)
        return False
    return True


def _is_forgotten(tenant: Tenant) -> bool:
    """By others who know it: once the rows are gone nobody knows whom to ask."""
    try:
        tenant_going.send(Tenant, tenant=tenant)
    except DomainError as reason:
        log.warning("tenant_not_forgotten", tenant_id=str(tenant.pk), reason=reason.code)
        return False
    return True


def _delete_files(tenant: Tenant) -> None:
    """Before the rows, which are all that knows of the files: a job that dies here begins again."""
    for file in stored_files(tenant):
        file.delete()


def _delete_rows(tenant: Tenant) -> None:
    tables = tenant_models()
    needed = referred_to(tables)
    for model in tables:
        if model not in needed:
            while _delete_batch(model, tenant.pk) == BATCH:
                pass
    with _deleting():
        # What its identity provider has said of people; no column of theirs refers to the tenant.
        SocialAccount.objects.filter(provider=provider_id(tenant.pk)).delete()
        everything: list[type[models.Model]] = [*tables, Tenant]
        for model in everything:
            table, column = model._meta.db_table, tenant_column(model)
            _execute(f'DELETE FROM "{table}" WHERE "{column}" = %s', tenant.pk)  # noqa: S608 (names of ours)
    record_for_platform("tenant_deleted", of=tenant, label=_label(tenant))


def _delete_batch(model: type[models.Model], tenant_id: UUID) -> int:
    table, column = model._meta.db_table, tenant_column(model)
    some = f'SELECT ctid FROM "{table}" WHERE "{column}" = %s LIMIT {BATCH}'  # noqa: S608 (names of ours)
    with _deleting():
        return _execute(f'DELETE FROM "{table}" WHERE ctid = ANY(ARRAY({some}))', tenant_id)  # noqa: S608


@contextmanager
def _deleting() -> Iterator[None]:
    """A transaction in which append-only tables give way and no trigger writes anything down: only here."""
    with platform_scope(), pgtrigger.ignore():
        yield


def _execute(statement: str, tenant_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [tenant_id])
        return int(cursor.rowcount)


def _label(tenant: Tenant) -> str:
    return f"{tenant.name} ({tenant.slug})"


def _ask_for_job() -> None:
    """Failing is harmless: beat asks too."""
    try:
        current_app.send_task(JOB, queue="after_call")
    except BrokerDown as error:
        log.warning("tenant_deletion_delayed", error=type(error).__name__)
