# SPDX-License-Identifier: BSD-3-Clause
"""A tensor with several readers."""

from __future__ import annotations

from collections.abc import Sequence

from qonnx.transformation.base import Transformation

from hw_flows.operators.front_end import FrontEnd


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.duplicate_streams import InferDuplicateStreamsLayer

    return (InferDuplicateStreamsLayer(),)


FRONT_END = FrontEnd(convert=_convert, order=90)  # once every reader of a tensor is a hardware operator
