"""Settings are read by a fresh process each time: that is how they fail in earnest."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.forking import Forking, forking

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
GOOD = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:1/x",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "s" * 50,
    "FIELD_ENCRYPTION_KEYS": KEY,
}
_forking: Forking
SHOW = "from django.conf import settings as s; print({expression})"


def inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.fixture(scope="module", autouse=True)
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where `read` gets its processes."""
    global _forking
    folder = {"DATA_DIR": str(tmp_path_factory.mktemp("settings"))}
    with forking(inherited() | GOOD | folder) as _forking:
        yield


def read(tmp_path: Path, expression: str = "s.DEBUG", **changes: str) -> subprocess.CompletedProcess[str]:
    """A process that reads the settings with `GOOD` and `changes`, and prints `expression` of `s`."""
    names = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return _forking.run(SHOW.format(expression=expression), inherited() | GOOD | names | changes)


def value(tmp_path: Path, expression: str, **changes: str) -> str:
    done = read(tmp_path, expression, **changes)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set: set it, or run `python manage.py up`"),
        ({"REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS is not set"),
        ({"FIELD_ENCRYPTION_KEYS": f"{KEY},abc"}, "FIELD_ENCRYPTION_KEYS: key 2 is not a Fernet key"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL must begin with postgresql://"),
        ({"EMAIL_URL": "mail.example.com"}, "EMAIL_URL must begin with one of smtp://"),
        ({"TWILIO_AUTH_TOKEN": "x"}, "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together"),
        ({"TWILIO_SIP_NETWORKS": "192.0.2.0/28,192.0.2.1/28"}, "TWILIO_SIP_NETWORKS: '192.0.2.1/28' is no"),
        ({"TELNYX_SIP_GATEWAYS": "sip.telnyx.com"}, "TELNYX_SIP_GATEWAYS: 'sip.telnyx.com' is not transport"),
        (
            {"CARRIER_SIP_URIS": "sips:sip.example.com"},
            "CARRIER_SIP_URIS: 'sips:sip.example.com' is not",
        ),
        ({"GITHUB_CLIENT_ID": "x"}, "GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET belong together"),
        ({"REDIS_URL": "valkey://x"}, "REDIS_URL must begin with redis://"),
        ({"WEB_PORT": "99999"}, "WEB_PORT must be a whole number from 1 to 65535, not '99999'"),
        ({"DEBUG": "maybe"}, "DEBUG must be true or false, not 'maybe'"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be"),
        ({"VENDOR_KEYS": "{'deepgram': sesame}"}, "VENDOR_KEYS is no JSON: line 1, column 2"),
        ({"VENDOR_KEYS": '["sesame"]'}, "VENDOR_KEYS must be a JSON object of vendors"),
        ({"VENDOR_KEYS": '{"nobody": {"api_key": "sesame"}}'}, "VENDOR_KEYS, nobody: no such vendor"),
        ({"VENDOR_KEYS": '{"deepgram": "sesame"}'}, "VENDOR_KEYS, deepgram: give an object of texts"),
        ({"VENDOR_KEYS": '{"deepgram": {"key": "sesame"}}'}, "VENDOR_KEYS, deepgram: key is unknown"),
        ({"VENDOR_KEYS": '{"deepgram": {"region": "eu"}}'}, "VENDOR_KEYS, deepgram: api_key is missing"),
        (
            {"VENDOR_KEYS": '{"deepgram": {"api_key": "sesame", "base_url": "x"}}'},
            "VENDOR_KEYS, deepgram: base_url must begin",
        ),
    ],
)
def test_a_bad_variable_is_named_in_a_sentence(tmp_path: Path, changes: dict[str, str], says: str) -> None:
    done = read(tmp_path, **changes)

    assert done.returncode != 0
    assert says in done.stderr.splitlines()[-1]
    assert "sesame" not in done.stderr


def test_local_env_fills_what_the_environment_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "local.env").write_text("SECRET_KEY=from-file\nREDIS_URL=redis://127.0.0.1:7/0\n")

    assert value(tmp_path, "s.SECRET_KEY, s.REDIS_URL", SECRET_KEY="") == f"from-file {GOOD['REDIS_URL']}"


