# SPDX-License-Identifier: BSD-3-Clause
"""What a block matrix-vector unit takes for a block of rows is a region: its weights and thresholds come back from an image."""

from __future__ import annotations

import numpy as np
import pytest

from hw_flows.operators.block_matrix_vector.stream import Layout, pack, unpack
from hw_flows.weight_memory.image import LayerStream, build_image, read_streams
from hw_flows.weight_memory.words import words_of


def layer(stream_bytes: int, outputs: int) -> tuple[Layout, np.ndarray, np.ndarray]:
    layout = Layout(
        kernel=(3, 3),
        fold=2,
        lanes=2,
        parallel_columns=False,
        outputs=outputs,
        pe=2,
        weight_bits=4,
        sum_bits=14,
        step_bits=2,
        chain=0,
        stream_bytes=stream_bytes,
    )
    rng = np.random.default_rng(outputs)
    weights = rng.integers(-8, 8, (outputs, 3, 3, 4))
    return layout, weights, np.sort(rng.integers(-900, 900, (outputs, 3)))


@pytest.mark.parametrize("stream_bytes", [1, 2, 3, 8, 16])
def test_weights_and_thresholds_come_back(stream_bytes: int) -> None:
    layers = [layer(stream_bytes, outputs) for outputs in (2, 4, 8)]
    streams = [
        LayerStream(f"conv{i}", words_of(pack(layout, *numbers), 8 * stream_bytes), 4)
        for i, (layout, *numbers) in enumerate(layers)
    ]
    for read, (layout, weights, thresholds) in zip(read_streams(build_image(streams)), layers, strict=True):
        assert read.words.shape == (layout.block_words, 8 * stream_bytes)
        back, steps = unpack(layout, np.packbits(read.words, bitorder="little"))
        assert np.array_equal(back, weights)
        assert np.array_equal(steps, thresholds)
