"""What the server puts into the dashboard's page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from config.dashboard import NONCE

PAGE = f'<meta name="csp-nonce" content="{NONCE}" /><meta name="mail" content="__MAIL__" />'


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "index.html").write_text(PAGE)
    settings.DASHBOARD_DIR = tmp_path


@pytest.mark.parametrize(
    ("backend", "where"),
    [
        ("tenants.mail_console.EmailBackend", "terminal"),
        ("django.core.mail.backends.smtp.EmailBackend", "sent"),
    ],
)
@pytest.mark.usefixtures("built")
def test_the_page_says_where_mails_go(client: Client, settings: Any, backend: str, where: str) -> None:
    settings.EMAIL_BACKEND = backend
    answer = client.get("/login")
    assert answer.status_code == 200
    assert f'name="mail" content="{where}"' in answer.content.decode()


def test_a_new_build_is_served_and_what_went_with_the_old_one_is_a_404(tmp_path: Path, settings: Any) -> None:
    settings.DASHBOARD_DIR = settings.WHITENOISE_ROOT = tmp_path
    _build(tmp_path, "old-aaaaaaaa.js", 1)
    client = Client()
    assert (read(client, "/assets/old-aaaaaaaa.js"), read(client, "/login")) == ("old-aaaaaaaa.js",) * 2

    shutil.rmtree(tmp_path / "assets")
    assert client.get("/assets/old-aaaaaaaa.js").status_code == 404
    _build(tmp_path, "new-bbbbbbbb.js", 2)

    assert client.get("/assets/old-aaaaaaaa.js").status_code == 404
    assert (read(client, "/assets/new-bbbbbbbb.js"), read(client, "/login")) == ("new-bbbbbbbb.js",) * 2
    assert "immutable" in client.get("/assets/new-bbbbbbbb.js").headers["Cache-Control"]


def _build(folder: Path, script: str, at: int) -> None:
    (folder / "assets").mkdir()
    (folder / "assets" / script).write_text(script)
    index = folder / "index.html"
    index.write_text(script)
    os.utime(index, (at, at))


def read(client: Client, path: str) -> str:
    answer: Any = client.get(path)
    assert answer.status_code == 200
    return b"".join(answer).decode()


@pytest.mark.usefixtures("built")
def test_the_address_of_a_shared_call_is_told_to_nobody(client: Client) -> None:
    shared, other = client.get("/share/some-token"), client.get("/login")
    assert shared.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert shared.headers["Referrer-Policy"] == "no-referrer"
    assert "X-Robots-Tag" not in other.headers


@pytest.mark.usefixtures("built")
def test_each_answer_has_a_nonce_of_its_own(client: Client) -> None:
    pages = [client.get("/login") for _ in range(2)]
    nonces = [page.content.decode().split('"')[3] for page in pages]
    assert nonces[0] != nonces[1]
    for page, nonce in zip(pages, nonces, strict=True):
        assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
