"""What the demo shows: the transcript as it happens, then a table of the calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.demo.campaign import Result
from config.demo.client import Json
from config.demo.scenario import Outcome

LONGEST = 60
"""Characters of what a tool gave."""

PARTS = ("endpoint", "transcript", "first_token", "first_audio", "own")


class LiveTranscript:
    """Prints what the live socket tells: who said what, keys, interruptions, the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._names: dict[str, str] = {}

    def show(self, message: Json) -> None:
        if message.get("type") != "event":
            return
        line = describe(message["event"])
        if line is not None:
            name = self._names.setdefault(message["call"], f"call {len(self._names) + 1}")
            self._console.print(Text.assemble((f"  {name:<7} ", "dim"), line))


def describe(event: Json) -> Text | None:
    """One event as a line for people; None for those that would only be noise."""
    match event:
        case {"type": "ringing"}:
            return Text("ringing", style="dim")
        case {"type": "answered"}:
            return Text("answered", style="green")
        case {"type": "turn", "speaker": speaker, "text": text}:
            latency = (event.get("latency") or {}).get("total")
            after = f"   ({latency} ms)" if latency is not None else ""
            cut = " ... [interrupted]" if event.get("interrupted") else ""
            style = "cyan" if speaker == "agent" else "yellow"
            what = f"presses {text}" if event.get("dtmf") else f"“{text}{cut}”"
            return Text.assemble((f"{speaker:>6}: {what}", style), (after, "dim"))
        case {"type": "barge_in"}:
            return Text("the caller interrupts; the agent stops", style="magenta")
        case {"type": "tool", "name": name, "arguments": arguments}:
            took = event.get("took_ms", 0)
            told = event.get("trouble") or event.get("result", "")
            return Text(f"tool: {name} {arguments or ''} gave “{_short(told)}” ({took} ms)", style="blue")
        case {"type": "transfer", "state": state, "target": target}:
            return Text(f"transfer to {target}: {state}", style="magenta")
        case {"type": "answered_by", "verdict": verdict, "confidence": confidence} if confidence:
            return Text(f"answered by: {verdict} ({confidence:.0%} sure)", style="dim")
        case {"type": "trouble", "what": what, "detail": detail}:
            return Text(f"trouble: {what}: {detail}", style="red")
        case {"type": "ended", "reason": reason}:
            return Text(f"ended: {reason.replace('_', ' ')}", style="green")
    return None


def _short(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def table(outcomes: Sequence[Outcome]) -> Table:
    """Outcome, duration, turns, latency with its parts and RTP quality of each call."""
    shown = Table(title="The calls", title_justify="left", show_lines=True)
    for heading in (
        "call",
        "outcome",
        "s",
        "turns",
        "answer ms\nmedian / worst",
        "of which (median)",
        "RTP lost / packets",
        "jitter ms",
    ):
        shown.add_column(heading, overflow="fold")
    for outcome in outcomes:
        shown.add_row(*_row(outcome))
    return shown


def _row(outcome: Outcome) -> list[str | Text]:
    call = outcome.call
    latency: dict[str, dict[str, int]] = call["latency"] or {}
    total, media = latency.get("total"), call["media"] or {}
    parts = [f"{part.replace('_', ' ')} {latency[part]['median_ms']}" for part in PARTS if part in latency]
    verdict = Text("as promised\n", style="green")
    if outcome.broken:
        verdict = Text("; ".join(outcome.broken) + "\n", style="red")
    code = f"{call['sip_code']}: " if call["sip_code"] else ""
    return [
        f"{outcome.title}\n{call['from_number']} → {call['to_number']}",
        verdict.append(f"{code}{call['end_words']}", style="default"),
        f"{call['duration_ms'] / 1000:.1f}",
        str(len(call["turns"])),
        f"{total['median_ms']} / {total['worst_ms']}" if total else "-",
        "\n".join(parts) or "-",
        f"{media['rx_lost']} / {media['rx_packets']}" if media else "-",
        f"{media['rx_jitter_ms']:.1f}" if media else "-",
    ]


def campaign_table(results: Sequence[Result]) -> Table:
    """What became of each contact of the campaign."""
    shown = Table(title="The campaign", title_justify="left")
    for heading in ("contact", "where", "attempts", "outcome", "converted", ""):
        shown.add_column(heading, overflow="fold")
    for result in results:
        contact = result.contact
        shown.add_row(
            f"{contact['e164']} {result.name}",
            ", ".join(contact["time_zones"]),
            str(contact["attempts"]),
            (contact["last_outcome"] or "").replace("_", " ") or contact["detail"] or result.waits,
            "yes" if contact["converted"] else "",
            Text(result.broken, style="red") if result.broken else Text("as promised", style="green"),
        )
    return shown


def recordings(outcomes: Sequence[Outcome], folder: Path) -> Iterator[str]:
    """A line per recorded call: where its stereo WAV lies (the caller left, the agent right)."""
    width = max(len(outcome.title) for outcome in outcomes)
    for outcome in outcomes:
        if outcome.call["recording"]:
            yield f"{outcome.title:<{width}}  {folder / outcome.call['recording']['path']}"
