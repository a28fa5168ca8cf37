// SPDX-License-Identifier: BSD-3-Clause
// Streams that wait in memory, between a memory, producers and consumers; ring_bench.py says what is set and told. Every word is
// compared with the one that went in. Checked of streams: a word on offer stays until it is taken.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "Vstream_memory_bench.h"
#include "axi_memory.h"
#include "axi_writes.h"
#include "sizes.h"
#include "verilated.h"

#include "memory_bench.h"

namespace {

constexpr int PARTS = 8;  // 32 bits each, of a stream's word; see MOST_WORD_BITS

using memory_bench::fail;
using memory_bench::list;
using memory_bench::Settings;
using Word = VlWide<PARTS>;

struct Stream {
  uint64_t words = 0, inside_limit = 0, taken_from = 0;
  double in_chance = 1, out_chance = 1, pause = 0;
  uint64_t in = 0, out = 0, most_inside = 0, pause_until = 0, last_out = 0, longest_wait = 0, longest_way = 0;
  std::deque<uint64_t> entered{};  // cycles
  bool offered = false, ready = false, waits = false;
  Word shown;
};

class Simulation {
 public:
  explicit Simulation(const Settings& s)
      : set_(s),
        random_(seed()),
        stops_(s),
        memory_({{&top_.araddr, &top_.arlen, &top_.arvalid, &top_.arready, &top_.rdata, &top_.rresp, &top_.rlast, &top_.rvalid,
                  &top_.rready}},
                axi_memory::Settings(s), std::vector<uint8_t>(static_cast<size_t>(s.at("bytes")), 0xa5), base(), seed() + 1),
        writes_({&top_.awaddr, &top_.awlen, &top_.awvalid, &top_.awready, &top_.wdata, &top_.wlast, &top_.wvalid, &top_.wready,
                 &top_.bresp, &top_.bvalid, &top_.bready, &top_.araddr, &top_.arlen, &top_.arvalid, &top_.arready},
                axi_memory::Settings(s), memory_, seed() + 2) {
    for (int i = 0; i < STREAMS; i++) {
      const auto own = [&](const char* name) { return get(name + std::string("_") + std::to_string(i)); };
      Stream& stream = streams_[i];
      stream.words = static_cast<uint64_t>(own("words"));
      stream.inside_limit = static_cast<uint64_t>(own("inside"));
      stream.taken_from = static_cast<uint64_t>(own("from"));
      stream.in_chance = own("in");
      stream.out_chance = own("out");
      stream.pause = own("pause");
    }
    top_.base_i = static_cast<uint32_t>(base());
  }

  void run() {
    top_.rst_i = 1;
    top_.run_i = 0;
    for (int i = 0; i < 4; i++) tick();
    top_.rst_i = 0;
    top_.run_i = 1;
    const uint64_t limit = static_cast<uint64_t>(get("cycles"));
    while (cycle_ < limit && !(stops_.over() && done())) tick();
    // The end: what is under way is ended, then all is idle.
    status_ = top_.status_o;
    top_.run_i = 0;
    ending_ = true;
    for (int i = 0; i < 4000 && !top_.idle_o; i++) tick();
    tell();
  }

 private:
  double get(const std::string& name) const { return set_.at(name); }
  uint32_t seed() const { return static_cast<uint32_t>(get("seed")); }
  uint64_t base() const { return static_cast<uint64_t>(get("base")); }
  bool chance(double probability) { return probability >= 1 || uniform_(random_) < probability; }
  uint64_t below(uint64_t bound) { return std::uniform_int_distribution<uint64_t>(0, bound - 1)(random_); }
  bool done() const {
    return std::all_of(streams_, streams_ + STREAMS, [](const Stream& s) { return s.out >= s.words; });
  }

  // What word so many of a stream in this run is.
  Word word_of(int stream, uint64_t number) const {
    Word word;
    uint64_t x = (number + 1) * 0x9e3779b97f4a7c15ull ^ (static_cast<uint64_t>(stream * 977 + starts_) << 40);
    for (int i = 0; i < PARTS; i++) {
      x = (x ^ x >> 31) * 0xbf58476d1ce4e5b9ull;
      const int bits = std::max(0, std::min(32, WORD_BITS[stream] - 32 * i));
      word[i] = static_cast<uint32_t>(x >> 32) & (bits == 32 ? ~0u : (1u << bits) - 1);
    }
    return word;
  }

  void tick() {
    if (stops_.restarts(top_, cycle_)) forget();
    memory_.drive(cycle_);
    writes_.drive(cycle_);
    drive_streams();
    top_.eval();
    if (!top_.rst_i) {
      writes_.watch(cycle_);
      memory_.watch(cycle_);
      if (!memory_.error().empty()) fail(memory_.error());
      if (!writes_.error().empty()) fail(writes_.error());
      if (top_.running_o && !ending_) watch_streams();
    }
    memory_bench::clock_edge(top_);
    cycle_++;
  }

