# SPDX-License-Identifier: BSD-3-Clause
"""Reports in the layout of Vivado 2022.2 and 2024.2 for a 7-series device, with figures of the test's choice."""

from __future__ import annotations

BUILDS = {"2022.2": "3671981 Fri Oct 14 04:59:54 MDT 2022", "2024.2": "5239630 Fri Nov 08 22:34:34 MST 2024"}
COPYRIGHTS = {
    "2022.2": "Copyright 1986-2022 Xilinx, Inc. All Rights Reserved.",
    "2024.2": "Copyright 1986-2022 Xilinx, Inc. All Rights Reserved. "
    "Copyright 2022-2024 Advanced Micro Devices, Inc. All Rights Reserved.",
}
RULE = "-" * 120
LONG_RULE = "-" * 96

VERSION_ANSWERS = {
    "2021.1": "Vivado v2021.1 (64-bit)\nSW Build 3247384 on Thu Jun 10 19:36:07 MDT 2021\n",
    "2022.2": "Vivado v2022.2 (64-bit)\nSW Build 3671981 on Fri Oct 14 04:59:54 MDT 2022\n"
    "IP Build 3669848 on Fri Oct 14 08:30:02 MDT 2022\nCopyright 1986-2022 Xilinx, Inc. All Rights Reserved.\n",
    "2024.2": "vivado v2024.2 (64-bit)\nTool Version Limit: 2024.11\nSW Build 5239630 on Fri Nov 08 22:34:34 MST 2024\n"
    "IP Build 5239520 on Sun Nov 10 16:12:51 MST 2024\nSharedData Build 5239561 on Fri Nov 08 14:39:27 MST 2024\n",
}


def header(version: str, command: str) -> str:
    return (
        f"{COPYRIGHTS[version]}\n{RULE}\n"
        f"| Tool Version : Vivado v.{version} (lin64) Build {BUILDS[version]}\n"
        "| Date         : Sat Nov 21 10:00:00 2026\n| Host         : mock running 64-bit Linux\n"
        f"| Command      : {command}\n| Design       : qu_zynq7_top\n| Device       : 7z020-clg400\n"
        f"| Speed File   : -1  PRODUCTION 1.12 2019-11-22\n| Design State : Routed\n{RULE}\n\n"
    )


def timing(
    version: str = "2022.2",
    *,
    setup: str = "0.412",
    hold: str = "0.031",
    pulse: str = "3.750",
    period: float = 10.0,
    failing: int = 0,
    without_clock: int = 0,
    clock: str = "fclk0",
) -> str:
    verdict = "Timing constraints are not met." if failing else "All user specified timing constraints are met."
    clocks = f"{clock}  {{0.000 {period / 2:.3f}}}        {period:.3f}          {1000 / period:.3f}         \n"
    if setup == "NA":
        verdict, clocks = "There are no user specified timing constraints.", ""
    return (
        header(version, "report_timing_summary -delay_type min_max -max_paths 10 -file timing_summary.rpt")
        + f"Timing Summary Report\n\n{LONG_RULE}\n| Timer Settings\n| --------------\n{LONG_RULE}\n\n"
        "  Enable Multi Corner Analysis               :  Yes\n  Enable Pessimism Removal                   :  Yes\n\n"
        "  Corner  Analyze    Analyze    \n  Name    Max Paths  Min Paths  \n  ------  ---------  ---------  \n"
        "  Slow    Yes        Yes        \n  Fast    Yes        Yes        \n\n\n"
        "check_timing report\n\nTable of Contents\n-----------------\n"
        f"1. checking no_clock ({without_clock})\n2. checking constant_clock (0)\n\n"
        f"1. checking no_clock ({without_clock})\n------------------------\n"
        f" There are {without_clock} register/latch pins with no clock.\n\n\n"
        f"{LONG_RULE}\n| Design Timing Summary\n| ---------------------\n{LONG_RULE}\n\n"
        "    WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints      WHS(ns)      THS(ns)  "
        "THS Failing Endpoints  THS Total Endpoints     WPWS(ns)     TPWS(ns)  TPWS Failing Endpoints  "
        "TPWS Total Endpoints  \n"
        "    -------      -------  ---------------------  -------------------      -------      -------  "
        "---------------------  -------------------     --------     --------  ----------------------  "
        "--------------------  \n"
        f"{setup:>11}        0.000  {failing:>21}                70321  {hold:>11}        0.000                      0"
        f"                70321  {pulse:>11}        0.000                       0                 31007  \n\n\n"
        f"{verdict}\n\n\n{LONG_RULE}\n| Clock Summary\n| -------------\n{LONG_RULE}\n\n"
        "Clock  Waveform(ns)         Period(ns)      Frequency(MHz)\n"
        "-----  ------------         ----------      --------------\n" + clocks + "\n\n"
        f"{LONG_RULE}\n| Intra Clock Table\n| -----------------\n{LONG_RULE}\n\n"
        "Clock             WNS(ns)      TNS(ns)  TNS Failing Endpoints  TNS Total Endpoints\n"
        "-----             -------      -------  ---------------------  -------------------\n"
        f"{clock}  {setup:>11}        0.000  {failing:>21}                70321\n"
    )


