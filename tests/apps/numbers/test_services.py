from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from apps.agents.models import Agent, AgentVersion
from apps.agents.services import archive_agent, create_agent, publish
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import (
    answering_version,
    find_number,
    get_number,
    list_numbers,
    numbers_called,
)
from apps.numbers.services import assign_number, release_number, update_number
from telephony.carriers.sandbox import SandboxCarrier
from telephony.trunks.models import Trunk
from telephony.trunks.services import archive_trunk, create_trunk
from telephony.trunks.values import GatewayValues
from tenants.errors import Conflict, InvalidInput, LimitReached, NotFound
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def in_scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def agent(in_scope: None) -> Agent:
    return create_agent(name="Reception", config=script_config())


@pytest.fixture
def version(agent: Agent) -> AgentVersion:
    return publish(agent=agent)


@pytest.fixture
def trunk(in_scope: None) -> Trunk:
    return create_trunk(name="T", direction="inbound", allowed_addresses=["203.0.113.7"])


def test_the_sandbox_assigns_a_free_number(agent: Agent) -> None:
    first = assign_number(carrier="sandbox", agent=agent)
    second = assign_number(carrier="sandbox", label=" Test ")

    assert first.e164 != second.e164
    assert first.e164.startswith("+1202555")
    assert int(first.e164[-4:]) >= 1000
    assert (first.agent, second.agent, second.label) == (agent, None, "Test")


def test_a_number_asked_for_is_given(in_scope: None) -> None:
    assert assign_number(carrier="sandbox", e164="+1 202 555 0100").e164 == "+12025550100"


