"""The residual network as an ONNX graph."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from serfast.errors import ParameterError
from serfast.nets._runtime import SMALLEST_VARIANCE, Runtime

OPSET = 17
IR_VERSION = 8  # the one that came with the operators


def export_onnx(runtime: Runtime, path: str | os.PathLike[str]) -> None:
    """Write a trained network as an ONNX file.

    The graph begins with ``bands`` of shape ``(1, 1, n_mels, n_frames)``, normalised and among
    zeros, and ends with ``probabilities`` of shape ``(1, n_classes)``. The classes and the front
    end's settings are in the file's metadata, as JSON.

    Parameters
    ----------
    runtime : Runtime
        The network.
    path : path
        The file.

    Raises
    ------
    ParameterError
        If the package onnx is missing.
    """
    try:
        import onnx
    except ImportError:
        raise ParameterError(
            'ONNX files need the package onnx: pip install "serfast[onnx]"'
        ) from None
    import json

    from onnx import TensorProto, helper

    graph = Graph(runtime)
    answer = graph.probabilities("bands")
    model = helper.make_model(
        helper.make_graph(
            [*graph.nodes, helper.make_node("Identity", [answer], ["probabilities"])],
            "residual network",
            [_float_value("bands", (1, 1, runtime.front.n_mels, runtime.n_frames))],
            [_float_value("probabilities", (1, len(runtime.classes)))],
            [helper.make_tensor(n, TensorProto.FLOAT, a.shape, a) for n, a in graph.floats.items()]
            + [
                helper.make_tensor(n, TensorProto.INT64, [len(a)], a) for n, a in graph.ints.items()
            ],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    settings, _ = runtime.to_parts()
    helper.set_model_props(model, {name: json.dumps(value) for name, value in settings.items()})
    onnx.checker.check_model(model)
    onnx.save(model, os.fspath(path))


def _float_value(name: str, shape: tuple[int, ...]) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


class Graph:
    """Nodes and constants, added one after the other; each step returns its output's name."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.nodes: list[Any] = []
        self.floats: dict[str, Any] = {}
        self.ints: dict[str, list[int]] = {}

    def probabilities(self, bands: str) -> str:
        x = self.relu(self.conv("stem", bands, stride=2))
        for i in range(self.runtime.n_blocks):
            x = self.block(f"blocks.{i}", x)
        n_rows = self.runtime.layers["join.weight"].shape[1]
        rows = self.node("Reshape", x, self.whole([1, n_rows, -1]))
        h = self.relu(self.conv("join", rows, 1))
        pooled = self.node("Unsqueeze", self.pooled(h), self.whole([2]))
        scores = self.node("Squeeze", self.conv("output", pooled, 1), self.whole([2]))
        cooled = self.node("Div", scores, self.number(self.runtime.temperature))
        return self.node("Softmax", cooled, axis=1)

    def block(self, name: str, x: str) -> str:
        h = self.conv(f"{name}.second", self.relu(self.conv(f"{name}.first", x, stride=2)))
        mean = self.node("ReduceMean", h, axes=[2, 3], keepdims=1)
        squeezed = self.relu(self.conv(f"{name}.squeeze", mean))
        weights = self.node("Sigmoid", self.conv(f"{name}.excite", squeezed))
        weighted = self.node("Mul", h, weights)
        return self.relu(self.node("Add", weighted, self.conv(f"{name}.shortcut", x, stride=2)))

    def pooled(self, h: str) -> str:
        score = self.conv("score", self.node("Tanh", self.conv("hidden", h, 1)), 1)
        weighted = self.node("Mul", self.node("Softmax", score, axis=2), h)
        mean = self.over_time(weighted)
        variance = self.node(
            "Sub", self.over_time(self.node("Mul", weighted, h)), self.node("Mul", mean, mean)
        )
        kept = self.node("Max", variance, self.number(SMALLEST_VARIANCE))
        return self.node("Concat", mean, self.node("Sqrt", kept), axis=1)

    def over_time(self, x: str) -> str:
        return self.node("ReduceSum", x, self.whole([2]), keepdims=0)

    def relu(self, x: str) -> str:
        return self.node("Relu", x)

    def conv(self, name: str, x: str, n_axes: int = 2, stride: int = 1) -> str:
        weight = self.runtime.layers[f"{name}.weight"]
        self.floats[f"{name}.weight"] = weight.reshape(
            *weight.shape[:2], *weight.shape[2:] or (1,) * n_axes
        )
        self.floats[f"{name}.bias"] = self.runtime.layers[f"{name}.bias"]
        margin = self.floats[f"{name}.weight"].shape[-1] // 2
        return self.node(
            "Conv", x, f"{name}.weight", f"{name}.bias",
            strides=[stride] * n_axes, pads=[margin] * (2 * n_axes),
        )  # fmt: skip

    def number(self, value: float) -> str:
        name = f"number {len(self.floats)}"
        self.floats[name] = np.array([value], np.float32)
        return name

    def whole(self, values: list[int]) -> str:
        name = f"integers {len(self.ints)}"
        self.ints[name] = values
        return name

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"{operator} {len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name
