"""A passkey in software: WebAuthn level 2, one resident credential, ES256, no attestation."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

USER_PRESENT, USER_VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Passkey:
    """What a browser at `origin` and its authenticator do together."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._id = secrets.token_bytes(32)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._user = b""
        self._signed = 0

    def with_another_key(self) -> Passkey:
        """A forgery: the same credential's id and user, signed by somebody else."""
        forged = Passkey(self.origin)
        forged._id, forged._user = self._id, self._user
        return forged

    def register(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to ``navigator.credentials.create()``."""
        wanted = options["publicKey"]
        self._user = _decode(wanted["user"]["id"])
        key = cbor.encode(dict(ES256.from_cryptography_key(self._key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self._id)) + self._id + key
        data = self._data(wanted["rp"]["id"], ATTESTED) + attested
        client = self._client("webauthn.create", wanted["challenge"])
        return self._credential(
            {
                "clientDataJSON": _encode(client),
                "attestationObject": _encode(cbor.encode({"fmt": "none", "authData": data, "attStmt": {}})),
                "transports": ["internal"],
            }
        ) | {"clientExtensionResults": {"credProps": {"rk": True}}}

    def answer(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to ``navigator.credentials.get()``."""
        wanted = options["publicKey"]
        self._signed += 1
        data = self._data(wanted["rpId"])
        client = self._client("webauthn.get", wanted["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": _encode(client),
                "authenticatorData": _encode(data),
                "signature": _encode(signature),
                "userHandle": _encode(self._user),
            }
        ) | {"clientExtensionResults": {}}

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": _encode(self._id),
            "rawId": _encode(self._id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": response,
        }

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= USER_PRESENT | USER_VERIFIED
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags, self._signed)

    def _client(self, kind: str, challenge: str) -> bytes:
        client = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(client).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
