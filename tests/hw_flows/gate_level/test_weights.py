# SPDX-License-Identifier: BSD-3-Clause
"""A netlist with a stream of weights is given one block of them again and again."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hw_flows.families import find_family
from hw_flows.families.netlist import Netlist
from hw_flows.gate_level import NetlistSimulator
from hw_flows.simulate.run import write_words
from hw_flows.synthesize import link_operators, synthesize_operators
from tests.hw_flows.memory_system.systems import row_of_units, stitch

XC7 = find_family("xc7")
FRAMES = 2


def test_blocks_of_weights_begin_anew(tmp_path: Path) -> None:
    design = stitch(row_of_units(1), tmp_path)
    operators = synthesize_operators(design.accelerator, design.rtl, XC7, logs=tmp_path)
    netlist = tmp_path / "netlist.json"
    link_operators(design.accelerator, operators, design.rtl, XC7, destination=netlist, log=tmp_path / "log")
    tensors = design.tensors(FRAMES)
    write_words(design.accelerator, tensors, tmp_path / "words")
    (weights,) = design.accelerator.memory
    block = design.accelerator.block_words(design.accelerator.stream(weights))
    assert (tmp_path / "words" / f"{weights}.bin").stat().st_size == block  # words of a byte, once
    simulator = NetlistSimulator(Netlist.load(netlist), XC7)
    digests = [simulator.digest(design.accelerator, tmp_path / "words", FRAMES, stall_probability=(0.0, 0.3), seed=1)]
    runs = simulator.stream(design.accelerator, tmp_path / "words", FRAMES)
    assert all(run.exact and run.words_compared == FRAMES * tensors["x1"][0].size // 2 for run in runs)

    tensors["stream0"] = np.where(tensors["stream0"] == 0, 1, tensors["stream0"])  # other weights, other results
    write_words(design.accelerator, tensors, tmp_path / "words")
    digests.append(
        simulator.digest(design.accelerator, tmp_path / "words", FRAMES, stall_probability=(0.0, 0.3), seed=1)
    )
    assert not simulator.stream(design.accelerator, tmp_path / "words", FRAMES)[0].exact
    assert digests[0] != digests[1]