def test_gateways_in_private_networks_are_for_those_who_try_it_out(tmp_path: Path) -> None:
    allowed, public = "s.TRUNKS_ALLOW_PRIVATE_ADDRESSES", "https://trunkline.example"
    assert value(tmp_path, allowed) == "True"
    assert value(tmp_path, allowed, PUBLIC_URL=public) == "False"
    assert value(tmp_path, allowed, PUBLIC_URL=public, TRUNKS_ALLOW_PRIVATE_ADDRESSES="true") == "True"
    assert value(tmp_path, "s.SIP_DOMAIN", SIP_DOMAIN=".SIP.example.com") == "sip.example.com"


def test_the_platforms_keys(tmp_path: Path) -> None:
    keys = '{"deepgram": {"api_key": "sesame", "region": "eu"}, "soniox": {"api_key": "open"}}'

    shown = value(tmp_path, "sorted(s.VENDOR_KEYS), s.VENDOR_KEYS['deepgram'].region", VENDOR_KEYS=keys)

    assert shown == "['deepgram', 'soniox'] eu"
    assert "sesame" not in value(tmp_path, "s.VENDOR_KEYS", VENDOR_KEYS=keys)
    assert value(tmp_path, "s.VENDOR_KEYS") == "{}"


def test_vendors_gateways_in_private_networks_are_for_those_who_try_it_out(tmp_path: Path) -> None:
    allowed, public = "s.VENDORS_ALLOW_PRIVATE_ADDRESSES", "https://trunkline.example"
    assert value(tmp_path, allowed) == "True"
    assert value(tmp_path, allowed, PUBLIC_URL=public) == "False"
    assert value(tmp_path, allowed, PUBLIC_URL=public, VENDORS_ALLOW_PRIVATE_ADDRESSES="true") == "True"


def test_plain_http_on_loopback_and_https_elsewhere(tmp_path: Path) -> None:
    secure = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0"

    assert value(tmp_path, secure) == "False False False False"
    assert value(tmp_path, secure, PUBLIC_URL="https://trunkline.example") == "True True True True"
    hosts = value(tmp_path, "s.ALLOWED_HOSTS", PUBLIC_URL="https://trunkline.example")
    assert "trunkline.example" in hosts
    assert "*" not in hosts


def test_recordings_lie_on_disk_or_in_a_bucket(tmp_path: Path) -> None:
    backend = "s.STORAGES['recordings']['BACKEND'].rsplit('.')[-1]"

    assert value(tmp_path, backend) == "FileSystemStorage"
    assert value(tmp_path, backend, RECORDINGS_S3_BUCKET="calls") == "S3Storage"
    endpoint = "s.STORAGES['recordings']['OPTIONS']['endpoint_url']"
    assert (
        value(tmp_path, endpoint, RECORDINGS_S3_BUCKET="calls", AWS_ENDPOINT_URL="http://127.0.0.1:9000")
        == "http://127.0.0.1:9000"
    )


def test_a_database_url_keeps_its_options(tmp_path: Path) -> None:
    shown = value(
        tmp_path,
        "s.DATABASES['default']['OPTIONS']['sslmode'], s.DATABASES['default']['OPTIONS']['pool']['max_size']",
        DATABASE_URL=GOOD["DATABASE_URL"] + "?sslmode=require",
        DATABASE_POOL_SIZE="3",
    )

    assert shown == "require 3"


def test_mail_is_printed_or_sent(tmp_path: Path) -> None:
    assert value(tmp_path, "s.EMAIL_BACKEND") == "tenants.mail_console.EmailBackend"
    given = {"EMAIL_URL": "smtp+tls://user:p%40ss@mail.example.com:587"}
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "TIMEOUT")
    shown = value(tmp_path, ", ".join(f"s.EMAIL_{name}" for name in names), **given)
    assert shown == "mail.example.com 587 user p@ss True 10"


def test_google_and_github_are_there_when_they_are_set_up(tmp_path: Path) -> None:
    assert value(tmp_path, "list(s.SOCIALACCOUNT_PROVIDERS)") == "[]"
    given = {"GOOGLE_CLIENT_ID": "x", "GOOGLE_CLIENT_SECRET": "y"}
    assert value(tmp_path, "list(s.SOCIALACCOUNT_PROVIDERS)", **given) == "['google']"
