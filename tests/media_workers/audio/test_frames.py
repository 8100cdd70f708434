"""The fast frame copy: right on the real vector of pjsua2, and harmless where it cannot work."""

from __future__ import annotations

from collections.abc import Iterator

import pjsua2
import pytest

from media_workers.audio.frames import FrameCopier

PATTERN = bytes(i * 31 % 256 for i in range(320))


class SlowVector:
    """A vector of another build: its address leads to something else."""

    def __init__(self, size: int) -> None:
        self.data = bytearray(size)

    @property
    def this(self) -> object:
        raise TypeError("no address here")

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[int]:
        return iter(self.data)

    def __setitem__(self, index: int, value: int, /) -> None:
        self.data[index] = value


class LyingVector(SlowVector):
    """Has an address, but what is there is no pair of pointers 320 bytes apart."""

    @property
    def this(self) -> object:
        return id(self.data)


def test_pjsua2s_vectors_are_copied_the_fast_way() -> None:
    copier = FrameCopier(pjsua2.ByteVector)
    assert copier.fast
    frame = pjsua2.MediaFrame()
    vector = pjsua2.ByteVector(320)
    copier.write(vector, PATTERN)
    frame.buf = vector
    assert bytes(frame.buf) == PATTERN
    assert copier.read(frame.buf) == PATTERN


def test_an_empty_vector_reads_as_nothing() -> None:
    assert FrameCopier(pjsua2.ByteVector).read(pjsua2.ByteVector()) == b""


@pytest.mark.parametrize("vector_type", [SlowVector, LyingVector])
def test_an_unknown_layout_is_served_the_slow_way(vector_type: type[SlowVector]) -> None:
    copier = FrameCopier(vector_type)
    assert not copier.fast
    vector = vector_type(320)
    copier.write(vector, PATTERN)
    assert copier.read(vector) == PATTERN


@pytest.mark.parametrize("vector_type", [pjsua2.ByteVector, SlowVector])
def test_what_does_not_fit_is_refused_before_anything_is_written(vector_type: type[SlowVector]) -> None:
    vector = vector_type(320)
    with pytest.raises(ValueError, match="do not fit"):
        FrameCopier(vector_type).write(vector, PATTERN + b"x")
    assert not any(vector)
