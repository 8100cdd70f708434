"""Further legs of a call: who may be called, by which way, and what that takes of the trunk."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.calls.errors import CallNotYours
from apps.calls.models import Call
from apps.calls.selectors import usage_of
from apps.calls.services import record_events
from apps.calls.services.legs import allow_leg, end_leg
from apps.numbers.models import PhoneNumber
from media_workers.contract.requests import LegAnswer, LegOver, LegRequest
from media_workers.contract.sandbox import sandbox_ports
from telephony.carriers.twilio import TwilioCarrier
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import allow_countries
from tests.apps.calls.wire import batch, event, fresh

pytestmark = pytest.mark.django_db

DESK = "+12025550120"


@pytest.fixture
def trunk(answered: Call) -> Trunk:
    """The call is one of this trunk's."""
    with tenant_scope(answered.tenant_id):
        trunk = Trunk.objects.create(name="T", direction="both", max_concurrent_calls=2, tech_prefix="77")
        TrunkGateway.objects.create(trunk=trunk, host="sip.carrier.example", port=5060, transport="tcp")
        Call.objects.filter(pk=answered.pk).update(trunk=trunk, test=False)
    return trunk


def ask(node: MediaNode, call: Call, **wish: Any) -> LegAnswer:
    request = {"node": node.name, "key": uuid4().hex, "number": DESK} | wish
    return allow_leg(node, call.pk, LegRequest.model_validate(request))


def refused(answer: LegAnswer) -> str:
    assert answer.rejection is not None
    return answer.rejection.detail


def used(call: Call, trunk: Trunk) -> int:
    with tenant_scope(call.tenant_id):
        usage = usage_of(trunk.pk)
    return usage.inbound + usage.outbound


def test_a_leg_of_the_sandbox_goes_there_from_our_number_or_the_callers(
    node: MediaNode, answered: Call, settings: Any
) -> None:
    dial = ask(node, answered).dial
    assert dial is not None
    assert dial.number == DESK
    assert {g.port for g in dial.gateways} == set(sandbox_ports(settings.SANDBOX_PORT))
    ours, theirs = answered.to_number, answered.from_number
    if answered.direction == "outbound":
        ours, theirs = theirs, ours
    assert dial.caller_id == ours
    shown = ask(node, answered, show_caller=True).dial
    assert shown is not None
    assert shown.caller_id == theirs


def test_a_leg_through_a_trunk_is_written_as_its_carrier_wants_and_counts_until_it_is_over(
    node: MediaNode, answered: Call, trunk: Trunk
) -> None:
    assert used(answered, trunk) == 1
    key = uuid4().hex
    for _ in range(2):
        dial = ask(node, answered, key=key).dial
        assert dial is not None
        assert (dial.number, dial.gateways[0].host) == (f"77{DESK}", "sip.carrier.example")
        assert used(answered, trunk) == 2
    assert "limit" in refused(ask(node, answered))
    for _ in range(2):
        end_leg(node, answered.pk, LegOver(node=node.name, key=key))
    assert used(answered, trunk) == 1
    assert ask(node, answered).dial is not None


def test_the_end_of_the_call_frees_its_legs(node: MediaNode, answered: Call, trunk: Trunk) -> None:
    ask(node, answered)
    record_events(node, batch(answered.pk, event(2, "ended", reason="node_stopped")))
    assert used(answered, trunk) == 0
    assert fresh(answered.pk).legs == []
    with pytest.raises(CallNotYours):
        ask(node, answered)


@pytest.mark.parametrize(
    ("called", "words"),
    [
        ("+442079460000", "Numbers in GB are not among the allowed countries (US): see Billing, Limits."),
        ("+19005550100", "Premium-rate"),
        ("+80012345678", "no country"),
    ],
)
def test_a_number_elsewhere_is_refused(node: MediaNode, answered: Call, called: str, words: str) -> None:
    assert words in refused(ask(node, answered, number=called))
    assert words in refused(ask(node, answered, number=called, referred=True))


def test_countries_are_those_that_the_tenant_names_or_has_trunks_in(
    node: MediaNode, answered: Call, trunk: Trunk, tenant: Tenant
) -> None:
    london = {"number": "+442079460000"}
    with tenant_scope(tenant.pk):
        Trunk.objects.filter(pk=trunk.pk).update(country="GB")
    assert ask(node, answered, **london).dial is not None
    with tenant_scope(tenant.pk):
        allow_countries(tenant=tenant, countries=["de"])
    assert "GB" in refused(ask(node, answered, **london))
    assert "US" in refused(ask(node, answered))


