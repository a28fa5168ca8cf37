# SPDX-License-Identifier: BSD-3-Clause
from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result
from PIL import Image

from quantunet.cli_data import data_main
from tests.quantunet.data.look_alikes import draw_busi, draw_volumes


def call(*arguments: object) -> Result:
    return CliRunner().invoke(data_main, [str(argument) for argument in arguments])


def test_a_data_set_is_described_and_shown(tmp_path: Path) -> None:
    busi = draw_busi(tmp_path)
    Image.new("L", (24, 20)).save(busi / "benign" / "benign (1)_mask.png")
    options = ("--data", busi, "--data-kind", "busi", "--image-size", "16x32", "--test-fraction", 0.2)
    shown = call(*options, "--pictures", tmp_path / "busi.png")
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    first = [line.split()[0] for line in lines]
    assert first == ["train", "the", "validation", "the", "test", "the", "note:", str(tmp_path / "busi.png")]
    assert "images of 1x16x32" in lines[0] and lines[1].strip().startswith("the target has ")
    assert lines[6] == "note: 1 skipped, a lesion whose mask is empty: benign/benign (1)"
    assert Image.open(tmp_path / "busi.png").size == (8 * (4 * 32 + 2), 3 * (13 + 2 * (4 * 16 + 2) + 2 * 13))

    counts = json.loads(call(*options, "--json").stdout)
    assert counts["kind"] == "busi"
    assert sum(part["images"] for part in counts["parts"].values()) == 14
    assert len(counts["notes"]) == 1


def test_a_configuration_file_gives_the_settings(tmp_path: Path) -> None:
    draw_volumes(tmp_path / "scans")
    file = tmp_path / "a.yaml"
    file.write_text(
        f"data: {{kind: volumes, path: {tmp_path / 'scans'}, axis: 0, labels: [1, 2]}}\nmodel: {{depth: 1}}\n"
    )
    counts = json.loads(call("--config", file, "--image-size", "20x10", "--json").stdout)
    assert counts["parts"]["train"]["shape"] == [1, 20, 10]
    assert counts["parts"]["train"]["images"] == counts["parts"]["train"]["marked"]


def test_what_is_wrong_is_said_with_status_2(tmp_path: Path) -> None:
    for arguments, said in (
        (("--data", tmp_path, "--data-kind", "busi"), "none of the folders benign"),
        (("--data", tmp_path), "no image lies at images/{case} or masks/{case}"),
        (("--config", tmp_path / "none.yaml"), "cannot be read"),
        (("--test-fraction", 0.1), "--test-fraction: has no effect without --data"),
    ):
        result = call(*arguments)
        assert result.exit_code == 2, result.output
        assert said in result.stderr
        assert "Traceback" not in result.output
