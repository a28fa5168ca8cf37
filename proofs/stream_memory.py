# SPDX-License-Identifier: BSD-3-Clause
"""Benches of the streams that wait in memory."""

from __future__ import annotations

from pathlib import Path

from hw_flows import stream_memory
from hw_flows.operators.fifo.rtl import OpenStreamingFIFO_rtl
from hw_flows.operators.proof import Bench, Mutant

BENCHES = Path(__file__).parent / "benches"
RTL = Path(stream_memory.__file__).parent

TURN = Bench(
    "ring_turn",
    BENCHES,
    (RTL / "qu_ring_turn.sv",),
    ({"STREAMS": 3}, {"STREAMS": 1}, {"STREAMS": 4}, {"STREAMS": 8}),
    (
        Mutant("fair", "qu_ring_turn.sv", "later != '0 ?", "1'b0 ?"),
        Mutant("fair", "qu_ring_turn.sv", "else if (take_i) behind", "else behind"),
        Mutant("one", "qu_ring_turn.sv", "later & (~later + 1'b1)", "later"),
        Mutant("some", "qu_ring_turn.sv", ": want_i & (~want_i + 1'b1);", ": '0;"),
        Mutant("number", "qu_ring_turn.sv", "|= STREAM_BITS'(s);", "|= STREAM_BITS'(s + 1);"),
    ),
)

ROWS = Bench(
    "ring_rows",
    BENCHES,
    (RTL / "qu_ring_rows.sv",),
    ({"ROW_BITS": 1, "BUS_BITS": 1, "BURST": 2, "DEPTH": 2, "RING_BITS": 1},),
    (
        Mutant(
            "order", "qu_ring_rows.sv", "in_level != '0 && ring_empty && out_place;", "in_level != '0 && out_place;"
        ),
        Mutant("order", "qu_ring_rows.sv", "change(whole_i, pass, pop);", "change(row_valid_i, pass, pop);"),
        Mutant(
            "empty", "qu_ring_rows.sv", "assign empty_o = in_level == '0 && out_level", "assign empty_o = out_level"
        ),
        Mutant("place_free", "qu_ring_rows.sv", "&& !filled[RING_BITS] &&", "&&"),
        Mutant(
            "answered_first", "qu_ring_rows.sv", "if (written_i != read_i) readable", "if (write_i != read_i) readable"
        ),
        Mutant(
            "order",
            "qu_ring_rows.sv",
            "out_taken <= LEVEL_BITS'(DEPTH - BURST);",
            "out_taken <= LEVEL_BITS'(DEPTH - 1);",
        ),
        Mutant("in_turn", "qu_ring_rows.sv", "read_index + RING_BITS'(read_i);", "read_index + RING_BITS'(whole_i);"),
        Mutant("accepts.comes", "qu_ring_rows.sv", "&& !(ring_empty && out_place);", "&& !ring_empty;"),
        Mutant("prompt.comes", "qu_ring_rows.sv", "in_level != '0 && ring_empty && out_place;", "1'b0;"),
    ),
    search=40,
    heavy=True,
)

WORDS = Bench(
    "ring_words",
    BENCHES,
    (RTL / "qu_ring_words.sv",),
    (
        {"WORD_BITS": 1, "LANES": 2, "ROWS": 2},
        {"WORD_BITS": 2, "LANES": 2, "ROWS": 1},
        {"WORD_BITS": 1, "LANES": 3, "ROWS": 2},
        {"WORD_BITS": 1, "LANES": 4, "ROWS": 1},
    ),
    (
        Mutant("order", "qu_ring_words.sv", "pass = empty_i && left", "pass = left"),
        Mutant("order", "qu_ring_words.sv", "place = take ? '0 : count;", "place = count;"),
        Mutant("order", "qu_ring_words.sv", "left <= count;", "left <= FULL;"),
        Mutant("order", "qu_ring_words.sv", "m_row_tvalid = count == FULL && !pass;", "m_row_tvalid = count == FULL;"),
        Mutant("order", "qu_ring_words.sv", "(left == COUNT_BITS'(1) && m_axis_tready)", "m_axis_tready"),
        Mutant("prompt.comes", "qu_ring_words.sv", "left == '0 && count != '0;", "1'b0;"),
        Mutant("accepts.comes", "qu_ring_words.sv", "count != FULL || take;", "count != FULL;"),
    ),
    paths={"s_row_tready": ("m_axis_tready",)},
    search=30,
)

PORT = Bench(
    "ring_port",
    BENCHES,
    (*(RTL / f"qu_ring_{name}.sv" for name in ("port", "turn")), *OpenStreamingFIFO_rtl.sources),
    (
        {"STREAMS": 2, "BURST": 2, "OUTSTANDING": 2},
        {"STREAMS": 1, "BURST": 2, "OUTSTANDING": 1},
        {"STREAMS": 3, "BURST": 4, "OUTSTANDING": 3},
    ),
    (
        Mutant("data_stays", "qu_ring_port.sv", "!sending && (!m_axi_awvalid || m_axi_awready);", "!sending;"),
        Mutant("told_written", "qu_ring_port.sv", "writes_under_way && !answer_error ?", "writes_under_way ?"),
        Mutant(
            "told_whole", "qu_ring_port.sv", "row_last && !row_error && !row_wrong_last ?", "row_last && !row_error ?"
        ),
        Mutant("told_whole", "qu_ring_port.sv", "whole_o = good && row_last", "whole_o = running_o && row_last"),
        Mutant("written", "qu_ring_port.sv", "STREAMS'(1) << writer;", "STREAMS'(1) << write_stream;"),
        Mutant("whole", "qu_ring_port.sv", "(row_valid && row_last)", "(row_valid)"),
        Mutant("wlast", "qu_ring_port.sv", "else if (send) sent <=", "else if (sending) sent <="),
        Mutant("rows", "qu_ring_port.sv", "if (write_start) sender <= write_choice;", "sender <= write_choice;"),
        Mutant("halts", "qu_ring_port.sv", "read_start = good && run_i", "read_start = running_o && run_i"),
        Mutant("quiet", "qu_ring_port.sv", "!writes_under_way && !reads_under_way) state", "!writes_under_way) state"),
        Mutant("told", "qu_ring_port.sv", "row_valid && row_error, answer_valid", "1'b0, answer_valid"),
        Mutant("told_stream", "qu_ring_port.sv", "row_wrong ? reader : writer", "writer"),
        Mutant("ends.comes", "qu_ring_port.sv", "RUN: if (!run_i) state", "RUN: if (!run_i && fault_o == '0) state"),
        Mutant(
            "writes_prompt.comes",
            "qu_ring_port.sv",
            "if (send && sent == LAST_BEAT) sending",
            "if (send && sent == LAST_BEAT && !write_any) sending",
        ),
    ),
    search=30,
)

ALL = (TURN, ROWS, WORDS, PORT)
