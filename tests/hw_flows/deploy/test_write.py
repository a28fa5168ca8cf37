# SPDX-License-Identifier: BSD-3-Clause
"""`deploy/` holds what the network computes behind its logits, and says that the driver does not run it."""

from __future__ import annotations

import numpy as np

from hw_flows.boards import load_board
from hw_flows.deploy.write import write_deploy
from hw_flows.steps.deploy import readme
from tests.hw_flows.shells.designs import described, echo, images
from tests.hw_flows.shells.zynq7.from_memory import FromMemory

MADE = {"utilization": [{"name": "LUT", "used": 5}], "experimental": None, "load": "load it"}


def test_the_head_goes_along_and_an_old_one_does_not_stay(tmp_path):
    accelerator, rtl = echo(tmp_path)
    description = described(accelerator, rtl, tmp_path / "shell", board=load_board("ulx3s-85f"))
    frames = images(1, seed=4)
    logits = np.stack([description.logits(np.moveaxis(frame, 0, -1)[None]) for frame in frames])
    head = tmp_path / "head.onnx"
    head.write_bytes(b"a head")

    said = readme(description, MADE, load_board("ulx3s"), ("Resize", "ArgMax"))
    assert "(Resize, ArgMax) lies in head.onnx" in said.replace("\n", " ")
    write_deploy(tmp_path / "deploy", description, [], frames, logits, said, head)
    assert (tmp_path / "deploy" / "head.onnx").read_bytes() == b"a head"

    assert "head.onnx" not in readme(description, MADE, load_board("ulx3s"))
    write_deploy(tmp_path / "deploy", description, [], frames, logits, said)
    assert not (tmp_path / "deploy" / "head.onnx").exists()


def test_the_page_says_what_lies_in_memory(tmp_path):
    design = FromMemory(tmp_path)
    board = load_board("pynq-z2")
    said = readme(design.description, MADE, board, system=design.stitched.system)
    assert f"weights of 2 layers, {len(design.weights.data):,} bytes" in said
    assert "weights/" not in readme(design.description, MADE, board)
    assert "{" not in said.split("for mask in")[0], "every field is filled in"
