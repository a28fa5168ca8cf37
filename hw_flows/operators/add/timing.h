// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_add.sv: a word of each input in the same cycle, a register behind.
#pragma once

#include "shared/timing.h"

namespace timing {

class Add : public OperatorWith<0> {
public:
    Add(Wires& wires, const Description& d)
        : in{&wires.valid[d.inputs[0]], &wires.valid[d.inputs[1]]},
          in_ready{&wires.ready[d.inputs[0]], &wires.ready[d.inputs[1]]}, out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]) {}
    void step() override {
        const bool advance = !out || out_ready;
        *in_ready[0] = advance && *in[1];
        *in_ready[1] = advance && *in[0];
        if (advance) out = *in[0] && *in[1];
    }

private:
    uint8_t *in[2], *in_ready[2], &out, &out_ready;
};

TIMING_OF(qu_add, make<Add>)

}  // namespace timing
