// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_padding.sv.
#pragma once

#include "shared/timing.h"

namespace timing {

class Padding : public OperatorWith<2> {
public:
    Padding(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), left(d.at("PAD_LEFT") * d.at("FOLD")),
          right(left + d.at("WIDTH") * d.at("FOLD")), row(right + d.at("PAD_RIGHT") * d.at("FOLD")),
          top(d.at("PAD_TOP")), bottom(top + d.at("HEIGHT")), rows(bottom + d.at("PAD_BOTTOM")) {}
    void step() override {
        int64_t &x = s[0], &y = s[1];
        const bool pixel = x >= left && x < right && y >= top && y < bottom;
        const bool available = in || !(pixel || (x == 0 && y == 0));
        const bool enable = !out || out_ready;
        in_ready = enable && pixel;
        if (!enable) return;
        out = available;
        if (available && count(x, row)) count(y, rows);
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t left, right, row, top, bottom, rows;
};

}  // namespace timing
