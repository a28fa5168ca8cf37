# SPDX-License-Identifier: BSD-3-Clause
"""requirements/: ranges for the package, one exact version of each for our own builds."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FOLDER = Path(__file__).parents[1] / "requirements"
RANGES = ("base.txt", "dev.txt", "slurm.txt", "vendor.txt")


def lines(name: str) -> list[str]:
    return [line for line in (FOLDER / name).read_text().splitlines() if line and not line.startswith("#")]


PINS = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines("constraints.txt"))}


@pytest.mark.parametrize("name", RANGES)
def test_the_pinned_version_is_one_of_the_range(name: str) -> None:
    outside = [
        line
        for line in lines(name)
        if not Requirement(line).specifier.contains(PINS.get(canonicalize_name(Requirement(line).name), "0"))
    ]
    assert outside == []


@pytest.mark.parametrize("name", RANGES)
def test_no_range_is_one_version(name: str) -> None:
    assert [line for line in lines(name) if "==" in line] == []


def test_what_no_range_can_say_is_exact() -> None:
    assert all("==" in line for line in lines("no-deps.txt"))
    assert not {canonicalize_name(Requirement(line).name) for line in lines("no-deps.txt")} & set(PINS)
