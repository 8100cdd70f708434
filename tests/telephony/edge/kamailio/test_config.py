"""The edge's settings: a mistake names its variable, and never reaches kamailio.cfg."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from telephony.edge.kamailio.config import config_to_run, edge_config
from telephony.edge.kamailio.content import EdgeContent
from telephony.edge.kamailio.render import EdgeRefused, check, render, write


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EDGE_LISTEN", ["udp:0.0.0.0:5060"]),
        ("EDGE_LISTEN", ["sctp:127.0.0.1:5060"]),
        ("EDGE_LISTEN", ["udp:localhost:5060"]),
        ("EDGE_LISTEN", ["udp:127.0.0.1:70000"]),
        ("EDGE_LISTEN", ['udp:127.0.0.1:5060"\nloadmodule "exec.so']),
        ("EDGE_LISTEN", ["tcp:127.0.0.1:5060"]),
        ("EDGE_LISTEN", ["udp:127.0.0.1:5060", "tls:127.0.0.1:5061"]),
        ("EDGE_NODE_LISTEN", "tcp:127.0.0.1:5082"),
        ("EDGE_PUBLIC_ADDRESS", 'a"b'),
        ("EDGE_TLS_CA", "relative.pem"),
        ("EDGE_DIGEST_ALGORITHM", "CRC"),
        ("SIP_DOMAIN", "sip.*"),
        ("EDGE_DIR", "/srv/" + "x" * 90),
    ],
)
def test_a_mistake_is_named(settings: Settings, name: str, value: Any) -> None:
    setattr(settings, name, value)
    wanted = {"EDGE_DIR": "DATA_DIR"}.get(name, name) if "tls" not in str(value) else "EDGE_TLS_CERT"
    with pytest.raises(ImproperlyConfigured, match=wanted):
        edge_config()


@pytest.mark.parametrize("production", [True, False])
def test_in_production_the_nodes_have_a_socket_of_their_own(settings: Settings, production: bool) -> None:
    settings.PRODUCTION = production
    if not production:
        assert config_to_run().node_listen is None
        return
    with pytest.raises(ImproperlyConfigured, match="EDGE_NODE_LISTEN is not set"):
        config_to_run()
    settings.EDGE_NODE_LISTEN = "udp:127.0.0.1:15063"
    assert config_to_run().for_nodes.port == 15063


def test_an_edge_with_everything_is_taken_by_kamailio(settings: Settings, tmp_path: Any) -> None:
    settings.EDGE_LISTEN = [
        "udp:127.0.0.1:15061",
        "tcp:127.0.0.1:15061",
        "tls:127.0.0.1:15062",
        "udp:[::1]:15061",
    ]
    settings.EDGE_NODE_LISTEN = "udp:127.0.0.1:15063"
    settings.EDGE_PUBLIC_ADDRESS = "203.0.113.9:5060"
    settings.EDGE_TLS_CERT, settings.EDGE_TLS_KEY = str(tmp_path / "crt"), str(tmp_path / "key")
    config = edge_config(folder=tmp_path)
    files = render(config, EdgeContent())
    assert "listen=udp:127.0.0.1:15061 advertise 203.0.113.9:15061" in files["kamailio.cfg"]
    assert "listen=udp:127.0.0.1:15063\n" in files["kamailio.cfg"]
    assert "method = TLSv1.2+" in files["tls.cfg"]
    write(tmp_path, files)
    check(tmp_path)


def test_what_kamailio_refuses_is_told(tmp_path: Any) -> None:
    (tmp_path / "kamailio.cfg").write_text("request_route { no_such_function(); }")
    with pytest.raises(EdgeRefused, match="no_such_function"):
        check(tmp_path)
