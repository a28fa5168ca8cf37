# SPDX-License-Identifier: BSD-3-Clause
"""`qu-lift` for an ECP5: a bitstream to a file with its netlist, and what there is to say about it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hw_flows.lift.ecp5.compare import compare
from hw_flows.lift.ecp5.lift import Lifted, lift_bitstream
from hw_flows.lift.routed import require_netlist
from hw_flows.machine.errors import UserError
from hw_flows.place_route.nextpnr_ecp5 import device_options
from quantunet_common.files import require_input_file, write_text_atomically

#: How ordering codes of this family begin.
PARTS = "LFE5"
SHOWN = 5
#: Bytes of a bitstream; the largest device has 2 MB.
_MOST_BITSTREAM = 16 * 2**20
#: A .bit begins with comments of any length; then comes this.
_PREAMBLE, _MOST_COMMENTS = b"\xff\xff\xbd\xb3", 4096


def lift_to_file(bitstream: Path, part: str, destination: Path, routed: Path | None) -> str:
    """As `hw_flows.lift.report.lift_to_file`, which see."""
    require_bitstream(bitstream)
    device_options(part)
    if routed is not None:
        require_netlist(routed)
    with TemporaryDirectory(prefix="qu-lift-") as folder:
        lifted = lift_bitstream(bitstream, part, Path(folder))
    write_text_atomically(destination, json.dumps(lifted.netlist.as_json()))
    lines = [describe(lifted), f"netlist: {destination}"]
    if routed is not None:
        comparison = compare(lifted, routed)
        comparison.require_equal()
        lines.append(f"the same as {routed}: {comparison}")
    return "\n".join(lines)


def require_bitstream(path: Path) -> None:
    """Raises UserError where a file does not begin as a .bit of an ECP5."""
    require_input_file(path, _MOST_BITSTREAM)
    if _PREAMBLE not in path.read_bytes()[:_MOST_COMMENTS]:
        raise UserError("is no .bit file of an ECP5", str(path), "give the .bit that ecppack or Diamond wrote")


def describe(lifted: Lifted) -> str:
    """Cells by type, switches, and what is on without effect."""
    cells = ", ".join(f"{number:,} {kind}" for kind, number in lifted.netlist.count().items())
    text = f"{lifted.switches:,} switches are on; {len(lifted.pads)} pins in use; cells: {cells or 'none'}"
    if lifted.unused:
        shown = ", ".join(lifted.unused[:SHOWN]) + (" ..." if len(lifted.unused) > SHOWN else "")
        text += f"\n{len(lifted.unused):,} switches and settings are on without effect: {shown}"
    return text
