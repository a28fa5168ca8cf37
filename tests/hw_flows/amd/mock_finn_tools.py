# SPDX-License-Identifier: BSD-3-Clause
"""Stand-ins for the `vivado` and `vitis_hls` that FINN's Zynq build calls: `mock_finn_tools.py TOOL ARGUMENTS`.

They read FINN's scripts the way the tools would: every file exists, every module that is instantiated is defined in a file
that was added, every stream joins an output to an input of the same width, none is left open or taken twice, every IP has
been packaged before. What they were asked is appended to the file that `MOCK_CALLS` names. `MOCK_FINN` chooses what goes
wrong.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import report_texts

MODE = os.environ.get("MOCK_FINN", "")
PIN = r"\[get_bd_intf_pins ([\w$]+)/(\w+)\]"


class Complaint(Exception):
    """An ERROR line of the tool."""


def main() -> int:
    tool, *arguments = sys.argv[1:]
    if "-version" in arguments:
        print(report_texts.VERSION_ANSWERS[os.environ.get("MOCK_VERSION", "2022.2")])
        return 0
    script = Path(arguments[-1])
    with Path(os.environ["MOCK_CALLS"]).open("a") as calls:
        calls.write(f"{tool} {script.name}\n")
    log = Path(f"{tool}.log")
    try:
        if tool == "vitis_hls":
            synthesize(script.read_text())
        elif script.name == "make_project.tcl":
            stitch(script.read_text())
        else:
            link(script.read_text())
    except Complaint as complaint:
        log.write_text(f"# start of {tool}\nERROR: {complaint}\nINFO: [Common 17-206] Exiting Vivado at Sat Nov 21\n")
        return 1
    log.write_text(f"# start of {tool}\n")
    return 0


def synthesize(script: str) -> None:
    """Vitis HLS on one of FINN's nodes: an IP with the streams of its C++ function."""
    if MODE == "hls":
        raise Complaint("[HLS 200-1023] Part 'xc7z020clg400-1' is not installed.")
    name = found(r'set config_toplevelfxn "(\w+)"', script)
    folder = Path(found(r'set config_hwsrcdir "([^"]+)"', script))
    if not (Path(found(r'set config_bnnlibdir "([^"]+)"', script)) / "bnn-library.h").is_file():
        raise Complaint("[HLS 207-812] 'bnn-library.h' file not found")
    source = (folder / f"top_{name}.cpp").read_text()
    signature = found(rf"void {name}\((.*)\)", source)
    streams = {n: int(w) for w, n in re.findall(r"hls::stream<ap_uint<(\d+)> >\s*&(\w+)", signature)}
    ip = folder / f"project_{name}" / "sol1" / "impl" / "ip"
    ip.mkdir(parents=True)
    (ip / "component.json").write_text(json.dumps({"name": name, "streams": streams}))
    (ip.parent / "verilog").mkdir()


def stitch(script: str) -> None:
    """FINN's stitched IP: cells of modules and IPs, joined by streams, some of which become ports."""
    files = re.findall(r"^add_files -norecurse (\S+)$", script, re.MULTILINE)
    block = found(r'create_bd_design "(\w+)"', script)
    missing = [f for f in files if not resolve(f).is_file() and not f.endswith("_wrapper.v")]
    if missing:
        raise Complaint(f"[Vivado 12-172] File or Directory '{missing[0]}' does not exist")
    sources = [resolve(f).read_text() for f in files if resolve(f).is_file()]
    cells = {
        name: module_streams(module, sources)
        for module, name in re.findall(r"create_bd_cell -type module -reference (\w+) (\w+)", script)
    }
    cells.pop("sim_ctrl_0", None)
    repositories = found(r"set_property ip_repo_paths \[list ([^]]*)\]", script).split()
    for module, name in re.findall(r"create_bd_cell -type ip -vlnv xilinx\.com:hls:(\w+):1\.0 (\w+)", script):
        cells[name] = packaged_streams(module, repositories)
    ports: dict[str, int] = {}
    open_pins = {(cell, pin) for cell, pins in cells.items() for pin in pins}
    for a, a_pin, b, b_pin in re.findall(rf"connect_bd_intf_net {PIN} {PIN}", script):
        join(open_pins, cells, (a, a_pin), (b, b_pin))
    external = ""
    for line in script.splitlines():
        if made := re.match(rf"make_bd_intf_pins_external {PIN}$", line):
            cell, external = made[1], made[2]
            if (cell, external) in open_pins:
                open_pins.remove((cell, external))
                ports[external] = cells[cell][external]
        elif named := re.match(r"set_property name (\w+) \[get_bd_intf_ports (\w+)_0\]", line):
            if named[2] in ports:
                ports[named[1]] = ports.pop(named[2])
    if open_pins:
        raise Complaint(f"[BD 41-759] The input pins (listed below) are not connected: {sorted(open_pins)}")
    Path("ip").mkdir()
    Path("ip/component.json").write_text(json.dumps({"name": block, "streams": ports}))
    wrapper = Path(next(f for f in files if f.endswith(f"{block}_wrapper.v")))
    wrapper.parent.mkdir(parents=True)
    wrapper.write_text(f"module {block}_wrapper; endmodule\n")
    Path("all_verilog_srcs.txt").write_text("\n".join(files) + "\n")


