# SPDX-License-Identifier: BSD-3-Clause
"""Benches of the stream modules in the shells."""

from __future__ import annotations

from pathlib import Path

from hw_flows import shells
from hw_flows.operators.fifo.rtl import OpenStreamingFIFO_rtl
from hw_flows.operators.proof import FOLLOWS, Bench, Mutant
from hw_flows.operators.shared import SHARED

BENCHES = Path(__file__).parent / "benches"
UART = Path(shells.__file__).parent / "ecp5_uart"
ZYNQ = Path(shells.__file__).parent / "zynq7"

# Parameters of broken copies where the first set does not show the error.
COLLECT = {"SLOT": 64, "WORDS": 2, "WORD_BITS": 34}

BUS_FIFO = Bench(
    "bus_fifo",
    BENCHES,
    (ZYNQ / "qu_bus_fifo.sv", *OpenStreamingFIFO_rtl.sources),
    ({"DEPTH": 3}, {"DEPTH": 4}),
    (
        Mutant("levels", "qu_bus_fifo.sv", "{{(LEVEL_BITS - 1) {push}}, 1'b1}", "{{(LEVEL_BITS - 1) {pop}}, 1'b1}"),
        Mutant("order", "qu_fifo_block.sv", ".step_i(read),", ".step_i(pop),"),
        Mutant("capacity", "qu_bus_fifo.sv", ".DEPTH(DEPTH),", ".DEPTH(DEPTH + 1),"),
        Mutant(
            "prompt.comes", "qu_fifo_block.sv", "!m_axis_tvalid || m_axis_tready);", "m_axis_tvalid && m_axis_tready);"
        ),
        Mutant(
            "valid_stays", "qu_fifo_block.sv", "else if (m_axis_tready || read)", "else if (m_axis_tready || !read)"
        ),
        Mutant("data_stays", "qu_fifo_block.sv", "= stored && (!m_axis_tvalid || m_axis_tready);", "= stored;"),
    ),
    heavy=True,
)

