# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantunet.data.split import group_of, split_cases
from quantunet.data_config import CaseSplit
from tests.quantunet.refusal import refused


def settings(**values: Any) -> CaseSplit:
    return CaseSplit.model_validate({"path": "x", **values})


def cases(**counts: int) -> dict[str, str]:
    """Case -> class."""
    return {f"{name}{index}": name for name, count in counts.items() for index in range(count)}


@given(
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=3).filter(lambda counts: sum(counts) >= 3),
    validation=st.floats(0.01, 0.5),
    test=st.floats(0.01, 0.4),
    seed=st.integers(0, 5),
)
def test_every_part_has_cases_and_validation_does_not_depend_on_the_test_part(
    counts: list[int], validation: float, test: float, seed: int
) -> None:
    classes = cases(**dict(zip("abc", counts, strict=False)))
    parts = split_cases(classes, settings(validation_fraction=validation, test_fraction=test, split_seed=seed))
    assert parts.keys() == classes.keys()
    assert set(parts.values()) == {"train", "validation", "test"}
    without = split_cases(classes, settings(validation_fraction=validation, split_seed=seed))
    shares = [(count, round(count * validation), round(count * test)) for count in counts]
    spare = sum(count - validated - tested for count, validated, tested in shares)
    if any(validated for _, validated, _ in shares) and spare > 1:
        assert {case for case in parts if parts[case] == "validation"} == {
            case for case in without if without[case] == "validation"
        }


def test_each_class_gives_its_share() -> None:
    classes = cases(benign=40, malignant=20, normal=10)
    parts = split_cases(classes, settings(validation_fraction=0.2, test_fraction=0.1))
    counts = Counter((classes[case], part) for case, part in parts.items())
    for name, size in (("benign", 40), ("malignant", 20), ("normal", 10)):
        assert counts[name, "validation"] == size * 0.2
        assert counts[name, "test"] == size * 0.1


@given(count=st.integers(5, 40), folds=st.integers(2, 5), test=st.sampled_from([0, 0.2]), seed=st.integers(0, 3))
def test_folds_hold_every_case_that_is_not_of_the_test_once(count: int, folds: int, test: float, seed: int) -> None:
    classes = cases(a=count, b=3)
    splits = [
        split_cases(classes, settings(folds=folds, fold=fold, test_fraction=test, split_seed=seed))
        for fold in range(folds)
    ]
    tests = [{case for case in parts if parts[case] == "test"} for parts in splits]
    held_out = [case for parts in splits for case in parts if parts[case] == "validation"]
    assert all(part == tests[0] for part in tests)
    assert sorted([*held_out, *tests[0]]) == sorted(classes)
    sizes = [sum(part == "validation" for part in parts.values()) for parts in splits]
    assert max(sizes) - min(sizes) <= 1


def test_the_order_of_the_files_does_not_matter_but_the_seed_does() -> None:
    classes = cases(a=30)
    backwards = dict(reversed(classes.items()))
    assert split_cases(classes, settings()) == split_cases(backwards, settings())
    assert split_cases(classes, settings()) != split_cases(classes, settings(split_seed=1))


@pytest.mark.parametrize(
    ("count", "values", "said"),
    [
        (1, {}, r"1 group\(s\).*train"),
        (2, {"test_fraction": 0.1}, r"2 group\(s\).*validation and train and test"),
        (3, {"folds": 4}, r"3 group\(s\).*4 folds"),
        (4, {"folds": 4, "test_fraction": 0.1}, r"4 folds"),
    ],
)
def test_too_few_cases_are_refused(count: int, values: dict[str, Any], said: str) -> None:
    with refused(said):
        split_cases(cases(a=count), settings(**values))


@pytest.mark.parametrize(
    ("name", "separator", "group"),
    [("p7_s12", "_", "p7"), ("a_b_c", "_", "a_b"), ("p7", "_", "p7"), ("_x", "_", "_x"), ("p7_s12", None, "p7_s12")],
)
def test_the_group_is_what_stands_before_the_last_separator(name: str, separator: str | None, group: str) -> None:
    assert group_of(name, separator) == group


def test_the_split_that_networks_were_trained_with() -> None:
    """Names that were for validation stay so: checkpoints are measured on them."""
    parts = split_cases(cases(case=10), settings())
    assert [case for case in sorted(parts) if parts[case] == "validation"] == ["case2", "case8"]


def volumes(count: int) -> dict[str, str]:
    return dict.fromkeys((f"volume_{number}" for number in range(1, count + 1)), "")


def numbers(parts: dict[str, str], part: str) -> list[int]:
    return sorted(int(case.partition("_")[2]) for case in parts if parts[case] == part)


def test_blocks_are_contiguous_in_the_order_of_the_numbers() -> None:
    """By text `volume_10` would come before `volume_2`."""
    parts = split_cases(volumes(20), settings(split="blocks", validation_fraction=0.2, test_fraction=0.2))
    assert numbers(parts, "validation") == [1, 2, 3, 4]
    assert numbers(parts, "train") == list(range(5, 17))
    assert numbers(parts, "test") == [17, 18, 19, 20]


def test_a_gap_keeps_neighbours_apart() -> None:
    values = {"split": "blocks", "validation_fraction": 0.2, "test_fraction": 0.2, "block_gap": 2}
    parts = split_cases(volumes(20), settings(**values))
    assert numbers(parts, "train") == list(range(7, 15))
    assert (numbers(parts, "validation"), numbers(parts, "test")) == ([1, 2, 3, 4], [17, 18, 19, 20])
    assert len(parts) == 16


@given(seed=st.integers(1, 50), gap=st.integers(0, 2), count=st.integers(20, 40))
def test_blocks_that_begin_elsewhere_stay_apart(seed: int, gap: int, count: int) -> None:
    values = {"split": "blocks", "validation_fraction": 0.3, "test_fraction": 0.3, "block_gap": gap, "split_seed": seed}
    parts = split_cases(volumes(count), settings(**values))
    place = {int(case.partition("_")[2]): part for case, part in parts.items()}
    for number, part in place.items():
        for distance in range(1, gap + 1):
            assert place.get(number + distance, part) == part
    borders = sum(place.get(number) != place.get(number % count + 1) for number in range(1, count + 1))
    assert borders == (6 if gap else 3)  # three blocks on a circle, each with a gap behind it


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_folds_may_be_blocks(fold: int) -> None:
    parts = split_cases(volumes(12), settings(split="blocks", folds=3, fold=fold))
    assert numbers(parts, "validation") == list(range(4 * fold + 1, 4 * fold + 5))


def test_a_gap_that_leaves_nothing_is_refused() -> None:
    with refused("a gap of 10 leaves no case for the train part"):
        split_cases(volumes(12), settings(split="blocks", block_gap=10))
    with pytest.raises(ValueError, match="no effect without split: blocks"):
        settings(block_gap=1)
