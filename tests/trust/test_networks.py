# SPDX-License-Identifier: BSD-3-Clause
"""What the part on generated networks makes of their verdicts; the networks themselves are tried in tests/hw_flows."""

import pytest

from trust.networks import outcome


def test_right_and_refused_networks_hold() -> None:
    found = outcome({1: ("right", ""), 2: ("refused", "enter (Conv): no"), 3: ("right", "")})
    assert found.holds and found.headline.startswith(
        "3 generated networks: 2 right after every step, 1 refused by layer"
    )
    assert found.rows[0][0] == "right" and found.rows[0][2] == "2"


@pytest.mark.parametrize("verdict", ["wrong", "late", "unnamed", "crash"])
def test_all_else_does_not(verdict: str) -> None:
    found = outcome({1: ("right", ""), 2: (verdict, "step_lower: why")})
    assert not found.holds
    assert f"2: {verdict}: step_lower: why" in found.notes
