// SPDX-License-Identifier: BSD-3-Clause
// A board's memory behind read ports of 64 bits, cycle by cycle; __init__.py says what can be set.
//
// Each port takes addresses up to `accepts` bursts, answers them in order, each not before its latency has passed; all ports
// share the bytes that the memory gives in a cycle, and its refresh. Addresses outside of the image are answered with DECERR.
// Checked (ARM IHI 0022): an address stays until it is taken; bursts of 1 to 16 whole aligned words that do not cross 4 KiB;
// and of a reader of weights, that read data are always taken at once. axi_writes.h has the ports for writing.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "axi_signals.h"

namespace axi_memory {

constexpr uint8_t OKAY = 0, SLVERR = 2, DECERR = 3;

// `name value` in each line.
inline std::map<std::string, double> read_settings(const std::string& path) {
  std::map<std::string, double> settings;
  std::ifstream file(path);
  std::string name;
  for (double value; file >> name >> value;) settings[name] = value;
  return settings;
}

inline std::vector<uint8_t> read_image(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fields of `Memory` and `Faults` in __init__.py; a fault that does not happen has -1 everywhere.
struct Settings {
  explicit Settings(const std::map<std::string, double>& all) {
    const auto whole = [&](const char* name) { return static_cast<int64_t>(all.at(name)); };
    latency = all.at("latency");
    jitter = all.at("jitter");
    latency_limit = all.at("latency_limit");
    accepts = static_cast<size_t>(whole("accepts"));
    bytes_per_cycle = all.at("bytes_per_cycle");
    refresh_interval = static_cast<uint64_t>(whole("refresh_interval"));
    refresh = static_cast<uint64_t>(whole("refresh"));
    stall = all.at("memory_stall");
    error_port = whole("bus_error_0");
    error_burst = whole("bus_error_1");
    error_beat = whole("bus_error_2");
    last_port = whole("wrong_last_0");
    last_burst = whole("wrong_last_1");
    write_error = whole("write_error");
    garbles = all.count("garbles") != 0;
  }
  double latency, jitter, latency_limit, bytes_per_cycle, stall;
  size_t accepts;
  uint64_t refresh_interval, refresh;
  int64_t error_port, error_burst, error_beat, last_port, last_burst, write_error;
  bool garbles;  // a beat that is answered with SLVERR is also wrong
};

class Memory {
 public:
  Memory(const std::vector<Signals>& signals, const Settings& settings, std::vector<uint8_t> image, uint64_t base, uint32_t seed)
      : set_(settings), image_(std::move(image)), base_(base), random_(seed) {
    for (const Signals& port : signals) ports_.push_back(Port{port});
  }

  // Before the design is evaluated for this cycle.
  void drive(uint64_t cycle) {
    const bool refresh = refreshing(cycle);
    const double count = static_cast<double>(ports_.size());
    allowance_ = std::min(allowance_ + (refresh ? 0.0 : set_.bytes_per_cycle), 8.0 * count + set_.bytes_per_cycle);
    const size_t first = first_;
    for (size_t i = 0; i < ports_.size(); i++) {
      const size_t p = (first + i) % ports_.size();
      Port& port = ports_[p];
      *port.wires.arready = port.bursts.size() < set_.accepts && !stalls();
      const bool ready = !port.bursts.empty() && port.bursts.front().ready <= cycle;
      const bool valid = ready && !refresh && allowance_ >= 8.0 && !stalls();
      *port.wires.rvalid = valid;
      if (!valid) continue;
      answer(port, static_cast<int64_t>(p));
      first_ = p + 1;  // none is always served first
    }
  }

  // Once the design's outputs are what they are at the coming edge of the clock.
  void watch(uint64_t cycle) {
    for (Port& port : ports_) watch(port, cycle);
  }

  // For ports that write: what they share with those that read.
  bool takes_word(uint64_t cycle) const { return !refreshing(cycle) && allowance_ >= 8.0; }
  void word_taken() { allowance_ -= 8.0; }
  bool holds(uint64_t address, uint64_t bytes) const {
    return address >= base_ && address - base_ + bytes <= image_.size();
  }
  uint8_t* at(uint64_t address) { return image_.data() + (address - base_); }
  // Whether a burst that has been asked for and not wholly given has some of these bytes.
  bool is_reading(uint64_t address, uint64_t bytes) const {
    for (const Port& port : ports_)
      for (const Burst& burst : port.bursts)
        if (burst.address < address + bytes && address < burst.address + 8 * burst.words) return true;
    return false;
  }

  // The first rule that was broken; empty where none was.
  const std::string& error() const { return error_; }
  size_t ports() const { return ports_.size(); }
  uint64_t beats(size_t port) const { return ports_[port].beats; }
  // Bursts under way at a time.
  size_t most(size_t port) const { return ports_[port].most; }
  // Bursts outside of the image.
  uint64_t outside() const { return outside_; }

 private:
  struct Burst {
    uint64_t address, ready;  // the cycle of its first beat, at the earliest
    uint32_t words;
    int64_t number;
  };

  struct Port {
    Signals wires;
    std::deque<Burst> bursts{};
    uint32_t beat = 0;
    int64_t asked = 0;
    uint64_t beats = 0;
    size_t most = 0;
    bool address_waits = false;
    uint32_t address = 0;
    uint8_t length = 0;
  };

  bool refreshing(uint64_t cycle) const {
    return set_.refresh_interval && cycle % set_.refresh_interval >= set_.refresh_interval - set_.refresh;
  }

  bool stalls() { return set_.stall > 0 && uniform_(random_) < set_.stall; }

  void answer(Port& port, int64_t number) {
    allowance_ -= 8.0;
    const Burst& burst = port.bursts.front();
    const uint64_t at = burst.address + 8 * port.beat - base_;
    const bool inside = burst.address >= base_ && at + 8 <= image_.size();
    uint64_t data = 0xdecadedecadede00ull + port.beat;
    if (inside) std::memcpy(&data, image_.data() + at, 8);
    const bool error = number == set_.error_port && burst.number == set_.error_burst && port.beat == set_.error_beat;
    const bool early = number == set_.last_port && burst.number == set_.last_burst && burst.words > 1;
    *port.wires.rdata = error && set_.garbles ? ~data : data;
    *port.wires.rresp = error ? SLVERR : inside ? OKAY : DECERR;
    *port.wires.rlast = port.beat + 1 == burst.words - early;
    if (!inside && port.beat == 0) outside_++;
  }

  void watch(Port& port, uint64_t cycle) {
    const Signals& wires = port.wires;
    if (port.address_waits && (!*wires.arvalid || *wires.araddr != port.address || *wires.arlen != port.length))
      broken("an address changed while it waited", cycle);
    port.address_waits = *wires.arvalid && !*wires.arready;
    port.address = *wires.araddr;
    port.length = *wires.arlen;
    if (*wires.rvalid) {
      if (!*wires.rready) broken("read data are not taken", cycle);
      port.beats++;
      if (++port.beat == port.bursts.front().words) {
        port.bursts.pop_front();
        port.beat = 0;
      }
    }
    if (!*wires.arvalid || !*wires.arready) return;
    const uint64_t address = *wires.araddr;
    const uint32_t words = *wires.arlen + 1u;
    if (address % 8) broken("an address that is not a word's", cycle);
    if (address / 4096 != (address + 8 * words - 1) / 4096) broken("a burst crosses 4 KiB", cycle);
    const double extra = set_.jitter > 0 ? -set_.jitter * std::log(1.0 - uniform_(random_)) : 0.0;
    const double latency = std::min(set_.latency + extra, set_.latency_limit);
    port.bursts.push_back({address, cycle + static_cast<uint64_t>(latency), words, port.asked++});
    port.most = std::max(port.most, port.bursts.size());
  }

  void broken(const char* rule, uint64_t cycle) {
    if (error_.empty()) error_ = "cycle " + std::to_string(cycle) + ": " + rule;
  }

  Settings set_;
  std::vector<Port> ports_;
  std::vector<uint8_t> image_;
  uint64_t base_;
  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0.0, 1.0};
  double allowance_ = 0;
  size_t first_ = 0;
  uint64_t outside_ = 0;
  std::string error_;
};

}  // namespace axi_memory
