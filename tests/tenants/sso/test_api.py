"""Setting up single sign-on through the API."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from tenants.models import SingleSignOn, Tenant, User
from tenants.scope import tenant_scope
from tenants.services import create_tenant, create_user
from tests.fakes.oidc_server import OidcServer
from tests.fakes.saml_idp import SamlIdp
from tests.tenants.accounts.client import PASSWORD

pytestmark = pytest.mark.django_db

SSO = "/api/v1/sso"


@pytest.fixture
def acme(owner: User) -> Tenant:
    return create_tenant(name="Acme", slug="acme", owner=owner)


@pytest.fixture
def client(owner: User, acme: Tenant) -> APIClient:
    client = APIClient()
    client.force_login(owner)
    return client


@pytest.fixture
def wish(idp: OidcServer) -> dict[str, Any]:
    return {
        "protocol": "oidc",
        "server_url": idp.issuer,
        "client_id": "trunkline",
        "client_secret": "the secret",
        "email_domains": ["Example.com"],
        "default_role": "developer",
    }


@pytest.fixture
def metadata() -> Iterator[tuple[SamlIdp, str]]:
    """A SAML identity provider and the address of its metadata."""
    saml = SamlIdp()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = saml.metadata().encode() if self.path == "/metadata" else b"<html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield saml, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def places(answer: Any) -> set[str]:
    assert answer.status_code in (409, 422), answer.content
    return {error["field"] for error in answer.json()["errors"]}


def test_before_it_is_set_up_it_tells_what_the_provider_needs(client: APIClient, acme: Tenant) -> None:
    answer = client.get(SSO).json()

    assert (answer["protocol"], answer["email_domains"], answer["enforced"]) == (None, [], False)
    name = f"sso_{acme.pk.hex}"
    assert answer["callback_urls"]["oidc_redirect_uri"].endswith(f"/accounts/oidc/{name}/login/callback/")
    assert answer["callback_urls"]["saml_acs_url"].endswith(f"/accounts/saml/{name}/acs/")
    assert answer["callback_urls"]["login_url"].endswith("/sso/acme/")


def test_the_secret_is_written_never_read_and_kept(
    client: APIClient, acme: Tenant, wish: dict[str, Any]
) -> None:
    first = client.put(SSO, wish)
    assert first.status_code == 200, first.content
    assert (first.json()["secret_set"], first.json()["email_domains"]) == (True, ["example.com"])
    assert "the secret" not in first.content.decode()
    del wish["client_secret"]

    assert client.put(SSO, wish | {"enforced": True}).json()["enforced"] is True

    with tenant_scope(acme.pk):
        assert SingleSignOn.objects.get().client_secret == "the secret"


def test_the_secret_does_not_follow_to_another_server(
    client: APIClient, acme: Tenant, wish: dict[str, Any]
) -> None:
    client.put(SSO, wish)
    del wish["client_secret"]

    with OidcServer().running() as other:
        assert places(client.put(SSO, wish | {"server_url": other.issuer})) == {"client_secret"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"server_url": "http://127.0.0.1:9"}, "server_url"),
        ({"server_url": "ftp://127.0.0.1"}, "server_url"),
        ({"client_id": ""}, "client_id"),
        ({"idp_entity_id": "https://x.example"}, "idp_entity_id"),
        ({"default_role": "owner"}, "default_role"),
        ({"email_domains": []}, "email_domains"),
        ({"email_domains": ["no domain"]}, "email_domains"),
        ({"email_domains": ["gmail.com"]}, "email_domains"),
        ({"email_domains": ["somebody-elses.example"]}, "email_domains"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(
    client: APIClient, wish: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    assert places(client.put(SSO, wish | change)) == {field}
    assert client.get(SSO).json()["protocol"] is None


def test_a_domain_belongs_to_one_tenant(client: APIClient, wish: dict[str, Any]) -> None:
    assert client.put(SSO, wish).status_code == 200
    second = create_user(email="second@example.com", password=PASSWORD)
    create_tenant(name="Other", slug="other", owner=second)
    other = APIClient()
    other.force_login(second)

    answer = other.put(SSO, wish)

    assert answer.status_code == 409
    client.delete(SSO)
    assert other.put(SSO, wish).status_code == 200


def test_saml_by_its_metadata(client: APIClient, metadata: tuple[SamlIdp, str]) -> None:
    saml, url = metadata
    wish = {"protocol": "saml", "idp_metadata_url": f"{url}/metadata", "email_domains": ["example.com"]}

    answer = client.put(SSO, wish).json()

    assert (answer["idp_entity_id"], answer["idp_sso_url"]) == (saml.entity_id, saml.sso_url)
    assert answer["idp_certificate"] == saml.certificate
    assert places(client.put(SSO, wish | {"idp_metadata_url": url})) == {"idp_metadata_url"}


def test_saml_by_hand_wants_a_certificate(client: APIClient) -> None:
    wish = {
        "protocol": "saml",
        "idp_entity_id": SamlIdp.entity_id,
        "idp_sso_url": SamlIdp.sso_url,
        "idp_certificate": "nonsense",
        "email_domains": ["example.com"],
    }

    assert places(client.put(SSO, wish)) == {"idp_certificate"}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1"])
def test_our_own_network_is_out_of_reach(
    client: APIClient, wish: dict[str, Any], settings: Settings, host: str
) -> None:
    settings.SSO_ALLOW_PRIVATE_ADDRESSES = False

    answer = client.put(SSO, wish | {"server_url": f"https://{host}:9"})

    assert places(answer) == {"server_url"}
    assert "no connection was possible" in answer.content.decode()


def test_only_https_outside(client: APIClient, wish: dict[str, Any], settings: Settings) -> None:
    settings.SSO_ALLOW_PRIVATE_ADDRESSES = False

    assert "https://" in client.put(SSO, wish).json()["errors"][0]["detail"]
