# SPDX-License-Identifier: BSD-3-Clause
"""Small operators whose cost is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from hw_flows.accelerator import Accelerator, Instance

SOURCES = {
    "counter.sv": """
module counter #(parameter int unsigned BITS = 8) (input wire clk_i, input wire rst_i, output logic [BITS-1:0] count_o);
  always_ff @(posedge clk_i) if (rst_i) count_o <= '0; else count_o <= count_o + 1'b1;
endmodule
""",
    "gray_counter.sv": """
module gray_counter #(parameter int unsigned BITS = 4) (
    input wire clk_i, input wire rst_i, output wire [BITS-1:0] gray_o);
  logic [BITS-1:0] count;
  always_ff @(posedge clk_i) if (rst_i) count <= '0; else count <= count + 1'b1;
  assign gray_o = count ^ (count >> 1);
endmodule
""",
    "delay_line.sv": """
module delay_line #(parameter int unsigned WIDTH = 8, parameter int unsigned DEPTH = 16) (
    input wire clk_i, input wire rst_i, input wire enable_i, input wire [WIDTH-1:0] data_i,
    output wire [WIDTH-1:0] data_o);
  wire unused = rst_i;
  logic [DEPTH-1:0][WIDTH-1:0] words;
  always_ff @(posedge clk_i) if (enable_i) words <= (DEPTH*WIDTH)'({words, data_i});
  assign data_o = words[DEPTH-1];
endmodule
""",
    "register_file.sv": """
module register_file #(parameter int unsigned WIDTH = 6, parameter int unsigned DEPTH = 32) (
    input wire clk_i, input wire write_i, input wire [$clog2(DEPTH)-1:0] write_address_i, read_address_i,
    input wire [WIDTH-1:0] data_i, output wire [WIDTH-1:0] data_o);
  (* ram_style = "distributed" *) logic [WIDTH-1:0] words [DEPTH];
  always_ff @(posedge clk_i) if (write_i) words[write_address_i] <= data_i;
  assign data_o = words[read_address_i];
endmodule
""",
    "rom.sv": """
module rom #(parameter int unsigned WIDTH = 36, parameter int unsigned DEPTH = 512, parameter MEMORY_PREFIX = "") (
    input wire clk_i, input wire [$clog2(DEPTH)-1:0] address_i, output logic [WIDTH-1:0] data_o);
  (* rom_style = "block" *) logic [WIDTH-1:0] words [DEPTH];
  initial $readmemh({MEMORY_PREFIX, "_words.mem"}, words);
  always_ff @(posedge clk_i) data_o <= words[address_i];
endmodule
""",
    "multiply.sv": """
module multiply #(parameter int unsigned BITS = 8) (
    input wire clk_i, input wire signed [BITS-1:0] a_i, b_i, output logic signed [2*BITS-1:0] product_o);
  always_ff @(posedge clk_i) product_o <= a_i * b_i;
endmodule
""",
    "broken.sv": "module broken (input wire clk_i, output wire q_o); assign q_o = no_such_signal; endmodule\n",
}


def operator(name: str, module: str, *, memories: tuple[str, ...] = (), **parameters: int) -> Instance:
    return Instance(
        name=name,
        op_type=module.title(),
        module=module,
        parameters=parameters,
        memories=memories,
        sources=(f"{module}.sv",),
        inputs=(),
        outputs=(),
        layer="layer",
        expected_cycles=1,
        macs=0,
        mac_units=0,
        cost={},
    )


def accelerator(*instances: Instance) -> Accelerator:
    return Accelerator("test", instances, (), (), ())


@pytest.fixture
def rtl(tmp_path: Path) -> Path:
    """A folder of sources, with a blank in its name."""
    folder = tmp_path / "the build" / "rtl"
    folder.mkdir(parents=True)
    for name, text in SOURCES.items():
        (folder / name).write_text(text, encoding="utf-8")
    words = "\n".join(f"{(i * 2654435761) % (1 << 36):09x}" for i in range(512))
    (folder / "weights_words.mem").write_text(words, encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QU_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "synthesis"
