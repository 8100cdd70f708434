from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from telephony.trunks.models import Trunk
from telephony.trunks.services import archive_trunk, create_trunk, update_trunk
from telephony.trunks.values import GatewayValues
from tenants.errors import InvalidFields, InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

GATEWAYS = [GatewayValues("sip.carrier.example")]
TLS = [GatewayValues("sip.carrier.example", 5061, "tls")]
GOOD: dict[str, Any] = {"name": "T", "gateways": GATEWAYS, "allowed_addresses": ["203.0.113.7"]}
INBOUND: dict[str, Any] = {"direction": "inbound", "gateways": []}
StrangerWith = Callable[..., Trunk]
PHONE = {"inbound_username": "office-pbx", "inbound_password": "p"}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture(autouse=True)
def in_scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def stranger_with() -> StrangerWith:
    """Makes a trunk of another tenant."""

    def make(**fields: Any) -> Trunk:
        stranger = make_tenant()
        with platform_scope(), tenant_scope(stranger.pk):
            return create_trunk(**(GOOD | {"gateways": [GatewayValues("sip.theirs.example")]} | fields))

    return make


def faults(**fields: Any) -> dict[str, str]:
    """What is wrong with a trunk that is good but for `fields`: the reasons by field. Nothing is written."""
    before = Trunk.objects.count()
    with pytest.raises(InvalidInput) as refused:
        create_trunk(**(GOOD | fields))
    assert Trunk.objects.count() == before
    error = refused.value
    errors = error.errors if isinstance(error, InvalidFields) else [error]
    assert all(e.detail.endswith(".") for e in errors)
    return {e.field: e.detail for e in errors}


def made(**fields: Any) -> Trunk:
    return create_trunk(**(GOOD | fields))


def test_a_good_trunk_has_a_slug_of_its_name_and_the_defaults(settings: Any) -> None:
    settings.SIP_DOMAIN = "sip.example.com"
    trunk = made(name="Main Carrier (EU)")

    assert trunk.slug.startswith("main-carrier-eu-")
    assert trunk.domain == f"{trunk.slug}.sip.example.com"
    assert (trunk.inbound_auth, trunk.registration, trunk.srtp) == ("ip", "none", "off")
    assert (trunk.codecs, trunk.dtmf, trunk.early_media) == (["pcmu", "pcma"], "rfc4733", "ignore")
    assert (trunk.caller_id_header, trunk.invite_timeout_ms) == ("p_asserted_identity", 6000)
    assert trunk.gateways.get().port is None
    assert made(name="Main Carrier (EU)").slug != trunk.slug
    assert made(name="名前").slug.startswith("trunk-")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"auth": "digest"}, {"username", "password"}),
        ({"registration": "outbound"}, {"username", "password"}),
        ({"registration": "outbound", "username": "u"}, {"password"}),
        ({"inbound_auth": "digest"}, {"inbound_username", "inbound_password"}),
        ({"inbound_auth": "either"}, {"inbound_username", "inbound_password"}),
        (
            {"registration": "inbound", "inbound_auth": "digest"},
            {"inbound_username", "inbound_password"},
        ),
        ({"registration": "inbound"} | PHONE, {"inbound_auth"}),
        ({"inbound_auth": "digest"} | PHONE | {"inbound_username": "no spaces"}, {"inbound_username"}),
        ({"inbound_auth": "digest"} | PHONE | {"inbound_username": "ab"}, {"inbound_username"}),
        ({"auth": "digest", "username": 'a"b', "password": "p"}, {"username"}),
        ({"auth": "digest", "username": "u@carrier.example", "password": "p"}, {"username"}),
        ({"auth": "digest", "username": "u", "password": "p\r\nX: y"}, {"password"}),
    ],
)
def test_credentials(fields: dict[str, Any], wrong: set[str]) -> None:
    assert set(faults(**fields)) == wrong


def test_a_registration_needs_a_place() -> None:
    registering = INBOUND | {"registration": "outbound", "username": "u", "password": "p"}
    assert set(faults(**registering)) == {"registrar"}

    trunk = made(
        **registering, registrar={"host": "Registrar.Carrier.example", "port": None, "transport": "tcp"}
    )
    assert trunk.registrar == {"host": "registrar.carrier.example", "port": None, "transport": "tcp"}


def test_who_registers_here_needs_neither_gateways_nor_addresses() -> None:
    trunk = made(gateways=[], allowed_addresses=[], registration="inbound", inbound_auth="digest", **PHONE)
    assert (trunk.direction, trunk.gateways.count(), trunk.addresses.count()) == ("both", 0, 0)


