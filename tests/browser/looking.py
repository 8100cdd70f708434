"""A page as it stands, in four pictures, and what axe has to say about them."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from tests.browser.accessibility import COLOUR_RULES, RULES, violations
from tests.browser.conftest import PHONE, SCREENSHOTS, WIDE

DRAWN = """async () => {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ending = document.getAnimations().filter(a => a.effect.getComputedTiming().endTime < Infinity);
  const ended = Promise.allSettled(ending.map(animation => animation.finished));
  await Promise.race([ended, new Promise(done => setTimeout(done, 1000))]);
}"""
"""Colours have changed on the screen as well."""

SETTLED_S = 10.0


def look(page: Page, name: str) -> None:
    """Wide and as on a telephone, in light and in dark; fails with what axe finds in any of them.

    The window is wide and light again afterwards.
    """
    wrong = []
    page.mouse.move(0, 0)  # what the mouse lies on looks otherwise
    for width, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        # What the schemes differ in is colour, which is that of the wide page on a telephone too.
        dark = COLOUR_RULES if width == "wide" else None
        for scheme, rules in (("light", RULES), ("dark", dark)):
            _light(page, scheme)
            page.screenshot(
                path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True, caret="initial"
            )
            found = _found(page, rules) if rules else []
            wrong += [f"{name} {width} {scheme}: {violation}" for violation in found]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name} is {overflow} px wider than a telephone"
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    _light(page, "light")


def _found(page: Page, rules: dict[str, object]) -> list[str]:
    """What is wrong and stays so: on a loaded machine texts take the other scheme's colour a while later."""
    deadline = time.monotonic() + SETTLED_S
    while (found := violations(page, rules)) and time.monotonic() < deadline:
        page.evaluate(DRAWN)
    return found


def _light(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    expect(page.locator(f"html[data-mantine-color-scheme={scheme}]")).to_be_attached()
    page.evaluate(DRAWN)
