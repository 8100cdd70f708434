"""A Piper voice of a few hundred bytes: a real ONNX model with the inputs and the output of Piper's, which
plays every phoneme's number as a level, for 200 samples times the length scale.

Written by hand, since the `onnx` package is not here. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

SAMPLES = 200
RATE = 16_000
_FLOAT, _INT64 = 1, 7
PHONEMES = "_^$ .,:;!?abcdefghijklmnopqrstuvwxyzˈˌːɑɐɒɔəɚɛɜɡɪŋɹʃʊʌʒθðæɾ"


def write(folder: Path, *, speakers: int = 1, **changes: object) -> Path:
    """The .onnx file, with its configuration beside it, of which `changes` are made."""
    path = folder / "voice.onnx"
    path.write_bytes(_model(speakers > 1))
    config = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "phoneme_type": "espeak",
        "inference": {"noise_scale": 0.6, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": {phoneme: [number] for number, phoneme in enumerate(PHONEMES)},
        "num_speakers": speakers,
        "speaker_id_map": {f"speaker{n}": n for n in range(speakers)} if speakers > 1 else {},
    }
    (folder / "voice.onnx.json").write_text(json.dumps(config | changes))
    return path


def _model(with_speaker: bool) -> bytes:
    nodes = [
        _node("Cast", ["input"], "level", to=_FLOAT),
        _node("Gather", ["scales", "one"], "length"),
        _node("Mul", ["length", "samples"], "times"),
        _node("Cast", ["times"], "whole", to=_INT64),
        _node("Reshape", ["whole", "one_long"], "whole1"),
        _node("Concat", ["one_long", "whole1"], "repeats", axis=0),
        _node("Transpose", ["level"], "column"),
        _node("Tile", ["column", "repeats"], "tiled"),
        _node("Reshape", ["tiled", "flat"], "raw"),
    ]
    inputs = [_value("input", _INT64, 2), _value("input_lengths", _INT64, 1), _value("scales", _FLOAT, 1)]
    last = _node("Identity", ["raw"], "output")
    if with_speaker:
        # A speaker of a higher number begins with its number.
        nodes += [
            _node("Cast", ["sid"], "speaker", to=_FLOAT),
            _node("Reshape", ["speaker", "flat"], "speaker3"),
        ]
        last = _node("Concat", ["speaker3", "raw"], "output", axis=2)
        inputs.append(_value("sid", _INT64, 1))
    constants = [
        _tensor("one", _INT64, [], struct.pack("<q", 1)),
        _tensor("one_long", _INT64, [1], struct.pack("<q", 1)),
        _tensor("flat", _INT64, [3], struct.pack("<3q", 1, 1, -1)),
        _tensor("samples", _FLOAT, [], struct.pack("<f", SAMPLES)),
    ]
    graph = b"".join(
        [
            *(_part(1, node) for node in [*nodes, last]),
            _part(2, b"voice"),
            *(_part(5, constant) for constant in constants),
            *(_part(11, value) for value in inputs),
            _part(12, _value("output", _FLOAT, 3)),
        ]
    )
    return _number(1, 8) + _part(7, graph) + _part(8, _part(1, b"") + _number(2, 13))


def _node(operator: str, inputs: list[str], output: str, **attributes: int) -> bytes:
    given = b"".join(
        _part(5, _part(1, name.encode()) + _number(3, value) + _number(20, 2))
        for name, value in attributes.items()
    )
    names = b"".join(_part(1, name.encode()) for name in inputs)
    return names + _part(2, output.encode()) + _part(4, operator.encode()) + given


def _tensor(name: str, kind: int, dimensions: list[int], raw: bytes) -> bytes:
    shape = b"".join(_number(1, size) for size in dimensions)
    return shape + _number(2, kind) + _part(8, name.encode()) + _part(9, raw)


def _value(name: str, kind: int, dimensions: int) -> bytes:
    shape = b"".join(_part(1, _part(2, f"{name}{n}".encode())) for n in range(dimensions))
    return _part(1, name.encode()) + _part(2, _part(1, _number(1, kind) + _part(2, shape)))


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