def test_a_user_name_belongs_to_one_trunk_of_the_platform(tenant: Tenant) -> None:
    made(inbound_auth="digest", **PHONE)
    again = {"inbound_auth": "digest"} | PHONE | {"inbound_username": "Office-PBX"}
    assert faults(**again) == {"inbound_username": "This user name is taken; choose another."}


def test_another_tenants_user_name_is_taken_too(stranger_with: StrangerWith) -> None:
    stranger_with(inbound_auth="digest", **PHONE)
    assert set(faults(inbound_auth="digest", **PHONE)) == {"inbound_username"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"number_format": "national"}, {"country"}),
        ({"number_format": "national", "country": "XX"}, {"country"}),
        ({"country": "1"}, {"country"}),
        ({"tech_prefix": "12a"}, {"tech_prefix"}),
        ({"tech_prefix": "1" * 11}, {"tech_prefix"}),
        ({"inbound_prefix": "x"}, {"inbound_prefix"}),
        ({"inbound_prefix": "4+4"}, {"inbound_prefix"}),
    ],
)
def test_numbers(fields: dict[str, Any], wrong: set[str]) -> None:
    assert set(faults(**fields)) == wrong


def test_a_country_is_written_large() -> None:
    assert made(number_format="national", country="gb").country == "GB"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"headers_out": {"Via": "x"}}, "headers_out.Via"),
        ({"headers_out": {"f": "x"}}, "headers_out.f"),
        ({"headers_out": {"P-Asserted-Identity": "x"}}, "headers_out.P-Asserted-Identity"),
        ({"headers_out": {"X-Trunkline-Auth": "x"}}, "headers_out.X-Trunkline-Auth"),
        ({"headers_out": {"X-Two Words": "x"}}, "headers_out.X-Two Words"),
        ({"headers_out": {"X-Account": "a\r\nVia: b"}}, "headers_out.X-Account"),
        ({"headers_out": {"X-A": "1", "x-a": "2"}}, "headers_out"),
        ({"headers_out": {f"X-{n}": "1" for n in range(21)}}, "headers_out"),
        ({"headers_in": {"X-A": "Not A Name"}}, "headers_in.X-A"),
        ({"headers_in": {"": "a"}}, "headers_in."),
    ],
)
def test_headers(fields: dict[str, Any], wrong: str) -> None:
    assert set(faults(**fields)) == {wrong}


@pytest.mark.parametrize("codecs", [[], ["opus"], ["pcmu", "pcmu"]])
def test_codecs(codecs: list[str]) -> None:
    assert set(faults(codecs=codecs)) == {"codecs"}


def test_required_srtp_needs_tls_at_every_gateway() -> None:
    told = faults(srtp="required", gateways=[*TLS, GatewayValues("udp.carrier.example")])
    assert "udp.carrier.example has udp" in told["srtp"]

    off = GatewayValues("udp.carrier.example", enabled=False)
    assert made(srtp="required", gateways=[*TLS, off]).srtp == "required"
    assert made(srtp="optional").srtp == "optional"
    trunk = made(srtp="required", gateways=TLS)
    with pytest.raises(InvalidFields):
        update_trunk(trunk=trunk, gateways=GATEWAYS)


def test_an_unknown_transport() -> None:
    assert set(faults(gateways=[GatewayValues("a.example", transport="sctp")])) == {"gateways.0.transport"}


@pytest.mark.parametrize(
    ("fields", "ok"),
    [
        ({"max_concurrent_calls": 5, "inbound_reserved": 6}, False),
        ({"max_concurrent_calls": 5, "inbound_reserved": 5}, False),
        ({"max_concurrent_calls": 5, "inbound_reserved": 4}, True),
        ({"direction": "outbound", "inbound_reserved": 1}, False),
        (INBOUND | {"max_concurrent_calls": 5, "inbound_reserved": 5}, True),
    ],
)
def test_channels_kept_for_inbound(fields: dict[str, Any], ok: bool) -> None:
    if ok:
        assert made(**fields).inbound_reserved == fields["inbound_reserved"]
    else:
        assert set(faults(**fields)) == {"inbound_reserved"}


# --- backups ----------------------------------------------------------------------------------------


