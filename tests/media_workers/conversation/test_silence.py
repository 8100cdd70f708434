from __future__ import annotations

from media_workers.contract.agent import SilencePolicy
from media_workers.conversation.silence import Prompt, SilenceWatch


def watch(*prompts: str) -> SilenceWatch:
    return SilenceWatch(SilencePolicy(prompt_after_ms=1000, prompts=list(prompts), goodbye="Bye."))


def run(watch: SilenceWatch, start: int, ms: int, idle: bool = True) -> list[tuple[int, str]]:
    times = range(start + 20, start + ms + 20, 20)
    return [(now, p.text) for now in times if (p := watch.tick(idle, now)) is not None]


def test_prompts_come_in_order_and_then_the_goodbye() -> None:
    silent = watch("One?", "Two?")
    silent.tick(True, 0)
    assert run(silent, 0, 3000) == [(1000, "One?"), (2000, "Two?"), (3000, "Bye.")]


def test_the_goodbye_is_marked() -> None:
    silent = watch()
    silent.tick(True, 0)
    assert silent.tick(True, 1000) == Prompt("Bye.", last=True)


def test_only_idle_time_counts() -> None:
    silent = watch("One?")
    silent.tick(True, 0)
    assert run(silent, 0, 900) == []
    assert run(silent, 900, 5000, idle=False) == []
    assert run(silent, 5900, 200) == [(6000, "One?")]


def test_what_the_agent_says_gives_the_caller_the_whole_time_again() -> None:
    silent = watch("One?", "Two?")
    silent.tick(True, 0)
    assert run(silent, 0, 1000) == [(1000, "One?")]
    run(silent, 1000, 500)
    silent.agent_spoke()
    assert run(silent, 1500, 1000) == [(2500, "Two?")]


def test_a_caller_who_spoke_is_prompted_from_the_beginning() -> None:
    silent = watch("One?", "Two?")
    silent.tick(True, 0)
    assert run(silent, 0, 1000) == [(1000, "One?")]
    silent.caller_spoke()
    assert run(silent, 1000, 1000) == [(2000, "One?")]
