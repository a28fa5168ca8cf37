// SPDX-License-Identifier: BSD-3-Clause
// Timing of qu_pixel_shuffle.sv; with BLOCK_H = 1 it is a wire.
#pragma once

#include "shared/timing.h"

namespace timing {

class PixelShuffle : public OperatorWith<6> {
public:
    PixelShuffle(Wires& wires, const Description& d)
        : in(wires.valid[d.inputs[0]]), in_ready(wires.ready[d.inputs[0]]), out(wires.valid[d.outputs[0]]),
          out_ready(wires.ready[d.outputs[0]]), groups(d.at("GROUP")), blocks(d.at("BLOCK_H")),
          row(d.at("WIDTH") * d.at("GROUP")), depth(blocks * row) {}
    bool combinational() const override { return blocks <= 1; }
    void forward() override { out = in; }
    void step() override {
        if (blocks <= 1) {
            in_ready = out_ready;
            return;
        }
        int64_t &write_at = s[0], &read_at = s[1], &front = s[2], &ahead = s[3], &group = s[4], &block = s[5];
        const bool enable = !out || out_ready;
        const bool read = enable && (ahead || read_at < front);
        in_ready = !ahead || write_at < read_at;
        const bool write = in && in_ready;
        const bool filled = write && write_at == depth - 1, freed = read && read_at == depth - 1;
        if (write) {
            const bool group_last = group == groups - 1, block_first = block == 0, block_last = block == blocks - 1;
            if (filled) write_at = front = 0;
            else {
                if (group_last && block_first) front += groups;
                write_at += !group_last ? 1 : block_last ? 1 - (blocks - 1) * row : row - groups + 1;
            }
            if (count(group, groups)) count(block, blocks);
        }
        if (read) count(read_at, depth);
        if (filled) ahead = 1;
        else if (freed) ahead = 0;
        if (enable) out = read;
    }

private:
    uint8_t &in, &in_ready, &out, &out_ready;
    const int64_t groups, blocks, row, depth;
};

}  // namespace timing
