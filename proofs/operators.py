# SPDX-License-Identifier: BSD-3-Clause
"""Benches of the stream operators."""

from __future__ import annotations

from proofs.bench import STRUCTURE, Bench, Mutant

SHARED = "operators/shared/*.sv"
FOLLOWS = {"s_axis_tready": ("m_axis_tready",)}

# Parameters of broken copies where the first set does not show the error.
WIDEN = {"IN_WIDTH": 2, "OUT_WIDTH": 4, "FRAME_BITS": 4}
NARROW = {"IN_WIDTH": 4, "OUT_WIDTH": 2, "FRAME_BITS": 4}
STRIDED = {"HEIGHT": 3, "WIDTH": 3, "KERNEL_H": 1, "KERNEL_W": 1, "DEPTH": 2, "STRIDE_H": 2, "STRIDE_W": 2}
PARALLEL = {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6, "PARALLEL": 1}

FIFO = Bench(
    "fifo",
    ("operators/fifo/*.sv",),
    (
        {"STYLE": 0, "DEPTH": 4, "WIDTH": 2},
        {"STYLE": 1, "DEPTH": 4, "WIDTH": 2},
        {"STYLE": 2, "DEPTH": 4, "WIDTH": 2},
        {"STYLE": 2, "DEPTH": 4, "WIDTH": 2, "SCATTERED": 1},
        {"STYLE": 0, "DEPTH": 1, "WIDTH": 1},
        {"STYLE": 0, "DEPTH": 2, "WIDTH": 3},
        {"STYLE": 0, "DEPTH": 5, "WIDTH": 1},
        {"STYLE": 0, "DEPTH": 8, "WIDTH": 1},
        {"STYLE": 1, "DEPTH": 1, "WIDTH": 1},
        {"STYLE": 1, "DEPTH": 5, "WIDTH": 1},
        {"STYLE": 1, "DEPTH": 8, "WIDTH": 1},
        {"STYLE": 2, "DEPTH": 3, "WIDTH": 2},
        {"STYLE": 2, "DEPTH": 6, "WIDTH": 1},
        {"STYLE": 2, "DEPTH": 9, "WIDTH": 1},
        {"STYLE": 2, "DEPTH": 7, "WIDTH": 1, "SCATTERED": 1},
    ),
    (
        Mutant("order", "qu_fifo_shift.sv", "words[oldest[ADDRESS_BITS-1:0]+:1]", "words[DEPTH-1]"),
        Mutant("capacity", "qu_fifo_shift.sv", "(DEPTH - 1);", "(DEPTH - 2);"),
        Mutant(STRUCTURE, "qu_fifo_shift.sv", "!oldest[ADDRESS_BITS];", "!oldest[ADDRESS_BITS] && m_axis_tready;"),
        Mutant("valid_stays", "qu_fifo_shift.sv", "!oldest[ADDRESS_BITS];", "!oldest[ADDRESS_BITS] && !s_axis_tvalid;"),
        Mutant("data_stays", "qu_fifo_shift.sv", "if (push) words", "if (s_axis_tvalid) words"),
        Mutant("frames_bounded", "qu_fifo_shift.sv", "if (push != pop) oldest", "if (push || pop) oldest"),
        Mutant("nothing_invented", "qu_fifo_shift.sv", "if (rst_i) oldest <= '1;", "if (rst_i) oldest <= '0;"),
        Mutant(
            "prompt.comes",
            "qu_fifo_block.sv",
            "count > COUNT_BITS'(1) : count != '0;",
            "count > COUNT_BITS'(1) : count > COUNT_BITS'(1);",
            {"STYLE": 2, "DEPTH": 4, "WIDTH": 2},
        ),
        Mutant(
            "order", "qu_fifo_block.sv", "count > COUNT_BITS'(1) :", "count != '0 :", {"STYLE": 2, "DEPTH": 4, "WIDTH": 2}
        ),
        Mutant("order", "qu_fifo_block.sv", ".step_i(read),", ".step_i(pop),", {"STYLE": 2, "DEPTH": 4, "WIDTH": 2}),
        Mutant(
            "order",
            "qu_fifo_distributed.sv",
            ".step_i(pop),",
            ".step_i(m_axis_tready),",
            {"STYLE": 1, "DEPTH": 4, "WIDTH": 2},
        ),
        Mutant(
            "order",
            "qu_address_counter.sv",
            "~^(address_o",
            "^(address_o",
            {"STYLE": 2, "DEPTH": 4, "WIDTH": 2, "SCATTERED": 1},
        ),
    ),
)

