// SPDX-License-Identifier: BSD-3-Clause
// What the benches of modules that work on the board's memory share: stops and starts by `run_i`, clock edges, how they end.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <string>

#include "verilated.h"

namespace memory_bench {

using Settings = std::map<std::string, double>;

[[noreturn]] inline void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(3);
}

// JSON of `value(i)` for each i below `size`.
template <typename Value>
std::string list(size_t size, Value value) {
  std::string text;
  for (size_t i = 0; i < size; i++) text += (i ? ", " : "") + std::to_string(value(i));
  return "[" + text + "]";
}

template <typename Top>
void clock_edge(Top& top) {
  top.clk_i = 1;
  top.eval();
  top.clk_i = 0;
  top.eval();
}

// The cycles at which `run_i` falls; it rises again once the module is idle.
class Stops {
 public:
  explicit Stops(const Settings& settings) {
    for (int i = 0; settings.count("stop_" + std::to_string(i)); i++)
      at_.push_back(static_cast<uint64_t>(settings.at("stop_" + std::to_string(i))));
  }
  // Whether all that was before is to be forgotten, for the module runs anew.
  template <typename Top>
  bool restarts(Top& top, uint64_t cycle) {
    if (!at_.empty() && cycle == at_.front()) {
      top.run_i = 0;
      stopping_ = true;
      at_.pop_front();
    }
    if (!stopping_ || !top.idle_o || top.run_i) return false;
    top.run_i = 1;
    stopping_ = false;
    return true;
  }
  bool over() const { return at_.empty() && !stopping_; }

 private:
  std::deque<uint64_t> at_;
  bool stopping_ = false;
};

template <typename Simulation>
int run(const Settings& settings) {
  Verilated::randReset(2);
  Verilated::randSeed(static_cast<int>(settings.at("seed")));
  Simulation(settings).run();
  return 0;
}

}  // namespace memory_bench
