# SPDX-License-Identifier: BSD-3-Clause
"""A quick part of the proofs of the streams that wait in memory: one set of parameters and one broken copy each."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.operators.proof import Bench
from proofs import stream_memory
from tests.proofs.quick import check


@pytest.mark.parametrize("bench", [b for b in stream_memory.ALL if not b.heavy], ids=lambda bench: bench.name)
def test_first_parameters_hold_and_first_broken_copy_is_caught(bench: Bench, tmp_path: Path) -> None:
    check(bench, tmp_path)
