"""Where tenants hear of what happened, what happened, and each telling of it."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from tenants.models import TenantModel
from tenants.secrets import EncryptedText


def _reference(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """To another tenant table; its constraint is composite, in the migration."""
    return models.ForeignKey(to, db_constraint=False, **options)


class EndpointState(models.TextChoices):
    ACTIVE = "active", "Active"
    DISABLED = "disabled", "Disabled"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "headers", "failing_since", "failures", "rest_until"],
)
class Endpoint(TenantModel):
    """An address of the tenant's own that is told of events.

    `event_types`: names of the catalogue, or a kind of them (`call.*`); none: all. `headers`: JSON, sent with
    each request. `failing_since`: the first failure since anything was delivered; too long ago, and the
    endpoint is disabled, which `disabled_reason` says in words; one that a person disabled has none.
    `failures`: one after the other, without a success; after some, nothing is sent until `rest_until`.
    """

    id_prefix = "whe_"

    url = models.CharField(max_length=2_000)
    description = models.CharField(max_length=500, blank=True)
    event_types = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    headers = EncryptedText(blank=True, default="")
    state = models.CharField(max_length=8, choices=EndpointState, default=EndpointState.ACTIVE)
    disabled_reason = models.CharField(max_length=500, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    rest_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["tenant", "-id"], name="webhooks_endpoint_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=EndpointState.ACTIVE, disabled_at=None, disabled_reason="")
                | Q(state=EndpointState.DISABLED, disabled_at__isnull=False),
                name="webhooks_endpoint_disabled_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.url


class EndpointSecret(TenantModel):
    """What an endpoint's messages are signed with. After a rotation the old one signs too, until
    `expires_at`: the receiver changes in between and misses nothing."""

    endpoint = _reference("webhooks.Endpoint", on_delete=models.CASCADE, related_name="secrets")
    secret = EncryptedText()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint"], name="webhooks_secret_one_stays", condition=Q(expires_at=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Event(TenantModel):
    """What happened, as it is told, written in the transaction in which it happened. It never changes, so
    every telling of it has the same body and, as `webhook-id`, the same id.

    `key`: what it is about, like `call_...`; events of one key reach an endpoint in the order of
    `sequence`, 1, 2, 3, ... of that key.
    """

    id_prefix = "evt_"

    type = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="Of the type, as it was when this happened."
    )
    at = models.DateTimeField(help_text="When it happened.")
    key = models.CharField(max_length=80)
    sequence = models.PositiveIntegerField()
    data = models.JSONField(encoder=DjangoJSONEncoder)
    test = models.BooleanField(default=False, help_text="Asked for by a person to try an endpoint.")
    emptied = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Too old to be told: kept without data, so that the numbers of its key go on.",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key", "sequence"], name="webhooks_event_in_order")
        ]
        indexes = [
            models.Index(fields=["tenant", "type", "-id"], name="webhooks_event_by_type"),
            models.Index(fields=["tenant", "-id"], name="webhooks_event_newest"),
            models.Index(fields=["id"], name="webhooks_event_to_forget", condition=Q(emptied=False)),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.key}"


class DeliveryState(models.TextChoices):
    """`dead`: tried for as long as it is tried, or the endpoint was disabled; it can be replayed."""

    PENDING = "pending", "Pending"
    DELIVERED = "delivered", "Delivered"
    DEAD = "dead", "Given up"


class Delivery(TenantModel):
    """An event on its way to one endpoint. `round` 0 is the first telling, a replay is one more.

    `leased_until`: a worker is at it; when it died there, somebody else takes it up after that. Of an
    endpoint and key only the first leaves, in the order of `round` and `sequence`.
    """

    id_prefix = "whd_"

    endpoint = _reference("webhooks.Endpoint", on_delete=models.CASCADE, related_name="deliveries")
    event = _reference("webhooks.Event", on_delete=models.CASCADE, related_name="deliveries")
    round = models.PositiveSmallIntegerField(default=0)
    key = models.CharField(max_length=80, help_text="The event's.")
    sequence = models.PositiveIntegerField(help_text="The event's.")
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, help_text="Of a pending one: not before.")
    leased_until = models.DateTimeField(null=True, blank=True)
    give_up_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last answer.")
    problem = models.CharField(max_length=500, blank=True, help_text="Of the last attempt, in words.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event", "round"], name="webhooks_delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PENDING, next_at__isnull=False, ended_at=None)
                | (
                    ~Q(state=DeliveryState.PENDING)
                    & Q(next_at=None, leased_until=None, ended_at__isnull=False)
                ),
                name="webhooks_delivery_ends_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "next_at"],
                name="webhooks_delivery_due",
                condition=Q(state=DeliveryState.PENDING),
            ),
            models.Index(
                fields=["endpoint", "key", "round", "sequence"],
                name="webhooks_delivery_in_order",
                condition=Q(state=DeliveryState.PENDING),
            ),
            models.Index(
                fields=["leased_until"],
                name="webhooks_delivery_leased",
                condition=Q(leased_until__isnull=False),
            ),
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_newest"),
            models.Index(fields=["endpoint", "state", "-id"], name="webhooks_delivery_by_state"),
            models.Index(fields=["event"], name="webhooks_delivery_of_event"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.endpoint_id}: {self.state}"


class DeliveryAttempt(TenantModel):
    """One request and what came of it. `request_headers` without what the tenant keeps secret;
    `answer`: the first of its body, as text. `status` None: no answer came, `problem` says why."""

    delivery = _reference("webhooks.Delivery", on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    request_headers = models.JSONField(default=dict)
    answer_headers = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="webhooks_attempt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.number}"


class HookMoment(models.TextChoices):
    BEFORE_ANSWER = "before_answer", "Before an inbound call is answered"
    BEFORE_DIAL = "before_dial", "Before an outbound call is dialed"


class HookFallback(models.TextChoices):
    GO_ON = "go_on", "Go on as if there were no hook"
    REFUSE = "refuse", "Refuse the call"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "secret", "headers", "trouble", "trouble_at"],
)
class CallHook(TenantModel):
    """An address that is asked while a call waits: one for each moment. After `deadline_ms`, or an answer
    that makes no sense, `fallback` decides. `trouble`: what was wrong last, in words."""

    id_prefix = "hook_"

    moment = models.CharField(max_length=13, choices=HookMoment)
    url = models.CharField(max_length=2_000)
    headers = EncryptedText(blank=True, default="")
    secret = EncryptedText()
    deadline_ms = models.PositiveIntegerField(default=1_000)
    fallback = models.CharField(max_length=6, choices=HookFallback, default=HookFallback.GO_ON)
    enabled = models.BooleanField(default=True)
    trouble = models.CharField(max_length=500, blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["moment"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "moment"], name="webhooks_hook_one_a_moment"),
            models.CheckConstraint(
                condition=Q(deadline_ms__gte=100, deadline_ms__lte=5_000), name="webhooks_hook_deadline"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.moment} {self.url}"
