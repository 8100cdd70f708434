"""Python inside the control plane, for what tests prepare: one process for all of it, because Django takes
seconds to load."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import IO, cast

from config.local.environment import BASE_DIR
from tests.journeys.stack import Stack

# Each line is a program, as JSON; the answer is one line as well: what it printed, or how it failed.
LOOP = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    printed, failure = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {})
    except Exception:
        failure = traceback.format_exc()
    print(json.dumps({"printed": printed.getvalue(), "failure": failure}), flush=True)
"""


class Console:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, code: str) -> str:
        """What `code` printed. Fails with its traceback."""
        questions, answers = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        questions.write(json.dumps(code) + "\n")
        questions.flush()
        line = answers.readline()
        assert line, f"the console has ended: {self._process.wait(10)}"
        answer = json.loads(line)
        assert answer["failure"] is None, answer["failure"]
        return str(answer["printed"])


@contextlib.contextmanager
def console(stack: Stack) -> Iterator[Console]:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "shell", "--no-imports", "-c", LOOP]
    process = subprocess.Popen(
        command, cwd=BASE_DIR, env=stack.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Console(process)
    finally:
        cast("IO[str]", process.stdin).close()
        process.wait(30)
