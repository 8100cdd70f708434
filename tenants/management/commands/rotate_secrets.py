"""Encrypt every stored secret anew with the first of FIELD_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from tenants.scope import platform_scope
from tenants.secrets import EncryptedText, decrypt, encrypt


class Command(BaseCommand):
    help = "Encrypt every stored secret anew with the first key of FIELD_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        for model in apps.get_models():
            fields = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedText)]
            if fields:
                count = _rotate(model, fields)
                self.stdout.write(f"{model._meta.label}: {count} rows")
        self.stdout.write(f"{Authenticator._meta.label}: {rotate_second_factors()} rows")


def _rotate(model: type[models.Model], fields: list[str]) -> int:
    """Rewrite `fields` of every row; each row in its own update so that no table is locked at length."""
    with platform_scope():
        ids = list(model._default_manager.values_list("pk", flat=True))
    for pk in ids:
        with platform_scope():
            row = model._default_manager.select_for_update().filter(pk=pk).first()
            if row is not None:
                for field in fields:  # plain text is encrypted anew
                    setattr(row, field, str(getattr(row, field) or ""))
                row.save(update_fields=fields)
    return len(ids)


def rotate_second_factors() -> int:
    """allauth keeps the secrets of second factors inside JSON: TOTP's, and the seed of recovery codes."""
    rows = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN)
    ids = list(rows.values_list("pk", flat=True))
    for pk in ids:
        with transaction.atomic():
            row = rows.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            for name in ("secret", "seed"):
                if name in row.data:
                    row.data[name] = encrypt(decrypt(row.data[name]))
            row.save(update_fields=["data"])
    return len(ids)
