"""A turn model of the right shape, made here byte by byte: how loud the end of what it hears is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_workers.conversation.endpointing import turn_model
from media_workers.conversation.endpointing.turn_model import TURN_MODEL, TurnModel, installed
from media_workers.conversation.endpointing.whisper import SAMPLES, features
from media_workers.providers import local

FLOAT = 1


def field(number: int, value: bytes | int | str) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def value_info(name: str, shape: tuple[int, ...]) -> bytes:
    dimensions = b"".join(field(1, field(1, size)) for size in shape)
    tensor = field(1, FLOAT) + field(2, dimensions)
    return field(1, name) + field(2, field(1, tensor))


def onnx(input_name: str = "input_features") -> bytes:
    """Sigmoid of the mean of the features, as (1, 1, 1)."""
    mean = field(1, input_name) + field(2, "mean") + field(4, "ReduceMean")
    squashed = field(1, "mean") + field(2, "probability") + field(4, "Sigmoid")
    graph = field(1, mean) + field(1, squashed) + field(2, "turns")
    graph += field(11, value_info(input_name, (1, 80, 800)))
    graph += field(12, value_info("probability", (1, 1, 1)))
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "turns.onnx"
    path.write_bytes(onnx())
    return path


@pytest.fixture(autouse=True)
def uninstalled() -> Iterator[None]:
    yield
    local.put(TURN_MODEL, None)
    turn_model._load.cache_clear()


def noise(ms: int) -> bytes:
    return np.random.default_rng(2).normal(0, 3_000, ms * 8).astype("<i2").tobytes()


def test_it_gives_a_probability_of_what_it_hears(path: Path) -> None:
    model = TurnModel(path)
    little, much = model.probability(noise(200)), model.probability(noise(7_000))
    assert 0 < little < much < 1
    assert 0 <= model.probability(b"") <= 1
    # Only the last eight seconds count.
    assert model.probability(noise(12_000)) == pytest.approx(
        model.probability(noise(12_000)[-128_000:]), abs=0.02
    )


def test_it_answers_in_a_thread_of_its_own(path: Path) -> None:
    model, done = TurnModel(path), threading.Event()
    answers: list[tuple[float, str]] = []

    def answer(probability: float) -> None:
        answers.append((probability, threading.current_thread().name))
        done.set()

    assert model.ask(noise(1_000), answer)
    assert done.wait(30)
    (told,) = answers
    assert told[0] == pytest.approx(model.probability(noise(1_000)))
    assert told[1].startswith("turn-model")


def test_it_takes_no_more_than_it_can_answer_in_time(path: Path) -> None:
    model, hold, begun = TurnModel(path), threading.Event(), threading.Event()

    def slow(_: float) -> None:
        begun.set()
        hold.wait(30)

    assert model.ask(noise(200), slow)
    assert begun.wait(30)
    taken = [model.ask(noise(200), lambda _: None) for _ in range(4)]
    assert taken == [True, True, False, False]
    hold.set()


def test_an_answer_that_nobody_can_take_stops_nothing(path: Path) -> None:
    model, done = TurnModel(path), threading.Event()

    def broken(_: float) -> None:
        raise RuntimeError("the call is over")

    assert model.ask(noise(200), broken)
    assert model.ask(noise(200), lambda _: done.set())
    assert done.wait(30)


def test_the_nodes_model_is_loaded_once(path: Path) -> None:
    assert installed() is None
    local.put(TURN_MODEL, path)
    model = installed()
    assert model is not None
    assert installed() is model


@pytest.mark.parametrize("content", [b"no model at all", onnx("audio")])
def test_a_file_that_is_no_turn_model_is_done_without(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(content)
    local.put(TURN_MODEL, bad)
    assert installed() is None


def test_features_are_those_of_whisper() -> None:
    seconds = np.arange(SAMPLES) / 16_000
    tone = features(np.sin(2 * np.pi * 1_000 * seconds).astype(np.float32))
    assert (tone.shape, tone.dtype) == ((80, 800), np.float32)
    # Slaney's scale: 1000 Hz are 15 of the 45.2 mel that 8000 Hz are, a third of the bands.
    assert set(tone[:, 100:700].argmax(axis=0)) <= {25, 26, 27}
    # Nothing is more than 80 dB under the loudest, which is 2 of their units.
    assert tone.max() - tone.min() == pytest.approx(2.0, abs=0.01)
    assert np.array_equal(features(np.zeros(SAMPLES, np.float32)), np.full((80, 800), -1.5, np.float32))
