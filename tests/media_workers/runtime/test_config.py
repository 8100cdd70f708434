from itertools import pairwise
from pathlib import Path

import pytest

from media_workers.runtime.config import ConfigError, load

ENOUGH = {"NODE_TOKEN": "t" * 40, "REDIS_URL": "redis://127.0.0.1:6379/0"}


def test_defaults_are_those_of_the_documentation() -> None:
    config = load(ENOUGH)
    assert config.name == "node-1"
    assert config.control_url == "http://127.0.0.1:8000"
    assert (config.sip_host, config.sip_port, config.public_address) == ("127.0.0.1", 5060, "127.0.0.1")
    assert config.lines == 2
    assert config.drain_limit_s == 60
    assert (config.browser_url, config.browser_calls) == ("ws://127.0.0.1:5070", 16)
    assert config.spool == Path("var").resolve() / "spool" / "node-1"


def test_the_control_plane_is_found_where_web_listens() -> None:
    assert load(ENOUGH | {"WEB_HOST": "0.0.0.0", "WEB_PORT": "8123"}).control_url == "http://127.0.0.1:8123"
    assert load(ENOUGH | {"CONTROL_URL": "https://control.example/"}).control_url == "https://control.example"


def test_the_first_line_has_the_public_port_and_the_others_their_own() -> None:
    config = load(ENOUGH | {"MEDIA_LINES": "3", "SIP_PORT": "5060"})
    assert [config.line_port(line) for line in range(3)] == [5060, 5071, 5072]
    assert [config.takes_jobs(line) for line in range(3)] == [False, True, True]


def test_behind_an_edge_every_line_does_everything() -> None:
    config = load(ENOUGH | {"MEDIA_LINES": "3", "SIP_EDGE": "10.0.0.9, 10.0.0.10:5070"})
    edge = config.line_config(2).edge
    assert edge is not None
    assert edge.places == (("10.0.0.9", 5060), ("10.0.0.10", 5070))
    assert edge.name == "10.0.0.9"
    assert all(config.takes_jobs(line) for line in range(3))
    named = load(ENOUGH | {"SIP_EDGE": "[::1]:5062", "EDGE_PUBLIC_ADDRESS": "sip.example.com"})
    assert named.edge is not None
    assert (named.edge.places, named.edge.name) == ((("::1", 5062),), "sip.example.com")
    assert load(ENOUGH).edge is None
    assert [c.sip_address for c in (load(ENOUGH), config, named)] == [
        "127.0.0.1:5060", "10.0.0.9:5060", "sip.example.com:5060",
    ]  # fmt: skip


def test_an_edge_reaches_the_lines_where_they_are() -> None:
    behind = ENOUGH | {"SIP_EDGE": "10.0.0.9", "SIP_HOST": "10.0.0.5", "SIP_PUBLIC_ADDRESS": "203.0.113.5"}
    line = load(behind).line_config(0)
    assert (line.sip_address, line.public_address) == ("10.0.0.5", "203.0.113.5")
    assert load(behind | {"SIP_HOST": "0.0.0.0"}).line_config(0).sip_address == "203.0.113.5"
    assert load(behind | {"SIP_EDGE": ""}).line_config(0).sip_address == "203.0.113.5"


def test_web_is_told_where_browser_calls_come_in() -> None:
    assert load(ENOUGH | {"SIP_PORT": "15060"}).browser_url == "ws://127.0.0.1:15070"
    everywhere = ENOUGH | {"BROWSER_HOST": "0.0.0.0", "BROWSER_PORT": "9000"}
    assert load(everywhere | {"SIP_PUBLIC_ADDRESS": "10.0.0.5"}).browser_url == "ws://10.0.0.5:9000"
    assert load(ENOUGH | {"BROWSER_HOST": "::1"}).browser_url == "ws://[::1]:5070"
    assert load(ENOUGH | {"BROWSER_URL": "wss://media.example/1/"}).browser_url == "wss://media.example/1"


def test_a_single_line_does_both() -> None:
    assert load(ENOUGH | {"MEDIA_LINES": "1"}).takes_jobs(0)