SLOTS_TO_WORDS = Bench(
    "slots_to_words",
    BENCHES,
    (ZYNQ / "qu_slots_to_words.sv", *SHARED),
    (
        {"SLOT": 8, "WORDS": 3, "WORD_BITS": 3},
        {"SLOT": 8, "WORDS": 4, "WORD_BITS": 8},
        {"SLOT": 8, "WORDS": 6, "WORD_BITS": 5},
        {"SLOT": 16, "WORDS": 3, "WORD_BITS": 10},
        {"SLOT": 16, "WORDS": 2, "WORD_BITS": 16},
        {"SLOT": 32, "WORDS": 2, "WORD_BITS": 20},
        {"SLOT": 64, "WORDS": 2, "WORD_BITS": 34},
        {"SLOT": 96, "WORDS": 1, "WORD_BITS": 70},
    ),
    (
        Mutant("order", "qu_slots_to_words.sv", "slot*SLOT", "slot*WORD_BITS"),
        Mutant("order", "qu_slots_to_words.sv", "last = slot == '1 || frame_end;", "last = slot == '1;"),
        Mutant(
            "order",
            "qu_slots_to_words.sv",
            "{s_axis_tdata, word[SLOT-1:32]}",
            "{word[SLOT-33:0], s_axis_tdata}",
            COLLECT,
        ),
        Mutant("frames_bounded", "qu_slots_to_words.sv", "= m_axis_tready && last;", "= m_axis_tready;"),
        Mutant("valid_stays", "qu_slots_to_words.sv", "if (m_axis_tready) m_axis_tvalid", "m_axis_tvalid", COLLECT),
        Mutant("data_stays", "qu_slots_to_words.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;", COLLECT),
        Mutant(
            "prompt.comes",
            "qu_slots_to_words.sv",
            "m_axis_tvalid <= part == PART_BITS'(PARTS - 1);",
            "m_axis_tvalid <= part == PART_BITS'(PARTS - 1) && m_axis_tready;",
            COLLECT,
        ),
        Mutant(
            "accepts.comes",
            "qu_slots_to_words.sv",
            "= m_axis_tready && last;",
            "= m_axis_tready && last && slot == '0;",
        ),
    ),
    # Up to 32 bits a word comes straight from the bus word.
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

WORDS_TO_SLOTS = Bench(
    "words_to_slots",
    BENCHES,
    (ZYNQ / "qu_words_to_slots.sv", *SHARED),
    SLOTS_TO_WORDS.sets,
    (
        Mutant("order", "qu_words_to_slots.sv", "if (SLOT_BITS'(i) == slot)", "if (SLOT_BITS'(i) == ~slot)"),
        Mutant("zero", "qu_words_to_slots.sv", "else if (slot == '0) m_axis_tdata[i*SLOT+:SLOT] <= '0;", ""),
        Mutant("order", "qu_words_to_slots.sv", "{32'b0, word[SLOT-1:32]}", "{32'b0, word[SLOT-33:0]}", COLLECT),
        Mutant("valid_stays", "qu_words_to_slots.sv", "if (m_axis_tready) m_axis_tvalid", "m_axis_tvalid"),
        Mutant("data_stays", "qu_words_to_slots.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;"),
        Mutant("frames_bounded", "qu_words_to_slots.sv", "last = slot == '1 || frame_end;", "last = 1'b1;"),
        Mutant("prompt.comes", "qu_words_to_slots.sv", "last = slot == '1 || frame_end;", "last = slot == '1;"),
        Mutant(
            "accepts.comes",
            "qu_words_to_slots.sv",
            "= !m_axis_tvalid || m_axis_tready;",
            "= !m_axis_tvalid && !m_axis_tready;",
        ),
    ),
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

BYTES_TO_WORDS = Bench(
    "bytes_to_words",
    BENCHES,
    (UART / "qu_bytes_to_words.sv",),
    ({"WORD_BITS": 10, "SLOT_BYTES": 2}, {"WORD_BITS": 5, "SLOT_BYTES": 1}, {"WORD_BITS": 24, "SLOT_BYTES": 3}),
    (
        Mutant("order", "qu_bytes_to_words.sv", "'({s_axis_tdata, slot} >> 8)", "'({slot, s_axis_tdata})"),
        Mutant(
            "valid_stays", "qu_bytes_to_words.sv", "else if (m_axis_tready && m_axis_tvalid)", "else if (m_axis_tvalid)"
        ),
        Mutant("data_stays", "qu_bytes_to_words.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;"),
        Mutant("frames_bounded", "qu_bytes_to_words.sv", "m_axis_tvalid ? COUNT_BITS'(1) :", "m_axis_tvalid ? '0 :"),
        Mutant("prompt.comes", "qu_bytes_to_words.sv", "if (rst_i) count <= '0;", "if (rst_i) count <= '1;"),
        Mutant(
            "accepts.comes",
            "qu_bytes_to_words.sv",
            "= !m_axis_tvalid || m_axis_tready;",
            "= !m_axis_tvalid && count != COUNT_BITS'(1);",
        ),
    ),
    paths=FOLLOWS,
)

WORDS_TO_BYTES = Bench(
    "words_to_bytes",
    BENCHES,
    (UART / "qu_words_to_bytes.sv",),
    BYTES_TO_WORDS.sets,
    (
        Mutant("order", "qu_words_to_bytes.sv", "slot >> 8;", "slot >> 7;"),
        Mutant(
            "zero",
            "qu_words_to_bytes.sv",
            "(SLOT_BYTES * 8)'(s_axis_tdata)",
            "(SLOT_BYTES * 8)'($signed(s_axis_tdata))",
        ),
        Mutant("valid_stays", "qu_words_to_bytes.sv", "count != '0;", "count != '0 && !s_axis_tvalid;"),
        Mutant("data_stays", "qu_words_to_bytes.sv", "else if (m_axis_tready) slot", "else slot"),
        Mutant("frames_bounded", "qu_words_to_bytes.sv", "= count == '0;", "= count <= COUNT_BITS'(1);"),
        Mutant("prompt.comes", "qu_words_to_bytes.sv", "count != '0;", "count > COUNT_BITS'(1);"),
        Mutant("accepts.comes", "qu_words_to_bytes.sv", "else if (m_axis_tready) count <= count - 1'b1;", ""),
    ),
)

FRAME_BUFFER = Bench(
    "frame_buffer",
    BENCHES,
    (UART / "qu_frame_buffer.sv",),
    ({"ADDRESS_BITS": 2}, {"ADDRESS_BITS": 3}, {"ADDRESS_BITS": 13}),
    (
        Mutant("order", "qu_frame_buffer.sv", "if (drop_i) written <= committed;", ""),
        Mutant("nothing_invented", "qu_frame_buffer.sv", "= committed != taken", "= written != taken"),
        Mutant("valid_stays", "qu_frame_buffer.sv", "if (read || m_axis_tready) m_axis_tvalid", "m_axis_tvalid"),
        Mutant("data_stays", "qu_frame_buffer.sv", "&& (!m_axis_tvalid || m_axis_tready);", ";"),
        Mutant("capacity", "qu_frame_buffer.sv", "= written == {~taken", "= committed == {~taken"),
        Mutant(
            "prompt.comes", "qu_frame_buffer.sv", "if (commit_i) committed", "if (commit_i && !m_axis_tvalid) committed"
        ),
    ),
    induction=4,
)

FRAME_NUMBERS = Bench(
    "frame_numbers",
    BENCHES,
    (UART / "qu_frame_numbers.sv",),
    ({},),
    (
        Mutant("order", "qu_frame_numbers.sv", "if (push_i) memory[last", "if (push_i) memory[first"),
        Mutant("capacity", "qu_frame_numbers.sv", "{~first[BITS], first[BITS-1:0]}", "first"),
        Mutant(
            "frames_bounded", "qu_frame_numbers.sv", "full_o = last == {~first[BITS], first[BITS-1:0]}", "full_o = 1'b0"
        ),
    ),
    induction=2,
)

UART_LINE = Bench(
    "uart",
    BENCHES,
    (*sorted(UART.glob("qu_uart_*er.sv")),),
    ({"CLOCKS_PER_BIT": 4}, {"CLOCKS_PER_BIT": 5}),
    (
        Mutant("order", "qu_uart_receiver.sv", "CLOCKS_PER_BIT / 2 - 1", "CLOCKS_PER_BIT - 1"),
        Mutant("order", "qu_uart_receiver.sv", "{line[1], shift[7:1]}", "{shift[6:0], line[1]}"),
        Mutant("nothing_invented", "qu_uart_receiver.sv", "valid_o <= 1'b0;", ""),
        Mutant("frames_bounded", "qu_uart_receiver.sv", "valid_o <= 1'b0;", ""),
        Mutant("prompt.comes", "qu_uart_receiver.sv", "valid_o <= line[1];", "valid_o <= !line[1];"),
        Mutant("accepts.comes", "qu_uart_transmitter.sv", "bits_left <= 4'd10;", "bits_left <= 4'd11;"),
        Mutant("idle_line", "qu_uart_transmitter.sv", "shift <= '1;", "shift <= '0;"),
    ),
    depth=115,
    heavy=True,
    search=130,
)

PACKET = Bench(
    "packet",
    BENCHES,
    (*sorted(UART.glob("qu_packet_*.sv")), UART / "qu_crc32.sv"),
    ({"BYTES": 2}, {"BYTES": 3}),
    (
        Mutant("order", "qu_packet_receiver.sv", "data_i ^ 8'h20", "data_i ^ 8'h40"),
        Mutant("ended", "qu_packet_transmitter.sv", "if (check_byte == 2'd3) state", "if (check_byte == 2'd2) state"),
        Mutant(
            "no_more",
            "qu_packet_transmitter.sv",
            "if (check_byte == 2'd3) state",
            "if (check_byte == 2'd3 && escaped) state",
        ),
        Mutant("data_stays", "qu_packet_transmitter.sv", "if (free) begin", "if (1'b1) begin"),
        Mutant(
            "frames_bounded", "qu_packet_transmitter.sv", "state == DATA && free && done;", "state == DATA && free;"
        ),
    ),
    paths=FOLLOWS,
    heavy=True,
)

# The check sum is a chain of exclusive ors over all bits, too hard for all times: the first packet.
PACKET_SUM = Bench(
    "packet_sum",
    BENCHES,
    PACKET.sources,
    ({"BYTES": 1, "CHECK": 1},),
    (Mutant("intact", "qu_packet_transmitter.sv", "2'd1: next = ~crc[15:8];", "2'd1: next = crc[15:8];"),),
    paths=FOLLOWS,
    bound=14,
    heavy=True,
    module="packet",
)

REPLY_SENDER = Bench(
    "reply_sender",
    BENCHES,
    (UART / "qu_reply_sender.sv",),
    ({"RESULT_BYTES": 2}, {"RESULT_BYTES": 1}, {"RESULT_BYTES": 5}),
    (
        Mutant("order", "qu_reply_sender.sv", "-:8] : s_axis_tdata;", "-:8] : s_axis_tdata + 1'b1;"),
        Mutant("lengths", "qu_reply_sender.sv", "head_left <= 5'd3;", "head_left <= 5'd4;"),
        Mutant(
            "data_stays",
            "qu_reply_sender.sv",
            "if (sent) begin\n        head <= head",
            "if (1'b1) begin\n        head <= head",
        ),
        Mutant("valid_stays", "qu_reply_sender.sv", "!= '0 && s_axis_tvalid);", "!= '0 && s_axis_tvalid && !query_i);"),
        Mutant("frames_bounded", "qu_reply_sender.sv", "result_left != '0 && m_axis_tready;", "m_axis_tready;"),
        Mutant(
            "answered",
            "qu_reply_sender.sv",
            "result_left == RESULT_BITS'(1) && sent;",
            "result_left == RESULT_BITS'(1);",
        ),
        Mutant(
            "prompt.comes",
            "qu_reply_sender.sv",
            "!= '0 && s_axis_tvalid);",
            "!= '0 && s_axis_tvalid && frame_valid_i);",
        ),
        Mutant(
            "begins.comes",
            "qu_reply_sender.sv",
            "else if (frame_valid_i && s_axis_tvalid)",
            "else if (frame_valid_i && query)",
        ),
    ),
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
    heavy=True,
)

ALL = (
    BUS_FIFO,
    SLOTS_TO_WORDS,
    WORDS_TO_SLOTS,
    BYTES_TO_WORDS,
    WORDS_TO_BYTES,
    FRAME_BUFFER,
    FRAME_NUMBERS,
    UART_LINE,
    REPLY_SENDER,
    PACKET,
    PACKET_SUM,
)
