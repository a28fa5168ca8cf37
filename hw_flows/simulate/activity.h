// SPDX-License-Identifier: BSD-3-Clause
// Switching activity of whole frames, in the SAIF of Verilator's own writer; only where compiled with it.
//
// The window begins with the clock edge after the last word of one frame has left, and ends with that after a later one's. Time is
// counted in half clock cycles. Verilator takes every signal to be 0 until it is first dumped, and counts a 1 then as a change. So that
// both can be told from what follows, the values at the beginning of the window are held for BEFORE half cycles: where the time at 1
// is BEFORE or more, the signal began as 1, and one change and BEFORE half cycles are none of the window's (saif.py takes them away).
#pragma once

#include <string>

#include "design.h"
#include "verilated_saif_c.h"

class Activity {
 public:
    // Of `frames` frames, after `after` frames have left, in the file `path`.
    Activity(VerilatedContext& context, Design& design, const std::string& path, uint64_t after, uint64_t frames)
        : path_(path), after_(after), until_(after + frames) {
        context.traceEverOn(true);
        design.trace(saif_);
    }

    // Called after every evaluation; `frames` have left.
    void sample(bool clock, uint64_t cycle, uint64_t frames) {
        if (time_ == 0) {
            if (clock || done_ || frames < after_) return;
            saif_.open(path_.c_str());
            saif_.dump(static_cast<uint64_t>(0));
            first_cycle_ = cycle;
            time_ = BEFORE;
            return;
        }
        saif_.dump(++time_);
        if (clock || frames < until_) return;
        saif_.close();
        time_ = 0;
        done_ = true;
        cycles_ = cycle - first_cycle_;
    }

    uint64_t first_cycle() const { return first_cycle_; }
    uint64_t cycles() const { return cycles_; }  // 0: the run ended before the window

 private:
    static constexpr uint64_t BEFORE = 1ULL << 40;

    VerilatedSaifC saif_;
    const std::string path_;
    const uint64_t after_, until_;  // frames that have left
    uint64_t time_ = 0, first_cycle_ = 0, cycles_ = 0;
    bool done_ = false;
};