@pytest.mark.parametrize("lines", [1, 2, 3, 7])
def test_lines_share_the_rtp_ports_without_overlap(lines: int) -> None:
    config = load(ENOUGH | {"MEDIA_LINES": str(lines), "RTP_PORT_FIRST": "10001", "RTP_PORT_LAST": "10600"})
    ranges = [config.line_config(line).rtp_ports for line in range(lines)]
    for first, last in ranges:
        assert first % 2 == 0
        assert 10_001 <= first < last <= 10_600
        assert last - first + 1 >= 40
    assert all(one[1] < two[0] for one, two in pairwise(ranges))


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"NODE_TOKEN": ""}, "NODE_TOKEN"),
        ({"SIP_EDGE": "10.0.0.9:99999"}, "SIP_EDGE"),
        ({"SIP_EDGE": "user@10.0.0.9"}, "SIP_EDGE"),
        ({"SIP_EDGE": "edge.invalid"}, "SIP_EDGE"),
        ({"SIP_EDGE": "10.0.0.9", "EDGE_PUBLIC_ADDRESS": "a b"}, "EDGE_PUBLIC_ADDRESS"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
        ({"REDIS_URL": "valkey://127.0.0.1"}, "REDIS_URL"),
        ({"MEDIA_LINES": "0"}, "MEDIA_LINES"),
        ({"MEDIA_LINES": "two"}, "MEDIA_LINES"),
        ({"SIP_PORT": "-1"}, "SIP_PORT"),
        ({"SIP_PORT": "65535"}, "SIP_PORT"),
        ({"SIP_HOST": "localhost"}, "SIP_HOST"),
        ({"SIP_HOST": "0.0.0.0"}, "SIP_PUBLIC_ADDRESS"),
        ({"SIP_PUBLIC_ADDRESS": "0.0.0.0"}, "SIP_PUBLIC_ADDRESS"),
        ({"SIP_PUBLIC_ADDRESS": "phones.example"}, "SIP_PUBLIC_ADDRESS"),
        ({"RTP_PORT_LAST": "10050"}, "RTP_PORT_LAST"),
        ({"RTP_PORT_FIRST": "80"}, "RTP_PORT_FIRST"),
        ({"CONTROL_URL": "127.0.0.1:8000"}, "CONTROL_URL"),
        ({"NODE_NAME": "../up"}, "NODE_NAME"),
        ({"NODE_NAME": "Node"}, "NODE_NAME"),
        ({"DRAIN_LIMIT_S": "soon"}, "DRAIN_LIMIT_S"),
        ({"BROWSER_HOST": "localhost"}, "BROWSER_HOST"),
        ({"BROWSER_PORT": "0"}, "BROWSER_PORT"),
        ({"BROWSER_URL": "http://media.example"}, "BROWSER_URL"),
        ({"BROWSER_CALLS": "none"}, "BROWSER_CALLS"),
        ({"TTS_VOICE_PATH": "/nowhere/voice.onnx"}, "TTS_VOICE_PATH"),
        ({"TTS_VOICE_PATH": "/"}, "TTS_VOICE_PATH"),
        ({"STT_MODEL_PATH": "/nowhere/model"}, "STT_MODEL_PATH"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, str], variable: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        load(ENOUGH | changes)
    assert wrong.value.variable == variable
    assert str(wrong.value).startswith(f"{variable}: ")


def test_a_voice_on_the_node_is_a_file(tmp_path: Path) -> None:
    voice = tmp_path / "voice.onnx"
    voice.touch()
    assert load(ENOUGH | {"TTS_VOICE_PATH": str(voice)}).voice_path == voice
    assert load(ENOUGH).voice_path is None


def test_a_model_that_hears_is_a_folder_that_is_there(tmp_path: Path) -> None:
    assert load(ENOUGH | {"STT_MODEL_PATH": str(tmp_path)}).hearing_path == tmp_path
    assert load(ENOUGH).hearing_path is None


def test_the_token_is_not_told_when_it_is_wrong() -> None:
    with pytest.raises(ConfigError) as wrong:
        load(ENOUGH | {"NODE_TOKEN": "secret", "SIP_PORT": "x"})
    assert "secret" not in str(wrong.value)


@pytest.mark.parametrize(
    ("host", "public"), [("::", "2001:db8::7"), ("::1", "203.0.113.7"), ("127.0.0.1", "2001:db8::7")]
)
def test_ipv6_needs_one_address_of_this_machine(host: str, public: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(ENOUGH | {"SIP_HOST": host, "SIP_PUBLIC_ADDRESS": public})
    assert caught.value.variable == "SIP_PUBLIC_ADDRESS"
    assert load(ENOUGH | {"SIP_HOST": "::1"}).line_config(0).ipv6


def test_a_turn_model_is_a_file_that_is_there(tmp_path: Path) -> None:
    model = tmp_path / "turns.onnx"
    model.write_bytes(b"")
    assert load(ENOUGH | {"TURN_MODEL_PATH": str(model)}).turn_model_path == model
    assert load(ENOUGH).turn_model_path is None
    with pytest.raises(ConfigError, match="TURN_MODEL_PATH"):
        load(ENOUGH | {"TURN_MODEL_PATH": str(tmp_path)})
