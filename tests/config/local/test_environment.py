from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.local.environment import (
    BASE_DIR,
    LocalConfig,
    data_dir,
    given_environment,
    local_secrets,
    read_env_file,
    read_local_env,
    write_env_file,
)
from config.local.errors import StartError
from config.local.lock import only_one


def test_reads_names_and_values(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\n\nA=1\nexport B = two words \nC='quoted'\nD=a=b\nE=\nno value\n#F=1\n")
    assert read_env_file(file) == {"A": "1", "B": "two words", "C": "quoted", "D": "a=b", "E": ""}


def test_a_missing_file_is_empty(tmp_path: Path) -> None:
    assert read_env_file(tmp_path / ".env") == {}


def test_what_is_written_is_read_back_and_private(tmp_path: Path) -> None:
    file = tmp_path / "local.env"
    write_env_file(file, {"OLD": "1"})
    write_env_file(file, {"URL": "postgresql://a:b=c@127.0.0.1/x", "KEY": "k=="})
    assert read_env_file(file) == {"URL": "postgresql://a:b=c@127.0.0.1/x", "KEY": "k=="}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_real_environment_wins_over_the_file_and_empty_is_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("WEB_PORT=1\nSIP_PORT=2\nDATABASE_URL=\n")
    monkeypatch.setenv("WEB_PORT", "3")
    monkeypatch.setenv("REDIS_URL", "")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    given = given_environment(tmp_path)
    assert (given["WEB_PORT"], given["SIP_PORT"]) == ("3", "2")
    assert "REDIS_URL" not in given
    assert "DATABASE_URL" not in given


def test_servers_count_only_while_they_run(tmp_path: Path) -> None:
    write_env_file(tmp_path / "local.env", {"SECRET_KEY": "s", "DATABASE_URL": "d", "REDIS_URL": "r"})
    assert read_local_env(tmp_path) == {"SECRET_KEY": "s"}
    with only_one(tmp_path):
        assert read_local_env(tmp_path) == {"SECRET_KEY": "s", "DATABASE_URL": "d", "REDIS_URL": "r"}


def test_the_example_shows_the_defaults() -> None:
    example = read_env_file(BASE_DIR / ".env.example")
    assert LocalConfig.from_environment(example) == LocalConfig.from_environment({})


@pytest.mark.parametrize("value", ["0", "65536", "http", "-1", "٣"])
def test_a_port_that_is_none_is_named(value: str) -> None:
    with pytest.raises(StartError, match="WEB_PORT must be a whole number from 1 to 65535"):
        LocalConfig.from_environment({"WEB_PORT": value})


def test_a_relative_data_dir_lies_in_the_checkout() -> None:
    assert data_dir({"DATA_DIR": "elsewhere"}) == BASE_DIR / "elsewhere"
    assert data_dir({"DATA_DIR": "/srv/data"}) == Path("/srv/data")


def test_addresses() -> None:
    config = LocalConfig.from_environment({"WEB_HOST": "0.0.0.0", "SIP_PORT": "7000", "MEDIA_LINES": "3"})
    assert config.web_url == "http://127.0.0.1:8000"
    assert config.line_ports == [7000, 7011, 7012]
    assert LocalConfig.from_environment({"WEB_HOST": "::1"}).web_url == "http://[::1]:8000"
    assert config.calls_come_to == "127.0.0.1:7000"
    assert LocalConfig.from_environment({"EDGE": "true"}).calls_come_to == "127.0.0.1:5080"


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, None),
        ({"EDGE_LISTEN": "udp:10.0.0.9:5060"}, None),
        ({"EDGE": "true"}, ("127.0.0.1", 5080)),
        ({"EDGE": "1", "EDGE_LISTEN": "tls:10.0.0.9:5061, udp:10.0.0.9:5060"}, ("10.0.0.9", 5060)),
        ({"EDGE": "yes", "EDGE_LISTEN": "udp:[::1]:5062"}, ("::1", 5062)),
        ({"EDGE": "on", "EDGE_NODE_LISTEN": "udp:10.1.0.9:5082"}, ("10.1.0.9", 5082)),
    ],
)
def test_where_the_node_finds_its_edge(given: dict[str, str], place: tuple[str, int] | None) -> None:
    assert LocalConfig.from_environment(given).edge == place


def test_an_edge_without_udp_is_refused() -> None:
    with pytest.raises(StartError, match="EDGE_LISTEN"):
        LocalConfig.from_environment({"EDGE": "true", "EDGE_LISTEN": "tcp:127.0.0.1:5060"})


def test_secrets_are_made_once() -> None:
    first = local_secrets({})
    assert local_secrets(first) == first
    assert local_secrets({}) != first
    Fernet(first["FIELD_ENCRYPTION_KEYS"])
