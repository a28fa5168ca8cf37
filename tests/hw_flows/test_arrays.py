# SPDX-License-Identifier: BSD-3-Clause
"""Arrays of users are read without trusting them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hw_flows.arrays import read_expected, read_images
from hw_flows.machine.errors import UserError


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones((2, 1, 4, 4), np.float64), "not float32"),
        (np.array([{"an": "object"}]), "no readable .npy array"),
        (
            b"\x93NUMPY\x01\x00\x76\x00"
            + b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 1, 4, 4), }".ljust(117)
            + b"\n",
            "no readable .npy array",
        ),
        (
            b"\x93NUMPY\x01\x00\x76\x00" + b"__import__('os').system('false')".ljust(117) + b"\n",
            "no readable .npy array",
        ),
        (b"\x93NUMPY\x01\x00\x76\x00" + b"((((((".ljust(117) + b"\n", "no readable .npy array"),
    ],
)
def test_arrays_are_read_without_trusting_their_headers(tmp_path: Path, values: np.ndarray | bytes, said: str) -> None:
    if isinstance(values, bytes):
        (tmp_path / "x.npy").write_bytes(values)
    else:
        np.save(tmp_path / "x.npy", values, allow_pickle=True)
    with pytest.raises(UserError, match=said):
        read_images(tmp_path / "x.npy", (1, 4, 4))


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint8, np.int64, np.bool_])
def test_expected_output_may_be_numbers_of_any_kind(tmp_path: Path, kind: type) -> None:
    np.save(tmp_path / "y.npy", np.ones((2, 4, 6), kind))
    assert read_expected(tmp_path / "y.npy", [(4, 6)], 2).dtype == kind


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones((2, 1, 4, 4), np.float32), r"gives \(N, 4, 6\), or its logits \(N, 3, 4, 6\)"),
        (np.float32(1), "has shape"),
        (np.ones((1, 4, 6), np.float32), "1 frames of expected output for 2 images"),
        (np.ones((2, 4, 6), np.complex64), "of type complex64"),
        (np.full((2, 4, 6), np.nan, np.float32), "not finite"),
    ],
)
def test_expected_output_that_does_not_fit_is_refused(tmp_path: Path, values: np.ndarray, said: str) -> None:
    np.save(tmp_path / "y.npy", values)
    with pytest.raises(UserError, match=said):
        read_expected(tmp_path / "y.npy", [(4, 6), (3, 4, 6)], 2)
