// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_block_matrix_vector.sv: rows that arrive, passes over a block, the stream of weights, blocks of results.
#pragma once

#include "shared/timing.h"

namespace timing {

class BlockMatrixVector : public OperatorWith<23> {
public:
    BlockMatrixVector(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), weights(wires.valid[d.inputs[1]]),
          weights_ready(wires.ready[d.inputs[1]]), out(wires.valid[d.outputs[0]]), out_ready(wires.ready[d.outputs[0]]),
          height(d.at("HEIGHT")), width(d.at("WIDTH")), row_words(width * d.at("FOLD")), rows(d.at("ROWS")),
          last_rows((height - 1) % rows + 1), groups(d.at("GROUPS")), blocks((height + rows - 1) / rows),
          out_blocks(d.at("OUT_BLOCKS")), rows_before(d.at("ROWS_BEFORE")), row_count(1L << d.at("STEP_BITS")) {
        const long kernel_h = d.at("KERNEL_H"), kernel_w = d.at("KERNEL_W"), columns = d.at("COLUMNS");
        const long above = (kernel_h - 1) / 2, simd = d.at("LANES") * columns, pe = d.at("PE");
        passes = kernel_h * kernel_w / columns * d.at("FOLD");
        need = rows + above;
        most = d.at("BUFFER_ROWS") - (rows < height ? above : 0);
        const long stream = d.at("STREAM_BITS");
        tile_words = (pe * simd * d.at("WEIGHT_BITS") + stream - 1) / stream;
        threshold_words = (pe * d.at("ACC_BITS") + stream - 1) / stream;
        const long chain = d.at("CHAIN"), dsp = d.at("USE_DSP"), in_term = dsp == 2 ? 2 : dsp == 0 ? chain : 1;
        const long multiply = dsp == 0 ? (chain * ((d.at("WEIGHT_BITS") + 1) / 2) + 1) / 2 : 3;
        stages = static_cast<int>((columns > 1 ? (kernel_w - 1) / 2 : 0) + 2);
        const long add = multiply + log2_ceil((simd + in_term - 1) / in_term);
        latency = static_cast<int>(stages + add + 1 + 2 * d.at("STEP_BITS"));
        if (latency > 63) throw std::runtime_error("block_matrix_vector: more than 63 stages");
        s[4] = height;
        s[12] = 1;
    }
    void step() override {
        int64_t &level = s[0], &arriving = s[1], &pass = s[2], &group = s[3], &left = s[4];  // the next pass
        int64_t &to_go = s[5], &final_pass = s[6], &block_ends = s[7], &short_block = s[8];  // the one that runs
        int64_t &swaps = s[9], &ends = s[10];
        int64_t &count_of_item = s[11], &row = s[12], &before = s[13], &loaded = s[14], &tile = s[15], &full = s[16],
                &claimed = s[17];
        int64_t &begun = s[18], &complete = s[19], &written = s[20], &sent = s[21], &block = s[22];

        in_ready = level != most;
        const bool write = in && in_ready;
        const bool is_row = row != 0 && before != rows_before;
        weights_ready = !full && !(is_row && loaded == 2);
        const bool take = weights && weights_ready;
        const bool swap = swaps >> (stages - 1) & 1, done = static_cast<uint64_t>(ends) >> (latency - 1) & 1;

        // The pass that runs, and whether the next one begins.
        const bool running = to_go > 0, pass_last = to_go == 1, block_done = pass_last && block_ends;
        const bool result = pass == passes - 1 && group == 0;
        const bool begin = (!running || (pass_last && !block_done)) && full && !claimed && (level >= need || level >= left)
                           && (begun != out_blocks || !result);
        const bool enable = !out || out_ready, read = enable && complete != 0;
        bool block_sent = false;
        if (read) block_sent = count(sent, (block == blocks - 1 ? last_rows : rows) * width * groups);
        if (enable) out = read;
        if (block_sent) count(block, blocks);
        begun += (begin && result) - block_sent;
        complete -= block_sent;
        if (done && count(written, groups)) ++complete;

        swaps = (swaps << 1 | static_cast<int64_t>(begin)) & ((int64_t{1} << stages) - 1);
        ends = static_cast<int64_t>((static_cast<uint64_t>(ends) << 1 | static_cast<uint64_t>(pass_last && final_pass))
                                    & ((uint64_t{1} << latency) - 1));
        if (block_done) level -= short_block ? last_rows : rows;
        if (write && count(arriving, row_words)) ++level;
        if (running) --to_go;
        if (begin) {
            const bool last_block = left <= rows;
            to_go = (last_block ? last_rows : rows) * width;
            final_pass = pass == passes - 1;
            block_ends = final_pass && group == groups - 1;
            short_block = last_block;
            if (count(pass, passes) && count(group, groups)) left = last_block ? height : left - rows;
        }

        // The stream of weights.
        bool taken = false;
        if (take && count(count_of_item, is_row ? threshold_words : tile_words)) {
            if (is_row) {
                ++before;
                count(row, row_count);
            } else {
                before = 0;
                full = 1;
                taken = count(tile, passes);
                if (taken) row = 1;
            }
        }
        if (swap) full = claimed = 0;
        else if (begin) claimed = 1;
        loaded += taken - done;
    }

private:
    uint8_t &in, &in_ready, &weights, &weights_ready, &out, &out_ready;
    const int64_t height, width, row_words, rows, last_rows, groups, blocks, out_blocks, rows_before, row_count;
    int64_t passes, need, most, tile_words, threshold_words;
    int stages, latency;
};

TIMING_OF(qu_block_matrix_vector, make<BlockMatrixVector>)

}  // namespace timing
