from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.agents.models import Agent
from apps.calls.models import Call
from apps.calls.services import admit_call
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import InboundCall
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkAddress
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

Ring = Callable[..., InboundCall]
CARRIER = "192.0.2.5"
ELSEWHERE = "198.51.100.9"
NUMBER = "+442079460018"


@pytest.fixture(autouse=True)
def no_demo(settings: Any) -> None:
    settings.DEMO_MODE = False


def trunk_of(tenant: Tenant, e164: str = NUMBER, **fields: Any) -> Trunk:
    """A trunk whose carrier calls from `CARRIER`, with one number."""
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", **fields)
        TrunkAddress.objects.create(trunk=trunk, network=f"{CARRIER}/32")
        PhoneNumber.objects.create(e164=e164, carrier="byoc", trunk=trunk)
        return trunk


@pytest.fixture
def dial(node: MediaNode, ring: Ring) -> Callable[..., int | str]:
    """Rings, and tells the number that was reached, or the SIP code of the refusal."""

    def go(dialed: str = NUMBER, source: str = CARRIER, **fields: Any) -> int | str:
        answer = admit_call(node, ring(dialed, source_address=source, **fields))
        return answer.plan.to_number if answer.plan else answer.rejection.sip_code  # type: ignore[union-attr]

    return go


Dial = Callable[..., int | str]
DIGEST = {"inbound_auth": "digest", "inbound_username": "pbx-7", "inbound_password": "p"}


def test_by_source_address(tenant: Tenant, dial: Dial) -> None:
    trunk_of(tenant)
    assert dial() == NUMBER
    assert dial(source=ELSEWHERE) == 403


def test_a_domain_alone_admits_nobody(tenant: Tenant, dial: Dial) -> None:
    trunk = trunk_of(tenant)
    assert dial(trunk_hint=trunk.slug) == NUMBER
    assert dial(source=ELSEWHERE, trunk_hint=trunk.slug) == 403
    assert dial(trunk_hint="sip") == NUMBER


def test_a_domain_tells_two_trunks_apart(tenant: Tenant, dial: Dial) -> None:
    first, second = trunk_of(tenant), trunk_of(tenant, "+442079460019")
    assert dial(NUMBER, trunk_hint=first.slug) == NUMBER
    assert dial(NUMBER, trunk_hint=second.slug) == 404
    with platform_scope():
        assert Call.objects.latest("pk").end_detail.startswith("The number belongs to another trunk")


def test_by_user_name(tenant: Tenant, dial: Dial) -> None:
    trunk = trunk_of(tenant, **DIGEST)
    assert dial(source=ELSEWHERE, authenticated_as="pbx-7") == NUMBER
    assert dial(source=ELSEWHERE, authenticated_as="pbx-7", trunk_hint=trunk.slug) == NUMBER
    assert dial() == 403
    assert dial(trunk_hint=trunk.slug) == 403
    assert dial(source=ELSEWHERE, authenticated_as="pbx-8") == 403
    with platform_scope():
        assert "user name and a password" in Call.objects.latest("pk").end_detail


def test_a_proven_name_reaches_no_other_trunk(tenant: Tenant, stranger: Tenant, dial: Dial) -> None:
    trunk_of(tenant, **DIGEST)
    theirs = trunk_of(stranger, "+442079460019", inbound_auth="digest", inbound_username="pbx-9")
    assert dial("+442079460019", source=ELSEWHERE, authenticated_as="pbx-7") == 404
    assert dial("+442079460019", ELSEWHERE, authenticated_as="pbx-7", trunk_hint=theirs.slug) == 403


def test_either_of_the_two_is_enough(tenant: Tenant, dial: Dial) -> None:
    trunk_of(tenant, **(DIGEST | {"inbound_auth": "either"}))
    assert dial() == NUMBER
    assert dial(source=ELSEWHERE, authenticated_as="pbx-7") == NUMBER
    assert dial(source=ELSEWHERE) == 403


def test_a_trunk_by_address_wants_no_name(tenant: Tenant, dial: Dial) -> None:
    trunk_of(tenant, inbound_username="pbx-7")
    assert dial(source=ELSEWHERE, authenticated_as="pbx-7") == 403


def test_a_trunk_for_outbound_calls_and_one_that_is_gone(tenant: Tenant, dial: Dial) -> None:
    trunk = trunk_of(tenant, direction="outbound")
    assert dial() == 403
    assert dial(trunk_hint=trunk.slug) == 403
    with platform_scope():
        Trunk.objects.update(direction="both", archived_at=trunk.created_at)
    assert dial() == 403
    assert dial(trunk_hint=trunk.slug) == 403


@pytest.mark.parametrize(
    ("fields", "dialed"),
    [
        ({}, "442079460018"),
        ({}, "00442079460018"),
        ({"country": "GB"}, "02079460018"),
        ({"country": "GB"}, "+442079460018"),
        ({"inbound_strip": 3}, "99#442079460018"),
        ({"inbound_strip": 3}, "+442079460018"),
        ({"inbound_prefix": "+44207946"}, "0018"),
        ({"inbound_strip": 1, "inbound_prefix": "+44"}, "02079460018"),
    ],
)
def test_numbers_are_read_the_trunks_way(
    tenant: Tenant, dial: Dial, fields: dict[str, Any], dialed: str
) -> None:
    trunk_of(tenant, **fields)
    assert dial(dialed) == NUMBER


def test_a_carrier_that_two_tenants_share(tenant: Tenant, stranger: Tenant, dial: Dial) -> None:
    trunk_of(tenant)
    trunk_of(stranger, "+442079460019")
    assert dial(NUMBER) == NUMBER
    assert dial("+442079460019") == "+442079460019"


def test_a_number_that_may_be_those_of_two_tenants_reaches_neither(
    tenant: Tenant, stranger: Tenant, dial: Dial
) -> None:
    """What a stranger's trunk makes of a number must not take the call of another tenant."""
    ours = trunk_of(tenant, "+12025550100", country="US")
    trunk_of(stranger, "+2025550100")
    assert dial("2025550100") == 485
    assert dial("+2025550100") == "+2025550100"
    assert dial("+12025550100") == "+12025550100"
    assert dial("2025550100", trunk_hint=ours.slug) == "+12025550100"
    with platform_scope():
        assert "two tenants" in Call.objects.get(sip_code=485).end_detail


def test_a_caller_is_kept_in_e164_where_that_is_certain(tenant: Tenant, dial: Dial) -> None:
    trunk_of(tenant, country="GB")
    dial(caller="020 7946 0099")
    dial(caller="anonymous")
    with platform_scope():
        callers = list(Call.objects.order_by("pk").values_list("from_number", flat=True))
    assert callers == ["+442079460099", "anonymous"]


def test_a_number_nobody_has(tenant: Tenant, agent: Agent, dial: Dial) -> None:
    trunk = trunk_of(tenant)
    assert dial("+442079460077") == 404
    assert dial("+442079460077", trunk_hint=trunk.slug) == 404
    assert dial("alice") == 404
    with platform_scope():
        assert not Call.objects.exists()


def test_in_demo_mode_this_machine_proves_nothing(tenant: Tenant, dial: Dial, settings: Any) -> None:
    trunk = trunk_of(tenant, **DIGEST)
    assert dial(source="127.0.0.1", trunk_hint=trunk.slug) == 403
    settings.DEMO_MODE = True
    assert dial(source="127.0.0.1", trunk_hint=trunk.slug) == NUMBER
    assert dial(source="::1") == NUMBER
    assert dial(source=ELSEWHERE, trunk_hint=trunk.slug) == 403
