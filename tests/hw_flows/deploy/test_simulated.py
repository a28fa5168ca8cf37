# SPDX-License-Identifier: BSD-3-Clause
"""`deploy/run.py`, started as a user starts it, on the simulated boards of both kinds."""

from __future__ import annotations

import json
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
from tests.hw_flows.shells.zynq7.from_memory import FromMemory

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


# --- weights in memory ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def from_memory(tmp_path_factory) -> Path:
    """What a build leaves whose weights come from memory, but for the bitstream."""
    output = tmp_path_factory.mktemp("memory")
    design = FromMemory(output)
    design.accelerator.save(design.rtl / "accelerator.json")
    frames = design.images(3)
    logits = np.stack([design.description.logits(integers) for integers in design.expected(frames)])
    bitfile = output / "row.bit"
    bitfile.write_bytes(b"bits")
    write_deploy(
        output / "deploy", design.description, [bitfile], frames, logits, "read me", weights=output / "weights"
    )
    write_report(output, "build", {"board": "pynq-z2"})
    return output


def test_masks_are_exact_with_weights_from_memory(from_memory, capfd):
    assert run_deployed(from_memory, ["--repeat", "2"]) == 0
    said = capfd.readouterr().out
    assert "6 frames in" in said and said.count("as expected") == 6


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ({"bus_error": [1, 2, 3]}, "the bus answered with an error while the weights of layer conv1 were read"),
        ({"afi_stuck": True}, "port S_AXI_HP0 of the processing system stays 32 bits wide"),
    ],
)
def test_a_faulty_board_is_told(from_memory, monkeypatch, capfd, faults, told):
    monkeypatch.setenv("QU_SIMULATED_FAULTS", json.dumps(faults))
    assert run_deployed(from_memory) == 2
    assert told in capfd.readouterr().err


def test_a_flipped_bit_in_the_weights_is_told(from_memory, tmp_path, capfd):
    output = tmp_path / "build"
    shutil.copytree(from_memory, output)
    image = output / "deploy" / "weights" / "weights.bin"
    data = bytearray(image.read_bytes())
    data[100] ^= 1
    image.write_bytes(data)
    assert run_deployed(output) == 2
    assert (
        "weights of layer conv0 in" in (said := capfd.readouterr().err) and "damaged: their check sum is wrong" in said
    )


def test_weights_of_an_earlier_build_do_not_stay(from_memory, tmp_path):
    deploy = tmp_path / "deploy"
    shutil.copytree(from_memory / "deploy", deploy)
    description = replace(_description(deploy / "accelerator.json"), weights=None)
    frames = np.zeros((0, 4, 6, 5), np.float32)
    write_deploy(deploy, description, [], frames, frames, "read me")
    assert not (deploy / "weights").exists()
    assert _description(deploy / "accelerator.json").weights is None


def test_a_build_that_is_not_finished_is_told(built, tmp_path):
    output = tmp_path / "build"
    shutil.copytree(built, output)
    (output / "deploy" / "accelerator.json").write_text("{}")
    with pytest.raises(UserError, match="no deployed accelerator"):
        run_deployed(output)
    shutil.rmtree(output / "deploy")
    with pytest.raises(UserError, match="not verified"):
        run_deployed(output)


def _description(path: Path):
    from hw_flows.drivers.description import AcceleratorDescription

    return AcceleratorDescription.load(path)
