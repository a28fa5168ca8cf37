# SPDX-License-Identifier: BSD-3-Clause
"""A step's configuration, whoever runs it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from hw_flows.config import BuildConfig, settings


def test_our_own_configuration_is_taken_as_it_is() -> None:
    own = BuildConfig(board="ulx3s")
    assert settings(own) is own


def test_of_finns_configuration_what_has_our_names_is_taken_and_our_defaults_for_the_rest() -> None:
    finns = SimpleNamespace(
        output_dir="out",
        board="Pynq-Z2",
        synth_clk_period_ns=10.0,
        target_fps=None,
        steps=[len],
        start_step="step_of_finn",
        verify_input_npy="input.npy",
        folding_config_file=None,
    )
    found = settings(finns)
    assert (found.output_dir, found.board, found.synth_clk_period, found.images) == (
        Path("out"),
        "Pynq-Z2",
        10.0,
        Path("input.npy"),
    )
    assert (found.flow, found.frames, found.steps, found.start_step) == ("none", 4, None, None)


def test_a_value_that_no_build_can_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="frames"):
        settings(SimpleNamespace(frames=0))
