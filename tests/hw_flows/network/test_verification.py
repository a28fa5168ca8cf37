# SPDX-License-Identifier: BSD-3-Clause
"""Logits agree up to float rounding, which may choose between classes that tie."""

from __future__ import annotations

import numpy as np
import pytest

from hw_flows.network.verification import logits_agree, mask_pixels_differing

TIED = np.array([[0.5, 3.0], [0.5, -1.0]]).reshape(1, 2, 1, 2)
"""Two classes, two pixels, of which the first ties."""


def test_rounding_may_choose_between_classes_that_tie() -> None:
    rounded = TIED + np.array([[0, 0], [1e-8, 0]]).reshape(TIED.shape)
    assert logits_agree(rounded, TIED)
    assert mask_pixels_differing(rounded, TIED) == 0


def test_another_class_is_a_difference() -> None:
    other = TIED[:, ::-1]
    assert not logits_agree(other, TIED)
    assert mask_pixels_differing(other, TIED) == 1


@pytest.mark.parametrize(("logit", "differing"), [(0.0, 0), (1e-3, 1)])
def test_one_class_ties_with_nothing(logit: float, differing: int) -> None:
    expected = np.array([logit, 1.0]).reshape(1, 1, 1, 2)
    assert mask_pixels_differing(expected - [[[[logit + 1e-9, 0]]]], expected) == differing


def test_other_shapes_do_not_agree() -> None:
    assert not logits_agree(TIED, TIED[:, :1])
