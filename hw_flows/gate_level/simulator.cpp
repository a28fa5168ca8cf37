// SPDX-License-Identifier: BSD-3-Clause
// Cycle-based simulation of a netlist of vendor cells: two states, one clock, LANES stimuli at once. `program.py` has
// reduced the vendor's cells to the few kinds here and sorted the combinational ones, so that one pass over them
// settles every net; then all registers and memories take their next state together.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>

#include "block_memory.h"
#include "flip_flops.h"
#include "logic.h"
#include "lut_memory.h"
#include "multipliers.h"
#include "streams.h"
#include "words.h"

namespace {

// Kinds of combinational cells; `program.py` numbers them alike. 1 to 6: LUT of so many inputs.
enum Kind { CARRY = 7, MEMORY_READ = 8, MULTIPLIER = 9, DSP = 10, KINDS = 11 };

class Netlist {
 public:
  explicit Netlist(Cursor cursor) {
    nets_.resize(static_cast<size_t>(cursor.next()));
    flip_flops_.read(cursor);
    memories_.read(cursor);
    for (int64_t count = cursor.next(); count > 0; count--) blocks_.emplace_back(cursor);
    for (int64_t count = cursor.next(); count > 0; count--) dsps_.emplace_back(cursor);
    size_t seen[KINDS] = {};
    for (int64_t count = cursor.next(); count > 0; count--) {
      Batch batch;
      batch.kind = static_cast<int>(cursor.next());
      batch.begin = seen[batch.kind];
      batch.end = seen[batch.kind] += static_cast<size_t>(cursor.next());
      for (size_t i = batch.begin; i < batch.end; i++) read_cell(batch.kind, cursor);
      batches_.push_back(batch);
    }
    if (!cursor.done()) throw std::runtime_error("the table of the netlist has something left");
    power_up();
  }

  Word* nets() { return nets_.data(); }

  void power_up() {
    std::fill(nets_.begin(), nets_.end(), Word{0});
    nets_[1] = ALL;                // the constants 0, 1 and
    nets_[2] = at_lane(1, 1);      // undefined: other in each lane, so that it shows where it matters
    flip_flops_.power_up(nets());
    memories_.power_up();
    for (auto& block : blocks_) block.power_up(nets());
    for (auto& dsp : dsps_) dsp.power_up(nets());
  }

  void settle() {
    Word* v = nets();
    for (const Batch& batch : batches_) {
      switch (batch.kind) {
        case 1: lut1_.evaluate(batch.begin, batch.end, v); break;
        case 2: lut2_.evaluate(batch.begin, batch.end, v); break;
        case 3: lut3_.evaluate(batch.begin, batch.end, v); break;
        case 4: lut4_.evaluate(batch.begin, batch.end, v); break;
        case 5: lut5_.evaluate(batch.begin, batch.end, v); break;
        case 6: lut6_.evaluate(batch.begin, batch.end, v); break;
        case CARRY: carry_.evaluate(batch.begin, batch.end, v); break;
        case MEMORY_READ: reads_.evaluate(batch.begin, batch.end, v, memories_); break;
        case MULTIPLIER:
          for (size_t i = batch.begin; i < batch.end; i++) multipliers_[i].evaluate(v);
          break;
        case DSP:
          for (size_t i = batch.begin; i < batch.end; i++) dsps_[unregistered_[i]].evaluate(v);
          break;
      }
    }
  }

  // The clock edge; returns the lanes in which a flip-flop changed.
  Word clock() {
    Word* v = nets();
    flip_flops_.sample(v);
    memories_.clock(v);
    for (auto& block : blocks_) block.sample(v);
    for (auto& dsp : dsps_) dsp.sample(v);
    const Word changed = flip_flops_.commit(v);
    for (const auto& block : blocks_) block.commit(v);
    for (const auto& dsp : dsps_)
      if (dsp.registered()) dsp.commit(v);
    return changed;
  }

 private:
  struct Batch {
    int kind;
    size_t begin, end;
  };

