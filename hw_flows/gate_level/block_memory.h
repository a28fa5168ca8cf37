// SPDX-License-Identifier: BSD-3-Clause
// Block memories with two ports on one clock. A row is a byte of 8 bits and its parity bit; bit k of byte b is kept at
// 9 * b + k. Addresses count bits without parity (UG473; FPGA-TN-02204 for ECP5).
#pragma once

#include "words.h"

class BlockMemory {
 public:
  explicit BlockMemory(Cursor& cursor) {
    initial_.resize(static_cast<size_t>(cursor.next()));
    for (size_t i = 0; i < initial_.size(); i += 32) {
      const auto bits = static_cast<uint64_t>(cursor.next());
      for (size_t k = i; k < i + 32 && k < initial_.size(); k++) initial_[k] = (bits >> (k - i)) & 1;
    }
    for (auto& port : ports_) port.read(cursor);
  }

  void power_up(Word* v) {
    for (int lane = 0; lane < LANES; lane++) data_[lane] = initial_;
    for (auto& port : ports_)
      for (size_t i = 0; i < port.outputs.size(); i++) {
        port.word[i] = 0;
        v[port.outputs[i].net] = 0;
      }
  }

  void sample(const Word* v) {
    for (int lane = 0; lane < LANES; lane++) {
      size_t base[2] = {0, 0};
      bool enabled[2], writes[2];
      for (int p = 0; p < 2; p++) {
        const Port& port = ports_[p];
        enabled[p] = bit_of(v[port.enable], lane);
        if (!enabled[p]) continue;
        const uint64_t address = port.address.read(v, lane);
        base[p] = 9 * (address >> 3) + (address & 7);
        writes[p] = false;
        for (const auto& group : port.writes) writes[p] |= bit_of(v[group.enable], lane) != 0;
      }
      // Both ports read what was stored before the edge, then they write.
      for (int p = 0; p < 2; p++)
        if (enabled[p] && !(ports_[p].mode == NO_CHANGE && writes[p])) read_word(p, lane, base[p]);
      for (int p = 0; p < 2; p++) {
        if (!enabled[p] || !writes[p]) continue;
        for (const auto& group : ports_[p].writes) {
          if (!bit_of(v[group.enable], lane)) continue;
          for (const auto& bit : group.bits) data_[lane][base[p] + bit.offset] = bit_of(v[bit.net], lane);
        }
        if (ports_[p].mode == WRITE_FIRST) read_word(p, lane, base[p]);
      }
    }
  }

  void commit(Word* v) const {
    for (const auto& port : ports_)
      for (size_t i = 0; i < port.outputs.size(); i++) v[port.outputs[i].net] = port.word[i];
  }

 private:
  enum Mode { READ_FIRST, WRITE_FIRST, NO_CHANGE };
  struct Bit {
    uint32_t net;
    size_t offset;  // from the addressed bit
  };
  struct Write {
    uint32_t enable;
    std::vector<Bit> bits;
  };
  struct Port {
    uint32_t enable = 0;
    Bus address;
    int mode = READ_FIRST;
    std::vector<Bit> outputs;
    std::vector<Word> word;  // what was read
    std::vector<Write> writes;

    Port() : address(empty()) {}
    void read(Cursor& cursor) {
      enable = cursor.net();
      address = Bus(cursor);
      mode = static_cast<int>(cursor.next());
      outputs = bits(cursor);
      word.assign(outputs.size(), 0);
      writes.resize(static_cast<size_t>(cursor.next()));
      for (auto& write : writes) {
        write.enable = cursor.net();
        write.bits = bits(cursor);
      }
    }
    static std::vector<Bit> bits(Cursor& cursor) {
      std::vector<Bit> result(static_cast<size_t>(cursor.next()));
      for (auto& bit : result) {
        bit.net = cursor.net();
        bit.offset = static_cast<size_t>(cursor.next());
      }
      return result;
    }
    static Bus empty() {
      const int64_t none = 0;
      Cursor cursor(&none, 1);
      return Bus(cursor);
    }
  };

  void read_word(int p, int lane, size_t base) {
    Port& port = ports_[p];
    const Word mask = at_lane(1, lane);
    for (size_t i = 0; i < port.outputs.size(); i++)
      port.word[i] = Word((port.word[i] & ~mask) | at_lane(data_[lane][base + port.outputs[i].offset], lane));
  }

  Port ports_[2];
  std::vector<uint8_t> initial_;
  std::vector<uint8_t> data_[LANES];
};
