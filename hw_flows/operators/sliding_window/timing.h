// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_sliding_window.sv: the line buffer's level and the loop nest of its reader, and the register of columns.
#pragma once

#include <memory>

#include "shared/timing.h"

namespace timing {

// qu_window_reader.sv; KERNEL_W and STRIDE_W as given there.
class WindowReader {
public:
    WindowReader(const Description& d, long kernel_w, long stride_w) {
        const long fold = d.at("FOLD"), height = d.at("HEIGHT"), width = d.at("WIDTH");
        const long kernel_h = d.at("KERNEL_H"), stride_h = d.at("STRIDE_H");
        const long reach_h = (kernel_h - 1) * d.at("DILATION_H") + 1, reach_w = (kernel_w - 1) * d.at("DILATION_W") + 1;
        rows = (height - reach_h) / stride_h + 1;
        columns = (width - reach_w) / stride_w + 1;
        window = kernel_h * kernel_w * fold;
        span = ((reach_h - 1) * width + reach_w) * fold;
        next_column = stride_w * fold;
        next_row = (stride_h * width - (columns - 1) * stride_w) * fold;
        next_frame = ((height - (rows - 1) * stride_h) * width - (columns - 1) * stride_w) * fold;
        slack = d.at("DEPTH") - span;
    }
    // state: word, column, row, level
    void step(int64_t* state, bool in, uint8_t& in_ready, uint8_t& out, bool out_ready) const {
        int64_t &word = state[0], &column = state[1], &row = state[2], &level = state[3];
        in_ready = level != slack;
        const bool write = in && in_ready;
        if (!out || out_ready) {
            out = level >= 0;
            if (out && count(word, window)) {
                if (!count(column, columns)) level -= next_column;
                else if (!count(row, rows)) level -= next_row;
                else level -= next_frame;
            }
        }
        level += write;
    }
    int64_t rows, columns, window, span, next_column, next_row, next_frame, slack;
};

class SerialWindow : public OperatorWith<4> {
public:
    SerialWindow(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), reader(d, d.at("KERNEL_W"), d.at("STRIDE_W")) {
        s[3] = -reader.span;
    }
    void step() override { reader.step(s, in, in_ready, out, out_ready); }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const WindowReader reader;
};

// With qu_column_window.sv behind the reader.
class ParallelWindow : public OperatorWith<8> {
public:
    ParallelWindow(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), reader(d, 1, 1), kernel_h(d.at("KERNEL_H")), kernel_w(d.at("KERNEL_W")),
          stride_w(d.at("STRIDE_W")), width(d.at("WIDTH")) {
        s[3] = -reader.span;
        s[7] = kernel_w - 1;
    }
    void step() override {
        int64_t &valid = s[4], &word = s[5], &column = s[6], &missing = s[7];
        const bool last = word == kernel_h - 1, ready = !last || !out || out_ready, take = valid && ready;
        if (take && last) {
            out = missing == 0;
            missing = missing == 0 ? stride_w - 1 : missing - 1;
            if (count(column, width)) missing = kernel_w - 1;
        } else if (out_ready) {
            out = 0;
        }
        if (take) count(word, kernel_h);
        auto word_valid = static_cast<uint8_t>(valid);
        reader.step(s, in, in_ready, word_valid, ready);
        valid = word_valid;
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const WindowReader reader;
    const int64_t kernel_h, kernel_w, stride_w, width;
};

inline std::unique_ptr<Operator> sliding_window(Wires& wires, const Description& d) {
    if (d.at("PARALLEL") != 0) return std::make_unique<ParallelWindow>(wires, d);
    return std::make_unique<SerialWindow>(wires, d);
}

TIMING_OF(qu_sliding_window, sliding_window)

}  // namespace timing
