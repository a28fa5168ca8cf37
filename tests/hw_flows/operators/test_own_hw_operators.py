# SPDX-License-Identifier: BSD-3-Clause
"""The Python models of the hardware operators that FINN lacks, against their definitions pixel by pixel."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_flows.operators.max_pool.hw import max_pool
from hw_flows.operators.pixel_shuffle.hw import pixel_shuffle
from hw_flows.operators.pool.hw import pool

SIZES = st.integers(1, 4)


@given(h=SIZES, w=SIZES, c=SIZES, rh=SIZES, rw=SIZES)
@settings(deadline=None)
def test_pixel_shuffle(h: int, w: int, c: int, rh: int, rw: int) -> None:
    x = np.random.default_rng(0).integers(0, 100, (1, h, w, rh * rw * c))
    y = pixel_shuffle(x, rh, rw)
    assert y.shape == (1, h * rh, w * rw, c)
    for row, column, channel in np.ndindex(y.shape[1:]):
        source = ((row % rh) * rw + column % rw) * c + channel
        assert y[0, row, column, channel] == x[0, row // rh, column // rw, source]


@given(h=SIZES, w=SIZES, c=SIZES, kh=SIZES, kw=SIZES)
@settings(deadline=None)
def test_max_pool(h: int, w: int, c: int, kh: int, kw: int) -> None:
    x = np.random.default_rng(0).integers(-100, 100, (1, h * kh, w * kw, c))
    y = max_pool(x, kh, kw)
    assert y.shape == (1, h, w, c)
    for row, column, channel in np.ndindex(y.shape[1:]):
        window = x[0, row * kh : (row + 1) * kh, column * kw : (column + 1) * kw, channel]
        assert y[0, row, column, channel] == window.max()


@given(
    size=st.integers(1, 7),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    pad=st.integers(0, 3),
    largest=st.booleans(),
)
@settings(deadline=None)
def test_pool(size: int, kernel: int, stride: int, pad: int, largest: bool) -> None:
    pad = min(pad, kernel - 1)
    x = np.random.default_rng(0).integers(-100, 100, (1, size, 2, 3))
    for windows in range(max(1, -(-(size + pad - kernel + 1) // stride)), (size + pad - 1) // stride + 2):
        y = pool(x.astype(float), (kernel, 1), (stride, 1), (pad, 0), (windows, 2), largest)
        assert y.shape == (1, windows, 2, 3)
        for row in range(windows):
            window = x[:, max(0, row * stride - pad) : row * stride - pad + kernel]
            np.testing.assert_array_equal(y[:, row], window.max(axis=1) if largest else window.sum(axis=1))
