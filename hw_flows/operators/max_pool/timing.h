// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_max_pool.sv: one word a cycle in, a word out with the last pixel of each window, one register.
#pragma once

#include "shared/timing.h"

namespace timing {

class MaxPool : public OperatorWith<4> {
public:
    MaxPool(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), folds(d.at("FOLD")), columns(d.at("KERNEL_W")),
          windows(d.at("WIDTH") / columns), rows(d.at("KERNEL_H")) {}
    void step() override {
        int64_t &fold = s[0], &column = s[1], &window = s[2], &row = s[3];
        in_ready = !out || out_ready;
        if (!in_ready) return;
        out = in && column == columns - 1 && row == rows - 1;
        if (in && count(fold, folds) && count(column, columns) && count(window, windows)) count(row, rows);
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t folds, columns, windows, rows;
};

}  // namespace timing
