"""What the command shows of Kamailio's log."""

from __future__ import annotations

import pytest

from config.management.commands.edge import LINES_A_SECOND, QuietConsole


def test_a_flood_of_complaints_fills_no_disk(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    console = QuietConsole()
    for number in range(3 * LINES_A_SECOND):
        console.lines("kamailio", [f"bad message {number}"])
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == LINES_A_SECOND
    assert shown[-1].endswith(f"bad message {LINES_A_SECOND - 1}")
    now = 101.0
    console.lines("kamailio", ["quiet again"])
    assert [line.partition("| ")[2] for line in capsys.readouterr().out.splitlines()] == [
        f"({2 * LINES_A_SECOND} lines left out)",
        "quiet again",
    ]
