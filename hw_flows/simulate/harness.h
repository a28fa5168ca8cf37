// SPDX-License-Identifier: BSD-3-Clause
// What is expected of each stream of a design, and what was seen.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "design.h"

struct Words {          // a read-only file of words
    const uint8_t* base = nullptr;
    size_t size = 0;
    explicit operator bool() const { return base != nullptr; }
};

inline Words map_file(const std::string& path) {
    Words words;
    const int handle = open(path.c_str(), O_RDONLY);
    if (handle < 0) return words;
    struct stat info {};
    if (fstat(handle, &info) == 0 && info.st_size > 0) {
        void* at = mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, handle, 0);
        if (at != MAP_FAILED) {
            words.base = static_cast<const uint8_t*>(at);
            words.size = static_cast<size_t>(info.st_size);
        }
    }
    close(handle);
    return words;
}

struct Random {         // xorshift64*
    uint64_t state;
    explicit Random(uint64_t seed) : state(seed * 0x9E3779B97F4A7C15ULL + 0x2545F4914F6CDD1DULL) { next(); next(); }
    uint32_t next() {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return static_cast<uint32_t>((state * 0x2545F4914F6CDD1DULL) >> 32);
    }
    bool below(uint32_t threshold) { return next() < threshold; }
};

inline std::string hex(const uint8_t* data, size_t bytes) {
    std::string text;
    char digits[3];
    for (size_t i = 0; i < bytes; ++i) {
        std::snprintf(digits, sizeof digits, "%02x", data[i]);
        text += digits;
    }
    return text;
}

[[noreturn]] inline void give_up(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(2);
}

struct Stimulus {       // what an input sends
    Words words;
    Random random;
    uint64_t sent = 0;
    void forget() { sent = 0; }
};

// What is known of one stream.
class Checker {
 public:
    // `frames` frames of words in `expected`, or one block of weights; nothing is compared without.
    Checker(const Stream& stream, Words expected, uint64_t frames)
        : data_(stream.data), bytes_(static_cast<size_t>(stream.bytes)), expected_(expected.base), block_(stream.block),
          words_(stream.words), least(frames * stream.words), held_(bytes_) {
        end_ = (block_ ? block_ : least) * bytes_;
    }

    void forget() {
        count = place_ = 0;
        wanted = longest_wanted = wanted_now_ = 0;
    }

    // A word goes by.
    void fire(uint64_t cycle) {
        if (expected_) {
            if (place_ < end_) {
                ++compared;
                if (std::memcmp(data_, expected_ + place_, bytes_) != 0) differ(cycle);
                place_ += bytes_;
                if (block_ && place_ == end_) place_ = 0;
            } else {
                differ(cycle);  // more words than the tensor has
            }
        }
        if (count == 0) begin = cycle;
        end = cycle;
        if (++count == words_) first_frame_end = cycle;
    }

    // A word waits.
    void hold() { std::memcpy(held_.data(), data_, bytes_); }

    // Whether the word that waited is not as it was.
    bool changed() const { return std::memcmp(held_.data(), data_, bytes_) != 0; }

    // Weights: whether the unit could take a word, and there is none.
    void want(bool without) {
        if (!without || count == 0) {
            wanted_now_ = 0;
            return;
        }
        ++wanted;
        if (++wanted_now_ > longest_wanted) longest_wanted = wanted_now_;
    }

    // Whether frames are whole: of weights, a unit may have begun the next frame's.
    bool whole() const { return count >= least && count <= least + block_; }

 private:
    void differ(uint64_t cycle) {
        if (mismatches++ != 0) return;
        first_word = count;
        first_cycle = cycle;
        first_got = hex(data_, bytes_);
    }

    const uint8_t* data_;
    size_t bytes_;
    const uint8_t* expected_;
    size_t place_ = 0, end_ = 0;  // of the next word expected, and behind the last
    uint64_t block_;
    uint64_t words_;              // of a frame

 public:
    uint64_t least;               // words of all frames
    uint64_t count = 0, compared = 0, mismatches = 0;
    uint64_t begin = 0, end = 0;  // cycles of the first and the last word
    uint64_t first_frame_end = 0; // cycle of the last word of the first frame
    uint64_t protocol_errors = 0;
    uint64_t waits = 0;           // cycles in which a word was offered and not taken
    uint64_t wanted = 0, longest_wanted = 0;  // weights: cycles in which one could be taken and none was there, in all and in a row
    uint64_t first_word = 0, first_cycle = 0;
    std::string first_got;

 private:
    uint64_t wanted_now_ = 0;
    std::vector<uint8_t> held_;   // a word that waits
};
