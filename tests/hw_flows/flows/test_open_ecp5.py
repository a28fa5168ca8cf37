# SPDX-License-Identifier: BSD-3-Clause
"""`--flow open` on the ULX3S with a small accelerator: bitstream, deploy folder, netlist at gate level, broken netlists."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from hw_flows.deploy.write import write_deploy
from hw_flows.drivers.command import main
from hw_flows.drivers.errors import BoardError
from hw_flows.drivers.segmenter import Segmenter, mask_of
from hw_flows.families import find_family
from hw_flows.flows import find_flow
from hw_flows.flows.bitstream import BitstreamJob
from hw_flows.steps.simulate_routed import first_difference
from hw_flows.synthesize import link_operators, synthesize_operators
from tests.hw_flows.shells.designs import BOARD, CLOCK_MHZ, described, echo, images

ECP5 = find_family("ecp5")

FLOW = find_flow("open", BOARD)
FRAMES = images(3, seed=9)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The echo as a bitstream in an output folder, with its deploy folder."""
    output = tmp_path_factory.mktemp("echo")
    accelerator, rtl = echo(output)
    operators = synthesize_operators(accelerator, rtl, ECP5, logs=output / "logs")
    linked = output / "synthesis" / f"{accelerator.name}.json"
    link_operators(accelerator, operators, rtl, ECP5, destination=linked, log=output / "logs" / "link.log")
    job = BitstreamJob(accelerator, BOARD, output, CLOCK_MHZ, 1, lambda fraction, words: None)
    bitstream = FLOW.make_bitstream(job)
    description = described(accelerator, rtl, output / "described")
    logits = np.stack([description.logits(np.moveaxis(frame, 0, -1)[None]) for frame in FRAMES])
    write_deploy(output / "deploy", description, bitstream.files, FRAMES, logits, "read me")
    return job, bitstream, description


def test_the_bitstream_is_routed_timed_and_read_back(made):
    job, bitstream, description = made
    assert bitstream.files[0].stat().st_size > 10_000
    assert bitstream.timing_met and bitstream.fmax_mhz > bitstream.clock_mhz == pytest.approx(45)
    assert bitstream.utilization["EHXPLLL"] == (1, 4)
    assert 0 < bitstream.utilization["TRELLIS_COMB"][0] < 5000
    assert "unpacked, the bitstream holds all" in bitstream.checks[0]
    assert re.search(r"is what was placed and routed: 1,\d\d\d cells", bitstream.checks[1])
    assert bitstream.identity == description.identity
    report = json.loads(json.dumps(bitstream.report(job.output)))
    assert report["files"] == ["bitfile/ulx3s-85f.bit"]
    assert report["load"] == "openFPGALoader -b ulx3s bitfile/ulx3s-85f.bit"


def test_the_routed_netlist_answers_the_deployed_driver(made):
    job, _, description = made
    with FLOW.simulated_board(job, description) as board:
        results = np.concatenate(list(Segmenter(description, board).integers(FRAMES)))
        status = board.status()
    assert np.array_equal(results, np.moveaxis(FRAMES, 1, -1))
    assert (status.taken, status.answered, status.refused) == (3, 3, 0)


def test_a_broken_netlist_is_noticed(made, tmp_path):
    """The data input of one bit of the FIFO is tied to 0: exactly that bit of the results is wrong."""
    job, _, description = made
    broken = tmp_path / "build"
    shutil.copytree(job.output, broken)
    netlist = broken / "place_route" / "netlist.v"
    text = netlist.read_text()
    register = re.search(
        r"TRELLIS_FF #\([^;]*?\) \\?host\.words_in\.slot_TRELLIS_FF_Q\S* +\([^;]*?\.DI\(([^)]*)\)", text
    )
    assert register is not None
    netlist.write_text(text[: register.start(1)] + "1'h0" + text[register.end(1) :])
    with FLOW.simulated_board(replace(job, output=broken), description) as board:
        (first, *_) = Segmenter(description, board).integers(FRAMES[:1])
    expected = description.output.pack(np.moveaxis(FRAMES, 1, -1)[:1].astype(np.int64))
    complaint = first_difference(description, expected, 0, first)
    assert complaint is not None and complaint.startswith("frame 0, row ")
    assert first_difference(description, expected, 0, description.output.unpack(expected)) is None


def test_another_builds_netlist_is_refused(made):
    job, _, description = made
    other = replace(description, identity="f" * 16)
    with pytest.raises(BoardError, match="runs another build"), FLOW.simulated_board(job, other):
        pass


def test_the_command_of_the_deploy_folder_checks_the_sample(made, tmp_path, capsys):
    job, _, description = made
    deploy = job.output / "deploy"
    assert (deploy / "run.py").is_file() and (deploy / "driver" / "usb_serial.py").is_file()
    from hw_flows.shells.ecp5_uart.simulated import compile_serial_board, running_board

    binary = compile_serial_board(job.accelerator, job.rtl, BOARD, CLOCK_MHZ, tmp_path / "simulated")
    with running_board(binary, job.rtl) as (port, _):
        arguments = ["--no-load", "--port", port, "--grace", "20"]
        assert main(deploy, [*arguments, "--repeat", "2", "--masks", str(tmp_path / "masks")]) == 0
        said = capsys.readouterr().out
        assert "6 frames in" in said and "frames/s" in said
        assert said.count("as expected") == 6
        picture = (tmp_path / "masks" / "image1.pgm").read_bytes()
        assert picture.startswith(b"P5 6 4 255\n")

        folder = tmp_path / "images"
        shutil.copytree(deploy / "sample", folder)
        np.save(
            folder / "image2.mask.npy",
            1 - np.minimum(mask_of(description.logits(np.moveaxis(FRAMES[2], 0, -1)[None])), 1),
        )
        assert main(deploy, [str(folder), *arguments]) == 1
        assert "image2: DIFFERS from the expected mask" in capsys.readouterr().out
    assert main(deploy, [str(tmp_path / "nowhere"), *arguments]) == 2
    assert main(deploy, arguments) == 2, "the board is gone"
    assert "cannot be opened" in capsys.readouterr().err
