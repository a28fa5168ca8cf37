// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_matrix_vector.sv: SF words in, NF words out, SF * NF cycles a vector, and a pipeline behind.
#pragma once

#include "shared/timing.h"

namespace timing {

class MatrixVector : public OperatorWith<3> {
public:
    MatrixVector(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), words(d.at("MW") / d.at("SIMD")), repeats(d.at("MH") / d.at("PE")) {
        const long simd = d.at("SIMD"), chain = d.at("CHAIN"), dsp = d.at("USE_DSP"), fetch = repeats > 1 ? 2 : 1;
        const long in_term = dsp == 2 ? 2 : dsp == 0 ? chain : 1;
        const long multiply = dsp == 0 ? (chain * ((d.at("WEIGHT_BITS") + 1) / 2) + 1) / 2 : 3;
        const long add = multiply + log2_ceil((simd + in_term - 1) / in_term);
        if (fetch + add > 63) throw std::runtime_error("matrix_vector: more than 63 stages");
        stages = static_cast<int>(fetch + add);
    }
    void step() override {
        int64_t &word = s[0], &repetition = s[1], &pipeline = s[2];
        const bool advance = !out || out_ready;
        in_ready = repetition == 0 && advance;
        if (!advance) return;
        bool ends = false;
        if (repetition != 0 || in) {
            ends = word == words - 1;
            if (count(word, words)) count(repetition, repeats);
        }
        const auto next = static_cast<uint64_t>(pipeline) << 1 | static_cast<uint64_t>(ends);
        out = next >> stages & 1;
        pipeline = static_cast<int64_t>(next & ((uint64_t{1} << stages) - 1));
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t words, repeats;
    int stages;
};

}  // namespace timing
