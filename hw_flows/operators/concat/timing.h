// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_concat.sv: FOLD_0 words of the first stream, then FOLD_1 words of the second; no register.
#pragma once

#include "shared/timing.h"

namespace timing {

class Concat : public OperatorWith<2> {
public:
    Concat(Wires& wires, const Description& d)
        : in{&wires.valid[d.inputs[0]], &wires.valid[d.inputs[1]]},
          in_ready{&wires.ready[d.inputs[0]], &wires.ready[d.inputs[1]]}, out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), folds{d.at("FOLD_0"), d.at("FOLD_1")} {}
    bool combinational() const override { return true; }
    void forward() override { out = *in[s[0]]; }
    void step() override {
        int64_t &selected = s[0], &fold = s[1];
        *in_ready[selected] = out_ready;
        *in_ready[1 - selected] = 0;
        if (out && out_ready && count(fold, folds[selected])) selected = 1 - selected;
    }

private:
    uint8_t *in[2], *in_ready[2], &out, &out_ready;
    const int64_t folds[2];
};

}  // namespace timing
