# SPDX-License-Identifier: BSD-3-Clause
"""Depthwise convolutions: matrix products whose matrix is known to be sparse become a vector-vector unit."""

from __future__ import annotations

from collections.abc import Sequence

from qonnx.transformation.base import Transformation

from hw_flows.operators.front_end import FrontEnd


def _moves() -> Sequence[Transformation]:
    from finn.transformation.streamline.reorder import MoveMulPastDWConv

    return (MoveMulPastDWConv(),)


def _convert() -> Sequence[Transformation]:
    from finn.transformation.fpgadataflow.convert_to_hw.vector_vector_activation import InferVectorVectorActivation

    return (InferVectorVectorActivation(),)


FRONT_END = FrontEnd(moves=_moves, convert=_convert)
