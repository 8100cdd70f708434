from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_workers.contract.events import LatencyParts, Moments
from media_workers.conversation.latency import Timing, covered


def test_waits_that_overlap_count_once() -> None:
    timing = Timing(
        speech_end=1000,
        decided=1400,
        transcript_asked=1120,
        transcript_got=1220,
        model_asked=1225,
        token_got=1375,
        sentence_got=1380,
        voice_asked=1385,
        audio_got=1485,
        first_frame=1500,
    )
    assert timing.parts() == LatencyParts(
        endpoint=400, transcript=100, first_token=150, sentence=5, first_audio=100, own=15, total=500
    )


def test_the_time_a_model_takes_for_its_first_sentence_is_not_ours() -> None:
    timing = Timing(0, 100, model_asked=100, token_got=200, sentence_got=900, first_frame=910)
    assert timing.parts().own == 10


def test_moments_count_from_the_last_word() -> None:
    timing = Timing(1000, 1400, transcript_asked=1120, voice_asked=1385, first_frame=1500)
    assert timing.moments() == Moments(transcript_asked=120, decided=400, voice_asked=385, first_packet=500)


def test_what_did_not_happen_is_not_measured() -> None:
    assert Timing(0, first_frame=70).parts() == LatencyParts(own=70, total=70)
    assert Timing(0, decided=400).parts() == LatencyParts(endpoint=400)


def test_vendors_asked_again_are_waited_for_from_the_first_time() -> None:
    timing = Timing(0, 10, model_asked=10, token_got=60, sentence_got=61, voice_asked=62, audio_got=80)
    timing.start_over()
    timing.token_got = 500
    timing.first_frame = 600
    assert timing.parts().first_token == 490
    assert timing.parts().first_audio is None


moments = st.none() | st.integers(0, 5000)


@given(st.builds(Timing, st.integers(0, 5000), *[moments] * 9))
def test_own_time_is_never_negative_and_never_more_than_the_total(timing: Timing) -> None:
    parts = timing.parts()
    if parts.total is not None and parts.own is not None:
        assert 0 <= parts.own <= parts.total


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))), st.integers(0, 60), st.integers(0, 60))
def test_covered_counts_every_moment_once(spans: list[tuple[int, int]], start: int, end: int) -> None:
    moments = {m for a, b in spans for m in range(a, b)} & set(range(start, end))
    assert covered(spans, start, end) == len(moments)
