"""Runs the benchmarks and writes `var/bench.json`; `make bench` (all) or `make bench ONLY=telephone`.

A benchmark is a module beside this one with `run() -> list[dict]`. Each dict is one figure:
name (`<area>.<what>`), value, unit, better (lower or higher), goal, peer, peer_value, ratio
(value / peer_value); a figure without a goal or a peer says None. The peer is measured in the same
run, on the same machine.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
MODULES = (
    "telephone", "edge", "conversation", "answered_by", "api", "dashboard", "live", "knowledge", "campaigns",
    "campaigns_import", "real_campaign", "webhooks", "search", "analysis", "ledger", "reconciliation",
)  # fmt: skip
# The areas of a module's figures besides its own name.
AREAS = {
    "telephone": ("sip",),
    "edge": ("sip",),
    "conversation": (),
    "answered_by": (),
    "api": (),
    "dashboard": (),
    "live": (),
    "knowledge": (),
    "campaigns": (),
    "campaigns_import": (),
    "real_campaign": (),
    "webhooks": (),
    "search": (),
    "analysis": (),
    "ledger": (),
    "reconciliation": (),
}
FIELDS = ("name", "value", "unit", "better", "goal", "peer", "peer_value", "ratio")

Figure = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what was asked for; exit code 1 when a figure misses its goal, 2 for an unknown name."""
    parser = argparse.ArgumentParser(description="Trunkline's benchmarks")
    parser.add_argument(
        "--only", default="", help="an area (telephone) or a figure (sip.invite_to_200_p99_ms)"
    )
    only = parser.parse_args(argv).only
    modules = [m for m in MODULES if not only or only.split(".")[0] in (m, *AREAS[m])]
    if not modules:
        print(f"No benchmark is called {only!r}; there are: {', '.join(MODULES)}.", file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT))
    figures: list[Figure] = []
    for name in modules:
        print(f"measuring {name} ...", flush=True)
        figures += [checked(f) for f in importlib.import_module(f"tests.bench.{name}").run()]
    shown = [
        f for f in figures if not only or only in (f["name"], f["name"].split(".")[0]) or only in modules
    ]
    save(shown)
    show(shown)
    return 1 if any(missed(f) for f in shown) else 0


def checked(figure: Figure) -> Figure:
    """The figure with exactly the agreed fields; a benchmark that leaves one out is broken."""
    if set(figure) != set(FIELDS):
        raise ValueError(
            f"the figure {figure.get('name')!r} has the fields {sorted(figure)}, not {sorted(FIELDS)}"
        )
    return {field: figure[field] for field in FIELDS}


def missed(figure: Figure) -> bool:
    """Whether the value is on the wrong side of its goal."""
    if figure["goal"] is None:
        return False
    over = figure["value"] > figure["goal"]
    return over if figure["better"] == "lower" else figure["value"] < figure["goal"]


def save(figures: list[Figure]) -> None:
    """Merges the figures into the file by name, so that a partial run keeps the others."""
    path = Path(os.environ.get("DATA_DIR", ROOT / "var")) / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = {f["name"]: f for f in (json.loads(path.read_text()) if path.exists() else [])}
    known.update({f["name"]: f for f in figures})
    path.write_text(json.dumps(sorted(known.values(), key=lambda f: f["name"]), indent=1) + "\n")


def show(figures: list[Figure]) -> None:
    table = Table("figure", "value", "unit", "goal", "peer", "peer value", "ratio")
    for f in figures:
        style = "red" if missed(f) else ""
        cells = (f["name"], f["value"], f["unit"], f["goal"], f["peer"], f["peer_value"], f["ratio"])
        table.add_row(
            *("" if c is None else f"{c:.2f}" if isinstance(c, float) else str(c) for c in cells), style=style
        )
    Console(width=150 if not sys.stdout.isatty() else None).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