def utilization(version: str = "2022.2", *, luts: int = 31877, shift: int = 1204) -> str:
    memory = 3211
    memory_rows = (
        f"|   LUT as Memory            |  {memory:4} |     0 |          0 |     17400 | 18.45 |\n"
        f"|     LUT as Distributed RAM |  {memory - shift:4} |     0 |            |           |       |\n"
        f"|     LUT as Shift Register  |  {shift:4} |     0 |            |           |       |\n"
    )
    if shift == 0:
        memory_rows = "|   LUT as Memory            |     0 |     0 |          0 |     17400 |  0.00 |\n"
    rule = "+----------------------------+-------+-------+------------+-----------+-------+\n"
    return (
        header(version, "report_utilization -file utilization.rpt")
        + "Utilization Design Information\n\nTable of Contents\n-----------------\n1. Slice Logic\n3. Memory\n4. DSP\n\n"
        "1. Slice Logic\n--------------\n\n"
        + rule
        + "|          Site Type         |  Used | Fixed | Prohibited | Available | Util% |\n"
        + rule
        + f"| Slice LUTs*                | {luts:5} |     0 |          0 |     53200 | 59.92 |\n"
        f"|   LUT as Logic             | {luts - memory:5} |     0 |          0 |     53200 | 53.88 |\n"
        + memory_rows
        + "| Slice Registers            | 28456 |     0 |          0 |    106400 | 26.74 |\n"
        "|   Register as Flip Flop    | 28456 |     0 |          0 |    106400 | 26.74 |\n"
        "|   Register as Latch        |     0 |     0 |          0 |    106400 |  0.00 |\n"
        "| F7 Muxes                   |   120 |     0 |          0 |     26600 |  0.45 |\n"
        + rule
        + "* Warning! LUT value is adjusted to account for LUT combining.\n\n\n"
        "2. Slice Logic Distribution\n---------------------------\n\n"
        + rule
        + "|          Site Type         |  Used | Fixed | Prohibited | Available | Util% |\n"
        + rule
        + "| Slice                      | 10011 |     0 |          0 |     13300 | 75.27 |\n"
        "| LUT as Memory              |  3211 |     0 |          0 |     17400 | 18.45 |\n"
        + rule
        + "\n\n3. Memory\n---------\n\n"
        + rule
        + "|          Site Type         |  Used | Fixed | Prohibited | Available | Util% |\n"
        + rule
        + "| Block RAM Tile             |  88.5 |     0 |          0 |       140 | 63.21 |\n"
        "|   RAMB36/FIFO*             |    80 |     0 |          0 |       140 | 57.14 |\n"
        "|     RAMB36E1 only          |    80 |       |            |           |       |\n"
        "|   RAMB18                   |    17 |     0 |          0 |       280 |  6.07 |\n"
        + rule
        + "\n\n4. DSP\n------\n\n"
        + rule
        + "|          Site Type         |  Used | Fixed | Prohibited | Available | Util% |\n"
        + rule
        + "| DSPs                       |   146 |     0 |          0 |       220 | 66.36 |\n"
        "|   DSP48E1 only             |   146 |       |            |           |       |\n" + rule
    )


def ultrascale_utilization(version: str = "2022.2") -> str:
    """As for a Zynq UltraScale+: slices are CLBs there, and there is UltraRAM."""
    rule = "+----------------------------+-------+-------+------------+-----------+-------+\n"
    head = rule + "|          Site Type         |  Used | Fixed | Prohibited | Available | Util% |\n" + rule

    def row(name: str, used: float, available: int) -> str:
        return f"| {name:<26} | {used:>5} |     0 |          0 | {available:>9} | {100 * used / available:5.2f} |\n"

    return (
        header(version, "report_utilization -file utilization.rpt")
        + "Utilization Design Information\n\n1. CLB Logic\n------------\n\n"
        + head
        + row("CLB LUTs*", 31877, 117120)
        + row("  LUT as Logic", 28666, 117120)
        + row("  LUT as Memory", 3211, 57600)
        + "|     LUT as Distributed RAM |  2007 |     0 |            |           |       |\n"
        + "|     LUT as Shift Register  |  1204 |     0 |            |           |       |\n"
        + row("CLB Registers", 28456, 234240)
        + row("CARRY8", 1893, 14640)
        + rule
        + "\n\n3. BLOCKRAM\n-----------\n\n"
        + head
        + row("Block RAM Tile", 88.5, 144)
        + row("  RAMB36/FIFO*", 80, 144)
        + "|     RAMB36E2 only          |    80 |       |            |           |       |\n"
        + row("  RAMB18", 17, 288)
        + row("URAM", 4, 64)
        + rule
        + "\n\n4. ARITHMETIC\n-------------\n\n"
        + head
        + row("DSPs", 146, 1248)
        + "|   DSP48E2 only             |   146 |       |            |           |       |\n"
        + rule
    )


