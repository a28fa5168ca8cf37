// SPDX-License-Identifier: BSD-3-Clause
// Flip-flops with clock enable and synchronous set or reset, which goes before the enable; grouped by their control
// nets. Their outputs are consecutive nets.
#pragma once

#include "words.h"

class FlipFlops {
 public:
  void read(Cursor& cursor) {
    first_ = cursor.net();
    groups_.resize(static_cast<size_t>(cursor.next()));
    for (auto& group : groups_) {
      group.enable = cursor.net();
      group.reset = cursor.net();
      group.value = cursor.next() ? ALL : 0;
      group.begin = data_.size();
      for (int64_t count = cursor.next(); count > 0; count--) {
        data_.push_back(cursor.net());
        initial_.push_back(static_cast<Word>(cursor.next()));
      }
      group.end = data_.size();
    }
    next_.resize(data_.size());
  }

  void power_up(Word* v) const {
    for (size_t i = 0; i < initial_.size(); i++) v[first_ + i] = initial_[i];
  }

  void sample(const Word* v) {
    for (auto& group : groups_) {
      const Word reset = v[group.reset];
      const Word load = Word(v[group.enable] & ~reset);
      group.load = load;
      group.keep = Word(ALL & ~(load | reset));
      group.forced = Word(reset & group.value);
      if (load)
        for (size_t i = group.begin; i < group.end; i++) next_[i] = v[data_[i]];
    }
  }

  // Returns the lanes in which a flip-flop changed.
  Word commit(Word* v) const {
    Word changed = 0;
    for (const auto& group : groups_) {
      if (group.keep == ALL) continue;
      const Word load = group.load, keep = group.keep, forced = group.forced;
      Word* q = v + first_;
      for (size_t i = group.begin; i < group.end; i++) {
        const Word value = Word((q[i] & keep) | (next_[i] & load) | forced);
        changed |= Word(value ^ q[i]);
        q[i] = value;
      }
    }
    return changed;
  }

 private:
  struct Group {
    uint32_t enable, reset;
    Word value;
    size_t begin, end;
    Word load, keep, forced;
  };
  uint32_t first_ = 0;
  std::vector<Group> groups_;
  std::vector<uint32_t> data_;
  std::vector<Word> initial_, next_;
};
