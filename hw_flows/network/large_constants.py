# SPDX-License-Identifier: BSD-3-Clause
"""Models whose large constants are arrays beside the ONNX message.

Every transformation of QONNX copies the whole message, infers shapes on its serialized form, and looks constants up where it
only asks whether they are there. So a step took as long as weights times transformations. With the weights outside, which
all copies share, it takes as long as the graph has nodes. In the message stands a tensor with ONNX's own mark for external
data, so that shapes and types are inferred as before, and whoever reads it as if it held values gets an error, not zeros.

A saved model has them in files of its folder, as ONNX' external data: `onnx.load` joins them. Files are named by their
content, so steps that leave weights as they are share them.
"""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import ModelProto, StringStringEntryProto, TensorProto, external_data_helper, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.base import Transformation
from qonnx.util.onnx import valueinfo_to_tensor

from quantunet_common.files import write_atomically

#: Bytes from which on a constant is large. Smaller ones may be sizes, which shape inference reads.
LARGE = 2**20
#: Below the folder of a saved model.
FOLDER = "constants"
_KINDS = "fiu"
_handles = count()


@dataclass(frozen=True, eq=False)
class _Constant:
    """`values`: contiguous and read-only, so copies of models may share them."""

    values: np.ndarray

    @cached_property
    def file_name(self) -> str:
        return f"{hashlib.sha256(self.values.data).hexdigest()}.bin"


class LeanModel(ModelWrapper):
    """A `ModelWrapper` as any other to whoever asks it for constants, transforms or saves it."""

    def __init__(self, model: ModelProto, constants: dict[str, _Constant] | None = None) -> None:
        """`model` is taken as it is, or copied without its large constants. `constants`: those that it names already."""
        self._constants = dict(constants or {})
        super().__init__(self._without_large_constants(model))

    @staticmethod
    def of(model: ModelProto) -> LeanModel:
        """A copy of `model`."""
        lean = LeanModel(model)
        return copy.deepcopy(lean) if lean.model is model else lean

    @staticmethod
    def load(path: Path) -> LeanModel:
        """Read a model that `save` or any other program wrote. Raises what `onnx.load` raises, and OSError."""
        model = onnx.load(str(path), load_external_data=False)
        constants = {}
        for tensor in model.graph.initializer:
            if external_data_helper.uses_external_data(tensor):
                constants[handle := _new_handle()] = _Constant(numpy_helper.to_array(tensor, str(path.parent)))
                tensor.CopyFrom(_outside(tensor.name, tensor.data_type, tensor.dims, handle))
        # a copy, because a message keeps the memory of what was taken out of it
        return LeanModel(copy.deepcopy(model) if constants else model, constants)

    def save(self, filename: str | Path) -> None:
        """Write the model to `filename`, and its large constants below FOLDER beside it, where they are not there yet."""
        path = Path(filename)
        model = copy.deepcopy(self.model)
        for tensor in model.graph.initializer:
            constant = self._constant(tensor)
            if constant is not None:
                _store(constant, path.parent / FOLDER / constant.file_name)
                _refer(tensor, f"{FOLDER}/{constant.file_name}")
        onnx.save(model, str(path))

    def is_outside(self, tensor_name: str) -> bool:
        """Whether a tensor is a large constant."""
        return any(t.name == tensor_name and _handle(t) is not None for t in self.graph.initializer)

    def whole(self) -> ModelProto:
        """The message with all constants in it, a copy."""
        model = copy.deepcopy(self.model)
        for tensor in model.graph.initializer:
            constant = self._constant(tensor)
            if constant is not None:
                tensor.CopyFrom(numpy_helper.from_array(constant.values, tensor.name))
        return model

    def transform(self, transformation: Transformation, *args: Any, **kwargs: Any) -> LeanModel:
        """As `ModelWrapper.transform`."""
        self._describe_constants()
        return super().transform(_KeepingConstants(transformation), *args, **kwargs)

    def get_initializer(self, tensor_name: str, return_dtype: bool = False) -> Any:
        """As `ModelWrapper.get_initializer`; large constants cannot be written into."""
        for tensor in self.graph.initializer:
            if tensor.name == tensor_name:
                constant = self._constant(tensor)
                values = numpy_helper.to_array(tensor) if constant is None else constant.values
                return (values, tensor.data_type) if return_dtype else values
        return (None, None) if return_dtype else None

    def set_initializer(self, tensor_name: str, tensor_value: np.ndarray) -> None:
        """As `ModelWrapper.set_initializer`."""
        if not _is_large(tensor_value.dtype, tensor_value.nbytes):
            super().set_initializer(tensor_name, tensor_value)
            return
        constant = next((own for own in self._constants.values() if own.values is tensor_value), None)
        if constant is None:
            values = np.array(tensor_value, order="C")
            values.flags.writeable = False
            constant = _Constant(values)
        self._constants[handle := _new_handle()] = constant
        self.del_initializer(tensor_name)
        data_type = helper.np_dtype_to_tensor_dtype(tensor_value.dtype)
        self.graph.initializer.append(_outside(tensor_name, data_type, tensor_value.shape, handle))
        self.set_tensor_shape(tensor_name, list(tensor_value.shape), data_type)

    def make_empty_exec_context(self) -> dict[str, Any]:
        """As `ModelWrapper.make_empty_exec_context`."""
        graph = self.graph
        context = {v.name: valueinfo_to_tensor(v) for v in (*graph.input, *graph.output, *graph.value_info)}
        context.update((tensor.name, self.get_initializer(tensor.name)) for tensor in graph.initializer)
        return {**context, "": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> LeanModel:
        twin = copy.copy(self)
        twin._model_proto = copy.deepcopy(self._model_proto, memo)
        named = {_handle(tensor) for tensor in self.graph.initializer}
        twin._constants = {handle: own for handle, own in self._constants.items() if handle in named}
        return twin

    def _constant(self, tensor: TensorProto) -> _Constant | None:
        handle = _handle(tensor)
        return None if handle is None else self._constants[handle]

    def _describe_constants(self) -> None:
        """QONNX' InferShapes looks up the values of constants that have no description."""
        described = {value.name for value in (*self.graph.value_info, *self.graph.input, *self.graph.output)}
        for tensor in self.graph.initializer:
            if tensor.name not in described:
                self.set_tensor_shape(tensor.name, list(tensor.dims), tensor.data_type)

    def _without_large_constants(self, model: ModelProto) -> ModelProto:
        """`model` itself where it has none, else a copy."""
        inside = [tensor for tensor in model.graph.initializer if _handle(tensor) is None]
        if not any(_is_large(_dtype(tensor), _bytes(tensor)) for tensor in inside):
            return model
        slim = _copy_without(model, "graph")
        slim.graph.CopyFrom(_copy_without(model.graph, "initializer"))
        for tensor in model.graph.initializer:
            if _handle(tensor) is None and _is_large(_dtype(tensor), _bytes(tensor)):
                self._constants[handle := _new_handle()] = _Constant(numpy_helper.to_array(tensor))
                slim.graph.initializer.append(_outside(tensor.name, tensor.data_type, tensor.dims, handle))
            else:
                slim.graph.initializer.append(tensor)
        return slim


class _KeepingConstants(Transformation):
    """A transformation of a `LeanModel`, whose result is one even where it comes as a plain model."""

    def __init__(self, inner: Transformation) -> None:
        super().__init__()
        self._inner = inner

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        changed, again = self._inner.apply(model)
        if isinstance(model, LeanModel) and not isinstance(changed, LeanModel):
            changed = LeanModel(changed.model, model._constants)
        return changed, again


def _is_large(dtype: np.dtype, size: int) -> bool:
    return dtype.kind in _KINDS and size >= LARGE


def _dtype(tensor: TensorProto) -> np.dtype:
    return np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))


