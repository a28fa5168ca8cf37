// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_edge_padding.sv: a circular buffer of rows.
#pragma once

#include "shared/timing.h"

namespace timing {

class EdgePadding : public OperatorWith<7> {
public:
    EdgePadding(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), folds(d.at("FOLD")), reflect(d.at("REFLECT")),
          rows{d.at("HEIGHT"), d.at("PAD_TOP"), d.at("PAD_BOTTOM"), reflect},
          columns{d.at("WIDTH"), d.at("PAD_LEFT"), d.at("PAD_RIGHT"), reflect} {}
    void step() override {
        int64_t &write_fold = s[0], &write_column = s[1], &fold = s[2], &x = s[3], &y = s[4], &ahead = s[5];
        const bool enable = !out || out_ready;
        const int64_t offset = rows.source(y) - rows.oldest(y);
        const bool read = enable && (ahead > offset || (ahead == offset && write_column > columns.source(x)));
        in_ready = ahead != reflect * (rows.before + rows.behind) + 2;
        if (in && in_ready && count(write_fold, folds) && count(write_column, columns.size)) ++ahead;
        if (read && count(fold, folds) && count(x, columns.out())) {
            const int64_t before = rows.oldest(y);
            ahead -= count(y, rows.out()) ? rows.size - before : rows.oldest(y) - before;
        }
        if (enable) out = read;
    }

private:
    struct Axis {
        int64_t size, before, behind, reflect;
        int64_t out() const { return before + size + behind; }
        int64_t source(int64_t at) const {
            at -= before;
            if (at < 0) return reflect ? -at : 0;
            if (at >= size) return reflect ? 2 * (size - 1) - at : size - 1;
            return at;
        }
        int64_t oldest(int64_t at) const {  // what is still needed
            const int64_t last = size - 1 - reflect * behind;
            at -= before;
            return at < 0 ? 0 : at < last ? at : last;
        }
    };
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t folds, reflect;
    const Axis rows, columns;
};

TIMING_OF(qu_edge_padding, make<EdgePadding>)

}  // namespace timing
