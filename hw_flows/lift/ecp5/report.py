# SPDX-License-Identifier: BSD-3-Clause
"""`qu-lift` for an ECP5: a bitstream to a file with its netlist, and what there is to say about it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hw_flows.lift.ecp5.compare import compare
from hw_flows.lift.ecp5.lift import lift_bitstream
from hw_flows.lift.files import require_netlist, write_lifted
from hw_flows.machine.errors import UserError
from hw_flows.place_route.nextpnr_ecp5 import device_options
from quantunet_common.files import require_input_file

#: How ordering codes of this family begin.
PARTS = "LFE5"
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
    return write_lifted(
        lifted.netlist,
        f"{lifted.switches:,} switches are on; {len(lifted.pads)} pins in use",
        ("switches and settings", lifted.unused),
        destination,
        routed,
        lambda path: compare(lifted, path),
    )


def require_bitstream(path: Path) -> None:
    """Raises UserError where a file does not begin as a .bit of an ECP5."""
    require_input_file(path, _MOST_BITSTREAM)
    if _PREAMBLE not in path.read_bytes()[:_MOST_COMMENTS]:
        raise UserError("is no .bit file of an ECP5", str(path), "give the .bit that ecppack or Diamond wrote")
