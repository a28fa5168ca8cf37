// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_pool.sv: two axes, each with one register.
#pragma once

#include <algorithm>

#include "shared/timing.h"

namespace timing {

// qu_pool_axis.sv
class PoolAxis {
public:
    PoolAxis(long inner, long extent, long kernel, long stride, long pad, long windows)
        : inner(inner), extent(extent), positions(std::max(extent, (windows - 1) * stride + kernel - pad)),
          before(kernel - 1 - pad), stride(stride) {}
    // state: word, position
    void step(int64_t* state, bool in, uint8_t& in_ready, uint8_t& out, bool out_ready) const {
        int64_t &word = state[0], &position = state[1];
        const bool enable = !out || out_ready, beyond = position >= extent, available = in || beyond;
        in_ready = enable && !beyond;
        if (!enable) return;
        out = available && position >= before && (position - before) % stride == 0;
        if (available && count(word, inner)) count(position, positions);
    }

private:
    const int64_t inner, extent, positions, before, stride;
};

class Pool : public OperatorWith<5> {
public:
    Pool(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]),
          along_row(d.at("FOLD"), d.at("WIDTH"), d.at("KERNEL_W"), d.at("STRIDE_W"), d.at("PAD_LEFT"), d.at("OUT_WIDTH")),
          along_column(d.at("OUT_WIDTH") * d.at("FOLD"), d.at("HEIGHT"), d.at("KERNEL_H"), d.at("STRIDE_H"), d.at("PAD_TOP"),
                       d.at("OUT_HEIGHT")) {}
    void step() override {
        auto valid = static_cast<uint8_t>(s[4]);
        uint8_t ready = 0;
        along_column.step(s + 2, valid, ready, out, out_ready);
        along_row.step(s, in, in_ready, valid, ready);
        s[4] = valid;
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const PoolAxis along_row, along_column;
};

TIMING_OF(qu_pool, make<Pool>)

}  // namespace timing
