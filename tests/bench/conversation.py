"""Full AI calls on one core: how many, how fast they answer, how fast they fall silent.

The same conversation on our engine, on a Pipecat pipeline and on livekit-agents without a room, one
after the other, each in its own process on one core and in an environment of its own; the vendors are
one process on another core, on real sockets, with fixed latencies that add up to 350 ms. Callers speak
with flite's voice in mu-law, one frame every 20 ms of a clock.

An engine carries a number of calls when no answer was lost, the p99 tick was at most 20 ms late, and
its overhead was at most 40 ms (p95): of ours what is left of an answer after endpointing and vendors, as
every turn's account has it; of the peers, which keep no such account, what an answer took beyond their
own p95 with two calls, so that their rules for the end of a turn are not held against them.
`beyond_waits` is ours seen from outside: what an answer took beyond the silence before the transcript is
asked for and the nominal latencies of the vendors, frames of 20 ms and sleeping late included.
"""

from __future__ import annotations

import asyncio
import audioop
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from media_workers.contract.agent import TurnTaking
from media_workers.providers.base import FRAME_BYTES, VoiceSettings
from media_workers.providers.tts.flite import FliteTextToSpeech
from tests.bench.engines.callers import Task
from tests.bench.environments import ROOT, python_of

ENGINES = Path(__file__).parent / "engines"
SENTENCES = (
    "I would like a table for two, please.",
    "Tomorrow at half past seven.",
    "Yes, that is right.",
    "My name is Miller, and I will bring a dog.",
)
FADED_DB = 30
"""Speech ends with the last frame that is less than this under the loudest one."""

VENDORS_MS = 350.0
RULES = TurnTaking()
NOMINAL_MS = max(RULES.endpointing_min_ms, RULES.transcript_after_ms + VENDORS_MS)
OWN_LIMIT_MS, LATE_LIMIT_MS = 40.0, 20.0
RESPONSE_GOAL_MS, STOP_GOAL_MS, CALLS_GOAL = 500.0, 60.0, 40.0
TURNS = 3
RATED = 20
"""Calls of one process for which delays are told; what it carries at most is a figure of its own."""

LOADS = {
    "ours": (2, RATED, 30, 40, 50, 60, 80, 100, 120, 140),
    "pipecat_pipeline": (2, 4, 6, 8, 10, 12, 16, 20),
    "livekit_session": (2, 4, 8, 12, 16, 20, 28, 36),
}
PEERS = {"pipecat_pipeline": "Pipecat 1.14, same run", "livekit_session": "livekit-agents 1.8, same run"}
FLOOR = "the same waits on a bare asyncio loop, same run"

Figure = dict[str, Any]


@dataclass(frozen=True)
class Result:
    """Of one engine with one number of calls; times in ms, `cpu` as a share of one core."""

    calls: int
    response_ms: list[float]
    lost: int
    late_p99_ms: float
    cpu: float
    parts: list[dict[str, int | None]] = field(default_factory=list)
    floor_over_ms: list[float] = field(default_factory=list)
    stop_ms: list[float] = field(default_factory=list)
    silent_ms: list[float] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def within(self, answer_ms: float) -> bool:
        """Whether nothing was lost or late, and the overhead is within its limit: of an engine that does
        not account for it, answers (p95) came by `answer_ms`."""
        if self.lost or self.late_p99_ms > LATE_LIMIT_MS:
            return False
        if self.parts:
            return self.part("own", 0.95) <= OWN_LIMIT_MS
        return quantile(self.response_ms, 0.95) <= answer_ms

    def part(self, name: str, share: float) -> float:
        """Of a part of the answers, as the engine accounts for it."""
        return quantile([float(ms) for parts in self.parts if (ms := parts.get(name)) is not None], share)


@dataclass(frozen=True)
class Vendors:
    """Where the vendors listen, and the callers' sentences."""

    speech: list[str]
    sockets: str
    models: str

    def run(self, engine: str, calls: int, *, turns: int = TURNS, interrupt_after: int = 0) -> Result:
        """One engine with `calls` at once. RuntimeError when it came to no result."""
        task = Task(
            calls,
            turns,
            self.speech,
            stt=self.sockets,
            llm=self.models,
            tts=self.sockets,
            core=cores()[0],
            interrupt_after=interrupt_after,
        )
        if engine == "ours":
            program = [sys.executable, "-W", "ignore", "-m", "tests.bench.engines.ours"]
        else:
            python = python_of(engine.partition("_")[0])
            program = [str(python), "-W", "ignore", str(ENGINES / f"{engine}.py")]
        command = [*program, json.dumps(asdict(task))]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
        line = next((x for x in done.stdout.splitlines() if x.startswith("RESULT ")), None)
        if line is None:
            raise RuntimeError(
                f"{engine} with {calls} calls ended with {done.returncode}: {done.stderr[-2000:]}"
            )
        result = Result(calls=calls, **json.loads(line.removeprefix("RESULT ")))
        told(engine, result)
        return result


