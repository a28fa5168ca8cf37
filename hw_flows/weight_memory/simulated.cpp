// SPDX-License-Identifier: BSD-3-Clause
// A reader of weights between a memory and its units; see simulated.py for what is set and told.
//
// The memory: each port takes addresses up to `accepts` bursts, answers them in order, each not before its latency has passed;
// all ports share the bytes that the memory gives in a cycle, and its refresh. Addresses outside of the image are answered with
// DECERR. Checked (ARM IHI 0022): an address stays until it is taken; bursts of 1 to 16 whole aligned words that do not cross
// 4 KiB; read data are always taken at once. And of streams: a word on offer stays until it is taken.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "Vweight_memory_bench.h"
#include "sizes.h"
#include "verilated.h"

namespace {

constexpr uint32_t OKAY = 0, SLVERR = 2, DECERR = 3;
constexpr int WORD_BYTES = 32;  // of a stream's word, see MOST_WORD_BITS

[[noreturn]] void fail(const std::string& what, uint64_t cycle) {
  std::fprintf(stderr, "cycle %llu: %s\n", static_cast<unsigned long long>(cycle), what.c_str());
  std::exit(3);
}

using Settings = std::map<std::string, double>;

Settings read_settings() {
  Settings settings;
  std::ifstream file("settings");
  std::string name;
  for (double value; file >> name >> value;) settings[name] = value;
  return settings;
}

struct Burst {
  uint64_t address, ready;  // the cycle of its first beat, at the earliest
  uint32_t words, number;
};

struct Port {
  std::deque<Burst> bursts;
  uint32_t beat = 0, asked = 0;
  uint64_t beats = 0;
  size_t most = 0;
  bool address_waits = false, valid = false;
  uint32_t address = 0, length = 0;
};

struct Unit {
  std::vector<uint8_t> words;
  uint64_t count = 0, frame_words = 0, last = 0, longest_wait = 0;
  bool ready = false, waits = false;
  VlWide<8> word;
};

class Simulation {
 public:
  explicit Simulation(const Settings& s) : set(s), random(static_cast<uint32_t>(s.at("seed"))) {
    std::ifstream file("memory.bin", std::ios::binary);
    memory.assign(std::istreambuf_iterator<char>(file), {});
    for (int i = 0; i < STREAMS; i++) units[i].frame_words = static_cast<uint64_t>(get("words_" + std::to_string(i)));
    for (int i = 0; set.count("stop_" + std::to_string(i)); i++)
      stops.push_back(static_cast<uint64_t>(get("stop_" + std::to_string(i))));
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
  bool chance(double probability) { return uniform(random) < probability; }

  bool all_had(uint64_t wanted) const {
    return std::all_of(units, units + STREAMS, [&](const Unit& u) { return u.count >= wanted * u.frame_words; });
  }

  void tick() {
    if (!stops.empty() && cycle == stops.front()) {
      top.run_i = 0;
      stopping = true;
      stops.pop_front();
    }
    if (stopping && top.idle_o && !top.run_i) {
      top.run_i = 1;
      stopping = false;
      forget();
    }
    drive_memory();
    drive_units();
    top.eval();
    if (!top.rst_i) {
      for (int p = 0; p < PORTS; p++) watch_port(ports[p], p);
      if (!ending) watch_units();
    }
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
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

  void drive_memory() {
    const uint64_t interval = static_cast<uint64_t>(get("refresh_interval"));
    const bool refresh = interval && cycle % interval >= interval - static_cast<uint64_t>(get("refresh"));
    const double rate = get("bytes_per_cycle");
    allowance = std::min(allowance + (refresh ? 0.0 : rate), 8.0 * PORTS + rate);
    for (int i = 0; i < PORTS; i++) {
      const int p = static_cast<int>((i + cycle) % PORTS);  // none is always served first
      Port& port = ports[p];
      top.arready[p] = port.bursts.size() < get("accepts") && !chance(get("memory_stall"));
      port.valid = !refresh && !port.bursts.empty() && port.bursts.front().ready <= cycle && allowance >= 8.0 &&
                   !chance(get("memory_stall"));
      top.rvalid[p] = port.valid;
      if (!port.valid) continue;
      allowance -= 8.0;
      const Burst& burst = port.bursts.front();
      const uint64_t at = burst.address + 8 * port.beat - top.base_i;
      const bool inside = burst.address >= top.base_i && at + 8 <= memory.size();
      uint64_t data = 0xdecadedecadede00ull + port.beat;
      if (inside) std::copy_n(memory.begin() + at, 8, reinterpret_cast<uint8_t*>(&data));
      top.rdata[p] = data;
      top.rresp[p] = inside ? OKAY : DECERR;
      if (p == get("bus_error_0") && burst.number == get("bus_error_1") && port.beat == get("bus_error_2")) top.rresp[p] = SLVERR;
      const bool early = p == get("wrong_last_0") && burst.number == get("wrong_last_1");
      top.rlast[p] = port.beat + 1 == (early && burst.words > 1 ? burst.words - 1 : burst.words);
      if (!inside && port.beat == 0) outside++;
    }
  }

  void watch_port(Port& port, int p) {
    if (port.address_waits && (!top.arvalid[p] || top.araddr[p] != port.address || top.arlen[p] != port.length))
      fail("an address changed while it waited", cycle);
    port.address_waits = top.arvalid[p] && !top.arready[p];
    port.address = top.araddr[p];
    port.length = top.arlen[p];
    if (top.rvalid[p]) {
      if (!top.rready[p]) fail("read data are not taken", cycle);
      port.beats++;
      if (++port.beat == port.bursts.front().words) {
        port.bursts.pop_front();
        port.beat = 0;
      }
    }
    if (top.arvalid[p] && top.arready[p]) {
      const uint64_t address = top.araddr[p];
      const uint32_t words = top.arlen[p] + 1u;
      if (address % 8) fail("an address that is not a word's", cycle);
      if (address / 4096 != (address + 8 * words - 1) / 4096) fail("a burst crosses 4 KiB", cycle);
      const double extra = get("jitter") > 0 ? -get("jitter") * std::log(1.0 - uniform(random)) : 0.0;
      const double latency = std::min(get("latency") + extra, get("latency_limit"));
      port.bursts.push_back({address, cycle + static_cast<uint64_t>(latency), words, port.asked++});
      port.most = std::max(port.most, port.bursts.size());
    }
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
        fail("a word of stream " + std::to_string(i) + " changed while it waited", cycle);
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
      if (top.left_tdata != static_cast<uint16_t>(left)) fail("a word of the accelerator's was lost or changed", cycle);
      left++;
      frames = left / OUTPUT_WORDS;
    }
  }

  template <typename Value>
  std::string list(size_t size, Value value) const {
    std::string text;
    for (size_t i = 0; i < size; i++) text += (i ? ", " : "") + std::to_string(value(i));
    return "[" + text + "]";
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
        list(PORTS, [&](size_t i) { return ports[i].beats; }).c_str(),
        list(PORTS, [&](size_t i) { return ports[i].most; }).c_str(),
        list(STREAMS, [&](size_t i) { return units[i].longest_wait; }).c_str(),
        static_cast<unsigned long long>(outside), top.idle_o ? "true" : "false");
  }

  Settings set;
  Vweight_memory_bench top;
  std::mt19937 random;
  std::uniform_real_distribution<double> uniform{0.0, 1.0};
  std::vector<uint8_t> memory;
  Port ports[PORTS];
  Unit units[STREAMS];
  std::deque<uint64_t> stops;
  double allowance = 0;
  uint64_t cycle = 0, start = 0, last_word = 0, frames = 0, made = 0, left = 0, outside = 0;
  uint32_t status = 0;
  bool stopping = false, ending = false;
};

}  // namespace

int main() {
  const Settings settings = read_settings();
  Verilated::randReset(2);
  Verilated::randSeed(static_cast<int>(settings.at("seed")));
  Simulation(settings).run();
  return 0;
}
