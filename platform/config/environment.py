"""The environment, read once: the process's own, over `.env`, over the `local.env` that `up` writes."""

from __future__ import annotations

import json
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from media_workers.contract.vendors import Credential, key_names

from .local.environment import data_dir, given_environment, read_local_env

_GIVEN = given_environment()
DATA_DIR: Path = data_dir(_GIVEN)
_MERGED = read_local_env(DATA_DIR) | _GIVEN


class Environment(environ.Env):
    """django-environ over the merged variables; a bad value is told by its name, not by a traceback."""

    ENVIRON = _MERGED

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        text = str(self.ENVIRON.get(name, default))
        if not text.isdigit() or not low <= int(text) <= high:
            raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {text!r}.")
        return int(text)

    def required(self, name: str, remedy: str) -> str:
        """The variable, or an error that names it with its remedy."""
        value: str = self.ENVIRON.get(name, "")
        if not value:
            raise ImproperlyConfigured(f"{name} is not set: {remedy}")
        return value

    def switch(self, name: str, default: bool = False) -> bool:
        """true or false."""
        text = str(self.ENVIRON.get(name, default)).lower()
        if text not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
            raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")
        return text in ("true", "1", "yes", "on")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of `choices`."""
        text = str(self.ENVIRON.get(name, default))
        if text not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
        return text

    def database(self) -> dict[str, Any]:
        """Django's settings of DATABASE_URL, which must name a PostgreSQL."""
        url = self.required("DATABASE_URL", _SERVERS)
        if urlsplit(url).scheme not in ("postgresql", "postgres"):
            raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
        return dict(self.db_url_config(url))

    def redis(self) -> str:
        """REDIS_URL, with the schemes that redis-py knows."""
        url = self.required("REDIS_URL", _SERVERS)
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured("REDIS_URL must begin with redis:// or rediss://.")
        return url

    def mail(self) -> dict[str, Any]:
        """Django's settings of EMAIL_URL; on the console by default, in a form that people can read."""
        url = urlsplit(self.ENVIRON.get("EMAIL_URL") or "consolemail://")
        if url.scheme not in self.EMAIL_SCHEMES:
            raise ImproperlyConfigured(
                f"EMAIL_URL must begin with one of {', '.join(f'{s}://' for s in self.EMAIL_SCHEMES)}."
            )
        config: dict[str, Any] = self.email_url_config(url.geturl())
        if url.scheme == "filemail":
            config["EMAIL_FILE_PATH"] = url.path  # django-environ drops the first slash
        if url.scheme == "consolemail":
            config["EMAIL_BACKEND"] = "tenants.mail_console.EmailBackend"
        return config

    def social_providers(self) -> dict[str, Any]:
        """allauth's settings of those among Google and GitHub whose id and secret are both given."""
        providers: dict[str, dict[str, Any]] = {
            # Google says which address is verified; of GitHub's, allauth asks the API.
            "google": {"SCOPE": ["profile", "email"], "AUTH_PARAMS": {"prompt": "select_account"}},
            "github": {"SCOPE": ["user:email"]},
        }
        found = {}
        for name, config in providers.items():
            config["OAUTH_PKCE_ENABLED"] = True
            client_id = self.ENVIRON.get(f"{name.upper()}_CLIENT_ID", "")
            secret = self.ENVIRON.get(f"{name.upper()}_CLIENT_SECRET", "")
            if bool(client_id) != bool(secret):
                raise ImproperlyConfigured(
                    f"{name.upper()}_CLIENT_ID and {name.upper()}_CLIENT_SECRET belong together."
                )
            if client_id:
                found[name] = config | {"APPS": [{"client_id": client_id, "secret": secret}]}
        return found

    def pair(self, first: str, second: str) -> tuple[str, str]:
        """Two variables that are nothing without each other; both "" when neither is set."""
        values = str(self.ENVIRON.get(first, "")), str(self.ENVIRON.get(second, ""))
        if bool(values[0]) != bool(values[1]):
            raise ImproperlyConfigured(f"{first} and {second} belong together.")
        return values

    def networks(self, name: str) -> list[str]:
        """Addresses and networks in CIDR, comma-separated."""
        texts = [text.strip() for text in self.list(name, default=[])]
        for text in texts:
            try:
                ip_network(text)
            except ValueError as error:
                raise ImproperlyConfigured(f"{name}: {text!r} is no network ({error}).") from error
        return texts

    def matching(self, name: str, pattern: str, words: str) -> list[str]:
        """Texts, comma-separated, each of which must be what `pattern` says and `words` tell."""
        texts = [text.strip() for text in self.list(name, default=[])]
        for text in texts:
            if not re.fullmatch(pattern, text):
                raise ImproperlyConfigured(f"{name}: {text!r} is not {words}.")
        return texts

    def vendor_keys(self) -> dict[str, Credential]:
        """VENDOR_KEYS: ``{"deepgram": {"api_key": "...", "region": "", "base_url": ""}}``. A secret: no error
        shows what is in it."""
        try:
            given = json.loads(self.ENVIRON.get("VENDOR_KEYS") or "{}")
        except ValueError as error:
            raise ImproperlyConfigured(f"VENDOR_KEYS is no JSON: {_place(error)}.") from None
        if not isinstance(given, dict):
            raise ImproperlyConfigured("VENDOR_KEYS must be a JSON object of vendors.")
        return {name: _credential(name, parts) for name, parts in given.items()}

    def fernet_keys(self, remedy: str) -> list[str]:
        """FIELD_ENCRYPTION_KEYS, each of them a Fernet key."""
        keys = [k.strip() for k in self.required("FIELD_ENCRYPTION_KEYS", remedy).split(",") if k.strip()]
        for place, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError as error:
                raise ImproperlyConfigured(
                    f"FIELD_ENCRYPTION_KEYS: key {place} is not a Fernet key (32 bytes in URL-safe base64)."
                ) from error
        return keys


_KEY_PARTS = {"api_key", "region", "base_url"}


def _place(error: ValueError) -> str:
    return f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "text"


def _credential(name: str, parts: Any) -> Credential:
    """The platform's key of one vendor."""
    where = f"VENDOR_KEYS, {name}"
    known = key_names()
    if name not in known:
        raise ImproperlyConfigured(f"{where}: no such vendor; choose among {', '.join(sorted(known))}.")
    if not isinstance(parts, dict) or not all(isinstance(text, str) for text in parts.values()):
        raise ImproperlyConfigured(f"{where}: give an object of texts: {', '.join(sorted(_KEY_PARTS))}.")
    unknown = sorted(set(parts) - _KEY_PARTS)
    if unknown:
        raise ImproperlyConfigured(f"{where}: {unknown[0]} is unknown; give {', '.join(sorted(_KEY_PARTS))}.")
    if not parts.get("api_key"):
        raise ImproperlyConfigured(f"{where}: api_key is missing.")
    if parts.get("base_url") and urlsplit(parts["base_url"]).scheme not in ("http", "https"):
        raise ImproperlyConfigured(f"{where}: base_url must begin with https:// or http://.")
    return Credential(vendor=name, **parts | {"base_url": parts.get("base_url", "").rstrip("/")})


_SERVERS = "set it, or run `python manage.py up`, which starts a server of its own and remembers its address."

env = Environment()
