"""The audit log's one table."""

from __future__ import annotations

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Value as V
from django.db.models.functions import Concat, Lower
from django.utils import timezone

from tenants.ids import new_id, to_public
from tenants.managers import TenantManager
from tenants.models import Tenant


class ActorKind(models.TextChoices):
    """Who acts. STAFF: the platform's own people in their admin pages; SYSTEM: nobody, a rule or a job."""

    USER = "user"
    API_KEY = "api_key"
    STAFF = "staff"
    SYSTEM = "system"


class AuditEntry(models.Model):
    """One change, or one act that changes no row (a login, an export). Append-only.

    Written by the function `audit_record_change` (migration 0001) for every tracked model, or by
    `services.record`. `before` and `after` hold the changed columns only, secrets as "(secret)".
    Without a tenant it is the platform's own, seen by staff only. The names are kept as they were.
    """

    id_prefix = "aud_"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=8, choices=ActorKind.choices)
    actor_id = models.CharField(max_length=40, blank=True, help_text="usr_... or key_...")
    actor_label = models.CharField(max_length=300, blank=True)
    impersonator = models.CharField(max_length=254, blank=True, help_text="E-mail of the staff member.")
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.UUIDField(null=True, blank=True)
    object_label = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    words = models.GeneratedField(
        expression=Lower(
            Concat(
                "actor_label",
                V(" "),
                "impersonator",
                V(" "),
                "object_label",
                V(" "),
                "object_type",
                V(" "),
                "action",
            )
        ),
        output_field=models.TextField(),
        db_persist=True,
        help_text="What a search looks at.",
    )

    objects = TenantManager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["tenant", "-id"], name="audit_newest"),
            models.Index(fields=["tenant", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["tenant", "actor_id", "-id"], name="audit_by_actor"),
            models.Index(fields=["tenant", "action", "-id"], name="audit_by_action"),
            models.Index(fields=["tenant", "object_type", "-id"], name="audit_by_type"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_label}".strip()

    @property
    def public_id(self) -> str:
        return to_public(self.id_prefix, self.id)
