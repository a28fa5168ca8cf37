// SPDX-License-Identifier: BSD-3-Clause
// A design as the harness sees it. What is behind it is generated with each design; the harness is compiled once for all.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "axi_signals.h"

class VerilatedContext;
class VerilatedTraceBaseC;

struct Stream {
    const char* name;
    int bytes;          // per word
    uint64_t words;     // per frame
    uint64_t block;     // weights: words until they begin anew; else 0
    const uint8_t* data;
};
struct Port {
    int stream;
    uint8_t* data;
    uint8_t* flag;      // tvalid of an input, tready of an output
};
struct Fifo {
    const char* name;
    int in, out;        // stream indices
};
struct Control {        // of what works on the memory; null where there is none
    uint8_t *run, *running, *idle;
    uint32_t *base, *status;
};

struct Design {
    virtual ~Design() = default;
    virtual void eval() = 0;
    virtual void trace(VerilatedTraceBaseC& file) = 0;  // only where compiled with waves or activity

    uint8_t *clock, *reset;
    const uint32_t *valid, *ready;  // of all streams, a bit each, in whole 64 bits
    std::vector<Stream> streams;
    std::vector<Port> inputs, outputs;
    std::vector<Fifo> fifos;
    Control control{};
    std::vector<axi_memory::Signals> read_ports;
    std::vector<axi_memory::WriteSignals> write_ports;
};

std::unique_ptr<Design> make_design(VerilatedContext& context);
