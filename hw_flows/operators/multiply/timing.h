// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_multiply.sv: each block of words of the second stream is used several times; two registers.
#pragma once

#include "shared/timing.h"

namespace timing {

class Multiply : public OperatorWith<3> {
public:
    Multiply(Wires& wires, const Description& d)
        : in{&wires.valid[d.inputs[0]], &wires.valid[d.inputs[1]]},
          in_ready{&wires.ready[d.inputs[0]], &wires.ready[d.inputs[1]]}, out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), kept(d.at("KEPT")), uses(d.at("USES")) {}
    void step() override {
        int64_t &operands_valid = s[0], &address = s[1], &use = s[2];
        const bool advance = !out || out_ready, needed = kept == 1 || use == 0;
        const bool step = advance && *in[0] && (*in[1] || !needed);
        *in_ready[0] = advance && (*in[1] || !needed);
        *in_ready[1] = advance && *in[0] && use == (kept == 1 ? uses - 1 : 0);
        if (advance) {
            out = operands_valid;
            operands_valid = step;
        }
        if (step && count(address, kept)) count(use, uses);
    }

private:
    uint8_t *in[2], *in_ready[2], &out, &out_ready;
    const int64_t kept, uses;
};

TIMING_OF(qu_multiply, make<Multiply>)

}  // namespace timing