  void forget() {
    for (Stream& stream : streams_) {
      stream.in = stream.out = stream.most_inside = stream.longest_wait = stream.longest_way = 0;
      stream.entered.clear();
      stream.offered = stream.waits = false;
    }
    start_ = cycle_;
    starts_++;
  }

  void drive_streams() {
    const bool serial = get("serial") != 0;
    if (serial && turn_words_ == 0) choose_turn();
    for (int i = 0; i < STREAMS; i++) {
      Stream& stream = streams_[i];
      const bool may = stream.in < stream.words && stream.in - stream.out < stream.inside_limit;
      stream.offered = top_.running_o && (stream.offered || (may && chance(stream.in_chance)));
      top_.s_tvalid[i] = stream.offered;
      top_.s_tdata[i] = word_of(i, stream.in);
      if (stream.pause > 0 && cycle_ >= stream.pause_until && chance(1.0 / stream.pause))
        stream.pause_until = cycle_ + below(static_cast<uint64_t>(2 * stream.pause));
      stream.ready = cycle_ >= start_ + stream.taken_from && cycle_ >= stream.pause_until && (!serial || i == turn_) &&
                     chance(stream.out_chance);
      top_.m_tready[i] = stream.ready;
    }
  }

  // The consumer takes so many words of one stream before it takes any of another.
  void choose_turn() {
    std::vector<int> left;
    for (int i = 0; i < STREAMS; i++)
      if (streams_[i].out < streams_[i].words) left.push_back(i);
    if (left.empty()) return;
    turn_ = left[below(left.size())];
    const Stream& stream = streams_[turn_];
    turn_words_ = 1 + below(std::min<uint64_t>(stream.words - stream.out, 300));
  }

  void watch_streams() {
    for (int i = 0; i < STREAMS; i++) {
      Stream& stream = streams_[i];
      const Word shown = top_.m_tdata[i];
      if (stream.waits && (!top_.m_tvalid[i] || shown != stream.shown))
        fail("cycle " + std::to_string(cycle_) + ": a word of stream " + std::to_string(i) + " changed while it waited");
      stream.waits = top_.m_tvalid[i] && !stream.ready;
      stream.shown = shown;
      if (top_.m_tvalid[i] && stream.ready) {
        if (stream.out == stream.in) fail("a word of stream " + std::to_string(i) + " was invented");
        if (shown != word_of(i, stream.out))
          fail("cycle " + std::to_string(cycle_) + ": word " + std::to_string(stream.out) + " of stream " + std::to_string(i) +
               " is wrong");
        if (stream.out) stream.longest_wait = std::max(stream.longest_wait, cycle_ - stream.last_out);
        stream.longest_way = std::max(stream.longest_way, cycle_ - stream.entered.front());
        stream.entered.pop_front();
        stream.last_out = last_ = cycle_;
        stream.out++;
        if (turn_words_ && i == turn_) turn_words_--;
      }
      if (stream.offered && top_.s_tready[i]) {
        stream.in++;
        stream.entered.push_back(cycle_);
        stream.offered = false;
      }
      stream.most_inside = std::max(stream.most_inside, stream.in - stream.out);
    }
  }

  std::string of_streams(uint64_t Stream::*member) const {
    return list(STREAMS, [&](size_t i) { return streams_[i].*member; });
  }

  void tell() const {
    std::printf("{\"went_in\": %s, \"came_out\": %s, \"most_inside\": %s, \"longest_wait\": %s, \"longest_way\": %s, ",
                of_streams(&Stream::in).c_str(), of_streams(&Stream::out).c_str(), of_streams(&Stream::most_inside).c_str(),
                of_streams(&Stream::longest_wait).c_str(), of_streams(&Stream::longest_way).c_str());
    std::printf("\"status\": %u, \"cycles\": %llu, \"written\": %llu, \"read\": %llu, \"outstanding\": [%zu, %zu], \"idle\": %s}\n",
                status_, static_cast<unsigned long long>(last_ - start_), static_cast<unsigned long long>(writes_.bursts()),
                static_cast<unsigned long long>(memory_.beats(0)), writes_.most(), memory_.most(0),
                top_.idle_o ? "true" : "false");
  }

  Settings set_;
  Vstream_memory_bench top_;
  std::mt19937 random_;
  std::uniform_real_distribution<double> uniform_{0.0, 1.0};
  memory_bench::Stops stops_;
  axi_memory::Memory memory_;
  axi_memory::Writes writes_;
  Stream streams_[STREAMS];
  uint64_t cycle_ = 0, start_ = 0, last_ = 0, turn_words_ = 0;
  uint32_t status_ = 0;
  int turn_ = 0, starts_ = 0;
  bool ending_ = false;
};

}  // namespace

int main() { return memory_bench::run<Simulation>(axi_memory::read_settings("settings")); }
