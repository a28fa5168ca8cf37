# SPDX-License-Identifier: BSD-3-Clause
"""Read the network, explain it, and ask the folding whether it fits. Nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable

from hw_flows.boards import load_board
from hw_flows.check.layers import ExplainedLayer, layers
from hw_flows.check.predict import predict
from hw_flows.config import BuildConfig
from hw_flows.finn_environment import finn_in_scratch
from hw_flows.flows import choose_flow
from hw_flows.inputs import network_file
from hw_flows.machine.errors import UserError
from hw_flows.network.read import ReadNetwork, read_network
from hw_flows.network.supported import complaints
from quantunet_common.messages import printable

#: Of a line of the table, in characters.
_LONGEST_NAME = 72
_LONGEST_CELL = 400
_LONGEST_LINE = 1000


def check(cfg: BuildConfig, say: Callable[[str], None]) -> None:
    """Say, line by line, what becomes of the network of `cfg`, and what a build predicts.

    Raises UserError where a layer is refused, after all lines, and CheckFailed where the board is too small.
    """
    board = load_board(cfg.board)
    cfg = cfg.model_copy(update={"flow": choose_flow(cfg).flow})
    with finn_in_scratch("qu-check-") as scratch:
        from hw_flows.operators import add_folder, register

        for folder in cfg.operators:
            add_folder(folder)
        register()
        (scratch / "inputs").mkdir()
        read = read_network(network_file(cfg, scratch / "inputs"), cfg.input_shape, cfg.output_tensor)
        _explain(read, say)
        for line in predict(read, cfg, board, scratch):
            say(_cell(line, _LONGEST_LINE))


def _explain(read: ReadNetwork, say: Callable[[str], None]) -> None:
    """The table of layers. Raises UserError where one of them, or the network, has no hardware."""
    unsound: dict[str, UserError] = {}
    body = read.normal_form(unsound)
    refused = list(complaints(body, unsound))
    for complaint in refused:
        if complaint.layer is None:  # the network is none that could be told layer by layer
            raise complaint.error
    rows = layers(read, body, refused)
    names, types = [_cell(row.name, _LONGEST_NAME) for row in rows], [_cell(row.op_type) for row in rows]
    widths = max(map(len, names), default=0), max(map(len, types), default=0)
    for row, name, op_type in zip(rows, names, types, strict=True):
        say(f"{name:{widths[0]}}  {op_type:{widths[1]}}  {_becomes(row)}")
        if row.refused is not None and row.refused.fix:
            say(f"{'':{sum(widths) + 2}}  to do: {_cell(row.refused.fix)}")
    if len(refused) == 1:
        raise refused[0].error
    if refused:
        raise UserError(
            f"{len(refused)} parts of the network have no hardware",
            f"REFUSED above; the first: {refused[0].error.what}",
            refused[0].error.fix,
        )


def _becomes(row: ExplainedLayer) -> str:
    if row.refused is None:
        return _cell(row.becomes)
    what = row.refused.what.removeprefix(f"{row.name} ({row.op_type}): ")
    return f"REFUSED: {_cell(what)}"


def _cell(text: str, longest: int = _LONGEST_CELL) -> str:
    """One line of text that cannot steer a terminal, cut in the middle where it is too long."""
    line = printable(text).replace("\n", "\\n")
    half = longest // 2
    return line if len(line) <= longest else f"{line[: half - 3]}[...]{line[2 - half :]}"