def link(script: str) -> None:
    """FINN's shell: the packaged IPs beside the processing system, and the bitstream."""
    board_files = Path(found(r'lappend paths_prop "([^"]+)"', script))
    if not list(board_files.glob("**/board.xml")):
        raise Complaint("[Board 49-71] The board_part definition was not found for tul.com.tw:pynq-z2:part0:1.0.")
    repositories = " ".join(re.findall(r"ip_repo_paths.*?\[list ([^]]*)\]", script)).split()
    names = {
        name: packaged_streams(block, repositories)
        for block, name in re.findall(r"create_bd_cell -type ip -vlnv xilinx_finn:finn:(\w+):1\.0 (\w+)", script)
    }
    open_pins = {(cell, pin) for cell, pins in names.items() for pin in pins}
    for a, a_pin, b, b_pin in re.findall(rf"connect_bd_intf_net {PIN} {PIN}", script):
        if a in names and b in names:
            join(open_pins, names, (b, b_pin), (a, a_pin))
    if open_pins:
        raise Complaint(f"[BD 41-758] pins without a partner: {sorted(open_pins)}")
    run = Path("finn_zynq_link.runs/impl_1")
    run.mkdir(parents=True)
    (run / "top_wrapper.bit").write_bytes(report_texts.bitfile())
    slow = {"setup": "-0.900", "failing": 17} if MODE == "timing" else {}
    (run / "top_wrapper_timing_summary_routed.rpt").write_text(
        report_texts.timing(clock="clk_out1_top_clk_wiz_0_0", **slow)  # type: ignore[arg-type]
    )
    seventh = found(r"set FPGA_PART (\S+)", script).startswith("xc7")
    utilization = report_texts.utilization if seventh else report_texts.ultrascale_utilization
    (run / "top_wrapper_utilization_placed.rpt").write_text(utilization())
    handoff = Path("finn_zynq_link.gen/sources_1/bd/top/hw_handoff")
    handoff.mkdir(parents=True)
    (handoff / "top.hwh").write_text("<EDKSYSTEM/>\n")


def join(open_pins: set, cells: dict, source: tuple[str, str], sink: tuple[str, str]) -> None:
    for pin in (source, sink):
        if pin not in open_pins:
            raise Complaint(f"[BD 5-106] {pin} does not exist or is taken")
        open_pins.remove(pin)
    if not (source[1].startswith(("out", "m_axis")) and sink[1].startswith(("in", "s_axis"))):
        raise Complaint(f"[BD 41-171] {source} and {sink} do not go together")
    widths = cells[source[0]][source[1]], cells[sink[0]][sink[1]]
    if widths[0] != widths[1]:
        raise Complaint(f"[BD 41-237] TDATA_NUM_BYTES does not match between {source} and {sink}: {widths}")


def module_streams(module: str, sources: list[str]) -> dict[str, int]:
    """Stream -> width of a Verilog module, by its ports."""
    text = next((t for t in sources if re.search(rf"^module {module}\b", t, re.MULTILINE)), None)
    if text is None:
        raise Complaint(f"[filemgmt 56-195] The specified reference is invalid because it does not exist: {module}")
    ports = text[: text.index(");")]
    streams = {n: int(w) + 1 for w, n in re.findall(r"(?:input|output) \[(\d+):0\] (\w+)_TDATA", ports)}
    for name in streams:
        back = "output" if name.startswith("in") else "input"
        if not re.search(rf"\b{back} {name}_TREADY\b", ports):
            raise Complaint(f"[IP_Flow 19-459] {module}: {name} is no AXI stream")
    return streams


def packaged_streams(name: str, repositories: list[str]) -> dict[str, int]:
    for repository in repositories:
        component = Path(repository) / "component.json"
        if component.is_file():
            described = json.loads(component.read_text())
            if described["name"] == name:
                return {stream: int(width) for stream, width in described["streams"].items()}
    raise Complaint(f"[BD 5-390] IP definition not found for VLNV: {name}")


def resolve(path: str) -> Path:
    return Path(path.replace("$::env(FINN_RTLLIB)", os.environ["FINN_RTLLIB"]))


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise Complaint(f"[Mock 1-1] the script has no {pattern}")
    return match[1]


if __name__ == "__main__":
    sys.exit(main())
