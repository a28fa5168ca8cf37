# SPDX-License-Identifier: BSD-3-Clause
"""Networks that nobody thought of: each is right after every step, or refused before the first with a layer's name (these are right).

`python -m trust --only networks` tries hundreds.
"""

from pathlib import Path

import pytest

from tests.hw_flows.generated_networks import try_network


#: 1173: sums of exactly zero before a binary quantizer; 1278: a sum without negative numbers whose thresholds have some.
@pytest.mark.parametrize("seed", [200, 203, 207, 221, 240, 1173, 1278])
def test_is_right(seed: int, tmp_path: Path) -> None:
    found = try_network(seed, tmp_path)
    assert found.verdict == "right", found
