"""The receivers of docs/receivers as they stand there, each in a process of its own, and what they answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.webhooks.catalogue import TYPES
from apps.webhooks.message import example_of
from tenants.ids import new_id
from tenants.standard_webhooks import new_secret, signed

ROOT = Path(__file__).parents[2]
HERE = ROOT / "docs" / "receivers"
OLD, NEW, STRANGE = new_secret(), new_secret(), new_secret()
BLOCKED = "+12025550199"
TYPESCRIPT = ROOT / "frontend" / "node_modules" / "typescript" / "bin" / "tsc"


def python(folder: Path) -> list[str]:
    return [sys.executable, str(HERE / "python" / "receiver.py")]


def typescript(folder: Path) -> list[str]:
    """Compiled as its first lines say."""
    if shutil.which("node") is None or not TYPESCRIPT.exists():
        pytest.skip("needs node and frontend/node_modules (scripts/setup)")
    types = str(TYPESCRIPT.parents[2] / "@types")
    made = folder / "typescript"
    command = ["node", str(TYPESCRIPT), "-p", str(HERE / "typescript"), "--outDir", str(made)]
    told = subprocess.run([*command, "--typeRoots", types], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout
    shutil.copy(HERE / "typescript" / "package.json", made)
    return ["node", str(made / "receiver.js")]


def go(folder: Path) -> list[str]:
    compiler = shutil.which("go")
    if compiler is None:
        pytest.skip("needs Go 1.21 or newer on the PATH")
    made = folder / "receiver"
    cache = os.environ.get("GOCACHE", str(folder / "cache"))
    outside = {"GOCACHE": cache, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOPROXY": "off"}
    command = [compiler, "build", "-o", str(made), "receiver.go"]
    told = subprocess.run(
        command, cwd=HERE / "go", env=os.environ | outside, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return [str(made)]


LANGUAGES: dict[str, Callable[[Path], list[str]]] = {"python": python, "typescript": typescript, "go": go}


@dataclass
class Receiver:
    """A running one; `handled`: what it has printed since it was started."""

    command: list[str]
    data: Path
    handled: list[Any] = field(default_factory=list)

    def start(self) -> None:
        environment = os.environ | {
            "WEBHOOK_SECRETS": f"{OLD} {NEW}",
            "BLOCKED_NUMBERS": BLOCKED,
            "DATA": str(self.data),
            "PORT": "0",
        }
        self.process = subprocess.Popen(self.command, env=environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on port "), line
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{line.split()[-1]}", timeout=30, trust_env=False
        )

    def stop(self) -> None:
        self.client.close()
        self.process.kill()
        self.process.communicate()

    def send(self, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        answer = self.client.post("/", content=body, headers=headers)
        return answer.status_code, answer.json()

    def prints(self) -> Any:
        """The next event that it handles."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module", params=LANGUAGES)
def receiver(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    folder = tmp_path_factory.mktemp(request.param)
    made = Receiver(LANGUAGES[request.param](folder), folder / "handled")
    made.start()
    yield made
    made.stop()


@dataclass(frozen=True)
class Message:
    body: bytes
    headers: dict[str, str]


def message(
    told: dict[str, Any] | None = None, *secrets: str, at: datetime | None = None, id: str = ""
) -> Message:
    """A delivery as the program signs it."""
    told = told or example_of(TYPES["call.ended"])
    body = json.dumps(told, ensure_ascii=False).encode()
    return Message(
        body, signed(*(secrets or (OLD,)), id=id or f"evt_{new_id().hex}", at=at or now(), body=body)
    )


def now() -> datetime:
    return datetime.now(UTC)


def test_every_event_of_the_catalogue_is_handled(receiver: Receiver) -> None:
    for type_ in TYPES.values():
        told = example_of(type_)
        sent = message(told)
        assert receiver.send(sent.body, sent.headers) == (200, {"handled": True})
        assert receiver.prints() == told


def test_words_of_any_script_are_signed_as_they_are(receiver: Receiver) -> None:
    told = {"type": "call.transcribed", "data": {"text": "Grüße, 你好, 👋 \\u0000 \u2028"}}
    sent = message(told)
    assert receiver.send(sent.body, sent.headers) == (200, {"handled": True})
    assert receiver.prints() == told


def test_a_repeat_is_taken_and_not_handled_again(receiver: Receiver) -> None:
    told = {"type": "call.ended", "data": {"which": "repeated"}}
    sent = message(told)
    assert receiver.send(sent.body, sent.headers) == (200, {"handled": True})
    later = signed(OLD, id=sent.headers["webhook-id"], at=now(), body=sent.body)
    assert receiver.send(sent.body, later) == (200, {"handled": False})
    assert receiver.prints() == told
    after = message({"type": "call.ended", "data": {"which": "next"}})
    receiver.send(after.body, after.headers)
    assert receiver.prints()["data"] == {"which": "next"}, "nothing was printed for the repeat"


def test_a_repeat_is_known_after_a_restart(receiver: Receiver) -> None:
    sent = message()
    assert receiver.send(sent.body, sent.headers) == (200, {"handled": True})
    receiver.stop()
    receiver.start()
    assert receiver.send(sent.body, sent.headers) == (200, {"handled": False})


@pytest.mark.parametrize("secrets", [(NEW,), (STRANGE, OLD), (STRANGE, NEW), (OLD, NEW)])
def test_while_a_secret_is_rotated_either_will_do(receiver: Receiver, secrets: tuple[str, ...]) -> None:
    sent = message(None, *secrets)
    assert receiver.send(sent.body, sent.headers) == (200, {"handled": True})
    receiver.prints()


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,@@@"},
        {"webhook-signature": "v1,a"},
        {"webhook-signature": ",,, ,"},
        {"webhook-signature": "v1," + "A" * 44},
        {"webhook-id": "evt_another"},
        {"webhook-id": ""},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": "NaN"},
        {"webhook-timestamp": "-1"},
    ],
    ids=lambda change: f"{next(iter(change.items()))}",
)
def test_what_is_not_signed_so_is_refused(receiver: Receiver, change: dict[str, str]) -> None:
    sent = message()
    assert receiver.send(sent.body, sent.headers | change)[0] == 401


