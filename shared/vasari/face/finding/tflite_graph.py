"""Read a float tflite file into torch, so that it runs in batches and on any device.

Covers the operations of MediaPipe's face detector and attention mesh. The graph becomes a `torch.fx.GraphModule`:
it can be moved, traced and compiled like any other module. Half-precision weights are widened to float32.
"""

from __future__ import annotations

import operator
from pathlib import Path
from typing import Any

import numpy as np
import tflite
import torch
import torch.nn.functional as F
from flatbuffers import flexbuffers
from numpy.typing import NDArray
from torch import Tensor, fx, nn

from vasari.face.finding import attention_ops

_OPERATOR_NAMES = {code: name for name, code in vars(tflite.BuiltinOperator).items() if isinstance(code, int)}
_DTYPES = {
    tflite.TensorType.FLOAT32: np.float32,
    tflite.TensorType.FLOAT16: np.float16,
    tflite.TensorType.INT32: np.int32,
    tflite.TensorType.INT64: np.int64,
}
_ACTIVATIONS = {tflite.ActivationFunctionType.RELU: F.relu, tflite.ActivationFunctionType.RELU6: F.relu6}
_NCHW_AXIS = (0, 2, 3, 1)
"""Where each axis of an NHWC tensor lies in its NCHW form."""


