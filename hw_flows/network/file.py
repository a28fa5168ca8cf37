# SPDX-License-Identifier: BSD-3-Clause
"""Reading a QONNX file of unknown origin: what it may hold before anything interprets it.

QONNX and FINN trust their models. They import the module that an operator's domain names, run the program that an
attribute names, evaluate layout annotations as Python, and compute constants of any size or in loops without end. So a
file is checked, and rid of what nothing here needs, before either of them sees it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hw_flows.layer_names import name_layers, note_modules
from hw_flows.machine.errors import UserError
from hw_flows.network.channels_first import channels_first
from hw_flows.network.dialects import unify_dialect
from hw_flows.network.file_kind import kind_of_file
from hw_flows.network.fold_sizes import fold_sizes
from hw_flows.network.foreign_operators import require_known
from hw_flows.network.interface import choose_output, fill_in_outputs, fix_image_size
from hw_flows.network.shapes import infer_shapes
from quantunet_common.files import require_input_file
from quantunet_common.messages import printable

#: Of one tensor, whether stored or computed: a GiB as float32.
MOST_ELEMENTS = 2**28
#: Of an image, over its channels: 2048x2048 grey pixels.
MOST_IMAGE_VALUES = 2**22
MOST_NODES = 20_000
#: Of strides, kernels, paddings.
MOST_OF_ATTRIBUTES = 2**12
MOST_BYTES = 2**31 - 1  # of any protobuf file
#: Versions of ONNX's operators that QONNX and ONNX Runtime know.
OPSETS = range(7, 27)
_ADVICE = "export the network with Brevitas' export_qonnx, as one file"
#: Operators whose result may be far larger than what goes in, so that its size has to be known before.
_GROWING = {
    "ConstantOfShape",
    "Expand",
    "Range",
    "Tile",
    "RandomNormal",
    "RandomUniform",
    "EyeLike",
    "OneHot",
    "Pad",
    "Resize",
    "Upsample",
}


def load_network(path: Path, input_shape: tuple[int, ...] | None = None, output: str | None = None) -> Any:
    """The ONNX `ModelProto` at `path`, with weights that lie in files beside it joined, checked and cleaned.

    `input_shape`: (1, C, H, W) for an image input whose size is not fixed, or is to be another one; a batch becomes one
    image in any case. `output`: the name of the one output to keep.

    What is taken out: names and notes of the exporter, functions for training, and annotations other than data types.
    What is written in one way (see `dialects`, `channels_first`): quantizers and constants, the order of axes, and sizes computed
    from known shapes. What the
    network computes stays as it is. Raises UserError for what is no model, and for models that name code, loop or grow
    without bound.
    """
    import onnx

    require_input_file(path, MOST_BYTES)
    if path.stat().st_size == 0:
        raise _unreadable(path, None)
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf and external data fail in many ways
        raise _unreadable(path, error) from None
    if not model.graph.node or not model.graph.input or not model.graph.output:
        if kind_of_file(path) is not None:
            raise _unreadable(path, None)
        raise UserError("the ONNX graph has no nodes, no input or no output", str(path), _ADVICE)
    if not all(isinstance(name, str) for name in _names(model)):
        # protobuf reads names that are no text as bytes, and does not write them again
        raise UserError("a name in the model is no text", str(path), _ADVICE)
    note_modules(model)
    _strip(model)
    _check_operators(model, path)
    unify_dialect(model)
    channels_first(model)
    name_layers(model)
    _check_constants(model, path)
    try:
        onnx.checker.check_model(model)
    except Exception as error:
        raise UserError(f"the ONNX model breaks the rules of ONNX: {_reason(error)}", str(path), _ADVICE) from None
    choose_output(model, output, path)
    resized = fix_image_size(model, input_shape, path)
    fold_sizes(model)
    _check_sizes(model, path, resized)
    if resized:
        fill_in_outputs(model)
    return model


def _unreadable(path: Path, error: Exception | None) -> UserError:
    kind = kind_of_file(path)
    if kind is not None:
        return UserError(f"the file is not a readable ONNX model: {kind[0]}", str(path), kind[1])
    reason = "unknown" if error is None else _reason(error)
    if "should be stored in" in reason:
        return UserError(
            f"the file is not a readable ONNX model: its weights are missing: {reason}",
            str(path),
            "the network was exported as several files: keep them in one folder, or export again as one file "
            "(torch.onnx.export: external_data=False)",
        )
    return UserError(
        f"the file is not a readable ONNX model: {reason}",
        str(path),
        "it may have been cut off on the way: copy or download it again, or export the network again with Brevitas' export_qonnx",
    )


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return printable(lines[0], 300) if lines else type(error).__name__


def _strip(model: Any) -> None:
    from qonnx.core.datatype import DataType

    from hw_flows.network.transform import strip_provenance

    strip_provenance(model)
    graph = model.graph
    kept: dict[str, str] = {}
    for note in graph.quantization_annotation:
        for entry in note.quant_parameter_tensor_names:
            if entry.key == "finn_datatype":
                try:
                    DataType[entry.value]
                except Exception:
                    raise UserError(
                        f"there is no data type {entry.value!r}", f"tensor {note.tensor_name}", "annotate it as UINT8"
                    ) from None
                kept[note.tensor_name] = entry.value
    del graph.quantization_annotation[:]
    for name, datatype in kept.items():
        note = graph.quantization_annotation.add(tensor_name=name)
        note.quant_parameter_tensor_names.add(key="finn_datatype", value=datatype)


def _check_operators(model: Any, path: Path) -> None:
    if model.functions:
        raise UserError(
            "the ONNX model brings functions of its own",
            str(path),
            "export with torch.onnx.export(..., dynamo=True, optimize=True), or put them in their places: "
            "onnx.inliner.inline_local_functions(model)",
        )
    if len(model.graph.node) > MOST_NODES:
        raise UserError(f"the graph has {len(model.graph.node)} nodes, more than {MOST_NODES}", str(path), _ADVICE)
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise UserError(
            f"the model is of operator set {', '.join(map(str, versions)) or 'unknown'}",
            str(path),
            f"export with one operator set of ONNX from {OPSETS.start} to {OPSETS.stop - 1}",
        )
    _check_descriptions(model.graph, path)
    for node in model.graph.node:
        where = (
            f"node {node.name or f'that gives {next(iter(node.output), None)}'}, operator {node.op_type or '(none)'}"
        )
        require_known(node, where)
        for attribute in node.attribute:
            least = {**dict.fromkeys(("strides", "dilations", "kernel_shape", "group"), 1), "pads": 0}.get(
                attribute.name
            )
            values = [*attribute.ints, *([attribute.i] if attribute.name == "group" else [])]
            if least is not None and not all(least <= value <= MOST_OF_ATTRIBUTES for value in values):
                # ONNX's own shape inference divides by them
                raise UserError(f"{attribute.name} of the operator are {values[:8]}", where, _ADVICE)
        if not node.output or not node.output[0]:
            raise UserError("the operator gives no result", where, _ADVICE)


def _names(model: Any) -> Iterator[Any]:
    graph = model.graph
    for item in (*graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info):
        yield item.name
    for node in graph.node:
        yield from (node.op_type, node.domain, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
    for note in graph.quantization_annotation:
        yield note.tensor_name
        for entry in note.quant_parameter_tensor_names:
            yield from (entry.key, entry.value)
    yield from (entry.domain for entry in model.opset_import)


def _check_descriptions(graph: Any, path: Path) -> None:
    """Tools that cut networks describe a tensor again in the same words: one description is left of each."""
    described = {}
    for value in (*graph.input, *graph.output):
        if value.name in described:
            raise UserError(f"the tensor {value.name} is an input or output twice", str(path), _ADVICE)
        described[value.name] = value.type
    for value in list(graph.value_info):
        if value.name not in described:
            described[value.name] = value.type
        elif described[value.name] == value.type:
            graph.value_info.remove(value)
        else:
            raise UserError(f"the tensor {value.name} is described twice, as different things", str(path), _ADVICE)


def _check_constants(model: Any, path: Path) -> None:
    from onnx import numpy_helper

    graph = model.graph
    if graph.sparse_initializer:
        raise UserError("the model has sparse constants", str(path), _ADVICE)
    names: set[str] = set()
    for tensor in graph.initializer:
        where = f"{path}, constant {tensor.name or '(without name)'}"
        if not tensor.name or tensor.name in names:
            raise UserError("a constant has no name or that of another", where, _ADVICE)
        names.add(tensor.name)
        if any(d < 0 for d in tensor.dims) or math.prod(tensor.dims) > MOST_ELEMENTS:
            raise UserError(f"a constant has the shape {list(tensor.dims)[:8]}", where, _ADVICE)
        try:
            values = numpy_helper.to_array(tensor)
        except Exception as error:
            raise UserError(f"a constant cannot be read: {_reason(error)}", where, _ADVICE) from None
        if values.dtype.kind not in "biuf":
            kind = "text" if values.dtype.kind == "O" else f"values of type {values.dtype}"
            raise UserError(
                f"a constant holds {kind}", where, "export the network in float32: model.float() before the export"
            )
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise UserError("a constant holds values that are not finite", where, "train or export the network again")


def _check_sizes(model: Any, path: Path, resized: bool) -> None:
    """`resized`: the image's size is not the one that the file was exported for."""
    try:
        shapes = infer_shapes(model, strict=True)
    except Exception as error:
        raise UserError(
            f"the shapes contradict each other{' for images of this size' if resized else ''}: {_reason(error)}",
            str(path),
            "give another --input-shape, whose height and width divide by 2 as often as the network halves them, or export "
            "the network for this size and a batch of one"
            if resized
            else _ADVICE,
        ) from None
    constants = {tensor.name for tensor in model.graph.initializer}
    for value in model.graph.input:
        if value.name not in constants and None in shapes.get(value.name, (None,)):
            dimensions = [d.dim_param or d.dim_value or "?" for d in value.type.tensor_type.shape.dim]
            raise UserError(
                f"the input {value.name} has no fixed shape: ({', '.join(map(str, dimensions))})",
                str(path),
                "give the size of the images with --input-shape 1,CHANNELS,HEIGHT,WIDTH",
            )
    known = {name: math.prod(max(0, d or 0) for d in shape) for name, shape in shapes.items() if None not in shape}
    for name, size in known.items():
        if size > MOST_ELEMENTS:
            raise UserError(
                f"tensor {name} would have {size:,} elements, more than {MOST_ELEMENTS:,}",
                str(path),
                "export for smaller images",
            )
    for node in model.graph.node:
        # where sizes depend on values, nothing bounds what follows
        begins = known.keys() >= set(filter(None, node.input))
        if (begins or node.op_type in _GROWING) and node.output[0] not in known:
            raise UserError(
                f"the size of what {node.op_type} gives is not known before it is computed",
                f"node {node.name or '(without name)'}",
                "export with fixed sizes, or say the image's: --input-shape 1,CHANNELS,HEIGHT,WIDTH",
            )
