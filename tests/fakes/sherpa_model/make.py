"""Makes the model beside this file: `python make.py`, with the package `onnx`, which nothing else needs.

A streaming transducer of a few weights for the real sherpa-onnx: it hears three tones as three words (500 Hz
yes, 1000 Hz no, 2500 Hz maybe) and silence as nothing. A word is not heard twice in a row.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
MEL_BINS, FRAMES, CHUNK = 80, 9, 4
WORDS = {"▁YES": 500.0, "▁NO": 1000.0, "▁MAYBE": 2500.0}
LOWEST_HZ, HIGHEST_HZ = 20.0, 7600.0
THRESHOLD = -2.0
"""Log energy of a band from which on it is a tone."""


def mel(hz: float) -> float:
    return 1127 * float(np.log(1 + hz / 700))


def bin_of(hz: float) -> int:
    width = (mel(HIGHEST_HZ) - mel(LOWEST_HZ)) / (MEL_BINS + 1)
    return round((mel(hz) - mel(LOWEST_HZ)) / width) - 1


def tensor(name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name: str, value: np.ndarray) -> onnx.TensorProto:
    return numpy_helper.from_array(value, name)


def save(
    part: str,
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: list[onnx.TensorProto],
    **about: str | int,
) -> None:
    graph = helper.make_graph(nodes, part, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, {name: str(value) for name, value in about.items()})
    onnx.checker.check_model(model)
    onnx.save(model, str(HERE / f"{part}.onnx"))


def main() -> None:
    state = [1, "N", 1]
    save(
        "encoder",
        [
            helper.make_node("ReduceMean", ["x"], ["encoder_out"], axes=[1], keepdims=1),
            helper.make_node("Identity", ["h"], ["next_h"]),
            helper.make_node("Identity", ["c"], ["next_c"]),
        ],
        [tensor("x", ["N", FRAMES, MEL_BINS]), tensor("h", state), tensor("c", state)],
        [tensor("encoder_out", ["N", 1, MEL_BINS]), tensor("next_h", state), tensor("next_c", state)],
        [],
        model_type="lstm",
        num_encoder_layers=1,
        T=FRAMES,
        decode_chunk_len=CHUNK,
        rnn_hidden_size=1,
        d_model=1,
    )
    size = len(WORDS) + 1
    last = np.eye(size, dtype=np.float32) * 1_000
    last[0] = 0
    save(
        "decoder",
        [
            helper.make_node("Gather", ["last", "y"], ["each"], axis=0),
            helper.make_node("Squeeze", ["each", "first"], ["decoder_out"]),
        ],
        [tensor("y", ["N", 1], TensorProto.INT64)],
        [tensor("decoder_out", ["N", size])],
        [constant("last", last), constant("first", np.array([1], np.int64))],
        vocab_size=size,
        context_size=1,
    )
    weights = np.zeros((MEL_BINS, size), np.float32)
    for number, hz in enumerate(WORDS.values(), 1):
        weights[bin_of(hz), number] = 1
    bias = np.array([THRESHOLD, 0, 0, 0], np.float32)
    save(
        "joiner",
        [
            helper.make_node("MatMul", ["encoder_out", "weights"], ["bands"]),
            helper.make_node("Add", ["bands", "bias"], ["biased"]),
            helper.make_node("Sub", ["biased", "decoder_out"], ["logit"]),
        ],
        [tensor("encoder_out", ["N", MEL_BINS]), tensor("decoder_out", ["N", size])],
        [tensor("logit", ["N", size])],
        [constant("weights", weights), constant("bias", bias)],
        joiner_dim=size,
    )
    tokens = ["<blk>", *WORDS]
    lines = [f"{token} {number}" for number, token in enumerate(tokens)]
    (HERE / "tokens.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
