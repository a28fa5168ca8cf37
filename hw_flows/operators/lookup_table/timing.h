// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_lookup_table.sv: one register.
#pragma once

#include "shared/timing.h"

namespace timing {

class LookupTable : public OperatorWith<0> {
public:
    LookupTable(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]) {}
    void step() override {
        in_ready = !out || out_ready;
        if (in_ready) out = in;
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
};

TIMING_OF(qu_lookup_table, make<LookupTable>)

}  // namespace timing
