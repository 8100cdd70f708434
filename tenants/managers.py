"""Managers that fail closed: no scope, no rows, an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from tenants.scope import current_scope

if TYPE_CHECKING:
    from tenants.models import User

M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Rows of the tenant in force; every row in the platform scope; TenantScopeMissing outside any.

    Row-level security says the same inside the database. The filter here lets the planner use the
    tenant's indexes, and an error beats an empty answer.
    """

    def __init__(self, tenant_field: str = "tenant_id") -> None:
        super().__init__()
        self.tenant_field = tenant_field

    def get_queryset(self) -> models.QuerySet[M]:
        rows = super().get_queryset()
        tenant_id = current_scope().tenant_id
        return rows if tenant_id is None else rows.filter(**{self.tenant_field: tenant_id})

    def none(self) -> models.QuerySet[M]:
        """No rows, in any scope and in none."""
        return super().get_queryset().none()


class UserManager(BaseUserManager["User"]):
    """People log in by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """A new user; without a password the account cannot log in by one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """A user of the platform's own staff (``manage.py createsuperuser``), whose address counts."""
        from tenants.accounts.services import vouch_for_address  # imports the model of this manager

        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        vouch_for_address(user=user)
        return user
