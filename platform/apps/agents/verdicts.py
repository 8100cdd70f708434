"""What tests say of an agent's versions: asked of whoever tests, which this domain does not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.agents.models import AgentVersion

Verdicts = Callable[[AgentVersion], list[dict[str, Any]]]

_ask: Verdicts = lambda version: []  # noqa: E731


def judge_versions_with(ask: Verdicts) -> None:
    """From now on `ask` tells, of each suite that was played against a version, how it ended last:
    `suite`, `name`, `run`, `state`, `total`, `passed`, `ended_at`, as the API shows them."""
    global _ask
    _ask = ask


def verdicts_of(version: AgentVersion) -> list[dict[str, Any]]:
    """In the tenant's scope; one query."""
    return _ask(version)
