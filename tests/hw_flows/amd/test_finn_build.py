# SPDX-License-Identifier: BSD-3-Clause
"""FINN's own Zynq build on the graph of one of our builds, with stand-ins for Vivado and Vitis HLS.

What runs is FINN: InsertIODMA, InsertDWC, Floorplan, CreateDataflowPartition, InsertFIFO, PrepareIP, HLSSynthIP,
CreateStitchedIP, MakeZYNQProject, MakePYNQDriver. The stand-ins check the scripts that come out (mock_finn_tools.py).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest
from onnx import helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp

from hw_flows.amd.finn import install
from hw_flows.amd.finn.build import FinnBuild, build, explain, finn_clock, finn_period
from hw_flows.amd.finn.worker import require_only_ours
from hw_flows.boards import available_boards, load_board
from hw_flows.families.resources import Resources
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.machine.tools import ToolError, package_folder
from hw_flows.stitch.insert import fifo_nodes
from tests.hw_flows.amd.finn_machine import Machine, environment, make_machine
from tests.hw_flows.fifo_sizing.designs import folded
from tests.hw_flows.foreign import ForeignNet

PART = "xc7z020clg400-1"
#: With a skip connection (fork, concat), width converters and every kind of memory image.
NET = ForeignNet(channels=(2, 4), image=(4, 4), weight_bits=3, activation_bits=3, seed=3)


@pytest.fixture(scope="module")
def network() -> ModelWrapper:
    """A folded U-Net with a FIFO on every stream, each of a depth of its own."""
    model = folded(NET, 400)
    for depth, node in enumerate(fifo_nodes(model), start=2):
        getCustomOp(node).set_nodeattr("depth", depth)
    return model


@pytest.fixture(scope="module")
def monkeymodule():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def machine(tmp_path_factory, monkeymodule) -> Machine:
    made = make_machine(tmp_path_factory.mktemp("machine"))
    for key in ("XILINX_VIVADO", "XILINX_HLS", "XILINX_VITIS", "MOCK_VERSION", "MOCK_FINN"):
        monkeymodule.delenv(key, raising=False)
    for key, value in environment(made).items():
        monkeymodule.setenv(key, value)
    monkeymodule.syspath_prepend(str(made.folder / "python"))
    return made


def run(model: ModelWrapper, folder: Path, name: str = "pynq-z2", **options) -> FinnBuild:
    folder.mkdir(parents=True, exist_ok=True)
    graph, board = folder / "graph.onnx", load_board(name)
    model.save(str(graph))
    tools = install.find_tools()
    return build(graph, board.finn_name, board.part, 100.0, tools, folder / "finn_zynq", jobs=2, **options)


@pytest.fixture(scope="module")
def built(network, machine, tmp_path_factory) -> tuple[FinnBuild, Path]:
    folder = tmp_path_factory.mktemp("built")
    return run(network, folder), folder / "finn_zynq"


def stitched_script(folder: Path) -> str:
    """The script of the partition that holds our operators."""
    scripts = [path.read_text() for path in folder.glob("vivado_stitch_proj_*/make_project.tcl")]
    assert len(scripts) == 3  # DMA in, operators, DMA out
    return max(scripts, key=len)


@pytest.mark.parametrize("name", [name for name in available_boards() if load_board(name).finn_name])
def test_finn_knows_each_boards_name_and_device(name):
    from finn.util.basic import pynq_native_port_width, pynq_part_map

    board = load_board(name)
    assert board.finn_name in pynq_native_port_width
    # A later Ultra96-V2 carries the industrial grade.
    assert pynq_part_map[board.finn_name].rpartition("-")[0] == board.part.rpartition("-")[0]


def test_finn_calls_hls_for_its_two_dmas_and_vivado_for_each_partition_and_the_whole(built, machine):
    calls = Counter(re.sub(r"hls_syn_\w+", "hls_syn", call) for call in machine.called())
    assert calls == {"vitis_hls hls_syn.tcl": 2, "vivado make_project.tcl": 3, "vivado ip_config.tcl": 1}


def test_every_operator_of_ours_is_a_cell_of_the_stitched_ip(built, network):
    made, folder = built
    ours = Counter(node.op_type for node in network.graph.node)
    cells = re.findall(r"create_bd_cell -type module -reference (\w+) \1$", stitched_script(folder), re.MULTILINE)
    assert set(cells) == set(made.operators)
    assert Counter(re.sub(r"^StreamingDataflowPartition_\d+_|_\d+$", "", cell) for cell in cells) == ours


def test_the_fifos_keep_the_depths_that_were_found(built, network):
    _, folder = built
    wrappers = [path.read_text() for path in folder.glob("code_gen_ipgen_*OpenStreamingFIFO_rtl_*/*.v")]
    depths = sorted(int(depth) for text in wrappers for depth in re.findall(r"\.DEPTH\((\d+)\)", text))
    assert depths == sorted(getCustomOp(node).get_nodeattr("depth") for node in fifo_nodes(network))


def test_memory_images_lie_where_the_modules_read_them(built):
    _, folder = built
    prefixes = [
        p
        for path in folder.glob("code_gen_ipgen_*/*.v")
        for p in re.findall(r'\.MEMORY_PREFIX\("([^"]+)"\)', path.read_text())
    ]
    assert prefixes and all(
        Path(p).is_absolute() and list(Path(p).parent.glob(f"{Path(p).name}_*.mem")) for p in prefixes
    )


def test_all_our_sources_go_into_the_stitched_ip(built, network):
    _, folder = built
    added = {Path(p).name for p in re.findall(r"add_files -norecurse (\S+)", stitched_script(folder))}
    assert added >= {source.name for node in network.graph.node for source in getCustomOp(node).sources}


@pytest.mark.skipif(shutil.which("tclsh") is None, reason="needs tclsh")
def test_finns_scripts_with_our_commands_in_them_are_whole_tcl(built):
    _, folder = built
    for name in ("make_project.tcl", "ip_config.tcl", "hls_syn_*.tcl"):
        scripts = list(folder.glob(f"*/{name}"))
        assert scripts
        for script in scripts:
            check = f"set f [open {{{script}}}]; puts [info complete [read $f]]"
            run = subprocess.run(["tclsh"], input=check, capture_output=True, text=True, timeout=60, check=True)
            assert run.stdout.strip() == "1", script


def test_the_files_that_are_added_for_a_cell_elaborate_by_themselves(built):
    """One cell of each kind, by the files that FINN's script adds right before it, in Verilator."""
    _, folder = built
    cells = re.findall(
        r"((?:^add_files -norecurse \S+\n)+)create_bd_cell -type module -reference (\w+) \2$",
        stitched_script(folder),
        re.MULTILINE,
    )
    one_of_a_kind = {re.sub(r"_\d+$", "", module): (added.split()[2::3], module) for added, module in cells}
    assert len(one_of_a_kind) >= 9
    verilator = package_folder("verilator")
    for files, module in one_of_a_kind.values():
        command = [str(verilator / "bin" / "verilator_bin"), "--lint-only", "-Wall", "-Wno-DECLFILENAME"]
        run = subprocess.run(
            [*command, "-Wno-UNUSEDSIGNAL", "--top", module, *files],
            env={**os.environ, "VERILATOR_ROOT": str(verilator)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode == 0, run.stderr


def test_bitstream_handoff_timing_and_driver_settings_come_back(built, network):
    made, _ = built
    assert made.bitfile.read_bytes()[:2] == b"\x00\x09"
    assert made.hwh.suffix == ".hwh"
    assert made.timing.met and made.timing.period == 10.0
    assert made.utilization.resources.DSP == 146
    settings = json.loads((made.driver / "settings.json").read_text())["driver_information"]
    assert settings["driver_type"] == "FINNDMAOverlay"
    shapes = settings["io_shape_dict"]
    assert shapes["idma_names"] == ["idma0"] and shapes["odma_names"] == ["odma0"]
    assert shapes["ishape_normal"] == [[1, 4, 4, 1]] and shapes["oshape_normal"] == [[1, 4, 4, 1]]
    output = network.get_tensor_datatype(network.graph.output[0].name).name
    assert shapes["idt"] == ["DataType['UINT8']"] and shapes["odt"] == [f"DataType['{output}']"]


def test_environment_of_this_process_stays_as_it_was(built):
    assert "FINN_RTLLIB" not in os.environ and "XILINX_VIVADO" not in os.environ


def test_finns_checks_find_a_stream_whose_ends_differ(network):
    require_only_ours(network, "Pynq-Z2", PART)
    broken = deepcopy(network)
    node = fifo_nodes(broken)[3]
    shape = list(getCustomOp(node).get_nodeattr("folded_shape"))
    getCustomOp(node).set_nodeattr("folded_shape", [*shape[:-1], shape[-1] * 2])
    with pytest.raises(ValueError, match="FINN added operators of its own: StreamingDataWidthConverter"):
        require_only_ours(broken, "Pynq-Z2", PART)


def test_finns_checks_find_ends_of_different_element_width(network):
    broken = deepcopy(network)
    node = fifo_nodes(broken)[3]
    getCustomOp(node).set_nodeattr("dataType", "UINT32")
    with pytest.raises(ValueError, match="wires"):
        require_only_ours(broken, "Pynq-Z2", PART)


def test_words_of_several_narrow_elements_at_the_ends_are_what_finns_dma_takes(one_fifo):
    """A mask of one bit an element, four a word: FINN's DMA sees a byte."""
    narrow = deepcopy(one_fifo)
    fifo = getCustomOp(narrow.graph.node[0])
    fifo.set_nodeattr("folded_shape", [1, 4, 1, 1, 4])
    fifo.set_nodeattr("normal_shape", [1, 4, 1, 4])
    fifo.set_nodeattr("dataType", "BINARY")
    for name in (narrow.graph.input[0].name, narrow.graph.output[0].name):
        narrow.set_tensor_shape(name, [1, 4, 1, 4])
        narrow.set_tensor_datatype(name, DataType["BINARY"])
    require_only_ours(narrow, "Pynq-Z2", PART)


# --- failures, on a graph of one FIFO ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_fifo(network) -> ModelWrapper:
    """The first FIFO of the network, alone."""
    node = network.graph.node[0]
    shape = network.get_tensor_shape(node.input[0])
    info = [helper.make_tensor_value_info(n, 1, shape) for n in (node.input[0], node.output[0])]
    from qonnx.util.basic import qonnx_make_model

    model = ModelWrapper(qonnx_make_model(helper.make_graph([deepcopy(node)], "one", info[:1], info[1:])))
    for name in (node.input[0], node.output[0]):
        model.set_tensor_datatype(name, network.get_tensor_datatype(node.input[0]))
    return model


def test_the_words_of_the_tool_that_failed_are_quoted(one_fifo, machine, monkeypatch, tmp_path):
    monkeypatch.setenv("MOCK_FINN", "hls")
    with pytest.raises(UserError, match=r"does not know the part(?s:.*)HLS 200-1023(?s:.*)Add Design Tools") as error:
        run(one_fifo, tmp_path)
    assert not isinstance(error.value, CheckFailed)


def failed(folder: Path, logs: dict[str, str]) -> UserError:
    """What is made of a failed run that left `logs`, the last one newest."""
    for age, (name, text) in enumerate(logs.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        os.utime(folder / name, (1000 + age, 1000 + age))
    finn = ToolError("finn", "exited with status 1", folder / "finn.log", "Synthesis failed. Check the logs")
    return explain(finn, folder, PART)


def test_a_failed_run_is_told_with_why_the_run_failed(tmp_path):
    error = failed(
        tmp_path,
        {
            "p/runs/impl_1/runme.log": "ERROR: [Route 35-162] 4 signals failed to route due to routing congestion.\n",
            "p/vivado.log": "ERROR: [Common 17-69] Command failed: Run 'impl_1' failed.\n",
        },
    )
    assert (
        "35-162" in str(error)
        and "Run 'impl_1' failed" in str(error)
        and str(tmp_path / "p" / "vivado.log") in str(error)
    )


def test_a_design_too_big_for_the_device_is_a_failed_check(tmp_path):
    error = failed(
        tmp_path,
        {
            "p/runs/impl_1/runme.log": "ERROR: [DRC UTLZ-1] Resource utilization: LUT as Logic over-utilized\n",
            "p/vivado.log": "ERROR: [Common 17-69] Command failed: Run 'impl_1' failed.\n",
        },
    )
    assert isinstance(error, CheckFailed) and "does not fit xc7z020clg400-1" in str(error)


def test_an_unknown_board_file_says_what_brings_it(tmp_path):
    log = "ERROR: [Board 49-71] The board_part definition was not found for tul.com.tw:pynq-z2:part0:1.0.\n"
    assert "finn deps update" in str(failed(tmp_path, {"p/vivado.log": log}))


def test_where_no_tool_complained_finns_words_stay(tmp_path):
    assert "Synthesis failed. Check the logs" in str(failed(tmp_path, {"p/vivado.log": "INFO: all is well\n"}))


def test_a_run_past_its_limit_is_ended(one_fifo, machine, tmp_path):
    with pytest.raises(UserError, match="exceeded its time limit of 1 s"):
        run(one_fifo, tmp_path, limit=1.0)


def test_a_folder_with_blanks_is_refused_before_finn_starts(one_fifo, machine, tmp_path):
    with pytest.raises(UserError, match="blanks"):
        run(one_fifo, tmp_path / "my builds")


@pytest.mark.parametrize("wanted, whole", [(100.0, 100), (75.0, 75), (83.4, 83), (58.0, 58), (1.9, 1)])
def test_the_clock_is_what_finns_shell_makes_of_the_period(wanted, whole):
    assert finn_clock(wanted) == whole
    period = finn_period(whole)
    assert int(1 / (period * 0.001)) == whole
    assert period == pytest.approx(1000.0 / whole)


def test_less_than_one_megahertz_is_refused():
    with pytest.raises(UserError, match="whole MHz"):
        finn_clock(0.5)


def test_finn_makes_the_project_of_an_ultrascale_board(network, machine, tmp_path):
    made = run(network, tmp_path, "kv260")
    (script,) = (tmp_path / "finn_zynq").glob("vivado_zynq_proj_*/ip_config.tcl")
    assert "set BOARD KV260_SOM" in script.read_text() and "set FPGA_PART xck26-sfvc784-2LV-c" in script.read_text()
    used = Resources(LUT=31877, FF=28456, LUTRAM=3211, SRL=1204, BRAM36=88.5, URAM=4, DSP=146)
    assert made.utilization.resources == used
