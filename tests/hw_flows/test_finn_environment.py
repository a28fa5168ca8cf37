# SPDX-License-Identifier: BSD-3-Clause
"""FINN's settings: where its scratch files go, and what is left of that afterwards."""

from __future__ import annotations

import os
from pathlib import Path

from hw_flows.finn_environment import finn_in_scratch, prepare_finn


def test_a_scratch_folder_is_gone_and_the_one_before_is_back(tmp_path: Path) -> None:
    from finn.util.settings import get_settings

    prepare_finn(tmp_path / "before")
    with finn_in_scratch("hw-flows-") as folder:
        assert get_settings().finn_build_dir == folder
    assert not folder.exists()
    assert get_settings().finn_build_dir == tmp_path / "before"
    assert os.environ["FINN_BUILD_DIR"] == str(tmp_path / "before")
