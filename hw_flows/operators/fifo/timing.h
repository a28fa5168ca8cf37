// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_fifo.sv: words held, and for block memory (qu_fifo_block.sv) the register that a word is read ahead into.
//
// Neither side of a FIFO depends on the other within a cycle, so all FIFOs of a design step at once, behind the operators.
#pragma once

#include "shared/timing.h"

namespace timing {

class Fifos {
public:
    explicit Fifos(Wires& w) : wires(w) {}
    void add(const Description& d) {
        in.push_back(d.inputs[0]);
        out.push_back(d.outputs[0]);
        depth.push_back(0);
        block.push_back(0);
        words.push_back(0);
        peak.push_back(0);
    }
    size_t size() const { return in.size(); }
    // Wires and peaks after depths or words were set.
    void refresh() {
        for (size_t q = 0; q < size(); ++q) {
            peak[q] = words[q];
            wires.ready[in[q]] = words[q] < depth[q];
            if (!block[q]) wires.valid[out[q]] = words[q] > 0;
            else if (words[q] == 0) wires.valid[out[q]] = 0;
        }
    }
    // The clock edge of all FIFOs, after the operators' and with the tvalid from before it; returns whether a word moved.
    //
    // The wires of streams into FIFOs come first, then those out of them, in the order of the FIFOs: no index in this loop.
    bool step(const uint8_t* __restrict tvalid) {
        const size_t n = in.size();
        uint8_t* __restrict in_ready = wires.ready.data();
        const uint8_t* __restrict out_ready = wires.ready.data() + n;
        uint8_t* __restrict out_valid = wires.valid.data() + n;
        int32_t *__restrict held = words.data(), *__restrict most = peak.data();
        const int32_t* __restrict room = depth.data();
        const uint8_t* __restrict registered = block.data();
        uint8_t moved = 0;
        for (size_t q = 0; q < n; ++q) {
            const uint8_t taken = out_ready[q], valid = out_valid[q];
            const uint8_t push = tvalid[q] & in_ready[q], pop = valid & taken;
            const int32_t before = held[q], after = before + push - pop;
            moved |= push | pop;
            held[q] = after;
            most[q] = after > most[q] ? after : most[q];
            in_ready[q] = after < room[q];
            // block memory: what was stored before this edge may be read, if the register is free
            const uint8_t read_ahead = static_cast<uint8_t>(valid & (taken ^ 1)) | static_cast<uint8_t>(before > valid);
            const uint8_t any = after > 0;
            out_valid[q] = registered[q] ? read_ahead : any;
        }
        return moved != 0;
    }

    std::vector<int> in, out;
    std::vector<int32_t> depth, words, peak;
    std::vector<uint8_t> block;

private:
    Wires& wires;
};

}  // namespace timing
