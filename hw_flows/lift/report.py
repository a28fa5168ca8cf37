# SPDX-License-Identifier: BSD-3-Clause
"""`qu-lift`: a bitstream to a file with its netlist, and what there is to say about it."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hw_flows.lift.compare import compare, read_placed
from hw_flows.lift.ecp5 import report as ecp5
from hw_flows.lift.files import require_netlist, write_lifted
from hw_flows.lift.lift import lift_bitstream
from hw_flows.machine.errors import CheckFailed, UserError
from hw_flows.place_route.debian_tools import require_tools
from hw_flows.place_route.xc7_bitstream import bin_of_bit
from quantunet_common.files import require_input_file

#: Bytes of a bitstream, of which a 7-series device has at most 56 MB.
MOST_BITSTREAM = 64 * 2**20
_PART = re.compile(r"xc7z\d+[a-z]+\d+-\d")


def lift_to_file(bitstream: Path, part: str, destination: Path, routed: Path | None = None) -> str:
    """Write the netlist of a .bit as JSON; returns what was found, in lines.

    `routed`: the netlist that place and route wrote, to compare with. Raises UserError for files or parts that there are not,
    CheckFailed for bits that are not understood and for a netlist that is another one.
    """
    if part.startswith(ecp5.PARTS):
        return ecp5.lift_to_file(bitstream, part, destination, routed)
    require_bitstream(bitstream)
    if not _PART.fullmatch(part):
        raise UserError(
            "is no ordering code of a Zynq-7000 or an ECP5",
            f"--part {part}",
            "give one such as xc7z020clg400-1 or LFE5U-85F-6BG381C",
        )
    if routed is not None:
        require_netlist(routed)
    tools = require_tools()
    with TemporaryDirectory(prefix="qu-lift-") as logs:
        lifted = lift_bitstream(bitstream, part, tools, Path(logs))
    return write_lifted(
        lifted.netlist,
        f"{lifted.features:,} features are on",
        ("features", lifted.unused),
        destination,
        routed,
        lambda path: compare(lifted.netlist, read_placed(path, lifted.database)),
    )


def require_bitstream(path: Path) -> None:
    """Raises UserError where a file has not the form of a .bit: fields of a header, then words."""
    require_input_file(path, MOST_BITSTREAM)
    try:
        bin_of_bit(path.read_bytes())
    except CheckFailed as error:
        raise UserError(
            "is no .bit file, or is cut off", str(path), "give the .bit that place and route or Vivado wrote"
        ) from error
