import asyncio

from media_workers.runtime.waiting import Backoff, cancelled, within


async def test_within_says_whether_it_came_in_time() -> None:
    assert await within(30, asyncio.sleep(0))
    assert not await within(0.01, asyncio.Event().wait())


async def test_a_cancellation_at_the_very_moment_of_success_is_not_swallowed() -> None:
    """`asyncio.wait_for` before Python 3.12 returns normally here, and the loop goes on for ever."""
    rounds = 0
    event = asyncio.Event()

    async def loop() -> None:
        nonlocal rounds
        while True:
            await within(600, event.wait())
            event.clear()
            rounds += 1

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    event.set()
    task.cancel()
    await asyncio.wait({task}, timeout=30)
    assert task.cancelled()
    assert rounds == 0


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                swallowed += 1
                if swallowed == 2:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await cancelled(task)
    assert task.cancelled()


def test_pauses_grow_to_a_limit_and_begin_again() -> None:
    backoff = Backoff(1.0, 4.0)
    delays = [backoff.delay() for _ in range(5)]
    for delay, full in zip(delays, (1, 2, 4, 4, 4), strict=True):
        assert full / 2 <= delay <= full
    backoff.reset()
    assert backoff.delay() <= 1.0
