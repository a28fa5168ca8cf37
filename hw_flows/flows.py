"""Which flow a build takes after verification, and why."""

from __future__ import annotations

from hw_flows.config import BuildConfig
from hw_flows.errors import UserError

#: Flows whose bitstream stage this version has.
AVAILABLE: tuple[str, ...] = ("none",)


def choose_flow(cfg: BuildConfig) -> str:
    """What will be done, in a sentence. Raises UserError where a flow was asked for that this version lacks."""
    if cfg.flow == "none":
        return "flow none: the build ends with the verified RTL and its resource report, as asked"
    if cfg.flow == "auto":
        return (
            "flow none: this version ends with the verified RTL and its resource report; it makes no bitstream yet. "
            f"{cfg.output_dir}/rtl (filelist.f) is plain SystemVerilog that vendor tools can take further"
        )
    if cfg.flow not in AVAILABLE:
        raise UserError(
            f"flow {cfg.flow!r} makes a bitstream, which this version cannot do yet", "--flow", "use --flow none"
        )
    raise AssertionError(cfg.flow)
