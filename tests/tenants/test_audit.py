"""Changes are kept with who made them."""

from __future__ import annotations

import pghistory
import pytest
from django.db import ProgrammingError, transaction

from tenants.models import ApiKey, Membership, Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.selectors import principal_for_api_key
from tenants.services import add_member, create_api_key
from tests.tenancy import make_member, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)  # an actor stands for a whole transaction


def test_a_change_is_kept_with_its_actor() -> None:
    tenant = make_tenant()
    user = make_member(tenant, "analyst")

    with pghistory.context(actor="usr_1"):
        add_member(tenant=tenant, user=user, role="admin")
    with tenant_scope(tenant.pk):
        Membership.objects.all().delete()
        events = Membership.pgh_event_model.objects.order_by("pgh_id")
        seen = [(e.pgh_label, e.role, (e.pgh_context or {}).get("actor")) for e in events]

    assert seen == [
        ("insert", "analyst", None),
        ("update", "admin", "usr_1"),
        ("delete", "admin", None),
    ]


def test_using_a_key_is_no_change_and_its_digest_is_not_copied() -> None:
    tenant = make_tenant()
    _, secret = create_api_key(tenant=tenant, name="ci", scopes=["calls.read"])
    principal_for_api_key(secret)

    with tenant_scope(tenant.pk):
        (event,) = ApiKey.pgh_event_model.objects.all()
    assert event.pgh_label == "insert"
    assert not hasattr(event, "digest")


def test_what_was_recorded_cannot_be_rewritten() -> None:
    make_tenant()
    events = Tenant.pgh_event_model.objects

    with platform_scope():
        assert events.count() == 1
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            events.update(name="x")
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            events.all().delete()
