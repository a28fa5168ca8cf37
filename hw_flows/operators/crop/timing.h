// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_crop.sv.
#pragma once

#include "shared/timing.h"

namespace timing {

class Crop : public OperatorWith<2> {
public:
    Crop(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), row(d.at("WIDTH") * d.at("FOLD")), left(d.at("CROP_LEFT") * d.at("FOLD")),
          right(row - d.at("CROP_RIGHT") * d.at("FOLD")), rows(d.at("HEIGHT")), top(d.at("CROP_TOP")),
          bottom(rows - d.at("CROP_BOTTOM")) {}
    void step() override {
        int64_t &x = s[0], &y = s[1];
        const bool inside = x >= left && x < right && y >= top && y < bottom;
        const bool enable = !out || out_ready;
        in_ready = enable || !inside;
        if (enable) out = in && inside;
        if (in && in_ready && count(x, row)) count(y, rows);
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t row, left, right, rows, top, bottom;
};

TIMING_OF(qu_crop, make<Crop>)

}  // namespace timing
