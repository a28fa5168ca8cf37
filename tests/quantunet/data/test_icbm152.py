# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantunet.config import Icbm152Config, ModelConfig
from quantunet.data import load_data
from quantunet.data.icbm152 import split_blocks
from tests.quantunet.refusal import refused


@given(
    first=st.integers(0, 50),
    count=st.integers(1, 200),
    block=st.integers(1, 30),
    every=st.integers(2, 6),
    gap=st.integers(0, 5),
)
def test_training_and_validation_slices_are_further_apart_than_the_gap(
    first: int, count: int, block: int, every: int, gap: int
) -> None:
    numbers = list(range(first, first + count))
    train, validation, test = split_blocks(numbers, block, every, gap)
    assert not test
    assert set(train) | set(validation) <= set(numbers)
    assert all(abs(a - b) > gap for a in train for b in validation)
    if gap == 0:
        assert sorted(train + validation) == numbers


@given(
    count=st.integers(1, 200),
    block=st.integers(1, 30),
    every=st.integers(3, 6),
    gap=st.integers(0, 5),
)
def test_a_test_part_leaves_the_validation_as_it_is(count: int, block: int, every: int, gap: int) -> None:
    numbers = list(range(count))
    parts = split_blocks(numbers, block, every, gap, test_part=True)
    assert parts.validation == split_blocks(numbers, block, every, gap).validation
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert all(abs(a - b) > gap for a in parts[first] for b in parts[second])
    if gap == 0:
        assert sorted([*parts.train, *parts.validation, *parts.test]) == numbers


def test_slices_are_pictures_of_a_brain_with_its_white_matter() -> None:
    split = load_data(Icbm152Config(), ModelConfig(image_size=(64, 48)))
    for pairs in (split.train, split.validation):
        assert pairs.images.shape == pairs.masks.shape == (len(pairs), 1, 64, 48)
        assert pairs.images.dtype == pairs.masks.dtype == np.uint8
        assert set(np.unique(pairs.masks)) == {0, 1}
        assert pairs.images.max() == 255
        # White matter is the bright tissue of a T1 image.
        assert pairs.images[pairs.masks == 1].mean() > 2 * pairs.images[pairs.masks == 0].mean()
    assert len(split.train) > 60
    assert len(split.validation) > 15
    assert not set(split.train.names) & set(split.validation.names)


def test_test_slices_are_taken_from_the_training() -> None:
    network = ModelConfig(image_size=(16, 16))
    plain = load_data(Icbm152Config(), network)
    split = load_data(Icbm152Config(test_part=True), network)
    assert plain.test is None
    assert split.test is not None
    assert split.validation.names == plain.validation.names
    assert set(split.train.names) | set(split.test.names) <= set(plain.train.names) | set(split.test.names)
    assert not set(split.train.names) & set(split.test.names)
    assert len(split.test) > 15
    assert len(split.train) > 35


def test_nilearn_itself_is_not_imported() -> None:
    load_data(Icbm152Config(target="grey_matter"), ModelConfig(image_size=(16, 16)))
    assert "nilearn" not in sys.modules


def test_a_missing_volume_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with refused(r"mni_icbm152_t1.*not installed(.|\n)*(nilearn|make setup)"):
        load_data(Icbm152Config(), ModelConfig())


def test_a_split_that_leaves_nothing_is_refused() -> None:
    with refused("0 for training"):
        load_data(Icbm152Config(gap=300), ModelConfig())


@pytest.mark.parametrize(("key", "value"), [("in_channels", 3), ("out_channels", 2)])
def test_a_network_of_other_channels_is_refused(key: str, value: int) -> None:
    with refused(key):
        load_data(Icbm152Config(), ModelConfig.model_validate({key: value}))
