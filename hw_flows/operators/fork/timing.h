// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_fork_stream.sv: each output takes a word on its own cycle, the input when all have it.
#pragma once

#include "shared/timing.h"

namespace timing {

class Fork : public OperatorWith<1> {
public:
    Fork(Wires& w, const Description& d) : wires(w), in(d.inputs[0]), outputs(d.outputs) {}
    bool combinational() const override { return true; }
    void forward() override {
        for (size_t i = 0; i < outputs.size(); ++i) wires.valid[outputs[i]] = wires.valid[in] && !(s[0] >> i & 1);
    }
    void step() override {
        int64_t& done = s[0];
        int64_t took = done;
        for (size_t i = 0; i < outputs.size(); ++i) took |= static_cast<int64_t>(wires.ready[outputs[i]]) << i;
        const bool all = took == (int64_t{1} << outputs.size()) - 1;
        wires.ready[in] = all;
        if (all) done = 0;
        else if (wires.valid[in]) done = took;
    }

private:
    Wires& wires;
    const int in;
    const std::vector<int> outputs;
};

}  // namespace timing
