import asyncio

from media_workers.runtime.places import Places


async def test_no_more_calls_than_the_endpoint_carries() -> None:
    places = Places(2, lambda: 0)
    assert [places.take() for _ in range(3)] == [True, True, False]
    places.give()
    assert places.free
    assert places.take()
    assert not places.free


async def test_nothing_is_dialed_into_a_slot_that_the_endpoint_has_not_freed() -> None:
    held = 2
    places = Places(2, lambda: held)
    places.take()
    assert not places.free
    assert not places.take_free()
    assert places.take(), "an inbound call has its slot already"
    places.give()
    held = 1
    assert places.take_free()


async def test_waiting_ends_when_a_place_is_given_back() -> None:
    places = Places(1, lambda: 0)
    places.take()
    waiting = asyncio.create_task(places.wait_free())
    done, _ = await asyncio.wait({waiting}, timeout=0.05)
    assert not done
    places.give()
    async with asyncio.timeout(10):
        await waiting
    assert places.free
