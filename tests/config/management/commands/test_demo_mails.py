from __future__ import annotations

import subprocess
import sys
import threading
from io import StringIO
from pathlib import Path

from config.management.commands.demo import Command

LIMIT_S = 30.0


class Screen(StringIO):
    """A terminal that tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        done = super().write(text)
        if "verify-email" in text:
            self.written.set()
        return done


def test_the_demo_shows_the_mails_and_only_them(tmp_path: Path) -> None:
    log = tmp_path / "demo.log"
    log.write_text("web      | a request\ncelery   | mail | To: new@example.com\n", encoding="utf-8")
    up = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    screen = Screen()
    codes: list[int] = []
    follower = threading.Thread(target=lambda: codes.append(Command(stdout=screen)._follow(up, log)))
    follower.start()
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write("celery   | mail | http://localhost/verify-email/key\n")
        assert screen.written.wait(LIMIT_S)
    finally:
        up.communicate(timeout=LIMIT_S)
        follower.join(LIMIT_S)

    assert screen.getvalue().splitlines() == ["To: new@example.com", "http://localhost/verify-email/key"]
    assert codes == [0]
