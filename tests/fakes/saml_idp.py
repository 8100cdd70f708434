"""A SAML 2.0 identity provider: answers authentication requests with assertions that it signs."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4
from xml.etree import ElementTree

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils

NAMES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)


class SamlIdp:
    """One identity provider with a key of its own."""

    entity_id = "https://login.example.com/saml"
    sso_url = "https://login.example.com/saml/sso"

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "login.example.com")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(Encoding.PEM).decode()
        self._key = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

    def metadata(self) -> str:
        bare = "".join(self.certificate.splitlines()[1:-1])
        return (
            '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
            f'entityID="{self.entity_id}">'
            '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
            '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
            f"<ds:X509Data><ds:X509Certificate>{bare}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            "</md:KeyDescriptor><md:SingleSignOnService "
            'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
            f'Location="{self.sso_url}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )

    def answer(
        self,
        address: str,
        email: str,
        *,
        signed: bool = True,
        in_response_to: bool = True,
        audience: str = "",
        age: timedelta = timedelta(0),
    ) -> tuple[str, str]:
        """For a browser that was sent to `address`: where it posts what as ``SAMLResponse``."""
        query = parse_qs(urlsplit(address).query)
        text = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)
        request = ElementTree.fromstring(text)  # noqa: S314  (ours)
        acs = request.attrib["AssertionConsumerServiceURL"]
        issuer = request.find("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        assert issuer is not None
        reply = f'InResponseTo="{request.attrib["ID"]}"' if in_response_to else ""
        at = datetime.now(UTC) - age
        assertion = self._assertion(email, acs, audience or str(issuer.text), reply, at)
        if signed:
            assertion = OneLogin_Saml2_Utils.add_sign(assertion, self._key, self.certificate).decode()
        response = (
            f'<samlp:Response {NAMES} ID="_{uuid4().hex}" Version="2.0" IssueInstant="{_time(at)}" '
            f'Destination="{acs}" {reply}><saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status>'
            '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{assertion}</samlp:Response>"
        )
        return acs, base64.b64encode(response.encode()).decode()

    def _assertion(self, email: str, acs: str, audience: str, reply: str, at: datetime) -> str:
        end = _time(at + timedelta(minutes=5))
        return (
            f'<saml:Assertion {NAMES} ID="_{uuid4().hex}" Version="2.0" IssueInstant="{_time(at)}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><saml:Subject>"
            '<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">'
            f"{email}</saml:NameID>"
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData NotOnOrAfter="{end}" Recipient="{acs}" {reply}/>'
            "</saml:SubjectConfirmation></saml:Subject>"
            f'<saml:Conditions NotBefore="{_time(at - timedelta(minutes=1))}" NotOnOrAfter="{end}">'
            f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
            "</saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{_time(at)}" SessionIndex="_{uuid4().hex}">'
            "<saml:AuthnContext><saml:AuthnContextClassRef>"
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion>"
        )


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
