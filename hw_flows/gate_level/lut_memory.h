// SPDX-License-Identifier: BSD-3-Clause
// Memories made of LUTs: up to 64 bits each, written by address or shifted at the clock edge, read in `logic.h`.
#pragma once

#include "words.h"

class LutMemories {
 public:
  void read(Cursor& cursor) {
    initial_.resize(static_cast<size_t>(cursor.next()));
    for (auto& bits : initial_) bits = static_cast<uint64_t>(cursor.next());
    writes_.resize(static_cast<size_t>(cursor.next()));
    for (auto& write : writes_) {
      write.enable = cursor.net();
      for (auto& net : write.address) net = cursor.net();
      write.targets.resize(static_cast<size_t>(cursor.next()));
      for (auto& target : write.targets) target = {cursor.net(), cursor.net()};
    }
    shifts_.resize(static_cast<size_t>(cursor.next()));
    for (auto& shift : shifts_) {
      shift.enable = cursor.net();
      shift.memory = cursor.net();
      shift.data = cursor.net();
    }
  }

  void power_up() {
    tables_.clear();
    for (const uint64_t bits : initial_) tables_.insert(tables_.end(), LANES, bits);
  }

  const uint64_t* table(uint32_t memory) const { return &tables_[memory * LANES]; }

  // Nets do not change here, so the order of the cells does not matter.
  void clock(const Word* v) {
    for (const auto& write : writes_) {
      const Word enable = v[write.enable];
      if (!enable) continue;
      unsigned index = v[write.address[0]];
      for (int i = 1; i < 6; i++) index |= unsigned(v[write.address[i]]) << i;
      for (int lane = 0; lane < LANES; lane++) {
        if (!bit_of(enable, lane)) continue;
        const unsigned row = (index >> (8 * lane)) & 63;
        for (const auto& target : write.targets) {
          uint64_t& table = tables_[target.memory * LANES + lane];
          table = (table & ~(uint64_t{1} << row)) | uint64_t{bit_of(v[target.data], lane)} << row;
        }
      }
    }
    for (const auto& shift : shifts_) {
      const Word enable = v[shift.enable];
      for (int lane = 0; lane < LANES; lane++) {
        if (!bit_of(enable, lane)) continue;
        uint64_t& table = tables_[shift.memory * LANES + lane];
        table = table << 1 | bit_of(v[shift.data], lane);
      }
    }
  }

 private:
  struct Target {
    uint32_t memory, data;
  };
  struct Write {
    uint32_t enable, address[6];
    std::vector<Target> targets;
  };
  struct Shift {
    uint32_t enable, memory, data;
  };
  std::vector<uint64_t> initial_, tables_;
  std::vector<Write> writes_;
  std::vector<Shift> shifts_;
};
