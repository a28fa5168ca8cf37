// Timing of sliding_window.sv: the level of its line buffer and the loop nest of its reader.
#pragma once

#include "shared/timing.h"

namespace timing {

class SlidingWindow : public OperatorWith<4> {
public:
    SlidingWindow(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]) {
        const long fold = d.at("FOLD"), height = d.at("HEIGHT"), width = d.at("WIDTH");
        const long kernel_h = d.at("KERNEL_H"), kernel_w = d.at("KERNEL_W");
        const long stride_h = d.at("STRIDE_H"), stride_w = d.at("STRIDE_W");
        rows = (height - kernel_h) / stride_h + 1;
        columns = (width - kernel_w) / stride_w + 1;
        window = kernel_h * kernel_w * fold;
        const long span = ((kernel_h - 1) * width + kernel_w) * fold;
        next_column = stride_w * fold;
        next_row = (stride_h * width - (columns - 1) * stride_w) * fold;
        next_frame = ((height - (rows - 1) * stride_h) * width - (columns - 1) * stride_w) * fold;
        slack = d.at("DEPTH") - span;
        s[3] = -span;
    }
    void step() override {
        int64_t &word = s[0], &column = s[1], &row = s[2], &level = s[3];
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

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    int64_t rows, columns, window, next_column, next_row, next_frame, slack;
};

}  // namespace timing