FIFO_DEEP = Bench(
    "fifo_deep",
    FIFO.sources,
    (
        {"STYLE": 1, "DEPTH": 64, "WIDTH": 8},
        {"STYLE": 2, "DEPTH": 1024, "WIDTH": 32},
        {"STYLE": 0, "DEPTH": 32, "WIDTH": 8},
        {"STYLE": 2, "DEPTH": 700, "WIDTH": 5},
        {"STYLE": 1, "DEPTH": 100, "WIDTH": 16},
        {"STYLE": 0, "DEPTH": 17, "WIDTH": 4},
    ),
    (
        Mutant(
            "place", "qu_fifo_block.sv", ".step_i(push),", ".step_i(s_axis_tvalid),", {"STYLE": 2, "DEPTH": 4, "WIDTH": 2}
        ),
    ),
    induction=4,
)

FORK = Bench(
    "fork",
    ("operators/fork/*.sv",),
    (
        {"OUTPUTS": 2, "WORD_BITS": 2},
        {"OUTPUTS": 1, "WORD_BITS": 1},
        {"OUTPUTS": 3, "WORD_BITS": 2},
        {"OUTPUTS": 5, "WORD_BITS": 1},
    ),
    (
        Mutant(
            "order",
            "qu_fork_stream.sv",
            "done <= done | (m_axis_tready & m_axis_tvalid)",
            "done <= m_axis_tready & m_axis_tvalid",
        ),
        Mutant(STRUCTURE, "qu_fork_stream.sv", "& ~done;", "& ~done & m_axis_tready;"),
        Mutant("valid_stays", "qu_fork_stream.sv", "& ~done;", "& ~done & ~{OUTPUTS{m_axis_tready[OUTPUTS-1]}};"),
        Mutant(
            "data_stays",
            "qu_fork_stream.sv",
            "{OUTPUTS{s_axis_tdata}}",
            "{OUTPUTS{s_axis_tdata ^ {WORD_BITS{m_axis_tready[0]}}}}",
        ),
        Mutant("frames_bounded", "qu_fork_stream.sv", "&(m_axis_tready | done)", "|(m_axis_tready | done)"),
        Mutant("no_debt", "qu_fork_stream.sv", "&(m_axis_tready | done)", "|(m_axis_tready | done)"),
        Mutant("prompt.comes", "qu_fork_stream.sv", "if (rst_i || s_axis_tready) done", "if (rst_i) done"),
        Mutant("accepts.comes", "qu_fork_stream.sv", "= &(m_axis_tready | done);", "= &done;"),
    ),
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

CONCAT = Bench(
    "concat",
    ("operators/concat/*.sv", SHARED),
    (
        {"FOLD_0": 2, "FOLD_1": 1, "BITS_0": 1, "BITS_1": 2, "OUT_BITS": 2},
        {"FOLD_0": 1, "FOLD_1": 1, "BITS_0": 2, "BITS_1": 2, "OUT_BITS": 2},
        {"FOLD_0": 2, "FOLD_1": 3, "BITS_0": 2, "SIGNED_0": 1, "BITS_1": 2, "OUT_BITS": 4, "LANES": 2},
        {"FOLD_0": 4, "FOLD_1": 2, "BITS_0": 1, "BITS_1": 1, "SIGNED_1": 1, "OUT_BITS": 3, "LANES": 2},
    ),
    (
        Mutant("order_0", "qu_concat.sv", "second ? wide_1 : wide_0", "second ? wide_1 : ~wide_0"),
        Mutant("order_1", "qu_concat.sv", "COUNT(FOLD_0)", "COUNT(FOLD_0 + 1)"),
        Mutant(
            "valid_stays",
            "qu_concat.sv",
            "second ? s1_axis_tvalid : s0_axis_tvalid;",
            "second ? s1_axis_tvalid : s0_axis_tvalid && !s1_axis_tvalid;",
        ),
        Mutant("data_stays", "qu_concat.sv", "else if (transfer &&", "else if (m_axis_tvalid &&"),
        Mutant("one_at_a_time", "qu_concat.sv", "= second && m_axis_tready;", "= m_axis_tready;"),
        Mutant(
            "prompt.comes",
            "qu_concat.sv",
            "= second ? s1_axis_tvalid : s0_axis_tvalid;",
            "= s1_axis_tvalid && s0_axis_tvalid;",
        ),
        Mutant(
            "accepts.comes", "qu_concat.sv", "= second && m_axis_tready;", "= second && s0_axis_tvalid && m_axis_tready;"
        ),
        Mutant("frames_bounded", "qu_concat.sv", "= !second && m_axis_tready;", "= 1'b0;"),
    ),
    paths={
        "m_axis_tvalid": ("s0_axis_tvalid", "s1_axis_tvalid"),
        "s0_axis_tready": ("m_axis_tready",),
        "s1_axis_tready": ("m_axis_tready",),
    },
)

WIDTH_CONVERTER = Bench(
    "width_converter",
    ("operators/width_converter/*.sv",),
    (
        {"IN_WIDTH": 2, "OUT_WIDTH": 3, "FRAME_BITS": 6},
        {"IN_WIDTH": 2, "OUT_WIDTH": 4, "FRAME_BITS": 4},
        {"IN_WIDTH": 4, "OUT_WIDTH": 2, "FRAME_BITS": 4},
        {"IN_WIDTH": 3, "OUT_WIDTH": 3, "FRAME_BITS": 3},
        {"IN_WIDTH": 3, "OUT_WIDTH": 2, "FRAME_BITS": 6},
        {"IN_WIDTH": 4, "OUT_WIDTH": 6, "FRAME_BITS": 12},
        {"IN_WIDTH": 6, "OUT_WIDTH": 4, "FRAME_BITS": 12},
        {"IN_WIDTH": 5, "OUT_WIDTH": 3, "FRAME_BITS": 15},
        {"IN_WIDTH": 1, "OUT_WIDTH": 7, "FRAME_BITS": 7},
        {"IN_WIDTH": 9, "OUT_WIDTH": 3, "FRAME_BITS": 9},
    ),
    (
        Mutant("order", "qu_regroup.sv", "ring[read_place*OUT_WIDTH", "ring[write_place*OUT_WIDTH"),
        Mutant(
            "order",
            "qu_widen.sv",
            "{s_axis_tdata, m_axis_tdata[IN_WIDTH*RATIO-1:IN_WIDTH]}",
            "{m_axis_tdata[IN_WIDTH*RATIO-IN_WIDTH-1:0], s_axis_tdata}",
            WIDEN,
        ),
        Mutant("order", "qu_narrow.sv", "word[part*OUT_WIDTH", "word[(RATIO-1-part)*OUT_WIDTH", NARROW),
        Mutant(
            "valid_stays", "qu_regroup.sv", ">= LEVEL_BITS'(OUT_UNITS);", ">= LEVEL_BITS'(OUT_UNITS) && !s_axis_tvalid;"
        ),
        Mutant(
            "data_stays",
            "qu_regroup.sv",
            "<= LEVEL_BITS'(RING_UNITS - IN_UNITS)",
            "<= LEVEL_BITS'(RING_UNITS - IN_UNITS + 1)",
        ),
        Mutant("data_stays", "qu_widen.sv", "= !m_axis_tvalid || m_axis_tready;", "= 1'b1;", WIDEN),
        Mutant("frames_bounded", "qu_narrow.sv", "last && m_axis_tready", "m_axis_tready", NARROW),
        Mutant("frames_bounded", "qu_regroup.sv", ">= LEVEL_BITS'(OUT_UNITS);", "!= '0;"),
        Mutant("prompt.comes", "qu_regroup.sv", ">= LEVEL_BITS'(OUT_UNITS);", "> LEVEL_BITS'(OUT_UNITS);"),
        Mutant("accepts.comes", "qu_regroup.sv", "<= LEVEL_BITS'(RING_UNITS - IN_UNITS)", "< LEVEL_BITS'(OUT_UNITS - 1)"),
    ),
    # Only of those that keep no word, or one word, in a register.
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
)

UPSAMPLE = Bench(
    "upsample",
    ("operators/upsample/*.sv", SHARED),
    (
        {"WIDTH": 2, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 1},
        {"WIDTH": 2, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 2},
        {"WIDTH": 3, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 1, "WORD_BITS": 2, "BLOCK_RAM": 1},
        {"WIDTH": 1, "SCALE_H": 2, "SCALE_W": 2, "FOLD": 1},
        {"WIDTH": 3, "SCALE_H": 1, "SCALE_W": 1, "FOLD": 2},
        {"WIDTH": 2, "SCALE_H": 3, "SCALE_W": 1, "FOLD": 1},
        {"WIDTH": 2, "SCALE_H": 1, "SCALE_W": 3, "FOLD": 3},
    ),
    (
        Mutant("order", "qu_upsample.sv", "ADDRESS_BITS'(FOLD - 1);", "ADDRESS_BITS'(FOLD);"),
        Mutant("order", "qu_upsample.sv", "copy_last && !same_address);", "copy_last);"),
        Mutant("order", "qu_upsample.sv", "!(repeat_first && copy_first));", "1'b1);"),
        Mutant("valid_stays", "qu_upsample.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_upsample.sv", "= enable && (ahead", "= (ahead"),
        Mutant("frames_bounded", "qu_upsample.sv", "COUNT(SCALE_H)", "COUNT(SCALE_H + 1)"),
        Mutant("prompt.comes", "qu_upsample.sv", "ahead || !same_address || ", "ahead && !same_address || "),
        Mutant("accepts.comes", "qu_upsample.sv", "= !ahead || (repeat_last", "= !ahead && (repeat_last"),
    ),
)

PIXEL_SHUFFLE = Bench(
    "pixel_shuffle",
    ("operators/pixel_shuffle/*.sv", SHARED),
    (
        {"WIDTH": 2, "BLOCK_H": 2, "GROUP": 2},
        {"WIDTH": 2, "BLOCK_H": 2, "GROUP": 1, "WORD_BITS": 2},
        {"WIDTH": 3, "BLOCK_H": 2, "GROUP": 1, "BLOCK_RAM": 1},
        {"WIDTH": 1, "BLOCK_H": 2, "GROUP": 2},
        {"WIDTH": 2, "BLOCK_H": 3, "GROUP": 1},
        {"WIDTH": 3, "BLOCK_H": 1, "GROUP": 2},
    ),
    (
        Mutant("order", "qu_pixel_shuffle.sv", "ROW_WORDS - GROUP + 1", "ROW_WORDS - GROUP + 2"),
        Mutant("order", "qu_pixel_shuffle.sv", "write_address < read_address;", "write_address <= read_address;"),
        Mutant(
            "order", "qu_pixel_shuffle.sv", "read_address < ADDRESS_BITS'(front)", "read_address <= ADDRESS_BITS'(front)"
        ),
        Mutant("valid_stays", "qu_pixel_shuffle.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_pixel_shuffle.sv", "= enable && (ahead", "= (ahead"),
        Mutant("frames_bounded", "qu_pixel_shuffle.sv", "= !ahead || write_address < read_address;", "= 1'b1;"),
        Mutant("prompt.comes", "qu_pixel_shuffle.sv", "FRONT_BITS'(GROUP);", "FRONT_BITS'(GROUP - 1);"),
        Mutant("accepts.comes", "qu_pixel_shuffle.sv", "else if (read && read_end) ahead <= 1'b0;", ""),
    ),
    # BLOCK_H = 1 is a wire.
    paths={"m_axis_tvalid": ("s_axis_tvalid",), **FOLLOWS},
    heavy=True,
)

PADDING = Bench(
    "padding",
    ("operators/padding/*.sv",),
    (
        {"HEIGHT": 1, "WIDTH": 2, "FOLD": 1},
        {"HEIGHT": 2, "WIDTH": 2, "FOLD": 1, "WORD_BITS": 2},
        {"HEIGHT": 1, "WIDTH": 2, "FOLD": 2},
        {"HEIGHT": 2, "WIDTH": 1, "PAD_TOP": 2, "PAD_LEFT": 0, "PAD_BOTTOM": 0, "PAD_RIGHT": 1},
        {"HEIGHT": 2, "WIDTH": 2, "PAD_TOP": 0, "PAD_LEFT": 2, "PAD_BOTTOM": 1, "PAD_RIGHT": 0},
        {"HEIGHT": 1, "WIDTH": 1, "PAD_TOP": 0, "PAD_LEFT": 0, "PAD_BOTTOM": 0, "PAD_RIGHT": 0},
    ),
    (
        Mutant("order", "qu_padding.sv", "pixel ? s_axis_tdata : '0", "pixel ? ~s_axis_tdata : '0"),
        Mutant("zero", "qu_padding.sv", "pixel ? s_axis_tdata : '0", "s_axis_tdata"),
        Mutant("order", "qu_padding.sv", "else if (x == X_LAST)", "else if (x == X_LAST + 1'b1)"),
        Mutant("valid_stays", "qu_padding.sv", "else if (enable) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant("data_stays", "qu_padding.sv", "= enable && available;", "= available;"),
        Mutant("frames_bounded", "qu_padding.sv", "s_axis_tready = enable && pixel;", "s_axis_tready = enable;"),
        Mutant("prompt.comes", "qu_padding.sv", "s_axis_tvalid || !(pixel || frame_start)", "s_axis_tvalid"),
        Mutant(
            "accepts.comes",
            "qu_padding.sv",
            "s_axis_tready = enable && pixel;",
            "s_axis_tready = enable && pixel && !frame_start && y != '0 && x == '1;",
        ),
    ),
    paths=FOLLOWS,
)

SLIDING_WINDOW = Bench(
    "sliding_window",
    ("operators/sliding_window/*.sv", SHARED),
    (
        {"HEIGHT": 2, "WIDTH": 2, "KERNEL_H": 2, "KERNEL_W": 1, "DEPTH": 4},
        {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6},
        {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6, "PARALLEL": 1},
        STRIDED,
        {"HEIGHT": 1, "WIDTH": 5, "KERNEL_H": 1, "KERNEL_W": 2, "DEPTH": 3, "STRIDE_W": 3, "PARALLEL": 1},
    ),
    (
        Mutant(
            "order",
            "qu_window_reader.sv",
            "((WIDTH - KERNEL_W) * FOLD + 1) % DEPTH",
            "((WIDTH - KERNEL_W) * FOLD) % DEPTH",
        ),
        Mutant("order", "qu_window_reader.sv", "= DEPTH - SPAN;", "= DEPTH - SPAN + 1;"),
        Mutant("order", "qu_window_reader.sv", "(FREED > SLACK ? FREED", "(NEXT_FRAME > SLACK ? NEXT_FRAME", STRIDED),
        Mutant(
            "order",
            "qu_column_window.sv",
            "columns[(w*KERNEL_H+h)*WORD_BITS",
            "columns[(h*KERNEL_W+w)*WORD_BITS",
            PARALLEL,
        ),
        Mutant("valid_stays", "qu_window_reader.sv", "if (enable) m_axis_tvalid <= read;", "m_axis_tvalid <= read;"),
        Mutant("data_stays", "qu_window_reader.sv", "= enable && !level", "= !level"),
        Mutant(
            "prompt.comes", "qu_column_window.sv", "= !column_last || !m_axis_tvalid ||", "= !column_last ||", PARALLEL
        ),
        Mutant("data_stays", "qu_column_window.sv", "if (shift) columns <= {", "if (take) columns <= {", PARALLEL),
        Mutant(
            "valid_stays", "qu_column_window.sv", "= !column_last || !m_axis_tvalid || m_axis_tready;", "= 1'b1;", PARALLEL
        ),
        Mutant("frames_bounded", "qu_window_reader.sv", "else freed = -LEVEL_BITS'(NEXT_FRAME);", "else freed = '0;"),
        Mutant(
            "prompt.comes",
            "qu_window_reader.sv",
            "LEVEL_EMPTY = -LEVEL_BITS'(SPAN)",
            "LEVEL_EMPTY = -LEVEL_BITS'(SPAN + 1)",
        ),
        Mutant(
            "accepts.comes",
            "qu_window_reader.sv",
            "= level != LEVEL_FULL;",
            "= level != LEVEL_FULL && level != '0 - 1'b1;",
        ),
    ),
    paths=FOLLOWS,
    heavy=True,
)

# Serial windows only; larger than IC3 closes without invariants.
WINDOW_READER = Bench(
    "window_reader",
    SLIDING_WINDOW.sources,
    (
        {"HEIGHT": 2, "WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 2, "DEPTH": 6},
        {"HEIGHT": 3, "WIDTH": 3, "KERNEL_H": 1, "KERNEL_W": 1, "DEPTH": 4, "STRIDE_H": 2, "STRIDE_W": 2},
        {"HEIGHT": 2, "WIDTH": 2, "KERNEL_H": 1, "KERNEL_W": 2, "DEPTH": 5, "FOLD": 2, "WORD_BITS": 4},
        {"HEIGHT": 5, "WIDTH": 6, "KERNEL_H": 3, "KERNEL_W": 2, "DEPTH": 32, "FOLD": 2, "STRIDE_H": 2, "STRIDE_W": 2},
        {"HEIGHT": 10, "WIDTH": 12, "KERNEL_H": 3, "KERNEL_W": 3, "DEPTH": 32, "WORD_BITS": 4, "BLOCK_RAM": 1},
    ),
    (
        Mutant("order", "qu_window_reader.sv", "(NEXT_FRAME + BACK)", "(NEXT_FRAME + BACK + 1)"),
        Mutant("counted", "qu_window_reader.sv", "+ LEVEL_BITS'(write)", "+ LEVEL_BITS'(s_axis_tvalid)"),
        Mutant("reads_on", "qu_window_reader.sv", "= enable && !level", "= enable && s_axis_tready && !level"),
        Mutant("kept", "qu_window_reader.sv", ".write_address_i(write_address),", ".write_address_i(read_address),"),
    ),
    paths=FOLLOWS,
    induction=2,
    covered=3,
    depth=40,
)

MAX_POOL = Bench(
    "max_pool",
    ("operators/max_pool/*.sv", SHARED),
    (
        {"WIDTH": 4, "KERNEL_H": 2, "KERNEL_W": 2, "FOLD": 1, "ELEMENT_BITS": 2},
        {"WIDTH": 2, "KERNEL_H": 2, "KERNEL_W": 2, "FOLD": 1, "ELEMENT_BITS": 2, "IS_SIGNED": 1},
        {"WIDTH": 2, "KERNEL_H": 2, "KERNEL_W": 2, "FOLD": 2, "ELEMENT_BITS": 2},
        {"WIDTH": 2, "KERNEL_H": 1, "KERNEL_W": 2, "FOLD": 3, "ELEMENT_BITS": 1, "BLOCK_RAM": 1},
        {"WIDTH": 3, "KERNEL_H": 2, "KERNEL_W": 1, "FOLD": 1, "ELEMENT_BITS": 2},
        {"WIDTH": 3, "KERNEL_H": 1, "KERNEL_W": 3, "FOLD": 1, "ELEMENT_BITS": 2, "LANES": 2},
        {"WIDTH": 2, "KERNEL_H": 1, "KERNEL_W": 1, "FOLD": 2, "ELEMENT_BITS": 2},
    ),
    (
        Mutant("maximum", "qu_max_pool.sv", "= (first || greater) ?", "= greater ?"),
        Mutant("maximum", "qu_max_pool.sv", "assign so_far = chained ? previous : stored;", "assign so_far = stored;"),
        Mutant("valid_stays", "qu_max_pool.sv", "else if (enable) valid <=", "else valid <="),
        Mutant("data_stays", "qu_max_pool.sv", "accept        = enable && s_axis_tvalid", "accept        = s_axis_tvalid"),
        Mutant("frames_bounded", "qu_max_pool.sv", "column_last && row_last;", "column_last;"),
        Mutant("prompt.comes", "qu_max_pool.sv", "column_last && row_last;", "column_last && row_last && window_last;"),
        Mutant(
            "accepts.comes",
            "qu_max_pool.sv",
            "assign s_axis_tready = enable;",
            "assign s_axis_tready = enable && row_first;",
        ),
    ),
    paths=FOLLOWS,
)

LOOP_COUNTER = Bench(
    "loop_counter",
    ("operators/shared/qu_loop_counter.sv",),
    ({"COUNT": 3}, {"COUNT": 1}, {"COUNT": 2}, {"COUNT": 16}),
    (Mutant("last", "qu_loop_counter.sv", "LAST = BITS'(COUNT - 1)", "LAST = BITS'(COUNT)"),),
)

# For each stage of the search its thresholds, groups one after the other; a set highest bit is none. See the bench.
THRESHOLDS = {
    "proof_1_thresholds_0_0.mem": "0\n",
    "proof_1_thresholds_0_1.mem": "6\n3\n",
    "proof_2_thresholds_0_0.mem": "0\n1\n",
    "proof_2_thresholds_0_1.mem": "6\n3\n5\n8\n",
}

THRESHOLDING = Bench(
    "thresholding",
    ("operators/thresholding/*.sv",),
    (
        {"FOLD": 2, "WITHIN_STAGES": 1},
        {"FOLD": 1, "WITHIN_STAGES": 2},
        {"FOLD": 2, "WITHIN_STAGES": 0, "BLOCK_STAGES": 1},
    ),
    (
        Mutant("order", "qu_thresholding.sv", "if (s_axis_tvalid && advance) group", "if (advance) group"),
        Mutant("order", "qu_threshold_stage.sv", "= not_less && !threshold[IN_BITS];", "= not_less;"),
        Mutant("valid_stays", "qu_thresholding.sv", "else if (advance) valid", "else valid"),
        Mutant("data_stays", "qu_thresholding.sv", ".advance_i(advance),", ".advance_i(1'b1),"),
        Mutant("frames_bounded", "qu_thresholding.sv", "= advance;", "= 1'b1;"),
        Mutant("prompt.comes", "qu_thresholding.sv", "= 2 * STEP_BITS - WITHIN_STAGES;", "= 2 * STEP_BITS + 3;"),
        Mutant("accepts.comes", "qu_thresholding.sv", "= advance;", "= advance && !valid[0];"),
    ),
    paths=FOLLOWS,
    memories=THRESHOLDS,
)

# Weights for each SIMD and PE: rows 1 -1 and -2 1, two bits a weight.
MATRIX_VECTOR = Bench(
    "matrix_vector",
    ("operators/matrix_vector/*.sv", SHARED),
    (
        {"SIMD": 1, "PE": 1},
        {"SIMD": 1, "PE": 2},
        {"SIMD": 2, "PE": 1},
        {"SIMD": 1, "PE": 1, "BLOCK_BUFFER": 1, "BLOCK_WEIGHTS": 1},
    ),
    (
        Mutant(
            "product",
            "qu_matrix_vector.sv",
            "if (advance && valid[FETCH+ADD]) first <= ends",
            "if (advance) first <= ends",
        ),
        Mutant("product", "qu_replay_buffer.sv", ".read_address_i(read_word),", ".read_address_i(word),"),
        Mutant("valid_stays", "qu_matrix_vector.sv", "else if (advance) m_axis_tvalid", "else m_axis_tvalid"),
        Mutant(
            "data_stays",
            "qu_matrix_vector.sv",
            "if (advance && valid[FETCH+ADD]) accumulator",
            "if (valid[FETCH+ADD]) accumulator",
        ),
        Mutant("frames_bounded", "qu_matrix_vector.sv", "= ready && advance;", "= advance;"),
        Mutant(
            "prompt.comes",
            "qu_matrix_vector.sv",
            "m_axis_tvalid <= valid[FETCH+ADD] && ends[FETCH+ADD];",
            "m_axis_tvalid <= valid[FETCH+ADD] && ends[FETCH+ADD] && first;",
        ),
        Mutant("accepts.comes", "qu_replay_buffer.sv", "ready_o = arriving;", "ready_o = arriving && !step_o;"),
    ),
    paths=FOLLOWS,
    memories={
        "proof_1_1_weights.mem": "1\n3\n2\n1\n",
        "proof_1_2_weights.mem": "9\n7\n",
        "proof_2_1_weights.mem": "d\n6\n",
    },
    heavy=True,
)

ALL = (
    FIFO,
    FIFO_DEEP,
    FORK,
    CONCAT,
    WIDTH_CONVERTER,
    UPSAMPLE,
    PIXEL_SHUFFLE,
    PADDING,
    SLIDING_WINDOW,
    WINDOW_READER,
    MAX_POOL,
    LOOP_COUNTER,
    THRESHOLDING,
    MATRIX_VECTOR,
)