def test_another_body_or_secret_is_refused(receiver: Receiver) -> None:
    sent, forged = message(), message(None, STRANGE)
    assert receiver.send(sent.body + b" ", sent.headers)[0] == 401
    assert receiver.send(forged.body, forged.headers)[0] == 401
    version_2 = {"webhook-signature": sent.headers["webhook-signature"].replace("v1,", "v2,")}
    assert receiver.send(sent.body, sent.headers | version_2)[0] == 401
    assert receiver.send(sent.body, {})[0] == 401


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_message_is_refused_though_it_is_signed(receiver: Receiver, minutes: int) -> None:
    sent = message(at=now() + timedelta(minutes=minutes))
    assert receiver.send(sent.body, sent.headers)[0] == 401


def test_a_message_of_four_minutes_ago_is_taken(receiver: Receiver) -> None:
    sent = message(at=now() - timedelta(minutes=4))
    assert receiver.send(sent.body, sent.headers)[0] == 200
    receiver.prints()


@pytest.mark.parametrize(
    ("moment", "number", "decision"),
    [
        (
            "before_answer",
            "+12025550101",
            {"action": "answer", "variables": {"caller_number": "+12025550101"}},
        ),
        ("before_answer", BLOCKED, {"action": "reject", "code": 603, "reason": "The caller is blocked."}),
        ("before_dial", "+12025550101", {"action": "allow"}),
        ("before_dial", BLOCKED, {"action": "deny", "reason": "The number is blocked."}),
    ],
)
def test_a_hook_decides_each_time_it_is_asked(
    receiver: Receiver, moment: str, number: str, decision: dict[str, Any]
) -> None:
    call = (
        {"from": number, "to": "+12025550100"} if moment == "before_answer" else {"from": "x", "to": number}
    )
    asked = message({"moment": moment, "call": call}, NEW)
    assert receiver.send(asked.body, asked.headers) == (200, decision)
    assert receiver.send(asked.body, asked.headers) == (200, decision)


def test_a_body_without_end_is_refused(receiver: Receiver) -> None:
    try:
        answer = receiver.client.post("/", content=b"x" * (2**20 + 1), headers=message().headers)
        assert answer.status_code == 413
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        pass  # it may close the connection before all is sent
    sent = message()
    assert receiver.send(sent.body, sent.headers)[0] == 200
    receiver.prints()


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_that_knows_no_secret_does_not_start(
    language: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    command = LANGUAGES[language](tmp_path_factory.mktemp(language))
    told = subprocess.run(
        command,
        env=os.environ | {"WEBHOOK_SECRETS": ""},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert told.returncode != 0
    assert "Set WEBHOOK_SECRETS" in told.stderr


@pytest.mark.parametrize("name", ["python/receiver.py", "typescript/receiver.ts", "go/receiver.go"])
def test_the_part_that_verifies_is_marked(name: str) -> None:
    """The dashboard shows it."""
    text = (HERE / name).read_text()
    part = text.partition("[verify]")[2].partition("[/verify]")[0]
    assert "webhook" in part.lower()
    assert text.count("[verify]") == text.count("[/verify]") == 1