def test_backups_make_no_circle() -> None:
    third = made(name="Third")
    second = made(name="Second", backup_trunk=third)
    first = made(name="First", backup_trunk=second)

    for trunk, backup in ((third, third), (third, first), (second, first)):
        with pytest.raises(InvalidFields) as refused:
            update_trunk(trunk=trunk, backup_trunk=backup)
        assert [e.field for e in refused.value.errors] == ["backup_trunk"]
    assert update_trunk(trunk=first, backup_trunk=third).backup_trunk == third


def test_a_backup_must_be_able_to_stand_in() -> None:
    inbound = made(**INBOUND)
    clear = made()
    assert set(faults(backup_trunk=inbound)) == {"backup_trunk"}
    assert set(faults(**INBOUND, backup_trunk=clear)) == {"backup_trunk"}
    assert "in clear" in faults(srtp="required", gateways=TLS, backup_trunk=clear)["backup_trunk"]


# --- another tenant at the same addresses -----------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "ours", "overlap"),
    [
        ({}, {}, False),
        ({"inbound_strip": 2}, {"inbound_strip": 2}, False),
        ({"inbound_strip": 2}, {}, True),
        ({}, {"inbound_prefix": "+44"}, True),
        ({"inbound_strip": 2, "allowed_addresses": ["203.0.113.0/28"]}, {}, True),
        ({"inbound_strip": 2, "allowed_addresses": ["203.0.113.8"]}, {}, False),
        ({"inbound_strip": 2, "inbound_auth": "digest"} | PHONE, {}, False),
        ({"inbound_strip": 2, "inbound_auth": "either"} | PHONE, {}, True),
        ({"inbound_strip": 2, "direction": "outbound"}, {}, False),
        ({}, {"inbound_strip": 2, "inbound_auth": "digest"} | PHONE, False),
        ({}, {"inbound_strip": 2, "direction": "outbound"}, False),
    ],
)
def test_addresses_are_shared_by_those_who_read_numbers_alike(
    stranger_with: StrangerWith, theirs: dict[str, Any], ours: dict[str, Any], overlap: bool
) -> None:
    stranger_with(**theirs)
    ours = {"allowed_addresses": ["198.51.100.1", "203.0.113.7"]} | ours
    if overlap:
        told = faults(**ours)
        assert set(told) == {"allowed_addresses.1"}
        assert "203.0.113.7/32" in told["allowed_addresses.1"]
    else:
        assert made(**ours)


def test_an_own_trunk_may_overlap() -> None:
    made(inbound_strip=2)
    assert made()


# --- gateways that know us by our address -----------------------------------------------------------

DIGEST = {"auth": "digest", "username": "u", "password": "p"}
REGISTERED = {"registration": "outbound", "username": "u", "password": "p"}


@pytest.mark.parametrize(
    ("theirs", "ours", "shared"),
    [
        ({}, {}, True),
        ({}, DIGEST, True),
        (DIGEST, {}, True),
        (REGISTERED, {}, True),
        (DIGEST, DIGEST, False),
        (REGISTERED, DIGEST, False),
        ({"gateways": [GatewayValues("SIP.Carrier.Example.", 5070, "tcp")]}, {}, True),
        ({"gateways": [GatewayValues("sip2.carrier.example")]}, {}, False),
        ({"direction": "inbound"}, {}, False),
        ({}, {"direction": "inbound"}, False),
    ],
)
def test_who_is_known_by_our_address_alone_shares_a_gateway_with_nobody(
    stranger_with: StrangerWith, theirs: dict[str, Any], ours: dict[str, Any], shared: bool
) -> None:
    stranger_with(**({"gateways": GATEWAYS} | theirs))
    if not shared:
        create_trunk(**(GOOD | ours))
        return
    with pytest.raises(InvalidFields) as refused:
        create_trunk(**(GOOD | ours))
    assert [(e.field, e.code) for e in refused.value.errors] == [("gateways.0.host", "shared")]


def test_a_trunk_that_stops_proving_itself_is_asked_again(stranger_with: StrangerWith) -> None:
    stranger_with(gateways=GATEWAYS, **DIGEST)
    trunk = create_trunk(**(GOOD | DIGEST))
    with pytest.raises(InvalidFields, match="Another tenant"):
        update_trunk(trunk=trunk, auth="ip")


def test_a_gateway_of_a_trunk_that_is_gone_is_free(stranger_with: StrangerWith) -> None:
    theirs = stranger_with(gateways=GATEWAYS)
    with platform_scope(), tenant_scope(theirs.tenant_id):
        archive_trunk(trunk=theirs)
    create_trunk(**GOOD)


def test_ones_own_trunks_may_share_a_gateway() -> None:
    create_trunk(**GOOD)
    create_trunk(**GOOD)
