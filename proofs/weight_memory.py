# SPDX-License-Identifier: BSD-3-Clause
"""Benches of what reads weights from memory."""

from __future__ import annotations

from pathlib import Path

from hw_flows import weight_memory
from hw_flows.operators import width_converter
from hw_flows.operators.fifo.rtl import OpenStreamingFIFO_rtl
from hw_flows.operators.proof import Bench, Mutant
from hw_flows.operators.shared import LOOP_COUNTER, SHARED

BENCHES = Path(__file__).parent / "benches"
RTL = Path(weight_memory.__file__).parent
CONVERTERS = tuple(sorted(Path(width_converter.__file__).parent.glob("qu_*.sv")))

GATE = Bench(
    "weight_gate",
    BENCHES,
    (RTL / "qu_weight_gate.sv", LOOP_COUNTER),
    (
        {"WORDS": 2, "PORTS": 2, "FRAME_BITS": 2},
        {"WORDS": 1, "PORTS": 1, "FRAME_BITS": 3},
        {"WORDS": 3, "PORTS": 4, "FRAME_BITS": 3},
    ),
    (
        Mutant("withheld", "qu_weight_gate.sv", "verified &=", "verified |="),
        Mutant(
            "withheld", "qu_weight_gate.sv", "open = !last || verified;", "open = !last || verified || m_axis_tready;"
        ),
        Mutant("passes", "qu_weight_gate.sv", "open = !last || verified;", "open = verified;"),
        Mutant("withheld", "qu_weight_gate.sv", "if (pop && last) frames_o", "if (pop) frames_o"),
        Mutant("both", "qu_weight_gate.sv", "s_axis_tready = m_axis_tready && open;", "s_axis_tready = m_axis_tready;"),
    ),
    paths={"m_axis_tvalid": ("s_axis_tvalid",), "s_axis_tready": ("m_axis_tready",)},
)

FRAMES = Bench(
    "weight_frames",
    BENCHES,
    (RTL / "qu_weight_frames.sv",),
    ({"STREAMS": 3, "FRAME_BITS": 2}, {"STREAMS": 1, "FRAME_BITS": 1}, {"STREAMS": 4, "FRAME_BITS": 3}),
    (
        Mutant("verified", "qu_weight_frames.sv", "FRAME_BITS'(walk_last)", "FRAME_BITS'(1)"),
        Mutant("verified", "qu_weight_frames.sv", "else if (whole_i && last) frames", "else if (whole_i) frames"),
        Mutant(
            "verified", "qu_weight_frames.sv", "has = frames[walk] != verified_o;", "has = frames[0] != verified_o;"
        ),
        Mutant(
            "prompt.comes",
            "qu_weight_frames.sv",
            "walk <= walk_last ? '0 : walk + 1'b1;",
            "walk <= walk_last ? '0 : walk;",
        ),
    ),
    induction=8,
)

REQUESTS = Bench(
    "weight_requests",
    BENCHES,
    (RTL / "qu_weight_requests.sv", *OpenStreamingFIFO_rtl.sources),
    (
        {"STREAMS": 2, "DEPTH": 8, "OUTSTANDING": 2, "FRAME_BITS": 1},
        {"STREAMS": 1, "DEPTH": 4, "OUTSTANDING": 1, "FRAME_BITS": 1},
        {"STREAMS": 3, "DEPTH": 8, "OUTSTANDING": 3, "FRAME_BITS": 2},
        {"STREAMS": 4, "DEPTH": 16, "OUTSTANDING": 8, "FRAME_BITS": 3},
    ),
    (
        Mutant(
            "room",
            "qu_weight_requests.sv",
            "held <= COUNT_BITS'(DEPTH - BURST)",
            "held <= COUNT_BITS'(DEPTH - BURST + 1)",
        ),
        Mutant("room", "qu_weight_requests.sv", "- COUNT_BITS'(HEAD)", "- COUNT_BITS'(HEAD + 1)"),
        Mutant("order", "qu_weight_requests.sv", "block_last ? TAIL[", "block_first ? TAIL["),
        Mutant("order", "qu_weight_requests.sv", ": block + 1'b1;", ": block;"),
        Mutant("lead_kept", "qu_weight_requests.sv", "&& ahead != '1;", ";"),
        Mutant("fair", "qu_weight_requests.sv", "if (run_i && (ask || !may)) visit", "if (run_i) visit"),
        Mutant("prompt.comes", "qu_weight_requests.sv", "(ask || !may)", "ask"),
        Mutant("legal", "qu_weight_requests.sv", "'(block), {SHIFT{1'b0}}};", "'(block), SHIFT'(8)};"),
        Mutant("outstanding", "qu_weight_requests.sv", ".DEPTH(OUTSTANDING)", ".DEPTH(OUTSTANDING + 1)"),
        Mutant(
            "data_stays", "qu_weight_requests.sv", "flight_free && (!m_axi_arvalid || m_axi_arready)", "flight_free"
        ),
    ),
    induction=6,
    search=30,
    covered=3,
)

