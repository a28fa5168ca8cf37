# SPDX-License-Identifier: BSD-3-Clause
"""What the user expects is compared with what the file itself answers, up to float32; masks may differ where classes tie."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hw_flows.network.answers import Answers, answer, apply_head, image_input
from hw_flows.network.expected import disagreement
from hw_flows.network.file import load_network
from hw_flows.network.head import SplitNetwork, split_head
from tests.hw_flows.heads import export_with_head


def answers_of(name: str, folder: Path) -> tuple[SplitNetwork, Answers]:
    network = export_with_head(name, folder / "network.onnx")
    model = load_network(network.path)
    parts = split_head(model)
    return parts, answer(parts, image_input(model, network.path), network.frames)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, np.uint8])
def test_a_mask_may_be_of_any_type(kind: type, tmp_path: Path) -> None:
    parts, answers = answers_of("argmax", tmp_path)
    assert disagreement(answers.output.astype(kind), answers, parts) is None


def test_logits_may_be_given_where_the_network_ends_with_a_mask(tmp_path: Path) -> None:
    parts, answers = answers_of("argmax", tmp_path)
    assert disagreement(answers.logits.astype(np.float32), answers, parts) is None
    assert disagreement(answers.logits + 0.1, answers, parts) is not None


def test_one_wrong_pixel_of_a_mask_is_noticed_and_counted(tmp_path: Path) -> None:
    parts, answers = answers_of("argmax", tmp_path)
    wrong = answers.output.copy()
    wrong[1, 2, 3] = (wrong[1, 2, 3] + 1) % 3
    said = disagreement(wrong, answers, parts)
    assert said is not None
    assert "1 of 192 values differs, in 1 of 2 frames" in said
    assert "step" not in said


def test_a_mask_may_differ_where_classes_tie_and_only_there(tmp_path: Path) -> None:
    parts, answers = answers_of("argmax", tmp_path)
    logits = answers.logits.copy()
    logits[0, :, 4, 5] = (1.0, 1.0 + 1e-9, -3.0)
    tied = Answers(logits, apply_head(parts, logits))
    for given, tolerated in ((0, True), (1, True), (2, False)):
        mask = tied.output.copy()
        mask[0, 4, 5] = given
        assert (disagreement(mask, tied, parts) is None) == tolerated


def test_a_threshold_may_differ_where_the_logit_is_at_it(tmp_path: Path) -> None:
    parts, answers = answers_of("sigmoid above a half", tmp_path)
    logits = answers.logits.copy()
    logits[0, 0, 4, 5] = 1e-9
    tied = Answers(logits, apply_head(parts, logits))
    assert disagreement(np.where(np.abs(logits) < 1e-6, ~tied.output, tied.output), tied, parts) is None
    assert disagreement(~tied.output, tied, parts) is not None


def test_rounding_to_float32_is_no_difference_and_a_hundredth_is(tmp_path: Path) -> None:
    parts, answers = answers_of("bilinear", tmp_path)
    assert disagreement(answers.output.astype(np.float32), answers, parts) is None
    moved = answers.output + 0.01 * np.abs(answers.output).max()
    assert disagreement(moved, answers, parts) is not None


def test_the_advice_depends_on_how_much_differs(tmp_path: Path) -> None:
    parts, answers = answers_of("sigmoid", tmp_path)
    few, all_ = answers.output.copy(), answers.output + 0.1
    few[0, 0, :2, :2] += 0.1
    assert "compute the expected output in float64" in str(disagreement(few, answers, parts))
    assert "Is it the output for --verify-input" in str(disagreement(all_, answers, parts))
