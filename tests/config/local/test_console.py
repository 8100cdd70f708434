from __future__ import annotations

import io
from pathlib import Path

import pytest

from config.local.console import Console, FileTail, LineBuffer


def test_every_line_stands_behind_its_name() -> None:
    out = io.StringIO()
    console = Console(out)
    console.lines("web", ["one", "two"])
    console.say("ready")
    console.lines("node", [])
    assert out.getvalue() == "web      | one\nweb      | two\nup       | ready\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_colour_for_each_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    console = Console(out)
    for name in ("web", "node", "web"):
        console.lines(name, ["x"])
    first, second, third = out.getvalue().splitlines()
    assert first == third == "\x1b[36mweb      |\x1b[0m x"
    assert second.startswith("\x1b[33mnode")
    monkeypatch.setenv("NO_COLOR", "1")
    plain = Terminal()
    Console(plain).lines("web", ["x"])
    assert plain.getvalue() == "web      | x\n"


def test_lines_are_whole_even_when_a_letter_is_cut() -> None:
    buffer = LineBuffer()
    text = "grün\r\nblau\nrest".encode()
    cut = text.index("ü".encode()) + 1
    assert buffer.feed(text[:cut]) == []
    assert buffer.feed(text[cut:]) == ["grün", "blau"]
    assert buffer.flush() == ["rest"]
    assert buffer.flush() == []


def test_a_tail_follows_a_file_that_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "log"
    tail = FileTail(path)
    assert tail.read() == []
    path.write_text("one\ntwo\nthr")
    assert tail.read() == ["one", "two"]
    with path.open("a") as file:
        file.write("ee\n")
    assert tail.read() == ["three"]
    path.write_text("new\n")
    assert tail.read() == ["new"]


class Closed(io.StringIO):
    def flush(self) -> None:
        raise BrokenPipeError


def test_nobody_listening_is_no_reason_to_end() -> None:
    Console(Closed()).say("still here")