def hierarchy(operators: list[str], version: str = "2022.2") -> str:
    """A report where every operator takes 100 LUTs (10 of them memory, 5 shift registers), 50 FF, 2 BRAM36, 1 DSP."""
    rule = (
        "+------------------------------------------+------------------+------------+------------+---------+------+"
        "------+--------+--------+------------+\n"
    )
    rows = [
        ("qu_zynq7_top", "(top)", 31877, 28666, 2007, 1204, 28456, 80, 17, 146),
        ("  (qu_zynq7_top)", "(top)", 3, 3, 0, 0, 4, 0, 0, 0),
        ("  shell", "qu_zynq7_shell", 31874, 28663, 2007, 1204, 28452, 80, 17, 146),
        ("    accelerator", "quantunet_accel", 31000, 28000, 2000, 1000, 28000, 78, 17, 146),
        *((f"      {name}", "operator", 100, 85, 10, 5, 50, 1, 2, 1) for name in operators),
    ]
    body = "".join(
        f"| {name:<40} | {module:>16} | {a:>10} | {b:>10} | {c:>7} | {d:>4} | {e:>4} | {f:>6} | {g:>6} | {h:>10} |\n"
        for name, module, a, b, c, d, e, f, g, h in rows
    )
    return (
        header(version, "report_utilization -hierarchical -file utilization_hierarchical.rpt")
        + "Utilization Design Information\n\nTable of Contents\n-----------------\n1. Utilization by Hierarchy\n\n"
        "1. Utilization by Hierarchy\n---------------------------\n\n"
        + rule
        + f"| {'Instance':^40} | {'Module':^16} | Total LUTs | Logic LUTs | LUTRAMs | SRLs |  FFs | RAMB36 | RAMB18 | "
        "DSP Blocks |\n"
        + rule
        + body
        + rule
        + "* Note: The sum of lower-level cells may be larger than their parent cells total, due to cross-hierarchy "
        "LUT combining\n\n"
    )


def power(
    version: str = "2022.2",
    *,
    total: str = "1.683",
    dynamic: str = "1.541",
    static: str = "0.142",
    confidence: str = "Medium",
    activity: str = "---",
    matched: str = "NA",
) -> str:
    """The summary and what follows it in the same layout; the components are not those of any design."""
    rows = {
        "Total On-Chip Power (W)": total,
        "Design Power Budget (W)": "Unspecified*",
        "Power Budget Margin (W)": "NA",
        "Dynamic (W)": dynamic,
        "Device Static (W)": static,
        "Effective TJA (C/W)": "11.5",
        "Max Ambient (C)": "65.6",
        "Junction Temperature (C)": "44.4",
        "Confidence Level": confidence,
        "Setting File": "---",
        "Simulation Activity File": activity,
        "Design Nets Matched": matched,
    }
    width = max(map(len, rows.values()))
    rule = f"+{'-' * 26}+{'-' * (width + 2)}+\n"
    parts = "+--------------------------+-----------+----------+-----------+-----------------+\n"
    return (
        header(version, "report_power -file power.rpt")
        + "Power Report\n\nTable of Contents\n-----------------\n1. Summary\n1.1 On-Chip Components\n1.2 Power Supply Summary\n"
        "1.3 Confidence Level\n2. Settings\n2.1 Environment\n2.2 Clock Constraints\n3. Detailed Reports\n3.1 By Hierarchy\n\n"
        "1. Summary\n----------\n\n"
        + rule
        + "".join(f"| {name:<24} | {value:<{width}} |\n" for name, value in rows.items())
        + rule
        + "* Specify Design Power Budget using, set_operating_conditions -design_power_budget <value in Watts>\n\n\n"
        "1.1 On-Chip Components\n----------------------\n\n"
        + parts
        + "| On-Chip                  | Power (W) | Used     | Available | Utilization (%) |\n"
        + parts
        + "| Clocks                   |     0.061 |        1 |       --- |             --- |\n"
        "| Slice Logic              |    <0.001 |    60333 |       --- |             --- |\n"
        "| Static Power             |     0.142 |          |           |                 |\n"
        "| Total                    |     1.683 |          |           |                 |\n"
        + parts
        + "\n\n3.1 By Hierarchy\n----------------\n\n+--------------+-----------+\n| Name         | Power (W) |\n"
        "+--------------+-----------+\n| qu_zynq7_top |     1.541 |\n|   shell      |     1.520 |\n+--------------+-----------+\n"
    )


def bitfile(words: int = 64) -> bytes:
    """A `.bit` file: header, dummy words, bus width pattern, sync word, `words` words of configuration."""

    def field(key: bytes, text: str) -> bytes:
        data = text.encode() + b"\0"
        return key + len(data).to_bytes(2, "big") + data

    body = b"\xff" * 32 + bytes.fromhex("000000bb11220044") + b"\xff" * 8 + bytes.fromhex("aa995566")
    body += b"".join(i.to_bytes(4, "big") for i in range(words))
    return (
        bytes.fromhex("00090ff00ff00ff00ff0000001")
        + field(b"a", "qu_zynq7_top;UserID=0XFFFFFFFF;Version=2022.2")
        + field(b"b", "7z020clg400")
        + field(b"c", "2026/11/21")
        + field(b"d", "10:00:00")
        + b"e"
        + len(body).to_bytes(4, "big")
        + body
    )
