# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from quantunet.data_config import FolderConfig, VolumesConfig
from quantunet.mask_config import TRANSPARENT, Label, MaskValues


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ([128], (128,)),
        (128, (128,)),
        (["1", " 2"], (1, 2)),
        ([1.0], (1,)),
        ("#FF0000", ("#ff0000",)),
        ([[255, 0, 0], "#00ff00"], ("#ff0000", "#00ff00")),
        (["#ffffff", [0, 0, 0]], (255, 0)),
        (["#ff000080", [1, 2, 3, 0]], ("#ff000080", TRANSPARENT)),
        ("nonzero", "nonzero"),
        (None, None),
    ],
)
def test_a_label_has_one_form(written: Any, meant: tuple[Label, ...] | str | None) -> None:
    settings = MaskValues(labels=written)
    assert settings.labels == meant
    assert MaskValues.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"labels": ["red"]}, 'a number such as 128, or a colour such as "#ff0000"'),
        ({"labels": [1.5]}, "1.5 is no value"),
        ({"labels": [True]}, "True is no value"),
        ({"labels": [None]}, "None is no value"),
        ({"labels": [[256, 0, 0]]}, "is no value"),
        ({"labels": []}, "labels names no value"),
        ({"labels": [255, 0, 0]}, r"0 is named twice; red as a colour is \[\[255, 0, 0\]\]"),
        ({"labels": [1, 255], "ignore": [255]}, "255 is in labels and in ignore"),
        ({"labels": [1], "threshold": 128}, "exclude each other"),
        ({"threshold": float("nan")}, "finite"),
        ({"label": [1]}, "Extra inputs"),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        MaskValues.model_validate(settings)


def test_lists_that_hold_themselves_or_too_much_end_in_a_message() -> None:
    itself: list[Any] = []
    itself.append(itself)
    deep: list[Any] = ["lol"]
    for _ in range(12):
        deep = [deep] * 9
    for labels in (itself, deep, [*range(200_000), 0], [{"a": deep}]):
        with pytest.raises(ValidationError) as raised:
            MaskValues(labels=labels)
        assert len(raised.value.errors(include_input=False)[0]["msg"]) < 1000


def test_volumes_have_no_colours() -> None:
    with pytest.raises(ValidationError, match="#ff0000 is a colour, which no volume has"):
        VolumesConfig(path=Path("x"), labels=["#ff0000"])  # type: ignore[arg-type]


@pytest.mark.parametrize("pattern", ["/etc/{case}", "../{case}", "a/../../{case}"])
def test_patterns_stay_below_the_folder_of_the_data(pattern: str) -> None:
    for kind in (FolderConfig, VolumesConfig):
        with pytest.raises(ValidationError, match="does not lie below"):
            kind(path=Path("x"), mask=pattern)


def test_one_pattern_needs_no_list() -> None:
    assert FolderConfig.model_validate({"path": "x", "images": "scans/{case}"}).images == ("scans/{case}",)


def test_settings_of_checkpoints_from_before_stay_readable() -> None:
    old = '{"path": "x", "kind": "folder", "group_separator": null, "validation_fraction": 0.2}'
    assert FolderConfig.model_validate_json(old) == FolderConfig(path=Path("x"))
    volumes = (
        '{"path": "x", "kind": "volumes", "images": ["{case}/a"], "mask": "{case}/b", "labels": [1, 2], "axis": 0}'
    )
    assert VolumesConfig.model_validate_json(volumes).labels == (1, 2)
