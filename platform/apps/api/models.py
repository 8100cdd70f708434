"""Answers kept for requests that are sent again."""

from __future__ import annotations

from django.db import models

from tenants.models import Tenant, TenantModel
from tenants.secrets import EncryptedText


class IdempotencyKey(TenantModel):
    """A POST that succeeded under an `Idempotency-Key`, and its answer. Kept for 24 hours.

    `actor_id` is the API key or the user: nobody is given the answer to another's request. Without a
    tenant it is a person's request about themselves, seen in the platform scope only. The answer is
    encrypted: that to the making of an API key holds its secret.
    """

    tenant = models.ForeignKey(Tenant, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    actor_id = models.UUIDField()
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedText(blank=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "actor_id", "key"], nulls_distinct=False, name="api_idempotency_key_once"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="api_idempotency_age")]
