// SPDX-License-Identifier: BSD-3-Clause
// AXI-Stream sources and sinks around the netlist, for one lane each.
#pragma once

#include <algorithm>
#include <cstring>

#include "words.h"

enum Status { RUNNING, FINISHED, STUCK, OUT_OF_TIME };

struct StreamPort {  // laid out as `_Port` in simulator.py
  const uint8_t* words;  // what goes in, or must come out: all words of all frames, `bytes` each
  const uint32_t* data;  // nets from bit 0 up
  int64_t count;         // words
  int64_t words_per_frame;
  int64_t block;         // of weights: so many words are there, and begin anew; else 0
  int32_t bytes, width, is_input;
  uint32_t valid, ready;
};

struct StreamResult {  // laid out as `_PortResult` in simulator.py; one for each lane and port
  int64_t words, mismatches, first_word, first_cycle, first_frame_end, last_cycle, protocol_errors;
  int64_t status, cycles;  // the lane's, in each of its ports
  uint8_t first[512];
};

struct StreamRequest {  // laid out as `_Request` in simulator.py
  int64_t ports, reset_cycles, idle_limit, quiet_limit, stop_at, seed;
  double stall[LANES];
  double limit_seconds;
  void (*progress)(int64_t cycle, int64_t words_out, double seconds);
  uint32_t reset;
};

class Random {  // xorshift64*
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 0x1234567) { next(); }
  bool chance(double probability) { return probability > 0 && (next() >> 11) * (1.0 / (uint64_t{1} << 53)) < probability; }

 private:
  uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1Dull;
  }
  uint64_t state_;
};

class Lane {
 public:
  void start(const StreamRequest& request, const StreamPort* ports, int lane, StreamResult* results) {
    request_ = &request;
    lane_ = lane;
    stall_ = request.stall[lane];
    for (int64_t p = 0; p < request.ports; p++) {
      results[p] = StreamResult{};
      results[p].first_word = results[p].first_frame_end = results[p].last_cycle = -1;
      ends_.emplace_back(ports[p], results[p], static_cast<uint64_t>(request.seed) * 1000003 + lane * 101 + p);
    }
  }

  // A word is offered until it is taken; whether the next one follows at once is drawn when it is its turn.
  void drive(Word* v) {
    for (auto& end : ends_) {
      const StreamPort& port = *end.port;
      if (!port.is_input) {
        set(v[port.ready], status_ == RUNNING && !end.random.chance(stall_));
        continue;
      }
      if (!end.offered && end.result->words < port.count && !end.random.chance(stall_)) {
        end.offered = true;
        const int64_t number = port.block ? end.result->words % port.block : end.result->words;
        const uint8_t* word = port.words + number * port.bytes;
        for (int i = 0; i < port.width; i++) set(v[port.data[i]], (word[i / 8] >> (i % 8)) & 1);
      }
      set(v[port.valid], end.offered);
    }
  }

  void observe(const Word* v, int64_t cycle) {
    if (status_ != RUNNING) return;
    moved_ = false;
    for (auto& end : ends_) {
      const StreamPort& port = *end.port;
      const bool valid = bit_of(v[port.valid], lane_), ready = bit_of(v[port.ready], lane_);
      if (!port.is_input) check_output(end, v, valid, ready, cycle);
      if (!(valid && ready)) continue;
      moved_ = true;
      end.offered = false;
      end.result->words++;
      end.result->last_cycle = cycle;
      if (end.result->words == port.words_per_frame) end.result->first_frame_end = cycle;
    }
  }

  // Whether this lane has something left to do. It ends some cycles after the last word, to see words too many.
  bool goes_on(bool changed, int64_t cycle) {
    if (status_ != RUNNING) return false;
    idle_ = moved_ ? 0 : idle_ + 1;
    quiet_ = moved_ || changed ? 0 : quiet_ + 1;
    bool complete = true, flooded = false;
    for (const auto& end : ends_) {
      complete &= end.result->words >= end.port->count;
      flooded |= end.result->words > end.port->count + MOST_EXTRA;
    }
    if (flooded || (complete && idle_ > AFTER_THE_LAST)) end(FINISHED, cycle + 1);
    else if (!complete && (idle_ > request_->idle_limit || quiet_ > request_->quiet_limit)) end(STUCK, cycle + 1);
    return status_ == RUNNING;
  }

  void end(Status status, int64_t cycles) {
    if (status_ != RUNNING) return;
    status_ = status;
    for (auto& end : ends_) {
      end.result->status = status;
      end.result->cycles = cycles;
    }
  }

  int64_t words_out() const {
    for (const auto& end : ends_)
      if (!end.port->is_input) return end.result->words;
    return 0;
  }

 private:
  static constexpr int64_t AFTER_THE_LAST = 64;
  static constexpr int64_t MOST_EXTRA = 8;  // words too many until it is clear that they do not end

  struct End {
    End(const StreamPort& p, StreamResult& r, uint64_t seed) : port(&p), result(&r), random(seed) {}
    const StreamPort* port;
    StreamResult* result;
    Random random;
    bool offered = false;  // of an input
    bool waited = false;   // of an output: a word was there and was not taken
    std::vector<uint8_t> waiting;
  };

  void set(Word& net, unsigned bit) const { net = Word((net & ~at_lane(1, lane_)) | at_lane(bit, lane_)); }

  void check_output(End& end, const Word* v, bool valid, bool ready, int64_t cycle) {
    const StreamPort& port = *end.port;
    if (!valid) {
      end.result->protocol_errors += end.waited;
      end.waited = false;
      return;
    }
    word_.assign(static_cast<size_t>(port.bytes), 0);
    for (int i = 0; i < port.width; i++) word_[i / 8] |= static_cast<uint8_t>(bit_of(v[port.data[i]], lane_) << (i % 8));
    if (end.waited && word_ != end.waiting) end.result->protocol_errors++;
    end.waited = !ready;
    if (!ready) {
      end.waiting = word_;
      return;
    }
    StreamResult& result = *end.result;
    const bool extra = result.words >= port.count;
    if (extra || std::memcmp(word_.data(), port.words + result.words * port.bytes, word_.size()) != 0) {
      if (result.mismatches++ == 0) {
        result.first_word = result.words;
        result.first_cycle = cycle;
        std::memcpy(result.first, word_.data(), std::min(word_.size(), sizeof result.first));
      }
    }
  }

  const StreamRequest* request_ = nullptr;
  std::vector<End> ends_;
  std::vector<uint8_t> word_;
  double stall_ = 0;
  int64_t idle_ = 0, quiet_ = 0;
  int lane_ = 0;
  Status status_ = RUNNING;
  bool moved_ = false;
};
