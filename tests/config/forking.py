"""Processes that begin without a line of ours loaded, and need not load the libraries again.

One process loads everything that `config.settings` loads, forgets what is ours of it, and forks for each
question; the child sets the environment, and what is ours is read as by any fresh process.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, cast

from config.local.environment import BASE_DIR

OURS = ("config", "apps", "tenants", "telephony", "media_workers")
# Each line is a question as JSON, each answer is one: exit code, standard output and error output.
LOOP = """
import json, os, sys, tempfile, traceback
import config.settings
for name in [n for n in sys.modules if n.partition(".")[0] in OURS]:
    del sys.modules[name]

def answer(environment, code, files):
    for number, file in enumerate(files, 1):
        os.dup2(file.fileno(), number)
    os.environ.clear()
    os.environ.update(environment)
    try:
        exec(code, {"__name__": "__main__"})
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    files = [tempfile.TemporaryFile() for _ in range(2)]
    child = os.fork()
    if not child:
        code = answer(*json.loads(line), files)
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for file in files:
        file.seek(0)
    print(json.dumps([code, *(file.read().decode() for file in files)]), flush=True)
"""


@dataclass
class Forking:
    """Runs Python code; `environment` is the whole environment of each run."""

    process: subprocess.Popen[str]

    def run(self, code: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        questions, answers = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        questions.write(json.dumps([dict(environment), code]) + "\n")
        questions.flush()
        line = answers.readline()
        assert line, f"the process that forks has ended: {self.process.wait(10)}"
        return subprocess.CompletedProcess(code, *json.loads(line))


@contextlib.contextmanager
def forking(environment: Mapping[str, str]) -> Iterator[Forking]:
    """`environment`: one with which the settings can be read."""
    command = [sys.executable, "-c", f"OURS = {OURS}\n{LOOP}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=BASE_DIR, env=dict(environment), text=True, stdin=pipe, stdout=pipe
    ) as process:
        try:
            yield Forking(process)
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            process.wait(30)
