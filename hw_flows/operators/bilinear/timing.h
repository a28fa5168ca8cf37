// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_bilinear.sv: a buffer of two rows and three registers.
#pragma once

#include "shared/timing.h"

namespace timing {

class Bilinear : public OperatorWith<11> {
public:
    Bilinear(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), folds(d.at("FOLD")), width(d.at("WIDTH")),
          rows{d.at("HEIGHT"), d.at("OUT_HEIGHT"), d.at("STEP_H"), d.at("PARTS_H"), d.at("BEFORE_H")},
          columns{width, d.at("OUT_WIDTH"), d.at("STEP_W"), d.at("PARTS_W"), d.at("BEFORE_W")} {}
    void step() override {
        int64_t &write_fold = s[0], &write_column = s[1], &fold = s[2], &column = s[3], &ahead = s[4];
        int64_t &row_index = s[5], &row_at = s[6], &column_index = s[7], &column_at = s[8];
        int64_t &valid_1 = s[9], &valid_2 = s[10];
        const int64_t lower = rows.fraction(row_index, row_at) != 0;
        const int64_t needed = column + (columns.fraction(column_index, column_at) != 0);
        const bool enable = !out || out_ready;
        const bool read = enable && (ahead > lower || (ahead == lower && write_column > needed));
        const bool moves_h = rows.moves(row_index, row_at), moves_w = columns.moves(column_index, column_at);
        in_ready = ahead != 2 || (moves_h && write_column < column);
        const bool write = in && in_ready;
        const bool filled = write && count(write_fold, folds) && count(write_column, width);
        bool freed = false;
        if (read && count(fold, folds)) {
            if (columns.next(column_index, column_at)) {
                column = 0;
                freed = moves_h;
                rows.next(row_index, row_at);
            } else if (moves_w) ++column;
        }
        ahead += filled - freed;
        if (enable) {
            out = static_cast<uint8_t>(valid_2);
            valid_2 = valid_1;
            valid_1 = read;
        }
    }

private:
    // As qu_resample_axis.sv; `at`: its place, from `before` on.
    struct Axis {
        int64_t in, out, step, parts, before;
        bool held(int64_t index) const { return index * step - before >= (in - 1) * parts; }
        int64_t fraction(int64_t index, int64_t at) const { return held(index) || at < before ? 0 : at - before; }
        bool crosses(int64_t at) const { return at - before + step >= parts; }
        bool moves(int64_t index, int64_t at) const { return index == out - 1 || (!held(index) && crosses(at)); }
        bool next(int64_t& index, int64_t& at) const {
            at += crosses(at) ? step - parts : step;
            if (!count(index, out)) return false;
            at = 0;
            return true;
        }
    };
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t folds, width;
    const Axis rows, columns;
};

TIMING_OF(qu_bilinear, make<Bilinear>)

}  // namespace timing
