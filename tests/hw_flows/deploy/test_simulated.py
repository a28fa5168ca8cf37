# SPDX-License-Identifier: BSD-3-Clause
"""`deploy/run.py`, started as a user starts it, on the simulated boards of both kinds."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hw_flows.boards import load_board
from hw_flows.deploy.simulated import run_deployed
from hw_flows.deploy.write import write_deploy
from hw_flows.machine.errors import UserError
from hw_flows.report.files import write_report
from tests.hw_flows.shells.designs import described, echo, images

FRAMES = images(3, seed=4)


@pytest.fixture(scope="module", params=["ulx3s-85f", "pynq-z2"])
def built(request, tmp_path_factory) -> Path:
    """What a build leaves, but for the bitstream."""
    output = tmp_path_factory.mktemp(request.param)
    board = load_board(request.param)
    accelerator, rtl = echo(output)
    accelerator.save(rtl / "accelerator.json")
    description = described(accelerator, rtl, output / "shell", board=board)
    logits = np.stack([description.logits(np.moveaxis(frame, 0, -1)[None]) for frame in FRAMES])
    bitfile = output / "echo.bit"
    bitfile.write_bytes(b"bits")
    write_deploy(output / "deploy", description, [bitfile], FRAMES, logits, "read me")
    write_report(output, "build", {"board": board.name})
    return output


def test_the_sample_comes_back_as_expected(built, capfd):
    assert run_deployed(built, ["--repeat", "2"]) == 0
    said = capfd.readouterr().out
    assert "6 frames in" in said and said.count("as expected") == 6


def test_a_wrong_mask_and_another_build_are_told(built, tmp_path, capfd):
    wrong = tmp_path / "build"
    shutil.copytree(built, wrong)
    mask = wrong / "deploy" / "sample" / "image1.mask.npy"
    np.save(mask, 1 - np.minimum(np.load(mask), 1))
    assert run_deployed(wrong) == 1
    assert "image1: DIFFERS" in capfd.readouterr().out
    path = wrong / "deploy" / "accelerator.json"
    replace(_description(path), identity="0123456789abcdef").save(path)
    assert run_deployed(wrong) == 2
    assert "another build" in capfd.readouterr().err


def test_without_a_deploy_folder_it_says_so(tmp_path):
    with pytest.raises(UserError, match="no deployed accelerator"):
        run_deployed(tmp_path)


def _description(path: Path):
    from hw_flows.drivers.description import AcceleratorDescription

    return AcceleratorDescription.load(path)
