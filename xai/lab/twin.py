"""Twins of a backbone whose weights have been shuffled, made from the ONNX file's bytes; ONNX Runtime alone runs them.

An ONNX file is a protocol buffer. The little that is needed of it is read here: which kernels there are, in which order
they follow one another, and where their bytes lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import onnxruntime

# Field numbers of ONNX's messages: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
_GRAPH, _NODE, _TENSOR = 7, 1, 5
_INPUT, _OUTPUT, _OPERATOR = 1, 2, 4
_DIMENSION, _NAME, _RAW = 1, 8, 9


@dataclass(frozen=True)
class Stored:
    """A tensor in the file: where its bytes lie, and how many of them make one value (1 for two 4-bit values)."""

    start: int
    end: int
    width: int


def blocks(model: bytes) -> list[list[Stored]]:
    """The kernels of a backbone in blocks, the first nearest to the film.

    A block ends where branches are concatenated, as every block of an Inception network does (the first block holds the
    stem too); in a network without branches every convolution is a block.

    Args:
        model: a self-contained ``.onnx`` file whose kernels are stored as they are, or in pieces that the graph widens.

    Returns:
        Per block, all stored tensors that hold its kernels' values; scales and biases are not among them.
    """
    graph = next(span for field, span in _fields(model, 0, len(model)) if field == _GRAPH)
    nodes, tensors = [], {}
    for field, span in _fields(model, *graph):
        if field == _NODE:
            nodes.append(_node(model, *span))
        elif field == _TENSOR:
            name, shape, stored = _tensor(model, *span)
            # What has one value per output channel scales a kernel or is its bias.
            if stored is not None and len(shape) == 4 and math.prod(shape) > shape[0]:
                tensors[name] = stored
    divider = "Concat" if any(operator == "Concat" for operator, _, _ in nodes) else "Conv"
    depth: dict[str, int] = {}
    held: dict[str, list[str]] = {name: [name] for name in tensors}
    found: dict[int, list[Stored]] = {}
    for operator, inputs, outputs in nodes:  # every node comes after those that it needs
        level = max((depth.get(name, 0) for name in inputs), default=0)
        if operator == "Conv":
            found.setdefault(level, []).extend(tensors[name] for name in held.get(inputs[1], ()))
        else:
            below = [name for source in inputs for name in held.get(source, ())]
            held |= {name: below for name in outputs}
        depth |= {name: level + (operator == divider) for name in outputs}
    return [found[level] for level in sorted(found) if found[level]]


def shuffled(model: bytes, parts: list[list[Stored]], rng: np.random.Generator) -> bytes:
    """The file with the values of every kernel in these blocks permuted: the same weights, nothing learnt."""
    out = bytearray(model)
    for part in parts:
        for stored in part:
            values = np.frombuffer(model[stored.start : stored.end], np.dtype((np.void, stored.width)))
            out[stored.start : stored.end] = rng.permutation(values).tobytes()
    return bytes(out)


def load(model: bytes, threads: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Load a backbone from its bytes: what turns canvases ``(B, size, size)`` float32 into features ``(B, h, w, k)``.

    Args:
        model: the file, as it is or :func:`shuffled`.
        threads: for one forward pass; 0 lets ONNX Runtime choose.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda canvases: session.run(None, {name: canvases[..., None]})[0]


def _node(data: bytes, start: int, end: int) -> tuple[str, list[str], list[str]]:
    parts: dict[int, list[str]] = {_INPUT: [], _OUTPUT: [], _OPERATOR: []}
    for field, span in _fields(data, start, end):
        if field in parts:
            parts[field].append(data[span[0] : span[1]].decode())
    return parts[_OPERATOR][0], parts[_INPUT], parts[_OUTPUT]


def _tensor(data: bytes, start: int, end: int) -> tuple[str, list[int], Stored | None]:
    name, shape, raw = "", [], None
    for field, value in _fields(data, start, end):
        if field == _DIMENSION:
            shape += [value] if isinstance(value, int) else list(_varints(data, *value))
        elif field == _NAME:
            name = data[value[0] : value[1]].decode()
        elif field == _RAW:
            raw = value
    stored = None if raw is None else Stored(*raw, max(1, (raw[1] - raw[0]) // max(1, math.prod(shape))))
    return name, shape, stored


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int | tuple[int, int]]]:
    """A message's fields: number, and either its integer or where its bytes start and end."""
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif kind == 2:
            size, at = _varint(data, at)
            yield key >> 3, (at, at + size)
            at += size
        else:
            at += 8 if kind == 1 else 4  # a double or a float, of which no field here is one


def _varints(data: bytes, at: int, end: int) -> Iterator[int]:
    while at < end:
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
