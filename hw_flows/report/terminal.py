# SPDX-License-Identifier: BSD-3-Clause
"""The summary that a build prints at its end: what was verified, how fast it is, what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hw_flows.report.energy import Energy, energy_a_frame
from hw_flows.report.files import read_report
from hw_flows.report.format import percent, quantity

BAR_WIDTH = 24
#: Said of a rate that is the latency of a single simulated frame.
ONE_FRAME = ", one at a time: only one frame was simulated, and the next would begin before it ends"


def print_summary(output_dir: Path, console: Console) -> None:
    """Print what the reports in `output_dir` hold; nothing for steps that have not run."""
    if verification := read_report(output_dir, "verification"):
        console.print(_verification(verification, read_report(output_dir, "build") or {}))
    if netlist := read_report(output_dir, "netlist"):
        console.print(_netlist(netlist))
    if performance := read_report(output_dir, "performance"):
        energy = energy_a_frame(
            read_report(output_dir, "build") or {}, performance, read_report(output_dir, "bitstream")
        )
        console.print(_performance(performance, energy))
    if resources := read_report(output_dir, "resources"):
        console.print(_resources(resources))
    if bitstream := read_report(output_dir, "bitstream"):
        console.print(_bitstream(bitstream, read_report(output_dir, "routed_netlist")))


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", show_header=False, box=None, pad_edge=False)


def _verification(report: dict[str, Any], build: dict[str, Any]) -> Table:
    table = _table("Verification")
    exact = "[green]bit-exact[/]" if report["bit_exact"] else "[bold red]NOT bit-exact[/]"
    stalls = report.get("stalls")
    table.add_row(
        "  result", exact + (" at full speed and with random stalls" if stalls and report["bit_exact"] else "")
    )
    table.add_row(
        "  compared",
        f"{quantity(report['values_compared'])} integers in {quantity(report['tensors_compared'])} streams, "
        f"{quantity(report['frames'])} frames, {quantity(report['mismatches'])} mismatches",
    )
    if first := report.get("first_mismatch"):
        table.add_row("  first mismatch", escape(str(first.get("text", first) if isinstance(first, dict) else first)))
    if operators := build.get("host_operators"):
        table.add_row("  on the host", escape("behind the logits, in float: " + ", ".join(operators)))
    if deadlock := report.get("deadlock"):
        table.add_row("  deadlock", escape(str(deadlock)))
    seconds = report["simulation_seconds"]
    rate = f" ({quantity(round(report['simulated_cycles'] / seconds))} cycles/s)" if seconds else ""
    table.add_row("  simulated", f"{quantity(report['simulated_cycles'])} cycles in {quantity(seconds)} s{rate}")
    return table


def _netlist(report: dict[str, Any]) -> Table:
    table = _table("Netlist")
    if "left_out" in report:
        table.add_row("  result", escape(f"not simulated: {report['left_out']}"))
        return table
    cells, words, cycles = (
        quantity(n) for n in (sum(report["cells"].values()), report["words_compared"], report["cycles"])
    )
    if report["exact"]:
        before = ", in an earlier run" if report.get("from_cache") else ""
        table.add_row(
            "  result", f"[green]equals the RTL[/]: {cells} cells, {words} words compared in {cycles} cycles{before}"
        )
    else:
        table.add_row("  result", f"[bold red]WRONG[/]: it {escape(report['complaint'])}")
    return table


def _performance(report: dict[str, Any], energy: Energy) -> Table:
    table = _table("Performance")
    clock = quantity(report["clock_mhz"])
    alone = ONE_FRAME if report["cycles_per_frame"] == report.get("latency_cycles") else ""
    table.add_row("  speed", f"{quantity(report['fps'])} frames/s at {clock} MHz{alone}")
    slowest, layer = report["bottleneck"], report.get("bottleneck_layer")
    named = slowest if layer in (None, slowest) else f"{layer} ({slowest})"
    table.add_row("  cycles", f"{quantity(report['cycles_per_frame'])} a frame, slowest {escape(named)}")
    table.add_row("  latency", f"{quantity(report['latency_ms'])} ms")
    units, busy = quantity(report["mac_units"]), percent(report["mac_utilization"])
    table.add_row("  products", f"{quantity(report['macs_per_frame'])} a frame on {units} units, {busy} busy")
    if report.get("dram_mb_s"):
        size, ports = quantity(report["dram_bytes_a_frame"]), quantity(report["dram_ports"])
        streams = len(report.get("streams_in_memory", {}))
        what = f"weights and {streams} skip connections" if streams else "weights"
        rate = quantity(report["dram_mb_s"])
        table.add_row("  memory", f"{rate} MB/s for {what}, {size} bytes a frame, ports: {ports}")
    told = energy.words if energy.millijoules is None else f"{quantity(energy.millijoules)} mJ a frame: {energy.words}"
    table.add_row("  energy", escape(told))
    return table


def _resources(report: dict[str, Any]) -> Table:
    fits = "fits" if report["fits"] else "does NOT fit"
    table = Table(
        title=f"Resources ({escape(report['source'])}): {fits}",
        title_justify="left",
        title_style="bold" if report["fits"] else "bold red",
        box=None,
        pad_edge=False,
    )
    for heading, justify in (("", "left"), ("used", "right"), ("available", "right"), ("", "left"), ("", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for name, available in report["available"].items():
        used = report["total"][name]
        share = used / max(available, 1)  # a flow may have none of something
        filled = min(BAR_WIDTH, round(BAR_WIDTH * share))
        colour = "red" if share > 1 else "yellow" if share > 0.9 else "green"
        bar = f"[{colour}]{'█' * filled}[/][dim]{'░' * (BAR_WIDTH - filled)}[/]"
        table.add_row(f"  {name}", quantity(used), quantity(available), bar, percent(share))
    return table


def _bitstream(report: dict[str, Any], gates: dict[str, Any] | None) -> Table:
    table = _table("Bitstream")
    if report.get("experimental"):
        table.add_row("  [bold yellow]experimental[/]", escape(report["experimental"]))
    table.add_row("  file", escape(", ".join(report["files"])))
    met = "timing met" if report["timing_met"] else "[bold red]timing NOT met[/]"
    clock, highest = quantity(report["clock_mhz"]), quantity(report["fmax_mhz"])
    table.add_row("  clock", f"{clock} MHz, the routed design reaches {highest} MHz: {met}")
    used = ", ".join(
        f"{row['name']} {percent(row['used'] / row['available'])}" for row in report["utilization"] if row["used"]
    )
    table.add_row("  routed", escape(used))
    if gates:
        equal = (
            f"equal to the RTL in {quantity(gates['values_compared'])} integers of {quantity(gates['frames'])} frames"
        )
        table.add_row("  gate level", equal if gates["equal"] else f"[bold red]{escape(str(gates['complaint']))}[/]")
    if load := report.get("load"):
        table.add_row("  load it", escape(load))
    return table
