# SPDX-License-Identifier: BSD-3-Clause
"""What the user chooses of a network's interface: the size of its images, and which of its outputs counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from onnx import ModelProto

from hw_flows.machine.errors import UserError
from hw_flows.network.shapes import Shape, infer_shapes

_EXAMPLE = (1, 1, 256, 256)
_MOST_LISTED = 16


def choose_output(model: ModelProto, name: str | None, path: Path) -> None:
    """Leave one output alone, in place; all of them for None. Raises UserError where there is none of that name."""
    outputs = {value.name: value for value in model.graph.output}
    if name is None:
        return
    if name not in outputs:
        more = f" and {len(outputs) - _MOST_LISTED} more" if len(outputs) > _MOST_LISTED else ""
        raise UserError(
            f"the network has no output {name[:100]!r}",
            str(path),
            f"give one of its outputs: --output-tensor {', '.join(list(outputs)[:_MOST_LISTED])}{more}",
        )
    chosen = outputs[name]
    del model.graph.output[:]
    model.graph.output.append(chosen)


def fix_image_size(model: ModelProto, given: tuple[int, ...] | None, path: Path) -> bool:
    """Give the image input the shape `given` (1, C, H, W), or else, where its batch is not one, a batch of one; in place.

    Whether anything was changed: then what the file says of other shapes is gone. Raises UserError where the size is not
    known, or the file's number of channels is another one.
    """
    fixed = {tensor.name for tensor in model.graph.initializer}
    images = [value for value in model.graph.input if value.name not in fixed]
    if len(images) != 1:
        return False  # said where the inputs are checked
    (image,) = images
    shape = _shape(image)
    if given is None:
        if shape is None or len(shape) != 4:
            if shape is None:
                raise _unknown_size(image, path)
            return False
        wanted: Shape = (1, *shape[1:])
        if None in wanted:
            raise _unknown_size(image, path)
    else:
        wanted = given
        if shape is not None and (len(shape) != 4 or shape[1] not in (None, given[1])):
            raise UserError(
                f"--input-shape {','.join(map(str, given))} is not a size of the input {image.name}: "
                f"({', '.join(_dimensions(image))})",
                str(path),
                "give (1, channels, height, width) with the network's number of channels",
            )
    if wanted == shape:
        return False
    dimensions = image.type.tensor_type.shape
    del dimensions.dim[:]
    for size in wanted:
        dimensions.dim.add(dim_value=size)
    del model.graph.value_info[:]
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    return True


def fill_in_outputs(model: ModelProto) -> None:
    """Outputs whose shapes `fix_image_size` has removed get those that follow from the image's, in place."""
    shapes = infer_shapes(model)
    for value in model.graph.output:
        tensor, shape = value.type.tensor_type, shapes.get(value.name)
        if shape is not None and not tensor.HasField("shape"):
            for size in shape:
                dimension = tensor.shape.dim.add()
                if size is not None:
                    dimension.dim_value = size


def _shape(value: Any) -> Shape | None:
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return tuple(d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in tensor.shape.dim)


def _dimensions(value: Any) -> list[str]:
    return [str(d.dim_param or d.dim_value or "?")[:20] for d in value.type.tensor_type.shape.dim][:8]


def _unknown_size(image: Any, path: Path) -> UserError:
    shape = _shape(image)
    known = shape if shape is not None and len(shape) == 4 else (None,) * 4
    example = [e if i == 0 or k is None else k for i, (k, e) in enumerate(zip(known, _EXAMPLE, strict=True))]
    words = ",".join(map(str, example))
    return UserError(
        f"the input {image.name} has no fixed size: ({', '.join(_dimensions(image)) or 'of unknown rank'})",
        str(path),
        f"give the size that the hardware is to have, (1, channels, height, width): --input-shape {words}, for example, or "
        f"`input_shape: [{words}]` in the configuration",
    )
