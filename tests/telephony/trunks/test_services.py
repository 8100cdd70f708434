from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from telephony.trunks import services
from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway
from telephony.trunks.selectors import gateways_for, get_trunk, holds_source, is_proven, list_trunks
from telephony.trunks.services import archive_trunk, create_trunk, update_trunk
from telephony.trunks.values import GatewayValues
from tenants.errors import InvalidFields, InvalidInput, LimitReached, NotFound
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture(autouse=True)
def in_scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


def outbound(*gateways: GatewayValues, **fields: Any) -> Trunk:
    return create_trunk(name="T", direction="outbound", gateways=gateways, **fields)


def inbound(*addresses: str) -> Trunk:
    return create_trunk(name="T", direction="inbound", allowed_addresses=addresses)


def allows_source(trunk: Trunk, address: str) -> bool:
    with platform_scope():
        rows = Trunk.objects.annotate(from_there=holds_source("trunks_trunk.id", address))
        from_there = rows.get(pk=trunk.pk).from_there
    return is_proven(trunk, authenticated_as="", from_there=from_there)


def test_a_trunk_with_all_its_parts() -> None:
    trunk = create_trunk(
        name=" Carrier ",
        auth="digest",
        username="u",
        password="p",
        gateways=[GatewayValues("a.example", 5061, "tls")],
        allowed_addresses=["203.0.113.0/28"],
    )

    trunk = get_trunk(trunk.pk)
    assert (trunk.name, trunk.direction, trunk.password) == ("Carrier", "both", "p")
    assert [str(g) for g in trunk.gateways.all()] == ["a.example:5061/tls"]
    assert [str(a) for a in trunk.addresses.all()] == ["203.0.113.0/28"]


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"name": " "}, {"name", "gateways", "allowed_addresses"}),
        ({"direction": "outbound"}, {"gateways"}),
        ({"direction": "inbound"}, {"allowed_addresses"}),
        (
            {"direction": "inbound", "allowed_addresses": ["203.0.113.7"], "auth": "digest"},
            {"username", "password"},
        ),
        ({"direction": "outbound", "gateways": [GatewayValues("a b")]}, {"gateways.0.host"}),
    ],
)
def test_a_trunk_that_cannot_work_is_told_why_and_not_written(
    fields: dict[str, Any], faults: set[str]
) -> None:
    with pytest.raises(InvalidFields) as refused:
        create_trunk(**({"name": "T"} | fields))

    assert {e.field for e in refused.value.errors} == faults
    assert not Trunk.objects.exists()


def test_changing_one_thing_keeps_the_others() -> None:
    trunk = outbound(GatewayValues("a.example"), auth="digest", username="u", password="p")

    trunk = update_trunk(trunk=trunk, max_concurrent_calls=3)

    assert (trunk.max_concurrent_calls, trunk.password) == (3, "p")
    assert [g.host for g in trunk.gateways.all()] == ["a.example"]


def test_lists_are_replaced_as_a_whole() -> None:
    trunk = create_trunk(name="T", gateways=[GatewayValues("a.example")], allowed_addresses=["203.0.113.7"])

    trunk = update_trunk(
        trunk=trunk, gateways=[GatewayValues("b.example")], allowed_addresses=["198.51.100.0/24"]
    )

    assert [g.host for g in trunk.gateways.all()] == ["b.example"]
    assert [str(a) for a in trunk.addresses.all()] == ["198.51.100.0/24"]
    assert (TrunkGateway.objects.count(), TrunkAddress.objects.count()) == (1, 1)


def test_a_change_that_breaks_the_trunk_is_refused() -> None:
    trunk = outbound(GatewayValues("a.example"))

    with pytest.raises(InvalidFields):
        update_trunk(trunk=trunk, gateways=[])
    with pytest.raises(InvalidFields):
        update_trunk(trunk=trunk, direction="both")

    trunk = get_trunk(trunk.pk)
    assert (trunk.direction, trunk.gateways.count()) == ("outbound", 1)


def test_an_archived_trunk_is_gone() -> None:
    trunk = inbound("203.0.113.7")
    assert allows_source(trunk, "203.0.113.7")

    archive_trunk(trunk=trunk)

    assert list(list_trunks()) == []
    with pytest.raises(NotFound):
        get_trunk(trunk.pk)
    trunk.refresh_from_db()
    assert not allows_source(trunk, "203.0.113.7")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("203.0.113.0", True),
        ("203.0.113.15", True),
        ("203.0.113.16", False),
        ("::ffff:203.0.113.15", True),
        ("2001:db8::7", True),
        ("2001:db9::7", False),
        ("localhost", False),
        ("", False),
        ("203.0.113.1'; --", False),
    ],
)
def test_where_calls_may_come_from(address: str, allowed: bool) -> None:
    assert allows_source(inbound("203.0.113.0/28", "2001:db8::/32"), address) is allowed


def test_an_outbound_trunk_takes_no_calls() -> None:
    trunk = create_trunk(
        name="T",
        direction="outbound",
        gateways=[GatewayValues("a.example")],
        allowed_addresses=["203.0.113.7"],
    )

    assert not allows_source(trunk, "203.0.113.7")


def test_gateways_are_tried_by_priority() -> None:
    trunk = outbound(
        GatewayValues("third.example", priority=3),
        GatewayValues("first.example", priority=1, port=5061, transport="tls"),
        GatewayValues("off.example", priority=0, enabled=False),
        GatewayValues("second.example", priority=2),
    )

    gateways = gateways_for(trunk)

    assert [g.host for g in gateways] == ["first.example", "second.example", "third.example"]
    assert (gateways[0].port, gateways[0].transport) == (5061, "tls")


def test_weights_share_the_load_within_a_priority() -> None:
    trunk = outbound(GatewayValues("heavy.example", weight=3), GatewayValues("light.example", weight=1))
    rng = random.Random(7)

    first = Counter(gateways_for(trunk, rng)[0].host for _ in range(2_000))

    assert 1_400 < first["heavy.example"] < 1_600
    assert all(len(gateways_for(trunk, rng)) == 2 for _ in range(10))


def test_a_tenant_has_so_many_trunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_TRUNKS", 1)
    archive_trunk(trunk=outbound(GatewayValues("a.example")))
    outbound(GatewayValues("a.example"))

    with pytest.raises(LimitReached, match="may have 1 trunks"):
        outbound(GatewayValues("b.example"))


def test_a_password_is_not_shown_to_another_server_by_who_does_not_know_it() -> None:
    trunk = outbound(GatewayValues("a.example"), auth="digest", username="u", password="p")
    update_trunk(trunk=trunk, gateways=[GatewayValues("a.example", 5080)])

    for moved in ({"gateways": [GatewayValues("b.example")]}, {"registrar": {"host": "b.example"}}):
        with pytest.raises(InvalidInput) as refused:
            update_trunk(trunk=trunk, **moved)
        assert refused.value.field == "password"
    assert [g.host for g in get_trunk(trunk.pk).gateways.all()] == ["a.example"]

    update_trunk(trunk=trunk, gateways=[GatewayValues("b.example")], password="p")
    assert [g.host for g in get_trunk(trunk.pk).gateways.all()] == ["b.example"]