def _bytes(tensor: TensorProto) -> int:
    return prod(tensor.dims) * _dtype(tensor).itemsize


def _new_handle() -> str:
    return f"constant {next(_handles)} of a LeanModel"


def _handle(tensor: TensorProto) -> str | None:
    """What a tensor that stands for a constant outside names it; None for one that holds its values."""
    if tensor.data_location != TensorProto.EXTERNAL:
        return None
    return next((str(entry.value) for entry in tensor.external_data if entry.key == "location"), None)


def _outside(name: str, data_type: int, shape: Any, location: str) -> TensorProto:
    """A tensor that names the place of its values."""
    tensor = TensorProto(name=name, data_type=data_type, dims=shape)
    _refer(tensor, location)
    return tensor


def _refer(tensor: TensorProto, location: str) -> None:
    del tensor.external_data[:]
    tensor.external_data.append(StringStringEntryProto(key="location", value=location))
    tensor.data_location = TensorProto.EXTERNAL


def _store(constant: _Constant, file: Path) -> None:
    """Named by its content, so one that is there is the same, unless a machine that went down has cut it short."""
    if not (file.is_file() and file.stat().st_size == constant.values.nbytes):
        write_atomically(file, lambda temporary: constant.values.tofile(temporary))


def _copy_without(message: Any, left_out: str) -> Any:
    """A copy of a protobuf message without one of its fields."""
    result = type(message)()
    for field, value in message.ListFields():
        if field.name == left_out:
            continue
        target = getattr(result, field.name)
        if hasattr(target, "extend"):
            target.extend(value)
        elif hasattr(target, "CopyFrom"):
            target.CopyFrom(value)
        else:
            setattr(result, field.name, value)
    return result
