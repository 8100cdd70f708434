from __future__ import annotations

import pytest
from pytest_django import Settings

from telephony.carriers.registry import CARRIERS, carrier
from telephony.carriers.sandbox import SandboxCarrier

SANDBOX = SandboxCarrier()


@pytest.fixture(autouse=True)
def addresses(settings: Settings) -> None:
    settings.SANDBOX_HOST, settings.SANDBOX_PORT, settings.DEMO_MODE = "127.0.0.5", 5090, False


def test_it_is_found_by_its_name() -> None:
    assert isinstance(carrier("sandbox"), SandboxCarrier)
    assert all(c.name == name for name, c in CARRIERS.items())
    with pytest.raises(KeyError):
        carrier("nobody")


def test_calls_go_to_the_sandbox() -> None:
    gateways = SANDBOX.gateways()

    assert {(g.host, g.transport) for g in gateways} == {("127.0.0.5", "udp")}
    assert sorted(g.port for g in gateways if g.port) == [5090, 5091, 5092, 5093]


def test_calls_spread_over_its_endpoints() -> None:
    assert {SANDBOX.gateways()[0].port for _ in range(200)} == {5090, 5091, 5092, 5093}


@pytest.mark.parametrize(
    ("e164", "own"),
    [("+12025550100", True), ("+12025559999", True), ("+1202555010", False), ("+12025560100", False)],
)
def test_its_numbers(e164: str, own: bool) -> None:
    assert SANDBOX.owns(e164) is own


def test_a_free_number_is_one_of_its_own_and_none_of_the_magic_ones() -> None:
    every = {f"+1202555{n}" for n in range(1000, 10000)}

    assert SANDBOX.free_number(set()) in every
    assert SANDBOX.free_number(every - {"+12025554711"}) == "+12025554711"
    assert SANDBOX.free_number(every) is None


@pytest.mark.parametrize(
    ("address", "port", "demo", "ours"),
    [
        ("127.0.0.5", 5090, False, True),
        ("127.0.0.5", 5093, False, True),
        ("127.0.0.5", 5094, False, False),
        ("127.0.0.1", 40000, False, False),
        ("127.0.0.1", 40000, True, True),
        ("::1", 40000, True, True),
        ("203.0.113.7", 5090, True, False),
    ],
)
def test_whose_invites_are_its_own(
    settings: Settings, address: str, port: int, demo: bool, ours: bool
) -> None:
    settings.DEMO_MODE = demo

    assert SANDBOX.sends_from(address, port) is ours
