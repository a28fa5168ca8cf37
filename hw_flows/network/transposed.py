# SPDX-License-Identifier: BSD-3-Clause
"""Transposed convolutions whose windows overlap become convolutions over the small image, one for each phase.

With stride s, an output row y takes the kernel's rows of one phase, (y + pad) mod s, then every s-th, on as many rows of the
input. So the output pixels of a phase are an ordinary convolution with a part of the kernel, and a pixel shuffle puts the
s * s phases together (arXiv:1609.07009). Where all parts are equal (the stride divides the kernel), one convolution with
s * s times the output channels gives all phases, a row and a column more than are kept; parts that are not (a 3x3 kernel of
stride 2 has 4, 2, 2 and 1 products) are convolutions of their own. No product is with a zero but at the borders of the image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby, product
from typing import Any

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.graph_surgery import attributes_of, is_constant, new_tensor
from hw_flows.network.arithmetic import constant_value
from hw_flows.network.slices import slice_node

_IMAGE = 4  # axes
_QUANTIZERS = ("Quant", "BipolarQuant")


@dataclass(frozen=True)
class KernelPhases:
    """One axis of a transposed convolution."""

    size: int
    """Input pixels."""
    out: int
    stride: int
    kernel: int
    pad: int
    """Output pixels cut off at the beginning."""
    extra: int = 0
    """Of these, so many are computed all the same, and dropped."""

    @property
    def grid(self) -> int:
        """Output pixels of each phase."""
        return -(-(self.extra + self.out) // self.stride)

    def _start(self, phase: int) -> tuple[int, int]:
        """(the last input pixel, the kernel's pixel on it) of the first output pixel of a phase."""
        return divmod(phase + self.pad - self.extra, self.stride)

    def kernel_part(self, phase: int) -> slice:
        return slice(self._start(phase)[1], None, self.stride)

    def taps(self, phase: int) -> int:
        return len(range(self.kernel)[self.kernel_part(phase)])

    def border(self, phase: int) -> tuple[int, int]:
        """Pixels of zeros (below 0: pixels to leave out) before and behind the input of a phase's convolution."""
        last = self._start(phase)[0]
        return self.taps(phase) - 1 - last, last + self.grid - self.size

    def together(self) -> KernelPhases:
        """With all phases beginning on the same input pixels."""
        return replace(self, extra=self.pad % self.stride)

    def kept(self) -> range:
        """Of the pixels of all phases, those of the output."""
        return range(self.extra, self.extra + self.out)


def split_transposed(model: ModelWrapper) -> None:
    """Split every transposed convolution that has overlapping windows, or a border. Changes `model`, QONNX whose
    quantizers of weights have one reader each, in place."""
    for node in list(model.graph.node):
        if node.op_type == "ConvTranspose":
            axes = _axes(model, node)
            if axes is not None:
                _split(model, node, axes)


def _axes(model: ModelWrapper, node: Any) -> tuple[KernelPhases, KernelPhases] | None:
    """None where nothing has to be done, or cannot be done."""
    a = attributes_of(node)
    x, kernel, y = (model.get_tensor_shape(name) for name in (node.input[0], node.input[1], node.output[0]))
    if x is None or y is None or len(x) != _IMAGE or a.get("group", 1) != 1 or set(a.get("dilations", [1])) != {1}:
        return None
    strides, pads = list(a.get("strides", [1, 1])), list(a.get("pads", [0] * 4))
    plain = strides == kernel[2:] and not any(pads) and not any(a.get("output_padding", [0]))
    known = a.get("auto_pad", b"NOTSET") in (b"NOTSET", b"") and "output_shape" not in a and len(strides) == 2
    if plain or not known or strides[0] != strides[1] or min(kernel[2:]) < strides[0] or min(pads) < 0:
        return None
    if any(kernel[2 + axis] <= pads[axis] for axis in range(2)):
        return None
    if not all(_is_constant(model, name) for name in node.input[1:]):
        return None
    rows, columns = (KernelPhases(x[2 + i], y[2 + i], strides[i], kernel[2 + i], pads[i]) for i in range(2))
    if all(size % strides[0] == 0 for size in kernel[2:]):
        return rows.together(), columns.together()  # one convolution, of a row and a column more at most
    return rows, columns


def _split(model: ModelWrapper, node: Any, axes: tuple[KernelPhases, KernelPhases]) -> None:
    rows, columns = axes
    stride = rows.stride
    _, channels, height, width = model.get_tensor_shape(node.output[0])
    grid = [rows.grid, columns.grid]
    made, parts = [], []
    order = product(range(stride), range(stride))  # as DepthToSpace has them

    def window(phase: tuple[int, int]) -> tuple[Any, ...]:
        """Taps and borders: phases of equal ones can be one convolution."""
        py, px = phase
        return rows.taps(py), columns.taps(px), rows.border(py), columns.border(px)

    for (taps_h, taps_w, *_), members in groupby(order, key=window):
        phases = list(members)
        name = f"{node.name}_{taps_h}x{taps_w}_{phases[0][0]}{phases[0][1]}"
        parts.append(new_tensor(model, [1, channels * len(phases), *grid]))
        made += _convolution(model, node, axes, phases, parts[-1], name)
    if len(parts) > 1:
        joined = new_tensor(model, [1, channels * stride**2, *grid])
        made.append(helper.make_node("Concat", parts, [joined], axis=1, name=f"{node.name}_phases"))
        parts = [joined]
    if stride > 1:
        shuffled = new_tensor(model, [1, channels, grid[0] * stride, grid[1] * stride])
        attributes = {"blocksize": stride, "mode": "DCR", "name": f"{node.name}_shuffle"}
        made.append(helper.make_node("DepthToSpace", parts, [shuffled], **attributes))
        parts = [shuffled]
    if [grid[0] * stride, grid[1] * stride] != [height, width]:
        ranges = [range(1), range(channels), rows.kept(), columns.kept()]
        cropped = new_tensor(model, [1, channels, height, width])
        made.append(slice_node(model, parts[0], cropped, ranges, f"{node.name}_crop"))
        parts = [cropped]
    if len(node.input) > 2 and node.input[2]:
        # it ends in thresholds, whether it was quantized or not
        bias = _constant(model, constant_value(model, node.input[2]).reshape(1, -1, 1, 1))
        made.append(helper.make_node("Add", [parts[0], bias], [""], name=f"{node.name}_bias"))
    made[-1].output[0] = node.output[0]
    position = list(model.graph.node).index(node)
    for offset, new in enumerate(made):
        model.graph.node.insert(position + offset, new)
    model.graph.node.remove(node)


def _convolution(
    model: ModelWrapper,
    node: Any,
    axes: tuple[KernelPhases, KernelPhases],
    phases: list[tuple[int, int]],
    result: str,
    name: str,
) -> list[Any]:
    """The convolution that gives some phases with equally many taps, one after the other along the channels, as `result`."""
    made = []
    (top, bottom), (left, right) = (axis.border(p) for axis, p in zip(axes, phases[0], strict=True))
    source = node.input[0]
    if min(top, left, bottom, right) < 0:
        _, channels, height, width = model.get_tensor_shape(source)
        rows, columns = range(max(0, -top), height + min(0, bottom)), range(max(0, -left), width + min(0, right))
        cropped = new_tensor(model, [1, channels, len(rows), len(columns)])
        made.append(slice_node(model, source, cropped, [range(1), range(channels), rows, columns], f"{name}_input"))
        source = cropped

    def weights(values: np.ndarray) -> np.ndarray:
        """(C_in, C_out, kh, kw) to (phases * C_out, C_in, taps, taps)."""
        taps = (values[:, :, axes[0].kernel_part(py), axes[1].kernel_part(px)] for py, px in phases)
        return np.concatenate([t[:, :, ::-1, ::-1].transpose(1, 0, 2, 3) for t in taps])

    quantizer, kernel = model.find_producer(node.input[1]), node.input[1]
    if quantizer is None:
        kernel = _constant(model, weights(model.get_initializer(kernel)))
    else:
        copy = NodeProto()
        copy.CopyFrom(quantizer)
        copy.name = f"{name}_{quantizer.name}"
        whole = weights(model.get_initializer(quantizer.input[0]))
        copy.input[0] = _constant(model, whole)
        for place, constant in enumerate(quantizer.input[1:], start=1):
            value = model.get_initializer(constant)
            if value.size > 1:  # for each output channel
                copy.input[place] = _constant(model, np.tile(np.ravel(value), len(phases)).reshape(-1, 1, 1, 1))
        copy.output[0] = kernel = new_tensor(model, list(whole.shape))
        made.append(copy)
    pads = [max(0, amount) for amount in (top, left, bottom, right)]
    taps = [axis.taps(p) for axis, p in zip(axes, phases[0], strict=True)]
    attributes = {"kernel_shape": taps, "pads": pads, "strides": [1, 1], "dilations": [1, 1], "group": 1}
    made.append(helper.make_node("Conv", [source, kernel], [result], name=name, **attributes))
    return made


def _constant(model: ModelWrapper, value: np.ndarray) -> str:
    name = str(model.make_new_valueinfo_name())
    model.set_initializer(name, np.ascontiguousarray(value))
    return name


def _is_constant(model: ModelWrapper, tensor: str) -> bool:
    """A constant, or a quantizer of constants."""
    node = model.find_producer(tensor)
    if node is None:
        return model.get_initializer(tensor) is not None
    return node.op_type in _QUANTIZERS and is_constant(model, node)
