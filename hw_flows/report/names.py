# SPDX-License-Identifier: BSD-3-Clause
"""What people call layers and operators: the network's own names, `encoder.0.conv1` rather than MVAU_3.

Names come from files of unknown origin and may hold anything; whoever shows them escapes them.
"""

from __future__ import annotations

import re
from collections import Counter

from hw_flows.accelerator import Accelerator, Role
from hw_flows.operators.names import finn_name
from hw_flows.report.drawing.graph import homes

#: Modules inside a layer, of Brevitas, which say nothing of the layer.
_OF_QUANTIZERS = re.compile(
    r"[./](?:(?:act|weight|input|output|bias)_quant|export_handler|fused_activation_quant_proxy|activation_impl|tensor_quant)$"
)


def short_name(name: str) -> str:
    """The module's path of a layer's name: `encoder.0.conv1` of `encoder.0.conv1/Conv_0`; what has no path stays."""
    path = name.strip("/")
    path = path.rpartition("/")[0] or path
    while (shorter := _OF_QUANTIZERS.sub("", path)) != path and shorter:
        path = shorter
    return path


class OwnNames:
    """The own names of an accelerator's layers and operators; without one, and where none are known, everything is called as it is."""

    def __init__(self, accelerator: Accelerator | None) -> None:
        instances = () if accelerator is None else accelerator.instances
        self._numbers = {i.name: number for number, i in enumerate(instances)}
        self._layer_of = {} if accelerator is None else homes(accelerator)
        self._operators = {i.name: "" if i.role is Role.FORK else short_name(i.network_layer) for i in instances}
        self._types = {i.name: finn_name(i.op_type) for i in instances}
        shared = Counter(self._operators[i.name] for i in instances if i.role is Role.MATRIX)
        self._layers = {
            name: own if shared[own] < 2 else f"{own} ({name})"
            for name, own in self._operators.items()
            if own and self._layer_of[name] == name
        }

    def number(self, name: str) -> int | None:
        """The place of an instance in the dataflow, by which parts of a page refer to it."""
        return self._numbers.get(name)

    def home(self, name: str) -> str | None:
        """The layer that an instance is shown in, as reports know it."""
        return self._layer_of.get(name)

    def layer(self, layer: str) -> str:
        """Of a layer, which reports know by the instance with its products."""
        return self._layers.get(layer, layer)

    def operator(self, name: str) -> str:
        """Of an instance; what stands between layers is called by the layer that it serves."""
        own = self._operators.get(name)
        if own is None:
            return name
        layer = self._layer_of[name]
        if not own or own == self._operators.get(layer):
            return self.layer(layer)
        return own

    def place(self, name: str) -> str:
        """An instance in a few words, such as `encoder.0.conv1 FMPadding`; as it is called where it has no own name."""
        own = self.operator(name)
        return name if own == name or name not in self._types or not self._known(name) else f"{own} {self._types[name]}"

    def _known(self, name: str) -> bool:
        return bool(self._operators[name] or self._operators.get(self._layer_of[name]))
