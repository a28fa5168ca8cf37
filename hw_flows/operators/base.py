# SPDX-License-Identifier: BSD-3-Clause
"""What every operator declares: its SystemVerilog module, streams, parameters, memories, cycles and cost.

A class that derives from `RtlOperator` and one of FINN's operator classes is at once a FINN custom operator with an
RTL backend (FINN's own flow generates, packages and stitches it) and what our stitcher, tests, folding and report read.
Stitcher, folding, report and tests are generic over this declaration: a new operator touches its own folder and nothing else
(docs/operators.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from finn.custom_op.fpgadataflow.rtlbackend import RTLBackend

from hw_flows.accelerator import Role
from quantunet_common.files import write_text_atomically

#: Values of a node's attributes.
Attributes = tuple[tuple[str, int | str], ...]


@dataclass(frozen=True)
class PortGroup:
    """One AXI-Stream port of a module: `<prefix>_tdata/_tvalid/_tready`.

    `streams` are indices into the node's inputs (or outputs). With more than one, the signals are packed: stream
    `streams[0]` in the lowest bits of tdata, tvalid and tready.
    """

    prefix: str
    streams: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Border:
    """Zeros around an image, and the image's own size, in pixels."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True)
class Cost:
    """Predicted resources of one operator on a 7-series device (LUT6, FF, LUTs used as memory, RAMB36, DSP48E1)."""

    lut: float = 0
    ff: float = 0
    lutram: float = 0
    bram36: float = 0
    dsp: float = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.lut + other.lut,
            self.ff + other.ff,
            self.lutram + other.lutram,
            self.bram36 + other.bram36,
            self.dsp + other.dsp,
        )

    def __mul__(self, factor: int) -> Cost:
        return Cost(factor * self.lut, factor * self.ff, factor * self.lutram, factor * self.bram36, factor * self.dsp)


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