STORE = Bench(
    "weight_store",
    BENCHES,
    (RTL / "qu_weight_store.sv", *SHARED),
    ({"STREAMS": 2, "DEPTH": 2}, {"STREAMS": 2, "DEPTH": 4}, {"STREAMS": 1, "DEPTH": 2}, {"STREAMS": 3, "DEPTH": 2}),
    (
        Mutant("order", "qu_weight_store.sv", "({stream_i, in_count[", "({stream_i, out_count["),
        Mutant(
            "order", "qu_weight_store.sv", "else if (chosen[s]) has[s] <= more;", "else if (chosen[s]) has[s] <= 1'b1;"
        ),
        Mutant("only_room", "qu_weight_store.sv", "has & room_i & ~chosen & ~give_o", "has & room_i & ~chosen"),
        # Streams that were just served cannot be chosen for two cycles: it takes four to starve one.
        Mutant("fair", "qu_weight_store.sv", "later != '0 ?", "1'b0 ?", {"STREAMS": 4, "DEPTH": 4}),
        Mutant("levels", "qu_weight_store.sv", "else if (read) taken", "else if (read && more) taken"),
        Mutant("prompt.comes", "qu_weight_store.sv", "has[s] <= 1'b1;\n", "has[s] <= !chosen[s];\n"),
    ),
    search=20,
)

UNPACK = Bench(
    "weight_unpack",
    BENCHES,
    (RTL / "qu_weight_unpack.sv", *CONVERTERS),
    (
        {"WORD_BITS": 4, "STREAM_BITS": 3, "WORDS": 3, "IN_WORDS": 3},
        {"WORD_BITS": 4, "STREAM_BITS": 2, "WORDS": 3, "IN_WORDS": 2},
        {"WORD_BITS": 4, "STREAM_BITS": 1, "WORDS": 5, "IN_WORDS": 2},
        {"WORD_BITS": 4, "STREAM_BITS": 4, "WORDS": 2, "IN_WORDS": 2},
        {"WORD_BITS": 3, "STREAM_BITS": 6, "WORDS": 1, "IN_WORDS": 2},
        {"WORD_BITS": 4, "STREAM_BITS": 6, "WORDS": 1, "IN_WORDS": 2},
        {"WORD_BITS": 4, "STREAM_BITS": 3, "WORDS": 5, "IN_WORDS": 4},
    ),
    (
        Mutant("order", "qu_weight_unpack.sv", "waits && in_ready && !ending;", "waits && in_ready;"),
        Mutant("order", "qu_weight_unpack.sv", "'((WORDS - 1) % PLACES)", "'(WORDS % PLACES)"),
        Mutant("order", "qu_weight_unpack.sv", "        .rst_i(rst_i || flush),", "        .rst_i(rst_i),"),
        Mutant("prompt.comes", "qu_weight_unpack.sv", "if (take && last) ending <= 1'b1;", "if (take) ending <= 1'b1;"),
        Mutant("accepts.comes", "qu_weight_unpack.sv", "place == LAST_PLACE;", "place == LAST_PLACE && !last;"),
    ),
)

CHECK = Bench(
    "weight_check",
    BENCHES,
    (RTL / "qu_weight_check.sv",),
    ({"STREAMS": 2},),
    (
        Mutant("told", "qu_weight_check.sv", "{1'b0, s, 3'b0}", "{2'b0, s, 2'b0}"),
        Mutant("told", "qu_weight_check.sv", "^ {56'b0, carried}", ""),
        Mutant("whole", "qu_weight_check.sv", "ended && wrong_o == '0;", "ended && wrong_o[2:0] == '0;"),
        Mutant("told", "qu_weight_check.sv", "first_i && data_i != {", "first_i && data_i[47:0] != {"),
        Mutant("silent", "qu_weight_check.sv", "checked <= valid_i && !rst_i;", "checked <= 1'b1;"),
    ),
    induction=2,
    search=8,
)

PORT = Bench(
    "weight_port",
    BENCHES,
    (
        *(RTL / f"qu_weight_{name}.sv" for name in ("requests", "frames", "store", "port")),
        Path(__file__).parent / "models" / "qu_weight_check.sv",
        *OpenStreamingFIFO_rtl.sources,
    ),
    ({"STREAMS": 1, "FRAME_BITS": 1}, {"STREAMS": 1, "FRAME_BITS": 2}),
    (
        Mutant("verified", "qu_weight_port.sv", ".whole_i(whole && good),", ".whole_i(whole),"),
        Mutant("told", "qu_weight_port.sv", "fault_o <= fault_o | wrong |", "fault_o <= wrong |"),
        Mutant("halts", "qu_weight_port.sv", ".run_i(good && run_i),", ".run_i(running_o && run_i),", {"DEPTH": 8}),
        Mutant("halts", "qu_weight_port.sv", "      .run_i(good),", "      .run_i(running_o),"),
        Mutant(
            "quiet", "qu_weight_port.sv", "if (!m_axi_arvalid && !flight_tvalid) state", "if (!m_axi_arvalid) state"
        ),
        Mutant(
            "ends.comes",
            "qu_weight_port.sv",
            "RUN: if (!run_i) state <= DRAIN;",
            "RUN: if (!run_i && fault_o == '0) state <= DRAIN;",
        ),
    ),
    search=40,
)

ALL = (GATE, FRAMES, REQUESTS, STORE, UNPACK, CHECK, PORT)
