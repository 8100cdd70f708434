"""Numbers that are not called: the lists, and the gate before every outbound call."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.calls.models import Call, Direction
from apps.campaigns.models import Campaign, Suppression, SuppressionSource
from apps.campaigns.services import suppression
from apps.campaigns.suppression_gate import suppression_gate
from tenants.errors import InvalidFields, NotFound
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

from apps.agents.services import create_agent  # isort: skip

pytestmark = pytest.mark.django_db
ADA, BOB = "+12025550180", "+12025550181"
API = SuppressionSource.API


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


def campaign(name: str = "Spring") -> Campaign:
    return Campaign.objects.create(name=name, agent=create_agent(name=name, config=script_config()))


def outbound(to: str) -> Call:
    return Call(direction=Direction.OUTBOUND, to_number=to, from_number="+12025551000")


def test_a_campaigns_list_is_its_own_and_the_tenants_everybodys(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        spring, autumn = campaign(), campaign("Autumn")
        suppression.add(e164=ADA, source=API)
        suppression.add(e164=BOB, source=API, campaign=spring)
        both = [ADA, BOB, "+12025550182"]

        assert suppression.suppressed(both, campaign=spring) == {ADA, BOB}
        assert suppression.suppressed(both, campaign=autumn.pk) == {ADA}
        assert suppression.suppressed(both, campaign=None) == {ADA}
        assert suppression.suppressed([], campaign=None) == set()
    other = make_tenant("Other")
    with tenant_scope(other.pk):
        assert suppression.suppressed(both, campaign=None) == set()


def test_adding_again_changes_nothing(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        first = suppression.add(e164=ADA, source=API, note="wrote")
        again = suppression.opted_out(e164=ADA, campaign=None, call=None)

        assert (again.pk, again.source, again.note) == (first.pk, API, "wrote")
        assert Suppression.objects.count() == 1


def test_many_are_added_in_batches(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression, "BATCH", 3)
    rows = [(f"+1202555018{i}", "=note") for i in range(8)]
    with tenant_scope(tenant.pk):
        suppression.add(e164=rows[4][0], source=API)

        assert suppression.bulk_add(rows=iter([*rows, rows[0]]), source=SuppressionSource.IMPORT) == 7
        assert suppression.bulk_add(rows=rows, source=SuppressionSource.IMPORT) == 0
        assert Suppression.objects.count() == 8


def test_all_or_none_of_what_is_given(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        with pytest.raises(InvalidFields) as caught:
            suppression.add_given(numbers=[ADA, "12", "x"], source=API, campaign=None, note="")
        assert [error.field for error in caught.value.errors] == ["numbers.1", "numbers.2"]
        assert not Suppression.objects.exists()

        added, rows = suppression.add_given(
            numbers=["+1 202 555 0180", ADA], source=API, campaign=None, note=""
        )
        assert (added, [row.e164 for row in rows]) == (1, [ADA])


def test_an_opt_out_of_one_campaign(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        spring = campaign()
        row = suppression.opted_out(e164=ADA, campaign=spring, call=None, scope="campaign")

        assert (row.campaign_id, row.source) == (spring.pk, SuppressionSource.CALLEE)
        assert suppression.suppressed([ADA], campaign=None) == set()
        suppression.remove(suppression_id=row.pk)
        assert suppression.suppressed([ADA], campaign=spring) == set()
        with pytest.raises(NotFound):
            suppression.remove(suppression_id=new_id())


def test_the_gate_refuses_outbound_calls_only(tenant: Tenant) -> None:
    now = timezone.now()
    with tenant_scope(tenant.pk):
        suppression.add(e164=ADA, source=API)
        suppression.add(e164=BOB, source=API, campaign=campaign())

        assert suppression_gate(outbound(ADA), now).code == "suppressed"
        # Another campaign's list, or no campaign's call.
        assert not suppression_gate(outbound(BOB), now).refused
        inbound = Call(direction=Direction.INBOUND, to_number=ADA, from_number=BOB)
        assert not suppression_gate(inbound, now).refused
