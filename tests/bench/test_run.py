"""The bench runner: what it checks and how it judges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import run

FIGURE: dict[str, Any] = {
    "name": "telephone.echo_p50_ms",
    "value": 30.0,
    "unit": "ms",
    "better": "lower",
    "goal": 35,
    "peer": "UDP echo",
    "peer_value": 20.0,
    "ratio": 1.5,
}


def test_a_figure_without_one_of_the_fields_is_refused() -> None:
    with pytest.raises(ValueError, match="echo_p50"):
        run.checked({k: v for k, v in FIGURE.items() if k != "peer"})


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({}, False),
        ({"value": 36.0}, True),
        ({"goal": None}, False),
        ({"better": "higher"}, True),
        ({"better": "higher", "value": 36.0}, False),
    ],
)
def test_a_goal_is_missed_on_its_wrong_side(change: dict[str, Any], missed: bool) -> None:
    assert run.missed(FIGURE | change) is missed


def test_a_partial_run_keeps_the_other_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    run.save([FIGURE, FIGURE | {"name": "a.b"}])
    run.save([FIGURE | {"value": 31.0}])
    saved = {f["name"]: f["value"] for f in json.loads((tmp_path / "bench.json").read_text())}
    assert saved == {"a.b": 30.0, "telephone.echo_p50_ms": 31.0}


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--only", "speed"]) == 2
    assert "telephone" in capsys.readouterr().err
