// SPDX-License-Identifier: BSD-3-Clause
// The value of a net: one bit for each of the stimuli ("lanes") that run at once, lane l at bit 8 * l. The distance
// leaves room to put the up to six inputs of a LUT side by side and so to index its table for all lanes together.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

using Word = uint16_t;
constexpr int LANES = 2;
constexpr Word ALL = 0x0101;

inline unsigned bit_of(Word word, int lane) { return (word >> (8 * lane)) & 1u; }
inline Word at_lane(unsigned bit, int lane) { return Word(bit << (8 * lane)); }

// Reads the table that `program.py` writes: a flat array of 64-bit integers.
class Cursor {
 public:
  Cursor(const int64_t* data, int64_t size) : at_(data), end_(data + size) {}

  int64_t next() {
    if (at_ == end_) throw std::runtime_error("the table of the netlist ends early");
    return *at_++;
  }
  uint32_t net() { return static_cast<uint32_t>(next()); }
  std::vector<uint32_t> nets() {  // preceded by their number
    std::vector<uint32_t> result(static_cast<size_t>(next()));
    for (auto& net : result) net = this->net();
    return result;
  }
  bool done() const { return at_ == end_; }

 private:
  const int64_t* at_;
  const int64_t* end_;
};

// Some nets read as an integer; nets that are constant are not visited.
class Bus {
 public:
  explicit Bus(Cursor& cursor) {  // nets from bit 0 up, net 0 is the constant 0 and net 1 the constant 1
    const auto nets = cursor.nets();
    width_ = static_cast<int>(nets.size());
    for (int i = 0; i < width_; i++) {
      if (nets[i] == 1) ones_ |= uint64_t{1} << i;
      if (nets[i] > 1) bits_.push_back({nets[i], i});
    }
  }

  uint64_t read(const Word* v, int lane) const {
    uint64_t value = ones_;
    for (const auto& [net, bit] : bits_) value |= uint64_t{bit_of(v[net], lane)} << bit;
    return value;
  }
  int64_t read_signed(const Word* v, int lane) const { return sign_extend(read(v, lane), width_); }

  static int64_t sign_extend(uint64_t value, int width) {
    return width == 0 ? 0 : static_cast<int64_t>(value << (64 - width)) >> (64 - width);
  }

 private:
  struct Bit {
    uint32_t net;
    int bit;
  };
  std::vector<Bit> bits_;
  uint64_t ones_ = 0;
  int width_ = 0;
};

inline void write_bus(const std::vector<uint32_t>& nets, uint64_t value, int lane, Word* v) {
  const Word mask = at_lane(1, lane);
  for (size_t i = 0; i < nets.size(); i++)
    v[nets[i]] = Word((v[nets[i]] & ~mask) | at_lane((value >> i) & 1, lane));
}