class RtlOperator(RTLBackend):
    """Mixin that stands before a FINN operator class: `class OpenX_rtl(RtlOperator, X)`.

    The element order on every stream is FINN's: NHWC, the last axis folded into words of `lanes` elements, lane 0 in
    the lowest bits, no padding between elements.
    """

    #: Name of the SystemVerilog module.
    module: ClassVar[str]
    #: Absolute paths of the SystemVerilog files, the module's own last.
    sources: ClassVar[tuple[Path, ...]]
    role: ClassVar[Role] = Role.OTHER
    _memory_images: dict[str, str] | None = None

    # --- the declaration ------------------------------------------------------------------------------------------
    def rtl_parameters(self) -> dict[str, int]:
        """Integer parameters of the module. Raises UserError where a precondition does not hold."""
        raise NotImplementedError

    def rtl_memories(self, model: Any) -> dict[str, str]:
        """Memory images: file suffix (for example "_weights.mem") -> text for `$readmemh`.

        A file is written as `<instance><suffix>`; where there are any, the module has a string parameter
        `MEMORY_PREFIX` and reads `{MEMORY_PREFIX, "<suffix>"}`.
        """
        return {}

    def memories(self, model: Any) -> dict[str, str]:
        """`rtl_memories`, which may be megabytes, made once for this object: nothing it depends on may change meanwhile."""
        if self._memory_images is None:
            self._memory_images = self.rtl_memories(model)
        return self._memory_images

    def input_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("s_axis"),)

    def output_ports(self) -> tuple[PortGroup, ...]:
        return (PortGroup("m_axis"),)

    def memory_inputs(self) -> tuple[int, ...]:
        """Inputs whose values are constants of the network that come from the board's memory, as a stream that each frame repeats."""
        return ()

    def in_memory(self) -> bool:
        """Whether it is a FIFO in the board's memory, which is built beside the accelerator."""
        return False

    def cost(self) -> Cost:
        """Predicted resources; the module docstring of the operator states where the figures come from."""
        raise NotImplementedError

    def cost_of(self, model: Any) -> Cost:
        """`cost` with what the contents of the memories save, which folding cannot know yet."""
        return self.cost()

    def products(self) -> tuple[int, int]:
        """Multiply-accumulates in a busy cycle, and in a frame."""
        return 0, 0

    def dram_bytes(self) -> int:
        """Bytes of the board's memory that it reads in a frame."""
        return 0

    # --- what folding asks ------------------------------------------------------------------------------------------
    def lanes_divide(self) -> int:
        """What the number of lanes must divide."""
        return int(self.get_nodeattr("NumChannels"))

    def folding_choices(self) -> Iterator[Attributes]:
        """Every number of lanes, and what else decides on cycles; what the operator is built of comes on top."""
        attribute = "PE" if "PE" in self.get_nodeattr_types() else "SIMD"
        for lanes in divisors(self.lanes_divide()):
            yield ((attribute, lanes),)

    def burst_words(self) -> int:
        """Words that it takes in consecutive cycles before it pauses for longer: what a FIFO before it should hold."""
        return 0

    def lead(self, border: Border | None) -> float:
        """Part of a frame between its first input and its first output, from the data dependence alone.

        `border`: zeros that the operator before it has put around the image, for which nothing has to come.
        """
        return 0.0

    def border(self) -> Border | None:
        """The zeros that it puts around the image."""
        return None

    # --- FINN's interface, derived from the declaration -------------------------------------------------------------
    def lut_estimation(self, fpgapart: str) -> int:
        return round(self.cost().lut)

    def bram_estimation(self, fpgapart: str) -> int:
        """In RAMB18, as FINN counts."""
        return round(2 * self.cost().bram36)

    def dsp_estimation(self, fpgapart: str) -> int:
        return round(self.cost().dsp)

    def uram_estimation(self, fpgapart: str) -> int:
        return 0

    def bram_efficiency_estimation(self, fpgapart: str) -> float:
        return 1

    def uram_efficiency_estimation(self, fpgapart: str) -> float:
        return 1

    def execute_node(self, context: dict, graph: Any) -> None:
        """Python model of the operator, or FINN's RTL simulation when `exec_mode` is "rtlsim"."""
        if self.get_nodeattr("exec_mode") == "rtlsim":
            self._simulate(context)
        else:
            super(RTLBackend, self).execute_node(context, graph)

    def _simulate(self, context: dict) -> None:
        """FINN's RTL simulation of the streams; FINN's own would stream weights and thresholds, too."""
        from finn.util.data_packing import npy_to_rtlsim_input, rtlsim_output_to_npy

        node = self.onnx_node
        streamed = [i for port in self.input_ports() for i in port.streams]
        inputs = {
            f"in{i}": npy_to_rtlsim_input(
                context[node.input[i]].reshape(self.get_folded_input_shape(i)),
                self.get_input_datatype(i),
                self.get_instream_width(i),
            )
            for i in streamed
        }
        io: dict[str, dict[str, list[int]]] = {
            "inputs": inputs,
            "outputs": {f"out{o}": [] for o in range(len(node.output))},
        }
        sim = self.get_rtlsim()
        self.reset_rtlsim(sim)
        self.rtlsim_multi_io(sim, io)
        self.close_rtlsim(sim)
        for o, name in enumerate(node.output):
            datatype = self.get_output_datatype(o)
            words = rtlsim_output_to_npy(
                io["outputs"][f"out{o}"],
                None,
                datatype,
                self.get_folded_output_shape(o),
                self.get_outstream_width(o),
                datatype.bitwidth(),
            )
            context[name] = words.reshape(self.get_normal_output_shape(o)).astype("float32")

    def generate_hdl(self, model: Any, fpgapart: str, clk: float) -> None:
        """Write FINN's wrapper (`<node>.v`) and the memory images into `code_gen_dir_ipgen`."""
        directory = Path(self.get_nodeattr("code_gen_dir_ipgen"))
        name = self.onnx_node.name
        prefix = str(directory / name) if self._write_memories(model, directory) else None
        write_text_atomically(directory / f"{name}.v", self._finn_wrapper(name, prefix))
        self.set_nodeattr("gen_top_module", name)
        self.set_nodeattr("ipgen_path", str(directory))
        self.set_nodeattr("ip_path", str(directory))

    def generate_params(self, model: Any, path: str) -> None:
        """Write the memory images alone, into the folder `path`. Raises UserError where the contents do not fit."""
        self._write_memories(model, Path(path))

    def _write_memories(self, model: Any, folder: Path) -> bool:
        """Whether there are any."""
        memories = self.rtl_memories(model)
        for suffix, content in memories.items():
            write_text_atomically(folder / f"{self.onnx_node.name}{suffix}", content)
        return bool(memories)

    def get_rtl_file_list(self, abspath: bool = False) -> list[str]:
        wrapper = Path(self.get_nodeattr("code_gen_dir_ipgen")) / f"{self.get_nodeattr('gen_top_module')}.v"
        files = [*self.sources, wrapper]
        return [str(f) if abspath else f.name for f in files]

    def code_generation_ipi(self) -> list[str]:
        """Tcl that FINN's CreateStitchedIP runs in Vivado."""
        commands = [f"add_files -norecurse {f}" for f in self.get_rtl_file_list(abspath=True)]
        top = self.get_nodeattr("gen_top_module")
        return [*commands, f"create_bd_cell -type module -reference {top} {self.onnx_node.name}"]

    def _finn_wrapper(self, name: str, memory_prefix: str | None) -> str:
        """Verilog wrapper with FINN's names: ap_clk, ap_rst_n, byte-padded in<i>_V / out<i>_V streams."""
        ports = ['  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF %s, ASSOCIATED_RESET ap_rst_n" *)\n  input ap_clk']
        ports.append('  (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)\n  input ap_rst_n')
        buses: list[str] = []
        body: list[str] = []
        connections = ["    .clk_i(ap_clk)", "    .rst_i(~ap_rst_n)"]

        def group(port: PortGroup, is_input: bool) -> None:
            data, valid, ready = [], [], []
            for i in port.streams:
                bus = f"in{i}_V" if is_input else f"out{i}_V"
                buses.append(bus)
                width = self.get_instream_width(i) if is_input else self.get_outstream_width(i)
                padded = self.get_instream_width_padded(i) if is_input else self.get_outstream_width_padded(i)
                direction, back = ("input", "output") if is_input else ("output", "input")
                ports.append(f"  {direction} [{padded - 1}:0] {bus}_TDATA")
                ports.append(f"  {direction} {bus}_TVALID")
                ports.append(f"  {back} {bus}_TREADY")
                if not is_input and padded > width:
                    body.append(f"  assign {bus}_TDATA[{padded - 1}:{width}] = {padded - width}'b0;")
                data.append(f"{bus}_TDATA[{width - 1}:0]")
                valid.append(f"{bus}_TVALID")
                ready.append(f"{bus}_TREADY")
            for signal, nets in (("tdata", data), ("tvalid", valid), ("tready", ready)):
                connections.append(f"    .{port.prefix}_{signal}({{{', '.join(reversed(nets))}}})")

        for port in self.input_ports():
            group(port, True)
        for port in self.output_ports():
            group(port, False)
        parameters = [f"    .{key}({value})" for key, value in self.rtl_parameters().items()]
        if memory_prefix is not None:
            parameters.append(f'    .MEMORY_PREFIX("{memory_prefix}")')
        return (
            f"module {name} (\n" + ",\n".join(ports) % ":".join(buses) + "\n);\n" + "\n".join(body) + "\n"
            f"  {self.module} #(\n"
            + ",\n".join(parameters)
            + "\n  ) core (\n"
            + ",\n".join(connections)
            + "\n  );\nendmodule\n"
        )
