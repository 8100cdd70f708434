from __future__ import annotations

import socket

import pytest

from config.local.environment import LocalConfig
from config.local.errors import StartError
from config.local.ports import check_ports, free_port, is_free


def test_a_listening_port_is_taken(taken_port: int) -> None:
    assert not is_free("127.0.0.1", taken_port, socket.SOCK_STREAM)
    assert free_port(taken_port) != taken_port


def test_a_preferred_port_is_kept() -> None:
    port = free_port()
    assert free_port(port) == port


def test_the_variable_of_a_taken_tcp_port_is_named(taken_port: int) -> None:
    config = LocalConfig.from_environment({"WEB_PORT": str(taken_port), "SIP_PORT": str(free_port())})
    with pytest.raises(StartError, match=rf"TCP port {taken_port} on 127.0.0.1 \(web\).*set WEB_PORT"):
        check_ports(config, sandbox=True)


def test_the_port_of_browser_calls_is_looked_at(taken_port: int) -> None:
    given = {"WEB_PORT": str(free_port()), "SIP_PORT": str(free_port())}
    config = LocalConfig.from_environment(given | {"BROWSER_PORT": str(taken_port)})
    with pytest.raises(StartError, match="BROWSER_PORT"):
        check_ports(config, sandbox=False)
    assert LocalConfig.from_environment({"SIP_PORT": "5060"}).browser_port == 5070


@pytest.mark.parametrize("offset", [0, 11])
def test_every_lines_udp_port_is_looked_at(offset: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        config = LocalConfig.from_environment({"WEB_PORT": str(free_port()), "SIP_PORT": str(port - offset)})
        with pytest.raises(StartError, match=f"UDP port {port} .*SIP_PORT"):
            check_ports(config, sandbox=False)


def test_the_sandbox_port_counts_only_with_the_sandbox(taken_port: int) -> None:
    config = LocalConfig.from_environment(
        {"WEB_PORT": str(free_port()), "SIP_PORT": str(free_port()), "SANDBOX_PORT": str(taken_port)}
    )
    check_ports(config, sandbox=False)
    with pytest.raises(StartError, match="SANDBOX_PORT"):
        check_ports(config, sandbox=True)


def test_a_strange_address_is_named() -> None:
    with pytest.raises(StartError, match=r"192\.0\.2\.1 is not an address of this machine"):
        is_free("192.0.2.1", 18000, socket.SOCK_STREAM)
