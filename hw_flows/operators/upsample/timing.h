// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_upsample.sv: a row buffer whose writer is in the reader's row or one ahead.
#pragma once

#include "shared/timing.h"

namespace timing {

class Upsample : public OperatorWith<6> {
public:
    Upsample(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), folds(d.at("FOLD")), copies(d.at("SCALE_W")),
          repetitions(d.at("SCALE_H")), row(d.at("WIDTH") * d.at("FOLD")) {}
    void step() override {
        int64_t &write_at = s[0], &read_at = s[1], &ahead = s[2], &fold = s[3], &copy = s[4], &repetition = s[5];
        const bool same = write_at == read_at;
        const bool enable = !out || out_ready;
        const bool read = enable && (ahead || !same || !(repetition == 0 && copy == 0));
        in_ready = !ahead || (repetition == repetitions - 1 && copy == copies - 1 && !same);
        const bool write = in && in_ready;
        const bool row_end = fold == folds - 1 && copy == copies - 1 && read_at == row - 1;
        const bool freed = read && row_end && repetition == repetitions - 1;
        const bool filled = write && write_at == row - 1;
        if (write) count(write_at, row);
        if (read) {
            if (fold == folds - 1 && copy != copies - 1) read_at -= folds - 1;
            else read_at = row_end ? 0 : read_at + 1;
            if (count(fold, folds)) count(copy, copies);
            if (row_end) count(repetition, repetitions);
        }
        if (filled) ahead = 1;
        else if (freed) ahead = 0;
        if (enable) out = read;
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t folds, copies, repetitions, row;
};

}  // namespace timing
