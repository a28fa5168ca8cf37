// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_width_converter.sv: wire, qu_widen.sv, qu_narrow.sv or qu_regroup.sv, by its widths.
#pragma once

#include <memory>
#include <numeric>

#include "shared/timing.h"

namespace timing {

class WidthConverter : public OperatorWith<1> {
public:
    WidthConverter(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]) {}

protected:
    uint8_t &in, &in_ready, &out, &out_ready;
};

class Wire : public WidthConverter {
public:
    using WidthConverter::WidthConverter;
    bool combinational() const override { return true; }
    void forward() override { out = in; }
    void step() override { in_ready = out_ready; }
};

class Widen : public WidthConverter {
public:
    Widen(Wires& wires, const Description& d)
        : WidthConverter(wires, d), ratio(d.at("OUT_WORD_BITS") / d.at("IN_WORD_BITS")) {}
    void step() override {
        in_ready = !out || out_ready;
        if (!in_ready) return;
        out = in && s[0] == ratio - 1;
        if (in) count(s[0], ratio);
    }

private:
    const int64_t ratio;
};

class Narrow : public WidthConverter {
public:
    Narrow(Wires& wires, const Description& d)
        : WidthConverter(wires, d), ratio(d.at("IN_WORD_BITS") / d.at("OUT_WORD_BITS")) {}
    void step() override {
        int64_t& left = s[0];
        const bool pop = out && out_ready;
        in_ready = !out || (left == 0 && out_ready);
        if (in && in_ready) {
            out = 1;
            left = ratio - 1;
        } else if (pop) {
            out = left != 0;
            if (left != 0) --left;
        }
    }

private:
    const int64_t ratio;
};

class Regroup : public WidthConverter {
public:
    Regroup(Wires& wires, const Description& d) : WidthConverter(wires, d) {
        const long unit = std::gcd(d.at("IN_WORD_BITS"), d.at("OUT_WORD_BITS"));
        in_units = d.at("IN_WORD_BITS") / unit;
        out_units = d.at("OUT_WORD_BITS") / unit;
    }
    void step() override {
        int64_t& level = s[0];
        in_ready = level <= in_units * out_units - in_units;
        const bool push = in && in_ready, pop = out && out_ready;
        level += (push ? in_units : 0) - (pop ? out_units : 0);
        out = level >= out_units;
    }

private:
    int64_t in_units, out_units;
};

inline std::unique_ptr<Operator> width_converter(Wires& wires, const Description& d) {
    const long in = d.at("IN_WORD_BITS"), out = d.at("OUT_WORD_BITS");
    if (in == out) return std::make_unique<Wire>(wires, d);
    if (out % in == 0) return std::make_unique<Widen>(wires, d);
    if (in % out == 0) return std::make_unique<Narrow>(wires, d);
    return std::make_unique<Regroup>(wires, d);
}

TIMING_OF(qu_width_converter, width_converter)

}  // namespace timing