def test_a_number_of_ones_own_carrier(trunk: Trunk) -> None:
    number = assign_number(carrier="byoc", e164="+442079460018", trunk=trunk)

    assert (number.e164, number.trunk) == ("+442079460018", trunk)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"carrier": "nobody"}, "carrier"),
        ({"carrier": "sandbox", "e164": "+442079460018"}, "e164"),
        ({"carrier": "sandbox", "e164": "202"}, "e164"),
        ({"carrier": "byoc", "e164": "+442079460018"}, "trunk"),
    ],
)
def test_a_bad_wish_is_named_and_nothing_is_written(in_scope: None, wish: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        assign_number(**wish)

    assert refused.value.field == field
    assert not PhoneNumber.objects.exists()


def test_a_trunk_and_a_carrier_go_together(trunk: Trunk, version: AgentVersion) -> None:
    with pytest.raises(InvalidInput) as refused:
        assign_number(carrier="sandbox", trunk=trunk)
    assert refused.value.field == "trunk"
    with pytest.raises(InvalidInput) as refused:
        assign_number(carrier="byoc", trunk=trunk)
    assert refused.value.field == "e164"
    with pytest.raises(InvalidInput) as refused:
        assign_number(carrier="sandbox", agent_version=version)
    assert refused.value.field == "agent_version"


def test_a_number_is_on_the_platform_once(tenant: Tenant) -> None:
    other = make_tenant()
    with tenant_scope(other.pk):
        assign_number(carrier="sandbox", e164="+12025550100")

    with tenant_scope(tenant.pk):
        with pytest.raises(InvalidInput) as taken:
            assign_number(carrier="sandbox", e164="+12025550100")
        assign_number(carrier="sandbox", e164="+12025550101")
        with pytest.raises(InvalidInput) as again:
            assign_number(carrier="sandbox", e164="+12025550101")

    assert (taken.value.code, again.value.code) == ("unavailable", "duplicate")
    assert other.name not in taken.value.detail


def test_a_number_given_back_can_be_had_again(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        number = assign_number(carrier="sandbox", e164="+12025550100")
        release_number(number=number)
        assert list(list_numbers()) == []
        with pytest.raises(NotFound):
            get_number(number.pk)

    with tenant_scope(make_tenant().pk):
        assert assign_number(carrier="sandbox", e164="+12025550100").pk != number.pk


def test_a_carrier_without_a_free_number_says_so(in_scope: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_left(self: SandboxCarrier, taken: Collection[str]) -> None:
        return None

    monkeypatch.setattr(SandboxCarrier, "free_number", nothing_left)

    with pytest.raises(LimitReached) as refused:
        assign_number(carrier="sandbox")
    assert refused.value.code == "no_number_left"


def test_somebody_faster_costs_another_draw(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_scope(make_tenant().pk):
        assign_number(carrier="sandbox", e164="+12025551000")
    draws = iter(["+12025551000", "+12025551001"])
    monkeypatch.setattr(SandboxCarrier, "free_number", lambda self, taken: next(draws))

    with tenant_scope(tenant.pk):
        assert assign_number(carrier="sandbox").e164 == "+12025551001"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_want_one_number_one_gets_it() -> None:
    tenants = [make_tenant(), make_tenant()]

    def want(tenant: Tenant) -> str:
        try:
            with tenant_scope(tenant.pk):
                return assign_number(carrier="sandbox", e164="+12025550100").e164
        except InvalidInput as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(want, tenants)) == ["+12025550100", "unavailable"]


def test_who_answers(version: AgentVersion, agent: Agent) -> None:
    number = assign_number(carrier="sandbox", agent=agent)
    second = publish(agent=agent)

    assert answering_version(get_number(number.pk), "+12025550101") == second
    update_number(number=number, agent_version=version)
    assert answering_version(get_number(number.pk), "+12025550101") == version
    update_number(number=number, agent_version=None)
    assert answering_version(get_number(number.pk), "+12025550101") == second
    update_number(number=number, agent=None)
    assert answering_version(get_number(number.pk), "+12025550101") is None


def test_nobody_answers_for_an_unpublished_agent(in_scope: None) -> None:
    silent = create_agent(name="Silent", config=script_config())

    assert answering_version(assign_number(carrier="sandbox", agent=silent), "") is None


def test_another_agent_drops_the_pin_and_the_same_one_keeps_it(agent: Agent, version: AgentVersion) -> None:
    number = assign_number(carrier="sandbox", agent=agent, agent_version=version)
    other = create_agent(name="Other", config=script_config())

    assert update_number(number=number, agent=agent, label="x").agent_version == version
    assert update_number(number=number, agent=other).agent_version is None
    with pytest.raises(InvalidInput) as refused:
        update_number(number=number, agent_version=version)
    assert refused.value.field == "agent_version"


def test_what_is_not_given_stays(agent: Agent, trunk: Trunk) -> None:
    number = assign_number(carrier="byoc", e164="+442079460018", trunk=trunk, agent=agent, label="Old")

    changed = update_number(number=number, label="New")

    assert (changed.trunk, changed.agent, changed.label) == (trunk, agent, "New")
    with pytest.raises(InvalidInput):
        update_number(number=number, trunk=None)


def test_an_archived_agent_or_trunk_cannot_be_chosen(agent: Agent, trunk: Trunk) -> None:
    archive_agent(agent=agent)
    archive_trunk(trunk=trunk)

    with pytest.raises(NotFound):
        assign_number(carrier="sandbox", agent=agent)
    with pytest.raises(NotFound):
        assign_number(carrier="byoc", e164="+442079460018", trunk=trunk)


def test_a_trunk_that_a_number_uses_stays(trunk: Trunk) -> None:
    number = assign_number(carrier="byoc", e164="+442079460018", trunk=trunk)

    with pytest.raises(Conflict, match="442079460018"):
        archive_trunk(trunk=trunk)

    release_number(number=number)
    archive_trunk(trunk=trunk)


def test_the_platform_finds_whoevers_number_it_is(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        number = assign_number(carrier="sandbox", e164="+12025550100")
    with tenant_scope(make_tenant().pk):
        assert find_number("+12025550100") is None

    with platform_scope():
        ((found, from_there),) = numbers_called({"+12025550100", "+12025550199"}, source="192.0.2.1")

    assert (found.pk, found.tenant_id, from_there) == (number.pk, tenant.pk, False)


# --- where callers go whom no agent can answer ------------------------------------------------------


@pytest.fixture
def carrier(in_scope: None) -> Trunk:
    return create_trunk(
        name="T", gateways=[GatewayValues("sip.carrier.example")], allowed_addresses=["203.0.113.7"]
    )


def test_a_fallback_number_is_kept_changed_and_taken_away(carrier: Trunk) -> None:
    number = assign_number(
        carrier="byoc", e164="+442079460018", trunk=carrier, fallback_number="+44 20 7946 0099"
    )
    assert (number.fallback_number, number.capture_rtp) == ("+442079460099", False)

    number = update_number(number=number, capture_rtp=True)
    assert (number.fallback_number, number.capture_rtp) == ("+442079460099", True)
    assert update_number(number=number, fallback_number="").fallback_number == ""


@pytest.mark.parametrize(
    ("fallback", "says"),
    [
        ("020 7946 0099", "country code"),
        ("+442079460018", "come back"),
        ("+442079460019", "come back"),
    ],
    ids=["no number", "itself", "another of theirs"],
)
def test_a_fallback_that_leads_nowhere_is_refused(carrier: Trunk, fallback: str, says: str) -> None:
    assign_number(carrier="byoc", e164="+442079460019", trunk=carrier)
    number = assign_number(carrier="byoc", e164="+442079460018", trunk=carrier)

    with pytest.raises(InvalidInput, match=says) as refused:
        update_number(number=number, fallback_number=fallback)

    assert refused.value.field == "fallback_number"


def test_a_fallback_needs_a_trunk_that_sends_calls(carrier: Trunk, trunk: Trunk) -> None:
    with pytest.raises(InvalidInput, match="no outbound calls") as refused:
        assign_number(carrier="byoc", e164="+442079460018", trunk=trunk, fallback_number="+442079460099")
    assert refused.value.field == "fallback_number"

    number = assign_number(
        carrier="byoc", e164="+442079460018", trunk=carrier, fallback_number="+442079460099"
    )
    with pytest.raises(InvalidInput, match="no outbound calls"):
        update_number(number=number, trunk=trunk)


def test_a_number_is_for_one_purpose_unless_somebody_says_otherwise(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Front desk", config=script_config())
        assert assign_number(carrier="sandbox").purpose == "outbound"
        assert assign_number(carrier="sandbox", agent=agent).purpose == "inbound"
        number = assign_number(carrier="sandbox", agent=agent, purpose="both")
        assert update_number(number=number, agent=None).purpose == "both"
        assert update_number(number=number, purpose="outbound").purpose == "outbound"
