"""Secrets at rest: a text column encrypted with rotating Fernet keys (MultiFernet).

The first key of FIELD_ENCRYPTION_KEYS encrypts, all of them decrypt; ``manage.py rotate_secrets``
re-encrypts every column with the first, after which the old keys can be dropped.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.core.signals import setting_changed
from django.db import models


class SecretUnreadable(RuntimeError):
    """No key of FIELD_ENCRYPTION_KEYS opens a stored secret."""


@cache
def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])


def _forget_keys(*, setting: str, **_: object) -> None:
    if setting == "FIELD_ENCRYPTION_KEYS":
        _fernet.cache_clear()


setting_changed.connect(_forget_keys)


def encrypt(text: str) -> str:
    """`text` as a Fernet token."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text inside `token`. SecretUnreadable when no configured key opens it."""
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable(
            "a stored secret was encrypted with a key that is not in FIELD_ENCRYPTION_KEYS; "
            "add that key at the end of the list"
        ) from error


class StoredSecret(str):
    """A secret that was read from the database, with the token it came from. `str()` forgets the token."""

    __slots__ = ("token",)
    token: str


class EncryptedText(models.TextField):  # type: ignore[type-arg]
    """Text that is encrypted in the database. Empty stays empty, so that "none" needs no key.

    It cannot be searched: the same text encrypts differently each time. What was read and is saved
    unchanged keeps its token, so that the audit log sees a change only where there is one.
    """

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, StoredSecret):
            return value.token
        text = super().get_prep_value(value)
        return encrypt(text) if text else text

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        if not value:
            return value
        secret = StoredSecret(decrypt(value))
        secret.token = value
        return secret

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}")
        return super().get_lookup(lookup_name)
