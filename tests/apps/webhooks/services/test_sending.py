"""Requests to real servers of every manner: bounded, kept, told in words."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from apps.webhooks.message import body_of
from apps.webhooks.models import DeliveryState
from apps.webhooks.services import sending
from apps.webhooks.services.sending import MOST_KEPT
from tenants.scope import platform_scope
from tests.apps.webhooks.services.conftest import Post
from tests.fakes.webhook_receiver import Manner, WebhookReceiver

DELIVERED, PENDING, DEAD = DeliveryState.DELIVERED, DeliveryState.PENDING, DeliveryState.DEAD


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "TOTAL_S", 0.5)
    monkeypatch.setattr(sending, "BODY_S", 0.2)


def test_an_event_arrives_signed(post: Post, receiver: WebhookReceiver) -> None:
    post.endpoint(receiver.url, headers={"Authorization": "Bearer of-the-tenant"})
    (event_id,) = post.tell("call_1")
    post.run()

    (request,) = receiver.received
    receiver.verify(post.secrets[receiver.url])
    assert request.id == event_id
    assert request.headers["authorization"] == "Bearer of-the-tenant"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Trunkline-Webhooks/1"
    (delivery,) = post.deliveries()
    with platform_scope():
        assert request.body == body_of(delivery.event)
    assert (delivery.state, delivery.status, delivery.problem) == (DELIVERED, 200, "")
    (one,) = post.tries(delivery)
    assert (one.number, one.status, one.answer) == (1, 200, "{}")
    assert one.request_headers["Authorization"] == "••••"
    assert one.request_headers["webhook-id"] == event_id
    assert one.answer_headers["content-length"] == "2"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("manner", "state", "status", "words"),
    [
        ("fail", PENDING, 500, "The server answered 500, not 2xx."),
        ("hang", PENDING, None, "No answer within"),
        ("redirect", PENDING, 302, "The server redirects (302) to http://169.254.169.254/latest/meta-data/."),
        ("vanish", PENDING, None, "ended the connection without an answer"),
        ("gone", DEAD, 410, "this address is gone (410)"),
        ("megabyte", DELIVERED, 200, "beyond 64 KB, was not read"),
        ("endless", DELIVERED, 200, "beyond 64 KB, was not read"),
        ("slow_drip", DELIVERED, 200, "was not waited for"),
    ],
)
def test_whatever_a_server_does_is_bounded_and_told(
    post: Post, receiver: WebhookReceiver, manner: Manner, state: str, status: int | None, words: str
) -> None:
    receiver.manner = manner
    post.endpoint(receiver.url)
    post.tell("call_1")
    post.run()

    (delivery,) = post.deliveries()
    assert (delivery.state, delivery.status) == (state, status)
    assert words in delivery.problem
    (one,) = post.tries(delivery)
    assert words in one.problem
    assert len(one.answer) <= MOST_KEPT
    assert one.took_ms < 5_000
    assert len(receiver.received) == 1


def test_a_redirect_is_not_followed(post: Post, receiver: WebhookReceiver, receivers: object) -> None:
    inside = receivers()  # type: ignore[operator]
    receiver.manner, receiver.location = "redirect", inside.url
    post.endpoint(receiver.url)
    post.tell("call_1")
    post.run()

    assert len(receiver.received) == 1
    assert not inside.received


def test_a_port_where_nobody_listens(post: Post) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        post.endpoint(f"http://127.0.0.1:{free.getsockname()[1]}/")
        post.tell("call_1")
        post.run()
    (delivery,) = post.deliveries()
    assert delivery.problem == sending.REFUSED


def test_a_name_that_is_none(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    post.endpoint("https://hooks.example.com/")
    post.tell("call_1")
    with monkeypatch.context() as patched:
        patched.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", _raising(unknown))
        post.run()
    (delivery,) = post.deliveries()
    assert delivery.problem == sending.NO_NAME


def _raising(what: object) -> object:
    async def getaddrinfo(*_: object, **__: object) -> None:
        what()  # type: ignore[operator]

    return getaddrinfo


def test_a_server_without_tls(post: Post, receiver: WebhookReceiver) -> None:
    post.endpoint(receiver.url.replace("http://", "https://"))
    post.tell("call_1")
    post.run()
    (delivery,) = post.deliveries()
    assert delivery.problem == sending.BAD_TLS


def test_a_certificate_that_nobody_vouches_for(post: Post, tmp_path: Path) -> None:
    with WebhookReceiver() as receiver:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_certificate(tmp_path))
        receiver._server.socket = context.wrap_socket(
            receiver._server.socket, server_side=True, do_handshake_on_connect=False
        )
        post.endpoint(receiver.url.replace("http://", "https://"))
        post.tell("call_1")
        post.run()
        assert not receiver.received
    (delivery,) = post.deliveries()
    assert delivery.problem.startswith("The server's certificate is not valid: self-signed certificate")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433"])
def test_private_addresses_are_not_reached(
    post: Post, receiver: WebhookReceiver, settings: Settings, host: str
) -> None:
    post.endpoint(receiver.url.replace("127.0.0.1", host))
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False
    post.tell("call_1")
    post.run()

    (delivery,) = post.deliveries()
    assert delivery.problem == sending.PRIVATE
    assert not receiver.received


def test_a_connection_is_kept_and_one_that_the_server_closed_is_no_failure(
    post: Post, receiver: WebhookReceiver
) -> None:
    """A server may close what it kept in the moment that it is used."""
    seen: list[str] = []

    def second_time_closed(request: object) -> Manner:
        seen.append(request.id)  # type: ignore[attr-defined]
        return "vanish" if len(seen) == 2 else "ok"

    receiver.manner = second_time_closed
    post.endpoint(receiver.url)
    first, second = post.tell("call_1", 2)
    post.run()

    assert seen == [first, second, second]
    assert [delivery.state for delivery in post.deliveries()] == [DELIVERED, DELIVERED]
    assert [delivery.attempts for delivery in post.deliveries()] == [1, 1]


def test_what_cannot_be_kept_as_text_is_kept_all_the_same(post: Post, receiver: WebhookReceiver) -> None:
    assert sending.storable("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))
    return path
