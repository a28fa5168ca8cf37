// SPDX-License-Identifier: BSD-3-Clause
// Drives frames through one accelerator and compares every stream word by word, all in native code.
//
// Stimuli and expectations are files `<folder>/<stream>.bin`: words in Verilator's own memory layout, frame after
// frame. A stream without a file is counted, not compared. The result is one JSON file; progress goes to stdout.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "verilated.h"
#ifdef TRACE_FST
#include "verilated_fst_c.h"
#endif

struct Stream {
    const char* name;
    int bytes;          // per word
    uint64_t words;     // per frame
    const uint8_t* data;
};
struct Port {
    int stream;
    uint8_t* data;
    uint8_t* flag;      // tvalid of an input, tready of an output
};
struct Fifo {
    const char* name;
    int in, out;        // stream indices
};
#include "streams.h"

namespace {

// Cycles without a transfer after which nothing that came in is on its way any more.
constexpr uint64_t DRAIN_CYCLES = 64;

struct Words {          // a read-only file of words
    const uint8_t* base = nullptr;
    size_t size = 0;
    explicit operator bool() const { return base != nullptr; }
};

Words map_file(const std::string& path) {
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

struct Checker {        // what is known of one stream
    Words expected;
    uint64_t count = 0;
    uint64_t compared = 0;
    uint64_t mismatches = 0;
    uint64_t begin = 0, end = 0;  // cycles of the first and the last word
    uint64_t first_word = 0;
    uint64_t first_cycle = 0;
    std::string first_got;
    uint64_t protocol_errors = 0;
    uint64_t waits = 0;         // cycles in which a word was offered and not taken
    std::vector<uint8_t> held;  // data of a word that waits
    bool waiting = false;
};

std::string hex(const uint8_t* data, int bytes) {
    std::string text;
    char digits[3];
    for (int i = 0; i < bytes; ++i) {
        std::snprintf(digits, sizeof digits, "%02x", data[i]);
        text += digits;
    }
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, std::string> option;
    for (int i = 1; i + 1 < argc; i += 2) option[argv[i]] = argv[i + 1];
    auto number = [&](const char* key, uint64_t otherwise) -> uint64_t {
        return option.count(key) ? std::strtoull(option[key].c_str(), nullptr, 10) : otherwise;
    };
    const std::string folder = option["--data"];
    const uint64_t frames = number("--frames", 1);
    const uint64_t seed = number("--seed", 1);
    const double stall = option.count("--stall") ? std::strtod(option["--stall"].c_str(), nullptr) : 0.0;
    const uint64_t idle_limit = number("--idle-limit", 100000);
    const uint64_t frame_interval = number("--frame-interval", 0);  // least cycles between starts of frames
    const uint64_t hold_outputs = number("--hold-outputs", 0);  // cycles from reset in which no output takes a word
    const uint64_t max_cycles = number("--max-cycles", UINT64_MAX);
    const bool check_protocol = number("--check-protocol", 0) != 0;
    std::vector<uint64_t> resets;
    for (const char* at = option.count("--reset-at") ? option["--reset-at"].c_str() : ""; *at;) {
        char* end = nullptr;
        resets.push_back(std::strtoull(at, &end, 10));
        at = *end ? end + 1 : end;
    }
    const auto stall_threshold = static_cast<uint32_t>(stall * 4294967295.0);

    VerilatedContext context;
    context.randReset(2);  // registers and memories without reset start with random values
    context.randSeed(static_cast<int>(seed & 0x7FFFFFFF));
    Top top{&context};
#ifdef TRACE_FST
    std::unique_ptr<VerilatedFstC> trace;
    const uint64_t trace_from = number("--trace-from", 0), trace_to = number("--trace-to", UINT64_MAX);
    if (option.count("--trace")) {
        context.traceEverOn(true);
        trace = std::make_unique<VerilatedFstC>();
        top.trace(trace.get(), 99);
        trace->open(option["--trace"].c_str());
    }
#endif
    const std::vector<Stream> all = streams(top);
    const std::vector<Port> in = inputs(top), out = outputs(top);
    const std::vector<Fifo> queues = fifos();

    std::vector<Checker> checks(all.size());
    std::vector<Words> stimuli(in.size());
    std::vector<Random> in_random, out_random;
    for (size_t s = 0; s < all.size(); ++s) {
        checks[s].expected = map_file(folder + "/" + all[s].name + ".bin");
        checks[s].held.resize(static_cast<size_t>(all[s].bytes));
        const size_t needed = frames * all[s].words * static_cast<size_t>(all[s].bytes);
        if (checks[s].expected && checks[s].expected.size < needed) {
            std::fprintf(stderr, "%s.bin holds fewer than %llu frames\n", all[s].name,
                         static_cast<unsigned long long>(frames));
            return 2;
        }
    }
    for (size_t p = 0; p < in.size(); ++p) {
        stimuli[p] = checks[static_cast<size_t>(in[p].stream)].expected;
        if (!stimuli[p]) {
            std::fprintf(stderr, "no stimulus %s.bin\n", all[static_cast<size_t>(in[p].stream)].name);
            return 2;
        }
        in_random.emplace_back(seed * 1000003 + p);
    }
    std::vector<FILE*> captures(all.size(), nullptr);  // words that left, for those who want the values
    for (size_t p = 0; p < out.size(); ++p) {
        out_random.emplace_back(seed * 7919 + 500 + p);
        if (option.count("--capture")) {
            const auto s = static_cast<size_t>(out[p].stream);
            captures[s] = std::fopen((option["--capture"] + "/" + all[s].name + ".bin").c_str(), "wb");
            if (!captures[s]) return 2;
        }
    }

    // stream -> FIFO that it fills or empties
    std::vector<int> fills(all.size(), -1), empties(all.size(), -1);
    for (size_t q = 0; q < queues.size(); ++q) {
        fills[static_cast<size_t>(queues[q].in)] = static_cast<int>(q);
        empties[static_cast<size_t>(queues[q].out)] = static_cast<int>(q);
    }
    std::vector<uint64_t> occupancy(queues.size(), 0), peak(queues.size(), 0);
    std::vector<uint64_t> frame_start(frames, 0), frame_end(frames, 0);

    uint64_t cycle = 0, idle = 0, in_reset = 4, resets_done = 0, last_reset = 0;
    std::vector<uint64_t> sent(in.size(), 0);
    std::vector<uint64_t> wanted(out.size());
    for (size_t p = 0; p < out.size(); ++p) wanted[p] = frames * all[static_cast<size_t>(out[p].stream)].words;
    bool deadlock = false, done = false;
    const auto started = std::chrono::steady_clock::now();
    uint64_t next_report = 1 << 14;

    auto clear = [&] {
        for (auto& c : checks) { c.count = 0; c.waiting = false; }
        std::fill(sent.begin(), sent.end(), 0);
        std::fill(occupancy.begin(), occupancy.end(), 0);
        for (FILE* capture : captures)
            if (capture) std::rewind(capture);
        for (const Port& port : in) *port.flag = 0;
        for (const Port& port : out) *port.flag = 0;
    };
    clear();

    while (!done && !deadlock && cycle < max_cycles) {
        if (resets_done < resets.size() && cycle >= resets[resets_done]) {
            ++resets_done;
            in_reset = 3;
            last_reset = cycle;
            clear();
        }
        const bool reset = in_reset > 0;
        top.rst_i = reset;
        if (!reset) {
            for (size_t p = 0; p < in.size(); ++p) {
                const Stream& s = all[static_cast<size_t>(in[p].stream)];
                if (*in[p].flag || sent[p] >= frames * s.words) continue;  // valid never drops before ready
                if (frame_interval) {  // spread a frame's words evenly over the interval
                    const uint64_t due = (sent[p] / s.words) * frame_interval
                                         + (sent[p] % s.words) * frame_interval / s.words;
                    if (cycle - last_reset < due) continue;
                }
                if (stall > 0 && in_random[p].below(stall_threshold)) continue;
                *in[p].flag = 1;
                std::memcpy(in[p].data, stimuli[p].base + sent[p] * static_cast<size_t>(s.bytes),
                            static_cast<size_t>(s.bytes));
            }
            for (size_t p = 0; p < out.size(); ++p)
                *out[p].flag = cycle - last_reset >= hold_outputs && !(stall > 0 && out_random[p].below(stall_threshold));
        }
        top.clk_i = 0;
        top.eval();
#ifdef TRACE_FST
        const bool tracing = trace && cycle >= trace_from && cycle <= trace_to;
        if (tracing) trace->dump(2 * cycle);
#endif
        bool moved = false;
        std::vector<size_t> accepted;  // inputs whose word is taken at the coming edge
        if (!reset) {
            for (int w = 0; w < FLAG_WORDS; ++w) {
                const uint64_t valid = top.valid_o[2 * w] | static_cast<uint64_t>(top.valid_o[2 * w + 1]) << 32;
                const uint64_t ready = top.ready_o[2 * w] | static_cast<uint64_t>(top.ready_o[2 * w + 1]) << 32;
                for (uint64_t fire = valid & ready; fire; fire &= fire - 1) {
                    const auto s = static_cast<size_t>(64 * w + __builtin_ctzll(fire));
                    Checker& check = checks[s];
                    const Stream& stream = all[s];
                    moved = true;
                    if (check.expected && check.count < frames * stream.words) {
                        ++check.compared;
                        const uint8_t* expected = check.expected.base + check.count * static_cast<size_t>(stream.bytes);
                        if (std::memcmp(stream.data, expected, static_cast<size_t>(stream.bytes)) != 0
                            && check.mismatches++ == 0) {
                            check.first_word = check.count;
                            check.first_cycle = cycle;
                            check.first_got = hex(stream.data, stream.bytes);
                        }
                    } else if (check.expected && check.mismatches++ == 0) {  // more words than the tensor has
                        check.first_word = check.count;
                        check.first_cycle = cycle;
                        check.first_got = hex(stream.data, stream.bytes);
                    }
                    if (captures[s] && check.count < frames * stream.words)
                        std::fwrite(stream.data, static_cast<size_t>(stream.bytes), 1, captures[s]);
                    if (check.count == 0) check.begin = cycle;
                    check.end = cycle;
                    ++check.count;
                    if (empties[s] >= 0) --occupancy[static_cast<size_t>(empties[s])];
                    if (fills[s] >= 0) ++occupancy[static_cast<size_t>(fills[s])];
                }
                if (check_protocol) {
                    for (size_t s = 64 * static_cast<size_t>(w); s < all.size() && s < 64 * static_cast<size_t>(w) + 64; ++s) {
                        Checker& check = checks[s];
                        const bool v = valid >> (s % 64) & 1, r = ready >> (s % 64) & 1;
                        const auto bytes = static_cast<size_t>(all[s].bytes);
                        if (check.waiting && (!v || std::memcmp(check.held.data(), all[s].data, bytes) != 0))
                            ++check.protocol_errors;
                        check.waiting = v && !r;
                        if (check.waiting) {
                            ++check.waits;
                            std::memcpy(check.held.data(), all[s].data, bytes);
                        }
                    }
                }
            }
            for (size_t q = 0; q < queues.size(); ++q)
                if (occupancy[q] > peak[q]) peak[q] = occupancy[q];
            for (size_t p = 0; p < in.size(); ++p) {
                const auto s = static_cast<size_t>(in[p].stream);
                if (checks[s].count == sent[p]) continue;
                if (p == 0 && sent[p] % all[s].words == 0) frame_start[sent[p] / all[s].words] = cycle;
                ++sent[p];
                accepted.push_back(p);
            }
            done = true;
            for (size_t p = 0; p < out.size(); ++p) {
                const auto s = static_cast<size_t>(out[p].stream);
                if (p == 0 && checks[s].count > 0) {
                    const uint64_t frame = (checks[s].count - 1) / all[s].words;
                    if (frame < frames && frame_end[frame] == 0 && checks[s].count == (frame + 1) * all[s].words)
                        frame_end[frame] = cycle;
                }
                if (checks[s].count < wanted[p]) done = false;
            }
            idle = moved || cycle - last_reset < hold_outputs ? 0 : idle + 1;
            // what comes in behind the last word out, such as rows that a crop drops, is still on its way
            if (done && idle <= DRAIN_CYCLES + frame_interval) {
                for (size_t s = 0; s < all.size(); ++s)
                    if (checks[s].count < frames * all[s].words) done = false;
            }
            // a paced input may rest; only an accelerator that had its chance can be stuck
            if (idle > idle_limit + frame_interval) deadlock = true;
        } else {
            // no stream may offer a word while it is reset, once a clock edge has passed
            if (check_protocol && in_reset == 1) {
                for (size_t s = 0; s < all.size(); ++s)
                    checks[s].protocol_errors += top.valid_o[s / 32] >> (s % 32) & 1;
            }
            --in_reset;
        }
        top.clk_i = 1;
        top.eval();
#ifdef TRACE_FST
        if (tracing) trace->dump(2 * cycle + 1);
#endif
        for (const size_t p : accepted) *in[p].flag = 0;
        ++cycle;
        if (cycle >= next_report) {
            next_report = cycle + (1 << 14);
            const auto s = static_cast<size_t>(out.empty() ? 0 : out[0].stream);
            std::printf("progress %llu %llu %llu\n", static_cast<unsigned long long>(cycle),
                        static_cast<unsigned long long>(checks[s].count),
                        static_cast<unsigned long long>(frames * all[s].words));
            std::fflush(stdout);
        }
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
#ifdef TRACE_FST
    if (trace) trace->close();
#endif

    bool written = true;
    for (FILE* capture : captures)
        if (capture) written = !std::ferror(capture) && std::fclose(capture) == 0 && written;
    FILE* json = written ? std::fopen(option["--result"].c_str(), "w") : nullptr;
    if (!json) {
        std::fprintf(stderr, "cannot write its results: is the disk full?\n");
        return 2;
    }
    auto ull = [](uint64_t v) { return static_cast<unsigned long long>(v); };
    std::fprintf(json, "{\"cycles\": %llu, \"seconds\": %.6f, \"done\": %s, \"deadlock\": %s, \"last_reset\": %llu,\n",
                 ull(cycle), seconds, done ? "true" : "false", deadlock ? "true" : "false", ull(last_reset));
    auto list = [&](const char* key, const std::vector<uint64_t>& values) {
        std::fprintf(json, "\"%s\": [", key);
        for (size_t i = 0; i < values.size(); ++i) std::fprintf(json, "%s%llu", i ? ", " : "", ull(values[i]));
        std::fprintf(json, "],\n");
    };
    list("frame_start", frame_start);
    list("frame_end", frame_end);
    std::fprintf(json, "\"fifos\": [");
    for (size_t q = 0; q < queues.size(); ++q)
        std::fprintf(json, "%s{\"name\": \"%s\", \"peak\": %llu, \"occupancy\": %llu}", q ? ",\n" : "", queues[q].name,
                     ull(peak[q]), ull(occupancy[q]));
    std::fprintf(json, "],\n\"streams\": [");
    for (size_t s = 0; s < all.size(); ++s) {
        const Checker& c = checks[s];
        const bool v = top.valid_o[s / 32] >> (s % 32) & 1, r = top.ready_o[s / 32] >> (s % 32) & 1;
        std::fprintf(json,
                     "%s{\"name\": \"%s\", \"words\": %llu, \"compared\": %llu, \"mismatches\": %llu, \"first_word\": %llu, "
                     "\"first_cycle\": %llu, \"got\": \"%s\", \"protocol_errors\": %llu, \"waits\": %llu, \"begin\": %llu, \"end\": %llu, \"valid\": %d, \"ready\": %d}",
                     s ? ",\n" : "", all[s].name, ull(c.count), ull(c.compared), ull(c.mismatches), ull(c.first_word),
                     ull(c.first_cycle), c.first_got.c_str(), ull(c.protocol_errors), ull(c.waits), ull(c.begin),
                     ull(c.end), v, r);
    }
    std::fprintf(json, "]}\n");
    written = !std::ferror(json) && std::fclose(json) == 0;
    if (!written) std::fprintf(stderr, "cannot write its results: is the disk full?\n");
    return written ? 0 : 2;
}