class TfliteGraph(nn.Module):
    """A tflite file as a torch module: (B, H, W, C) float32 in, {output name: tensor} out, 4-d outputs as NHWC.

    Attributes:
        landmark_subsets: for each region that an attention mesh refines, the indices of its landmarks, in file order.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        reader = _Reader(path.read_bytes())
        self.graph_module = reader.graph_module
        self.output_names = reader.output_names
        self.landmark_subsets = reader.landmark_subsets
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        outputs = self.graph_module(x.permute(0, 3, 1, 2))
        return {
            name: y.permute(0, 2, 3, 1) if y.dim() == 4 else y
            for name, y in zip(self.output_names, outputs, strict=True)
        }


class _Reader:
    """Walks the operations of a tflite file in order and writes each down in torch; NCHW inside."""

    def __init__(self, data: bytes) -> None:
        self.model = tflite.Model.GetRootAsModel(data, 0)
        self.subgraph = self.model.Subgraphs(0)
        self.graph, self.root = fx.Graph(), nn.Module()
        self.nodes: dict[int, fx.Node] = {}
        self.constants: dict[int, NDArray[Any]] = {}
        self.landmark_subsets: list[list[int]] = []

        for tensor in self.subgraph.InputsAsNumpy():
            self.nodes[int(tensor)] = self.graph.placeholder("x")
        for number in range(self.subgraph.OperatorsLength()):
            self._read(number)

        outputs = [int(tensor) for tensor in self.subgraph.OutputsAsNumpy()]
        self.output_names = [self.subgraph.Tensors(tensor).Name().decode() for tensor in outputs]
        self.graph.output(tuple(self.nodes[tensor] for tensor in outputs))
        self.graph_module = fx.GraphModule(self.root, self.graph)

    def _read(self, number: int) -> None:
        op = self.subgraph.Operators(number)
        code = self.model.OperatorCodes(op.OpcodeIndex())
        kind = _OPERATOR_NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, output = [int(tensor) for tensor in op.InputsAsNumpy()], int(op.OutputsAsNumpy()[0])
        call = self.graph.call_function
        activation = tflite.ActivationFunctionType.NONE

        match kind:
            case "DEQUANTIZE":  # a half-precision constant, to be used as float32
                self.constants[output] = self._constant(inputs[0]).astype(np.float32)
                return
            case "CONV_2D" | "DEPTHWISE_CONV_2D":
                node, activation = self._convolution(number, op, inputs, depthwise=kind.startswith("DEPTHWISE"))
            case "MAX_POOL_2D":
                node, activation = self._max_pool(op, inputs[0])
            case "PRELU":
                slopes = self._constant(inputs[1])
                if slopes.size != slopes.shape[-1]:
                    raise NotImplementedError("PRELU with slopes that differ within a channel")
                node = call(F.prelu, (self.nodes[inputs[0]], self._parameter(f"slopes{number}", slopes.reshape(-1))))
            case "ADD" | "MUL":
                options = _options(op, tflite.AddOptions if kind == "ADD" else tflite.MulOptions)
                function = operator.add if kind == "ADD" else operator.mul
                node = call(function, tuple(self._operand(tensor, number) for tensor in inputs))
                activation = options.FusedActivationFunction()
            case "RELU":
                node = call(F.relu, (self.nodes[inputs[0]],))
            case "PAD":
                node = self._pad(self.nodes[inputs[0]], self._constant(inputs[1]).tolist())
            case "RESHAPE":
                node = call(_reshape, (self.nodes[inputs[0]], tuple(self._shape(output)[1:])))
            case "CONCATENATION":
                rank = len(self._shape(output))
                axis = _options(op, tflite.ConcatenationOptions).Axis() % rank
                node = call(
                    torch.cat, ([self.nodes[tensor] for tensor in inputs], _NCHW_AXIS[axis] if rank == 4 else axis)
                )
            case "STRIDED_SLICE" if self._shape(inputs[0]) == self._shape(output):  # takes the whole
                node = self.nodes[inputs[0]]
            case "CUSTOM":
                node = self._custom(number, op, code.CustomCode().decode(), [self.nodes[tensor] for tensor in inputs])
            case _:
                raise NotImplementedError(kind)

        if activation != tflite.ActivationFunctionType.NONE:
            node = call(_ACTIVATIONS[activation], (node,))
        self.nodes[output] = node

    def _convolution(self, number: int, op: Any, inputs: list[int], *, depthwise: bool) -> tuple[fx.Node, int]:
        options = _options(op, tflite.DepthwiseConv2DOptions if depthwise else tflite.Conv2DOptions)
        weight = self._constant(inputs[1]).transpose((3, 0, 1, 2) if depthwise else (0, 3, 1, 2))
        _, height, width, channels = self._shape(inputs[0])
        stride = options.StrideH(), options.StrideW()
        dilation = options.DilationHFactor(), options.DilationWFactor()

        x, padding = self.nodes[inputs[0]], (0, 0)
        if options.Padding() == tflite.Padding.SAME:
            rows = _same_padding(height, weight.shape[2], stride[0], dilation[0])
            columns = _same_padding(width, weight.shape[3], stride[1], dilation[1])
            if rows[0] == rows[1] and columns[0] == columns[1]:
                padding = rows[0], columns[0]
            else:
                x = self.graph.call_function(F.pad, (x, (*columns, *rows)))

        layer = nn.Conv2d(
            channels, len(weight), weight.shape[2:], stride, padding, dilation, channels if depthwise else 1
        )
        layer.weight.data = torch.from_numpy(weight.astype(np.float32).copy())
        has_bias = len(inputs) > 2 and inputs[2] >= 0
        bias = self._constant(inputs[2]) if has_bias else np.zeros(len(weight))
        layer.bias = nn.Parameter(torch.from_numpy(bias.astype(np.float32)))
        self.root.add_module(f"conv{number}", layer)
        return self.graph.call_module(f"conv{number}", (x,)), options.FusedActivationFunction()

    def _max_pool(self, op: Any, source: int) -> tuple[fx.Node, int]:
        options = _options(op, tflite.Pool2DOptions)
        window, stride = (options.FilterHeight(), options.FilterWidth()), (options.StrideH(), options.StrideW())
        x = self.nodes[source]
        if options.Padding() == tflite.Padding.SAME:
            _, height, width, _ = self._shape(source)
            rows = _same_padding(height, window[0], stride[0])
            columns = _same_padding(width, window[1], stride[1])
            if any((*rows, *columns)):
                x = self.graph.call_function(F.pad, (x, (*columns, *rows)), {"value": float("-inf")})
        return self.graph.call_function(F.max_pool2d, (x, window, stride)), options.FusedActivationFunction()

    def _pad(self, x: fx.Node, widths: list[list[int]]) -> fx.Node:
        order = (2, 1, 3, 0) if len(widths) == 4 else range(len(widths))[::-1]  # torch names the last axis first
        flat = [width for axis in order for width in widths[axis]]
        return self.graph.call_function(F.pad, (x, flat))

    def _custom(self, number: int, op: Any, name: str, inputs: list[fx.Node]) -> fx.Node:
        data = op.CustomOptionsAsNumpy().tobytes() if op.CustomOptionsLength() else b""
        options: dict[str, Any] = flexbuffers.Loads(data) if data else {}
        call = self.graph.call_function
        match name:
            case "Landmarks2TransformMatrix":
                subset = np.array(options["subset_idxs"], np.int64).reshape(-1)
                self.landmark_subsets.append(subset.tolist())
                self.root.register_buffer(f"subset{number}", torch.from_numpy(subset))
                arguments = (
                    self.graph.get_attr(f"subset{number}"),
                    options["left_rotation_idx"],
                    options["right_rotation_idx"],
                    (options["scale_x"], options["scale_y"]),
                    (options["output_width"], options["output_height"]),
                    options["target_rotation_radians"],
                )
                return call(attention_ops.landmarks_to_matrix, (inputs[0], *arguments))
            case "TransformTensorBilinear":
                size = options["output_height"], options["output_width"]
                return call(attention_ops.transform_bilinear, (*inputs, *size))
            case "TransformLandmarks":
                return call(attention_ops.transform_landmarks, tuple(inputs))
            case _:
                raise NotImplementedError(name)

    def _shape(self, tensor: int) -> list[int]:
        found = self.subgraph.Tensors(tensor)
        return [int(size) for size in found.ShapeAsNumpy()] if found.ShapeLength() else []

    def _constant(self, tensor: int) -> NDArray[Any]:
        """Content of a tensor that the file carries."""
        if tensor not in self.constants:
            found = self.subgraph.Tensors(tensor)
            data = self.model.Buffers(found.Buffer()).DataAsNumpy().tobytes()
            self.constants[tensor] = np.frombuffer(data, _DTYPES[found.Type()]).reshape(self._shape(tensor))
        return self.constants[tensor]

    def _parameter(self, name: str, value: NDArray[Any]) -> fx.Node:
        self.root.register_parameter(name, nn.Parameter(torch.from_numpy(value.astype(np.float32))))
        return self.graph.get_attr(name)

    def _operand(self, tensor: int, number: int) -> fx.Node:
        """A computed tensor, or a constant made a parameter."""
        if tensor in self.nodes:
            return self.nodes[tensor]
        value = self._constant(tensor)
        return self._parameter(f"constant{number}_{tensor}", value.transpose(0, 3, 1, 2) if value.ndim == 4 else value)


def _options(op: Any, kind: Any) -> Any:
    options, table = kind(), op.BuiltinOptions()
    options.Init(table.Bytes, table.Pos)
    return options


def _same_padding(size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """TensorFlow's SAME: as many outputs as strides begin within the input, the odd pixel of padding at the end."""
    total = max((-(-size // stride) - 1) * stride + (window - 1) * dilation + 1 - size, 0)
    return total // 2, total - total // 2


def _reshape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Reshape all but the batch axis, in the NHWC order that the file means."""
    if x.dim() == 4:
        x = x.permute(0, 2, 3, 1)
    x = x.reshape(-1, *shape)
    return x.permute(0, 3, 1, 2) if len(shape) == 3 else x
