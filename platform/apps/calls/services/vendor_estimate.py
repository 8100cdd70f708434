"""What vendors may take of a minute of an agent's calls, before there is one: for estimates and holds.

Charges never come of it: those are made of what vendors did (`vendor_usage`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from apps.agents.checks import Choice, choices
from apps.billing.prices import with_margin
from apps.calls.services.vendor_usage import Worker
from apps.vendors.prices import Measure, unit_prices
from media_workers.contract.agent import AgentConfig
from media_workers.contract.vendors import OWN_ENDPOINT, key_of

CHARACTERS = 450
"""That an agent speaks in a minute of a conversation in which both speak as much."""

TURNS = 4
CHARACTERS_A_TOKEN = 4
TALKED_TOKENS = 600
ANSWER_TOKENS = 40
"""Of each answer: what was said before, and its own words. The prompt comes besides, every time, half of it
from the vendor's cache."""

AUDIO_IN, AUDIO_OUT = 1_200, 600
"""Tokens a minute of a model that hears and speaks itself; it hears again what was said before."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one vendor's part of a minute takes, margin included: 0 by the tenant's own key."""

    worker: Worker
    micros: int


def per_minute_of(config: AgentConfig, margin_percent: int, own: Collection[str]) -> int:
    """All vendors' parts together, in micro-units."""
    return sum(part.micros for part in parts_of(config, margin_percent, own))


def parts_of(config: AgentConfig, margin_percent: int, own: Collection[str]) -> Iterator[Part]:
    """One for each vendor that the agent begins with; `own` are the names of the tenant's own keys."""
    prompt = len(config.prompt) // CHARACTERS_A_TOKEN
    for choice in _first(config):
        name = key_of(choice.provider, choice.model)
        is_own = choice.provider == OWN_ENDPOINT or name in own
        worker = Worker(choice.kind, choice.provider, choice.model, is_own)
        micros = 0 if is_own else _micros(worker, prompt, margin_percent)
        if micros or is_own:
            yield Part(worker, micros)


def _first(config: AgentConfig) -> Iterator[Choice]:
    """Those of a call in which no vendor fails and the language stays."""
    used = [choice for choice in choices(config) if choice.place in ("model", "voice", "transcriber")]
    alone = any(choice.kind == "realtime" for choice in used)
    return (choice for choice in used if not alone or choice.kind == "realtime")


def _micros(worker: Worker, prompt_tokens: int, margin_percent: int) -> int:
    prices = unit_prices(worker.kind, worker.vendor, worker.model)
    counted = _counted(prompt_tokens)
    if "cached_token" not in prices:
        counted["input_token"] += counted["cached_token"]
    total = 0
    for measure, price in prices.items():
        with_ours, per = with_margin(price.cost_micros, price.per, margin_percent)
        total += -(-counted[measure] * with_ours // per)
    return total


def _counted(prompt_tokens: int) -> dict[Measure, int]:
    """Of a minute."""
    return {
        "millisecond": 60_000,
        "character": CHARACTERS,
        "input_token": TURNS * (TALKED_TOKENS + prompt_tokens - prompt_tokens // 2),
        "cached_token": TURNS * (prompt_tokens // 2),
        "output_token": TURNS * ANSWER_TOKENS,
        "audio_input_token": AUDIO_IN,
        "audio_output_token": AUDIO_OUT,
    }