def test_a_sip_uri_goes_through_the_trunk_that_has_its_host(
    node: MediaNode, answered: Call, trunk: Trunk
) -> None:
    uri = "sip:desk@SIP.carrier.example"
    dial = ask(node, answered, number="", sip_uri=uri).dial
    assert dial is not None
    assert (dial.number, dial.trunk_id) == ("desk", trunk.pk)
    elsewhere = ask(node, answered, number="", sip_uri="sips:desk@pbx.example.org:5071")
    assert elsewhere.dial is None  # the trunk carries two calls already
    assert ask(node, answered, number="", sip_uri=uri, referred=True).refer_to == uri


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("+442079460000", "GB"),
        ("%2B44-20-7946-0000", "GB"),
        ("00442079460000", "begins with +"),
        ("0%30442079460000", "begins with +"),
        ("+19005550100", "Premium-rate"),
        ("*67#0044207946", "begins with +"),
    ],
)
def test_a_sip_uri_is_no_way_round_the_countries(
    node: MediaNode, answered: Call, trunk: Trunk, user: str, words: str
) -> None:
    uri = f"sip:{user}@sip.carrier.example"
    assert words in refused(ask(node, answered, number="", sip_uri=uri))
    assert words in refused(ask(node, answered, number="", sip_uri=uri, referred=True))


@pytest.mark.parametrize("user", ["+12025550120", "4711", "decade"])
def test_extensions_and_numbers_that_are_allowed_are_called_at_the_gateway(
    node: MediaNode, answered: Call, trunk: Trunk, user: str
) -> None:
    dial = ask(node, answered, number="", sip_uri=f"sip:{user}@sip.carrier.example").dial
    assert dial is not None
    assert dial.number == user


def test_a_sip_uri_elsewhere_is_dialed_without_anything_of_the_trunk(
    node: MediaNode, answered: Call, trunk: Trunk
) -> None:
    dial = ask(node, answered, number="", sip_uri="sips:desk@pbx.example.org:5071").dial
    assert dial is not None
    [gateway] = dial.gateways
    assert (dial.number, gateway.host, gateway.port, gateway.transport) == (
        "desk",
        "pbx.example.org",
        5071,
        "tls",
    )
    assert (dial.trunk_id, dial.username, dial.headers) == (None, "", {})


@pytest.mark.parametrize("host", ["10.0.0.7", "localhost", "[::1]", "pbx.local"])
def test_a_sip_uri_into_our_own_network_is_refused(
    node: MediaNode, answered: Call, trunk: Trunk, settings: Any, host: str
) -> None:
    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = False
    assert "private" in refused(ask(node, answered, number="", sip_uri=f"sip:desk@{host}"))


def test_a_call_of_the_sandbox_stays_there(node: MediaNode, answered: Call) -> None:
    assert "sandbox" in refused(ask(node, answered, number="", sip_uri="sip:desk@pbx.example.org"))


@pytest.fixture
def bought(answered: Call, settings: Any) -> Call:
    """The call is one of a number that Twilio sold."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "token"
    settings.CARRIER_SIP_URIS = ["sip:sip.example.com:5061;transport=tls"]
    with tenant_scope(answered.tenant_id):
        Call.objects.filter(pk=answered.pk).update(test=False)
        PhoneNumber.objects.filter(pk=answered.number_id).update(carrier="twilio")
    return fresh(answered.pk)


@pytest.mark.parametrize(
    ("uri", "srtp"),
    [("sip:desk@pbx.example.org", "off"), ("sips:desk@pbx.example.org:5071", "optional")],
)
def test_a_call_of_a_bought_number_reaches_a_sip_address_straight(
    node: MediaNode, bought: Call, uri: str, srtp: str
) -> None:
    dial = ask(node, bought, number="", sip_uri=uri).dial
    assert dial is not None
    assert (dial.number, dial.gateways[0].host, dial.leg.srtp) == ("desk", "pbx.example.org", srtp)
    assert (dial.trunk_id, dial.username, dial.password) == (None, "", "")


@pytest.mark.parametrize(
    "uri",
    [
        "sip:+12025550120@pbx.example.org",  # would be charged as if the carrier had taken it
        "sip:%2B1-202-555-0120@pbx.example.org",
        "sip:desk@CARRIER",
    ],
)
def test_a_sip_address_is_no_way_round_the_carriers_price(node: MediaNode, bought: Call, uri: str) -> None:
    [gateway] = TwilioCarrier().gateways()
    uri = uri.replace("CARRIER", gateway.host)
    assert "number instead" in refused(ask(node, bought, number="", sip_uri=uri))


def test_a_call_without_a_number_says_what_it_cannot_do(node: MediaNode, answered: Call) -> None:
    with tenant_scope(answered.tenant_id):
        Call.objects.filter(pk=answered.pk).update(test=False)
    assert "no line" in refused(ask(node, answered, number="", sip_uri="sip:desk@pbx.example.org"))


def test_a_referred_call_is_named_at_the_gateway_and_takes_nothing(
    node: MediaNode, answered: Call, trunk: Trunk
) -> None:
    answer = ask(node, answered, referred=True)
    assert answer.refer_to == f"sip:77{DESK}@sip.carrier.example:5060;transport=tcp"
    assert used(answered, trunk) == 1


def test_only_the_node_that_carries_the_call_may_ask(answered: Call, other_node: MediaNode) -> None:
    with pytest.raises(CallNotYours):
        ask(other_node, answered)
