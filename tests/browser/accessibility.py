"""WCAG 2.2 AA by axe-core, the copy that the dashboard's packages bring."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from config.local.environment import BASE_DIR

RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}

# Without its preloading: that puts style elements into shadow roots, which our policy refuses (and none of
# these rules needs it).
RUN = "runOnly => axe.run(document, {runOnly, resultTypes: ['violations'], preload: false})"


@cache
def _axe() -> str:
    return (BASE_DIR / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text()


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """What is wrong on the page as it stands, a line each: rule, what it says, where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found: dict[str, Any] = page.evaluate(RUN, rules)
    return [
        f"{v['id']}: {v['help']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for v in found["violations"]
        for node in v["nodes"][:3]
    ]
