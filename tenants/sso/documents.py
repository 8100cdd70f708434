"""What an identity provider says about itself: OpenID Connect discovery, SAML metadata."""

from __future__ import annotations

import json
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from tenants.errors import InvalidInput
from tenants.sso.http import DocumentError, fetch

WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")


def check_url(url: str, field: str) -> str:
    """`url`, if requests may go there. InvalidInput otherwise."""
    allowed = ("https://", "http://") if settings.SSO_ALLOW_PRIVATE_ADDRESSES else ("https://",)
    if not url.startswith(allowed) or any(c.isspace() for c in url):
        raise InvalidInput("Give an address that begins with https://.", field=field)
    return url


def check_discovery(server_url: str) -> None:
    """Reads the OpenID Connect discovery document. InvalidInput when there is none that can be used."""
    url = check_url(server_url, "server_url")
    url = url if "/.well-known/" in url else url.rstrip("/") + WELL_KNOWN
    try:
        document = json.loads(fetch(url))
    except DocumentError as error:
        raise InvalidInput(str(error), field="server_url") from error
    except ValueError as error:
        raise InvalidInput(f"{url} is not JSON.", field="server_url") from error
    missing = [name for name in NEEDED if not isinstance(document, dict) or not document.get(name)]
    if missing:
        raise InvalidInput(f"{url} lacks {', '.join(missing)}.", field="server_url")


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """What a SAML login needs to know of the identity provider."""

    entity_id: str
    sso_url: str
    certificate: str


def read_metadata(url: str, entity_id: str = "") -> SamlProvider:
    """The identity provider described by the SAML metadata at `url`. InvalidInput when none can be used."""
    field = "idp_metadata_url"
    try:
        document = fetch(check_url(url, field))
        idp = OneLogin_Saml2_IdPMetadataParser.parse(
            document,
            required_sso_binding=OneLogin_Saml2_Constants.BINDING_HTTP_REDIRECT,
            entity_id=entity_id or None,
        )["idp"]
        many = idp.get("x509certMulti", {}).get("signing", [])
        certificate = idp.get("x509cert") or many[0]
        return SamlProvider(idp["entityId"], idp["singleSignOnService"]["url"], certificate)
    except DocumentError as error:
        raise InvalidInput(str(error), field=field) from error
    except InvalidInput:
        raise
    except Exception as error:  # the parser raises whatever the document provokes
        raise InvalidInput(
            f"{url} is no SAML metadata with an entity id, a redirect address and a signing certificate.",
            field=field,
        ) from error


def check_certificate(text: str) -> str:
    """A signing certificate as PEM. InvalidInput when it is none."""
    try:
        pem = OneLogin_Saml2_Utils.format_cert(text.strip(), heads=True)
        return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.PEM).decode()
    except ValueError as error:
        raise InvalidInput("This is not an X.509 certificate.", field="idp_certificate") from error
