// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_vector_vector.sv: one word a cycle in, a word out for each of the last tap's, and a pipeline between.
#pragma once

#include "shared/timing.h"

namespace timing {

class VectorVector : public OperatorWith<3> {
public:
    VectorVector(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), folds(d.at("GROUPS") / d.at("PE")), taps(d.at("TAPS") / d.at("SIMD")) {
        const long factors = d.at("SIMD") * d.at("GROUP_IN"), chain = d.at("CHAIN");
        const long add = (chain * ((d.at("WEIGHT_BITS") + 1) / 2) + 1) / 2 + log2_ceil((factors + chain - 1) / chain);
        if (add > 61) throw std::runtime_error("vector_vector: more than 61 stages");
        stages = static_cast<int>(add + 1);
    }
    void step() override {
        int64_t &fold = s[0], &tap = s[1], &pipeline = s[2];
        in_ready = !out || out_ready;
        if (!in_ready) return;
        const bool ends = in && tap == taps - 1;
        if (in && count(fold, folds)) count(tap, taps);
        const auto next = static_cast<uint64_t>(pipeline) << 1 | static_cast<uint64_t>(ends);
        out = next >> stages & 1;
        pipeline = static_cast<int64_t>(next & ((uint64_t{1} << stages) - 1));
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t folds, taps;
    int stages;
};

TIMING_OF(qu_vector_vector, make<VectorVector>)

}  // namespace timing
