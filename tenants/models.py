"""Tenants, people, memberships and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tenants.ids import new_id, to_public
from tenants.managers import TenantManager, UserManager
from tenants.permissions import Role
from tenants.scope import tenant_of_new_row
from tenants.secrets import EncryptedText


class Timed(models.Model):
    """A UUIDv7 id and two times, UTC. `id_prefix` makes the id that people see."""

    id_prefix = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    @property
    def public_id(self) -> str:
        return to_public(self.id_prefix, self.id)


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class Tenant(Timed):
    """A customer of the platform; everything else belongs to one."""

    id_prefix = "ten_"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63, unique=True)
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspended_reason = models.CharField(max_length=300, blank=True, help_text="In words, for its members.")
    deleting_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since when nobody may enter: its rows are going."
    )

    allowed_countries = ArrayField(
        models.CharField(max_length=2),
        default=list,
        blank=True,
        help_text="ISO 3166-1 alpha-2: whereto callers may be handed on; empty: by `tenants.countries`.",
    )

    objects = TenantManager("id")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def suspended(self) -> bool:
        """Members may read then, and nothing else happens; see `tenants.suspension`."""
        return self.suspended_at is not None


class OwnTenant(models.ForeignKey):  # type: ignore[type-arg]
    """The tenant in force, unless one is given.

    Not a plain `default`: with one, type checkers take the column for nullable. Migrations see the
    plain field.
    """

    def get_default(self) -> UUID:
        return tenant_of_new_row()

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs | {"default": tenant_of_new_row}


class TenantModel(Timed):
    """Base of every table that holds a tenant's data.

    Its migration adds `tenants.rls.EnableRowSecurity(table)`, and a `CompositeForeignKey` for each
    reference to another tenant table (declared with ``db_constraint=False``). Tests check both.
    """

    tenant = OwnTenant(Tenant, on_delete=models.CASCADE, related_name="+")

    objects = TenantManager()

    class Meta:
        abstract = True


class User(AbstractBaseUser, PermissionsMixin):
    """A person; what they may do in a tenant is their membership's role. `is_staff`: the platform's own."""

    id_prefix = "usr_"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="tenants_user_email_lower")
        ]
        permissions = [("impersonate", "Can act as a customer's person")]

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    @property
    def public_id(self) -> str:
        return to_public(self.id_prefix, self.id)

    def __str__(self) -> str:
        return self.email


@pghistory.track(
    pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=["updated_at"]
)
class Membership(TenantModel):
    """A user's role in a tenant."""

    id_prefix = "mem_"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="tenants_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "token_digest"],
)
class Invitation(TenantModel):
    """A link, mailed to `email`, that makes its reader a member. Only the SHA-256 of its token is kept.

    Open while it is neither accepted nor revoked, even when it has expired.
    """

    id_prefix = "inv_"

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    token_digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="tenants_invitation_open_once",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="tenants_invitation_email_lower"
            ),
        ]

    @property
    def state(self) -> str:
        """One of `InvitationState`, now."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED.value
        if self.revoked_at is not None:
            return InvitationState.REVOKED.value
        expired = self.expires_at <= timezone.now()
        return (InvitationState.EXPIRED if expired else InvitationState.PENDING).value

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"


class InvitationState(models.TextChoices):
    """What can be done with an invitation: a pending one can be accepted, an expired one sent again."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    REVOKED = "revoked"


class SsoProtocol(models.TextChoices):
    """How a tenant's identity provider speaks."""

    OIDC = "oidc"
    SAML = "saml"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "client_secret"],
)
class SingleSignOn(TenantModel):
    """A tenant's own identity provider: docs/decisions/0005-tenant-single-sign-on.md.

    OIDC uses `server_url` to `client_secret`, SAML the `idp_` columns; the others are empty.
    """

    protocol = models.CharField(max_length=4, choices=SsoProtocol.choices)
    server_url = models.CharField(max_length=500, blank=True)
    client_id = models.CharField(max_length=191, blank=True)
    client_secret = EncryptedText(blank=True)
    idp_metadata_url = models.CharField(max_length=500, blank=True)
    idp_entity_id = models.CharField(max_length=500, blank=True)
    idp_sso_url = models.CharField(max_length=500, blank=True)
    idp_certificate = models.TextField(blank=True, help_text="PEM or bare base64.")
    default_role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in Role])
    enforced = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="tenants_singlesignon_once")]

    def __str__(self) -> str:
        return f"single sign-on ({self.protocol})"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), exclude=["updated_at"])
class ClaimedDomain(TenantModel):
    """An e-mail domain whose people a tenant's identity provider may vouch for; one tenant only has it."""

    domain = models.CharField(max_length=253, unique=True, help_text="In lower case.")

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain


class DigestKey(TenantModel):
    """What a tenant's keyed digests of telephone numbers are made with (`tenants.digests`), so that somebody
    who has only the database cannot try all numbers."""

    secret = EncryptedText()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant"], name="tenants_digestkey_once")]

    def __str__(self) -> str:
        return str(self.pk)


class KeyMode(models.TextChoices):
    """A test key reaches the sandbox only; a live key may dial real phones."""

    LIVE = "live"
    TEST = "test"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "digest", "last_used_at"],
)
class ApiKey(TenantModel):
    """A key for programs: only the SHA-256 of its secret is kept, so that it is shown exactly once."""

    id_prefix = "key_"

    name = models.CharField(max_length=100)
    mode = models.CharField(max_length=4, choices=KeyMode.choices)
    prefix = models.CharField(
        max_length=24,
        unique=True,
        help_text="The beginning of the key, by which it is found.",
    )
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}...)"
