// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_thresholding.sv: a pipeline of 2 * STEP_BITS - WITHIN_STAGES stages.
#pragma once

#include "shared/timing.h"

namespace timing {

class Thresholding : public OperatorWith<1> {
public:
    Thresholding(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]),
          stages(static_cast<int>(2 * d.at("STEP_BITS") - d.at("WITHIN_STAGES")) - 1) {}
    void step() override {
        in_ready = !out || out_ready;
        if (!in_ready) return;
        const auto next = static_cast<uint64_t>(s[0]) << 1 | in;
        out = next >> stages & 1;
        s[0] = static_cast<int64_t>(next & ((uint64_t{1} << stages) - 1));
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int stages;
};

}  // namespace timing