def run() -> list[Figure]:
    """Ours at its rated load and up to its limit, the peers up to theirs, then interruptions."""
    with tempfile.TemporaryDirectory(prefix="trunkline-bench-") as folder, vendors(Path(folder)) as place:
        ours = rising(place, "ours")
        peers = {name: rising(place, name) for name in PEERS}
        interrupted = place.run("ours", RATED, interrupt_after=25)
    most = {name: carried(results) for name, results in {"ours": ours, **peers}.items()}
    rated = next(result for result in ours if result.calls == RATED)
    return [
        *(
            figure(
                f"calls_per_core{beside(name)}",
                most["ours"],
                unit="calls",
                better="higher",
                goal=CALLS_GOAL,
                peer=(words, most[name]),
            )
            for name, words in PEERS.items()
        ),
        *(
            figure(
                f"response_p50{beside(name)}_ms",
                quantile(rated.response_ms, 0.5),
                goal=RESPONSE_GOAL_MS,
                peer=(words, quantile(peers[name][0].response_ms, 0.5)),
            )
            for name, words in PEERS.items()
        ),
        *(
            figure(
                f"cpu_per_call{beside(name)}_pct",
                100 * rated.cpu / rated.calls,
                unit="%",
                peer=(words, per_call(peers[name])),
            )
            for name, words in PEERS.items()
        ),
        *delays(rated),
        figure("barge_in_stop_p95_ms", quantile(interrupted.stop_ms, 0.95), goal=STOP_GOAL_MS),
        figure("barge_in_silent_p95_ms", quantile(interrupted.silent_ms, 0.95)),
    ]


def delays(rated: Result) -> list[Figure]:
    """Where the time of an answer goes, at the rated load."""
    over, floor = quantile(rated.response_ms, 0.95) - NOMINAL_MS, quantile(rated.floor_over_ms, 0.95)
    rows = [
        figure("overhead_p95_ms", rated.part("own", 0.95), goal=OWN_LIMIT_MS),
        figure("beyond_waits_p95_ms", over, peer=(FLOOR, floor)),
        figure("response_p95_ms", quantile(rated.response_ms, 0.95)),
        figure("tick_late_p99_ms", rated.late_p99_ms, goal=LATE_LIMIT_MS),
    ]
    for part in ("endpoint", "transcript", "first_token", "sentence", "first_audio", "own", "total"):
        rows.append(figure(f"part_{part}_p50_ms", rated.part(part, 0.5)))
    return rows


def rising(place: Vendors, engine: str) -> list[Result]:
    """One load after the other; the last is the first that was too much, if any was."""
    results: list[Result] = []
    for calls in LOADS[engine]:
        results.append(place.run(engine, calls))
        if not results[-1].within(limit(results)):
            break
    return results


def limit(results: Sequence[Result]) -> float:
    """The latest p95 answer of a peer that still counts, ms."""
    return quantile(results[0].response_ms, 0.95) + OWN_LIMIT_MS


def carried(results: Sequence[Result]) -> float:
    """The most calls that an engine carried."""
    answer_ms = limit(results)
    return max((float(r.calls) for r in results if r.within(answer_ms)), default=0.0)


def per_call(results: Sequence[Result]) -> float:
    """CPU of one call in % of a core, at the highest load that was tried."""
    return 100 * results[-1].cpu / results[-1].calls


def beside(engine: str) -> str:
    return "" if engine == "pipecat_pipeline" else f"_beside_{engine.partition('_')[0]}"


def told(engine: str, result: Result) -> None:
    """The result on the terminal, while the next one is measured."""
    p50, p95 = (quantile(result.response_ms, share) for share in (0.5, 0.95))
    print(
        f"  {engine.partition('_')[0]}, {result.calls} calls: answers p50 {p50:.0f}, p95 {p95:.0f} ms, "
        f"ticks late p99 {result.late_p99_ms:.1f} ms, {100 * result.cpu:.0f} % of a core"
        + (f", own p95 {result.part('own', 0.95):.0f} ms" if result.parts else "")
        + (f", {result.lost} answers lost" if result.lost else "")
        + (f"; {result.trouble}" if result.trouble else ""),
        flush=True,
    )


@contextlib.contextmanager
def vendors(folder: Path) -> Iterator[Vendors]:
    """The vendors' process, on the last core."""
    speech = asyncio.run(sentences(folder))
    command = [sys.executable, "-W", "ignore", str(ENGINES / "vendors.py"), str(cores()[-1])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        sockets, models = process.stdout.readline().split()
        try:
            yield Vendors(speech, f"ws://127.0.0.1:{sockets}", f"http://127.0.0.1:{models}/v1")
        finally:
            process.kill()


def cores() -> list[int]:
    """Processors that this process may use."""
    return sorted(os.sched_getaffinity(0))


async def sentences(folder: Path) -> list[str]:
    """The callers' sentences as mu-law files; the last frame of each is its last audible one."""
    names = []
    for number, text in enumerate(SENTENCES):
        chunks = FliteTextToSpeech().speak(text, VoiceSettings("slt"))
        pcm = b"".join([chunk async for chunk in chunks if isinstance(chunk, bytes)])
        frames = [pcm[n : n + FRAME_BYTES] for n in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
        energies = np.array([np.square(np.frombuffer(f, "<i2").astype(float)).mean() for f in frames])
        audible = np.flatnonzero(energies > energies.max() / 10 ** (FADED_DB / 10))
        path = folder / f"sentence_{number}.ulaw"
        path.write_bytes(audioop.lin2ulaw(b"".join(frames[: int(audible[-1]) + 1]), 2))
        names.append(str(path))
    return names


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values) or [float("nan")]
    return ordered[round(share * (len(ordered) - 1))]


def figure(
    name: str,
    value: float,
    *,
    unit: str = "ms",
    better: str = "lower",
    goal: float | None = None,
    peer: tuple[str, float] | None = None,
) -> Figure:
    return {
        "name": f"conversation.{name}",
        "value": round(value, 2),
        "unit": unit,
        "better": better,
        "goal": goal,
        "peer": peer[0] if peer else None,
        "peer_value": round(peer[1], 2) if peer else None,
        "ratio": round(value / peer[1], 2) if peer and peer[1] else None,
    }
