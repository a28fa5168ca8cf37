// SPDX-License-Identifier: BSD-3-Clause
// A reader of weights between a memory and its units; see reader_bench.py for what is set and told. Checked of streams: a word
// on offer stays until it is taken.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "Vweight_memory_bench.h"
#include "axi_memory.h"
#include "sizes.h"
#include "verilated.h"

#include "memory_bench.h"

namespace {

constexpr int WORD_BYTES = 32;  // of a stream's word, see MOST_WORD_BITS

using memory_bench::fail;
using memory_bench::list;
using memory_bench::Settings;

struct Unit {
  std::vector<uint8_t> words;
  uint64_t count = 0, frame_words = 0, last = 0, longest_wait = 0;
  bool ready = false, waits = false;
  VlWide<8> word;
};

class Simulation {
 public:
  explicit Simulation(const Settings& s)
      : set(s),
        random(static_cast<uint32_t>(s.at("seed"))),
        stops(s),
        memory(ports(), axi_memory::Settings(s), axi_memory::read_image("memory.bin"), static_cast<uint64_t>(s.at("base")),
               static_cast<uint32_t>(s.at("seed")) + 1) {
    for (int i = 0; i < STREAMS; i++) units[i].frame_words = static_cast<uint64_t>(get("words_" + std::to_string(i)));
    top.base_i = static_cast<uint32_t>(get("base"));
  }

  void run() {
    top.rst_i = 1;
    top.run_i = 0;
    for (int i = 0; i < 4; i++) tick();
    top.rst_i = 0;
    top.run_i = 1;
    const uint64_t limit = static_cast<uint64_t>(get("cycles")), wanted = static_cast<uint64_t>(get("frames"));
    while (cycle < limit && !(frames >= wanted && all_had(wanted))) tick();
    // The end: what is under way is taken, then the reader is idle.
    status = top.status_o;
    top.run_i = 0;
    ending = true;
    for (int i = 0; i < 4000 && !top.idle_o; i++) tick();
    tell();
  }

 private:
  double get(const std::string& name) const { return set.at(name); }

  std::vector<axi_memory::Signals> ports() {
    std::vector<axi_memory::Signals> signals;
    for (int p = 0; p < PORTS; p++)
      signals.push_back({&top.araddr[p], &top.arlen[p], &top.arvalid[p], &top.arready[p], &top.rdata[p], &top.rresp[p],
                         &top.rlast[p], &top.rvalid[p], &top.rready[p]});
    return signals;
  }

  bool chance(double probability) { return uniform(random) < probability; }

  bool all_had(uint64_t wanted) const {
    return std::all_of(units, units + STREAMS, [&](const Unit& u) { return u.count >= wanted * u.frame_words; });
  }

  void tick() {
    if (stops.restarts(top, cycle)) forget();
    memory.drive(cycle);
    drive_units();
    top.eval();
    if (!top.rst_i) {
      memory.watch(cycle);
      if (!memory.error().empty()) fail(memory.error());
      if (!ending) watch_units();
    }
    memory_bench::clock_edge(top);
    cycle++;
  }

  void forget() {
    for (Unit& unit : units) {
      unit.words.clear();
      unit.count = unit.longest_wait = 0;
      unit.waits = false;
    }
    frames = made = left = 0;
    start = cycle;
    last_word = cycle;
  }

  void drive_units() {
    for (int i = 0; i < STREAMS; i++) {
      Unit& unit = units[i];
      const bool soon = unit.count && cycle < unit.last + static_cast<uint64_t>(get("interval"));
      unit.ready = !soon && i != get("blocked") && !chance(get("stall"));
      top.tready[i] = unit.ready;
    }
    const bool complete = get("faithful") == 0 || all_had(made / OUTPUT_WORDS + 1);
    top.made_tvalid = top.running_o && (complete || made % OUTPUT_WORDS + 1 < OUTPUT_WORDS);
    top.made_tdata = static_cast<uint16_t>(made);
    top.left_tready = !chance(get("stall"));
  }

  void watch_units() {
    if (!top.running_o) return;
    for (int i = 0; i < STREAMS; i++) {
      Unit& unit = units[i];
      if (unit.waits && (!top.tvalid[i] || !std::equal(unit.word.data(), unit.word.data() + 8, top.tdata[i].data())))
        fail("cycle " + std::to_string(cycle) + ": a word of stream " + std::to_string(i) + " changed while it waited");
      unit.waits = top.tvalid[i] && !unit.ready;
      std::copy_n(top.tdata[i].data(), 8, unit.word.data());
      if (!top.tvalid[i] || !unit.ready) continue;
      const uint8_t* bytes = reinterpret_cast<const uint8_t*>(unit.word.data());
      unit.words.insert(unit.words.end(), bytes, bytes + WORD_BYTES);
      if (unit.count) unit.longest_wait = std::max(unit.longest_wait, cycle - unit.last);
      unit.count++;
      unit.last = last_word = cycle;
    }
    if (top.made_tvalid && top.made_tready) made++;
    if (top.left_tvalid && top.left_tready) {
      if (top.left_tdata != static_cast<uint16_t>(left)) fail("a word of the accelerator's was lost or changed");
      left++;
      frames = left / OUTPUT_WORDS;
    }
  }

  void tell() const {
    for (int i = 0; i < STREAMS; i++) {
      std::ofstream file("stream_" + std::to_string(i) + ".bin", std::ios::binary);
      file.write(reinterpret_cast<const char*>(units[i].words.data()), static_cast<std::streamsize>(units[i].words.size()));
    }
    std::printf(
        "{\"frames\": %llu, \"status\": %u, \"cycles\": %llu, \"beats\": %s, \"outstanding\": %s, \"longest_wait\": %s, "
        "\"outside\": %llu, \"idle\": %s}\n",
        static_cast<unsigned long long>(frames), status, static_cast<unsigned long long>(last_word - start),
        list(PORTS, [&](size_t i) { return memory.beats(i); }).c_str(),
        list(PORTS, [&](size_t i) { return memory.most(i); }).c_str(),
        list(STREAMS, [&](size_t i) { return units[i].longest_wait; }).c_str(),
        static_cast<unsigned long long>(memory.outside()), top.idle_o ? "true" : "false");
  }

  Settings set;
  Vweight_memory_bench top;
  std::mt19937 random;
  std::uniform_real_distribution<double> uniform{0.0, 1.0};
  memory_bench::Stops stops;
  axi_memory::Memory memory;
  Unit units[STREAMS];
  uint64_t cycle = 0, start = 0, last_word = 0, frames = 0, made = 0, left = 0;
  uint32_t status = 0;
  bool ending = false;
};

}  // namespace

int main() { return memory_bench::run<Simulation>(axi_memory::read_settings("settings")); }
