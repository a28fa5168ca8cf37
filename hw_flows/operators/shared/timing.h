// SPDX-License-Identifier: BSD-3-Clause
// Cycle-accurate timing of an operator: which words move in which cycle, and nothing of what they hold.
//
// The control of every operator is independent of its data, so its handshakes follow from its parameters alone. Each operator
// has a `timing.h` beside its SystemVerilog that repeats the module's handshake logic, name by name.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace timing {

// tvalid and tready of every stream, as they stand in the current cycle.
struct Wires {
    std::vector<uint8_t> valid, ready;
};

// What one instance is made from.
struct Description {
    std::string module;
    std::map<std::string, long> parameters;
    std::vector<int> inputs, outputs;  // streams
    long at(const std::string& name) const {
        const auto found = parameters.find(name);
        if (found == parameters.end()) throw std::runtime_error(module + ": no parameter " + name);
        return found->second;
    }
};

// A cycle goes: `forward` of operators whose tvalid follows their inputs combinationally, in the order of the dataflow; then
// `step` of all operators against it. `step` finds tready of its outputs settled, settles tready of its inputs and takes the
// clock edge; a registered tvalid that it writes counts from the next cycle on (those who read it have stepped already).
class Operator {
public:
    virtual ~Operator() = default;
    virtual bool combinational() const { return false; }
    virtual void forward() {}
    virtual void step() = 0;
    // Numbers that `step` changes, besides wires.
    virtual int64_t* state() = 0;
    virtual int states() const = 0;
};

template <int N>
class OperatorWith : public Operator {
public:
    int64_t* state() override { return s; }
    int states() const override { return N; }

protected:
    int64_t s[N] = {};
};

// One loop of a loop nest, as qu_loop_counter.sv; returns whether this step was the last of a round.
inline bool count(int64_t& at, int64_t rounds) {
    if (++at < rounds) return false;
    at = 0;
    return true;
}

inline int log2_ceil(long n) {
    int bits = 0;
    while ((1L << bits) < n) ++bits;
    return bits;
}

}  // namespace timing
