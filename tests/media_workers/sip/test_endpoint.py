"""Calls to gateways that want TLS: encrypted to who proves its name, to nobody else."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.media_workers.sip.host import Host


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of 127.0.0.1 with its key, in one file."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "gateway.pem"
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(encoding, form, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(encoding))
    return path


@dataclass
class Gateway:
    port: int
    received: list[str] = field(default_factory=list)


@pytest.fixture
def gateway(certificate: Path) -> Iterator[Gateway]:
    """A carrier's TLS port that answers every INVITE with 486."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    gateway = Gateway(listener.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as connection:
                    while request := connection.recv(8192).decode():
                        gateway.received.append(request)
                        if request.startswith("INVITE"):
                            copied = re.findall(r"(?m)^(?:Via|From|To|Call-ID|CSeq): [^\r\n]*", request)
                            lines = ["SIP/2.0 486 Busy Here", *copied, "Content-Length: 0", "", ""]
                            connection.sendall("\r\n".join(lines).encode())
            except ssl.SSLError:
                continue
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    yield gateway
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def test_a_gateway_whose_certificate_is_trusted_is_called_over_tls(
    certificate: Path, gateway: Gateway
) -> None:
    with Host([], environment={"SSL_CERT_FILE": str(certificate)}) as us:
        leg = us.dial(gateway.port, transport="tls")
        assert us.wait("ended", leg)["sip_code"] == 486
        assert {e["transport"] for e in us.all("sip", leg)} == {"tls"}
        assert us.wait("ended", us.dial(gateway.port, transport="tls"))["sip_code"] == 486
    assert sum(text.startswith("INVITE") for text in gateway.received) == 2


def test_a_gateway_that_cannot_prove_its_name_is_not_called(gateway: Gateway) -> None:
    with Host([]) as us:
        end = us.wait("ended", us.dial(gateway.port, transport="tls"))
        assert end["sip_code"] in (502, 503)
        assert end["by_peer"] is False
    assert gateway.received == []
