# SPDX-License-Identifier: BSD-3-Clause
"""The steps of the front end on networks of `foreign`, each network exported and converted once in a test run."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper

from hw_flows.network.execute import execute_network
from hw_flows.steps import STEP_NAMES, load_step
from tests.hw_flows.foreign import Exported, ForeignNet, export

FRONT_END = STEP_NAMES[: STEP_NAMES.index("step_specialize_layers") + 1]
_FOLDER = Path(tempfile.mkdtemp(prefix="hw_flows-front-end-"))


@dataclass
class Built:
    """A model after a step; `parent` from the partition on."""

    model: ModelWrapper
    parent: ModelWrapper | None

    def answer(self, frame: np.ndarray) -> np.ndarray:
        """Network output for one frame (C, H, W)."""
        return execute_network(self.model, self.parent, frame[None])[0]


@cache
def exported(net: ForeignNet) -> Exported:
    return export(net, _folder(net) / "network.onnx")


@cache
def after(net: ForeignNet, step: str) -> Built:
    """What `step` leaves, given what the step before it left."""
    number = FRONT_END.index(step)
    if number == 0:
        before = Built(ModelWrapper(str(exported(net).path)), None)
        if not net.input_quantizer:
            before.model.set_tensor_datatype(before.model.graph.input[0].name, DataType["UINT8"])
    else:
        before = after(net, FRONT_END[number - 1])
    model = load_step(step)(deepcopy(before.model), SimpleNamespace(output_dir=str(_folder(net))))
    parent = before.parent
    if step == "step_create_dataflow_partition":
        parent = ModelWrapper(str(_folder(net) / "intermediate_models" / "dataflow_parent.onnx"))
    return Built(model, parent)


def assert_same_answers(net: ForeignNet, step: str) -> None:
    """The model after `step` answers every frame as Brevitas does, up to the rounding of the last scale and bias.

    One integer that differs anywhere moves a logit by a step of the last convolution, some 1e-3 of the range.
    """
    reference, built = exported(net), after(net, step)
    assert reference.outputs.std() > 0, "a network that always answers the same shows nothing"
    for frame, expected in zip(reference.frames, reference.outputs, strict=True):
        np.testing.assert_allclose(built.answer(frame), expected, rtol=0, atol=2e-6 * np.abs(expected).max())


def _folder(net: ForeignNet) -> Path:
    folder = _FOLDER / f"{abs(hash(net)):x}"
    folder.mkdir(exist_ok=True)
    return folder
