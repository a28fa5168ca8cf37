// SPDX-License-Identifier: BSD-3-Clause
// A port of the simulated memory (axi_memory.h) through which bursts are written, cycle by cycle.
//
// Addresses and data are taken in any order between them, up to `accepts` bursts of which neither is answered yet; a burst is
// answered when its latency has passed after the last of both, and only then are its words in memory: nothing orders it with
// reads. Bursts outside of the memory are answered with DECERR.
// Checked (ARM IHI 0022): addresses and data stay until they are taken; bursts of 1 to 16 whole aligned words that do not cross
// 4 KiB; WLAST at the last word, and no other; that answers are taken at once. And of a ring: that nothing is read whose write
// has not been answered, and nothing written whose read is not complete.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "axi_memory.h"

namespace axi_memory {

class Writes {
 public:
  Writes(const WriteSignals& signals, const Settings& settings, Memory& memory, uint32_t seed)
      : wires_(signals), set_(settings), memory_(memory), random_(seed) {}

  // Before the design is evaluated for this cycle, and after the memory's own drive().
  void drive(uint64_t cycle) {
    *wires_.awready = addresses_.size() + under_way_.size() < set_.accepts && !stalls();
    const bool begun = !data_.empty() && !data_.back().complete;
    const bool room = begun || data_.size() + under_way_.size() < set_.accepts;
    *wires_.wready = room && memory_.takes_word(cycle) && !stalls();
    const bool valid = !under_way_.empty() && under_way_.front().ready <= cycle && !stalls();
    *wires_.bvalid = valid;
    *wires_.bresp = valid ? answer(under_way_.front()) : OKAY;
  }

  // Once the design's outputs are what they are at the coming edge of the clock, and before the memory's own watch().
  void watch(uint64_t cycle) {
    watch_address(cycle);
    watch_data(cycle);
    watch_reads(cycle);
    if (*wires_.bvalid) {
      if (!*wires_.bready) broken("an answer to a write is not taken", cycle);
      const Burst& burst = under_way_.front();
      if (answer(burst) == OKAY) std::memcpy(memory_.at(burst.address), burst.words.data(), 8 * burst.words.size());
      under_way_.pop_front();
    }
    if (!addresses_.empty() && !data_.empty() && data_.front().complete) join(cycle);
  }

  // The first rule that was broken; empty where none was.
  const std::string& error() const { return error_; }
  uint64_t bursts() const { return static_cast<uint64_t>(number_); }
  // Bursts under way at a time.
  size_t most() const { return most_; }

 private:
  struct Address {
    uint64_t address;
    uint32_t words;
  };
  struct Data {
    std::vector<uint64_t> words{};
    bool complete = false;
  };
  struct Burst {
    uint64_t address, ready;
    std::vector<uint64_t> words;
    int64_t number;
  };

  bool stalls() { return set_.stall > 0 && uniform_(random_) < set_.stall; }

  uint8_t answer(const Burst& burst) const {
    if (!memory_.holds(burst.address, 8 * burst.words.size())) return DECERR;
    return burst.number == set_.write_error ? SLVERR : OKAY;
  }

  void watch_address(uint64_t cycle) {
    if (address_waits_ && (!*wires_.awvalid || *wires_.awaddr != address_ || *wires_.awlen != length_))
      broken("a write's address changed while it waited", cycle);
    address_waits_ = *wires_.awvalid && !*wires_.awready;
    address_ = *wires_.awaddr;
    length_ = *wires_.awlen;
    if (!*wires_.awvalid || !*wires_.awready) return;
    const uint64_t address = *wires_.awaddr;
    const uint32_t words = *wires_.awlen + 1u;
    if (address % 8) broken("a write's address is not a word's", cycle);
    if (address / 4096 != (address + 8 * words - 1) / 4096) broken("a written burst crosses 4 KiB", cycle);
    if (memory_.is_reading(address, 8 * words)) broken("words are written that are still being read", cycle);
    addresses_.push_back({address, words});
    most_ = std::max(most_, addresses_.size() + under_way_.size());
  }

  void watch_data(uint64_t cycle) {
    if (data_waits_ && (!*wires_.wvalid || *wires_.wdata != word_ || *wires_.wlast != last_))
      broken("a written word changed while it waited", cycle);
    data_waits_ = *wires_.wvalid && !*wires_.wready;
    word_ = *wires_.wdata;
    last_ = *wires_.wlast;
    if (!*wires_.wvalid || !*wires_.wready) return;
    memory_.word_taken();
    if (data_.empty() || data_.back().complete) data_.emplace_back();
    data_.back().words.push_back(*wires_.wdata);
    data_.back().complete = *wires_.wlast;
  }

  void watch_reads(uint64_t cycle) {
    if (!*wires_.arvalid || !*wires_.arready) return;
    const uint64_t begin = *wires_.araddr, end = begin + 8 * (*wires_.arlen + 1u);
    const auto meets = [&](uint64_t address, uint64_t words) { return address < end && begin < address + 8 * words; };
    for (const Address& write : addresses_)
      if (meets(write.address, write.words)) broken("words are read whose write is not answered", cycle);
    for (const Burst& write : under_way_)
      if (meets(write.address, write.words.size())) broken("words are read whose write is not answered", cycle);
  }

  void join(uint64_t cycle) {
    const Address address = addresses_.front();
    if (data_.front().words.size() != address.words) broken("WLAST at a wrong word", cycle);
    const double extra = set_.jitter > 0 ? -set_.jitter * std::log(1.0 - uniform_(random_)) : 0.0;
    const double latency = std::min(set_.latency + extra, set_.latency_limit);
    under_way_.push_back({address.address, cycle + static_cast<uint64_t>(latency), data_.front().words, number_++});
    addresses_.pop_front();
    data_.pop_front();
  }

  void broken(const char* rule, uint64_t cycle) {
    if (error_.empty()) error_ = "cycle " + std::to_string(cycle) + ": " + rule;
  }

  WriteSignals wires_;
  Settings set_;
  int64_t number_ = 0;
  Memory& memory_;
  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0.0, 1.0};
  std::deque<Address> addresses_;
  std::deque<Data> data_;
  std::deque<Burst> under_way_;
  bool address_waits_ = false, data_waits_ = false;
  uint32_t address_ = 0;
  uint64_t word_ = 0;
  uint8_t length_ = 0, last_ = 0;
  size_t most_ = 0;
  std::string error_;
};

}  // namespace axi_memory
