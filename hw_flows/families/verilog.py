# SPDX-License-Identifier: BSD-3-Clause
"""Yosys' simulation models of a family's cells, with behaviour for those that Yosys only declares."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hw_flows.families.cells import VendorCell
from hw_flows.machine.tools import package_folder
from quantunet_common.files import write_text_atomically

_INCLUDE = re.compile(r'`include "(\w+\.vh)"')


def write_cell_models(sources: Sequence[str], cells: Mapping[str, VendorCell], destination: Path) -> Path:
    """Write the first of Yosys' `sources`, with the cells' own behaviour in it; returns `destination`.

    A cell with behaviour that only the other sources declare is added. Its timing goes: it is Yosys' model of a delay.
    """
    share = package_folder("pyosys") / "share"
    first, *others = ((share / name).read_text(encoding="utf-8") for name in sources)
    whole = _with_includes(first, (share / sources[0]).parent)
    for name, cell in cells.items():
        if cell.behaviour is None:
            continue
        declared = next((found for text in (whole, *others) if (found := _declaration(name, text)) is not None), None)
        assert declared is not None, f"{name} is not declared in {', '.join(sources)}"
        model = cell.behaviour if cell.behaviour.startswith("module ") else _completed(declared, cell.behaviour)
        whole = whole.replace(declared, model) if declared in whole else whole + model
    write_text_atomically(destination, whole)
    return destination


def _with_includes(text: str, folder: Path) -> str:
    while found := _INCLUDE.search(text):
        text = text.replace(found[0], (folder / found[1]).read_text(encoding="utf-8"))
    return text


def _declaration(name: str, text: str) -> str | None:
    """The module of that name, with its attributes."""
    found = re.search(rf"^(?:\(\* blackbox \*\)\s*)?module {name}\s*\(.*?^endmodule\n", text, re.DOTALL | re.MULTILINE)
    return None if found is None else found[0]


def _completed(declared: str, behaviour: str) -> str:
    head = declared.removeprefix("(* blackbox *)").removesuffix("endmodule\n")
    head = re.sub(r"^\s*specify.*?endspecify", "", head, flags=re.DOTALL | re.MULTILINE)
    return head + behaviour + "endmodule\n"