  void read_cell(int kind, Cursor& cursor) {
    switch (kind) {
      case 1: lut1_.read(cursor); break;
      case 2: lut2_.read(cursor); break;
      case 3: lut3_.read(cursor); break;
      case 4: lut4_.read(cursor); break;
      case 5: lut5_.read(cursor); break;
      case 6: lut6_.read(cursor); break;
      case CARRY: carry_.read(cursor); break;
      case MEMORY_READ: reads_.read(cursor); break;
      case MULTIPLIER: multipliers_.emplace_back(cursor); break;
      case DSP: unregistered_.push_back(static_cast<size_t>(cursor.next())); break;
      default: throw std::runtime_error("a cell of unknown kind in the table of the netlist");
    }
  }

  std::vector<Word> nets_;
  FlipFlops flip_flops_;
  LutMemories memories_;
  std::vector<BlockMemory> blocks_;
  std::vector<Dsp48> dsps_;
  std::vector<size_t> unregistered_;  // DSPs without a register at their output
  std::vector<Batch> batches_;
  LutBatch<1> lut1_;
  LutBatch<2> lut2_;
  LutBatch<3> lut3_;
  LutBatch<4> lut4_;
  LutBatch<5> lut5_;
  LutBatch<6> lut6_;
  CarryBatch carry_;
  MemoryReadBatch reads_;
  std::vector<Multiplier> multipliers_;
};

}  // namespace

extern "C" {

int64_t gates_lanes() { return LANES; }

void* gates_open(const int64_t* table, int64_t size, char* error, int64_t error_size) {
  try {
    return new Netlist(Cursor(table, size));
  } catch (const std::exception& problem) {
    std::strncpy(error, problem.what(), static_cast<size_t>(error_size) - 1);
    return nullptr;
  }
}

void gates_close(void* netlist) { delete static_cast<Netlist*>(netlist); }

// Start anew and go through `cycles` cycles: in each, `inputs` (cycles, number of input nets, lanes) are applied, the
// nets settle, `outputs` (cycles, number of output nets, lanes) are taken, and the clock rises.
void gates_trace(void* handle, int64_t cycles, const uint32_t* input_nets, int64_t inputs_count, const uint8_t* inputs,
                 const uint32_t* output_nets, int64_t outputs_count, uint8_t* outputs) {
  auto& netlist = *static_cast<Netlist*>(handle);
  netlist.power_up();
  Word* v = netlist.nets();
  for (int64_t cycle = 0; cycle < cycles; cycle++) {
    for (int64_t i = 0; i < inputs_count; i++) {
      v[input_nets[i]] = 0;
      for (int lane = 0; lane < LANES; lane++) v[input_nets[i]] |= at_lane(*inputs++, lane);
    }
    netlist.settle();
    for (int64_t i = 0; i < outputs_count; i++)
      for (int lane = 0; lane < LANES; lane++) *outputs++ = static_cast<uint8_t>(bit_of(v[output_nets[i]], lane));
    netlist.clock();
  }
}

// Start anew, hold reset, and drive the words of all inputs through until every lane is done or stuck.
void gates_stream(void* handle, const StreamRequest* request, const StreamPort* ports, StreamResult* results) {
  auto& netlist = *static_cast<Netlist*>(handle);
  netlist.power_up();
  Word* v = netlist.nets();
  const auto started = std::chrono::steady_clock::now();
  std::array<Lane, LANES> lanes;
  for (int lane = 0; lane < LANES; lane++) lanes[lane].start(*request, ports, lane, &results[lane * request->ports]);

  v[request->reset] = ALL;
  for (int i = 0; i < request->reset_cycles; i++) {
    netlist.settle();
    netlist.clock();
  }
  v[request->reset] = 0;

  int64_t cycle = 0;
  bool running = true;
  for (; running && cycle < request->stop_at; cycle++) {
    running = false;
    for (auto& lane : lanes) lane.drive(v);
    netlist.settle();
    for (auto& lane : lanes) lane.observe(v, cycle);
    const Word changed = netlist.clock();
    for (int lane = 0; lane < LANES; lane++) running |= lanes[lane].goes_on(bit_of(changed, lane) != 0, cycle);
    if ((cycle & 0xFFF) == 0) {
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
      if (request->progress) request->progress(cycle, lanes[0].words_out(), seconds.count());
      if (seconds.count() > request->limit_seconds) {
        for (auto& lane : lanes) lane.end(OUT_OF_TIME, cycle);
        break;
      }
    }
  }
  for (auto& lane : lanes) lane.end(OUT_OF_TIME, cycle);
}
}
