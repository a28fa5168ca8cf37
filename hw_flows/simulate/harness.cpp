// SPDX-License-Identifier: BSD-3-Clause
// Drives frames through one accelerator and compares every stream word by word, all in native code.
//
// Stimuli and expectations are files `<folder>/<stream>.bin`: words in Verilator's own memory layout, frame after
// frame; of a stream of weights one block, which repeats. A stream without a file is counted, not compared. Where what works on
// the board's memory is in the design the memory is simulated, and a reset in the run means that it stops and starts again.
// The result is one JSON file; progress goes to stdout. Nothing here depends on the design, which design.h describes.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

#include "axi_memory.h"
#include "axi_writes.h"
#include "harness.h"
#include "verilated.h"
#ifdef TRACE_FST
#include "verilated_fst_c.h"
#endif
#ifdef TRACE_SAIF
#include "activity.h"
#endif

namespace {

// Cycles without a transfer after which nothing that came in is on its way any more.
constexpr uint64_t DRAIN_CYCLES = 64;
// Where the image of the weights lies in memory: not at the beginning of a page.
constexpr uint32_t MEMORY_BASE = 0x10000080;
// Faults in the status, of weights and of streams.
constexpr uint32_t FAULTS = 0xFC;

unsigned long long ull(uint64_t value) { return static_cast<unsigned long long>(value); }
size_t at(int index) { return static_cast<size_t>(index); }
size_t bit(uint64_t bits) { return static_cast<size_t>(__builtin_ctzll(bits)); }  // the lowest one

class Options {
 public:
    Options(int argc, char** argv) {
        for (int i = 1; i + 1 < argc; i += 2) given_[argv[i]] = argv[i + 1];
    }
    bool has(const char* key) const { return given_.count(key) != 0; }
    std::string text(const char* key) const { return has(key) ? given_.at(key) : ""; }
    uint64_t number(const char* key, uint64_t otherwise) const {
        return has(key) ? std::strtoull(given_.at(key).c_str(), nullptr, 10) : otherwise;
    }
    double real(const char* key) const { return has(key) ? std::strtod(given_.at(key).c_str(), nullptr) : 0.0; }
    std::vector<uint64_t> numbers(const char* key) const {
        std::vector<uint64_t> all;
        const std::string list = text(key);
        for (const char* from = list.c_str(); *from;) {
            char* end = nullptr;
            all.push_back(std::strtoull(from, &end, 10));
            from = *end ? end + 1 : end;
        }
        return all;
    }

 private:
    std::map<std::string, std::string> given_;
};

class Simulation {
 public:
    Simulation(const Options& options, VerilatedContext& context);
    void run();
    bool write(const std::string& path);

 private:
    void clear();
    void start_cycle();
    void offer();
    void observe();
    void check_rules(size_t w, uint64_t valid, uint64_t ready);
    void count_frames();
    void judge();
    void end_cycle();
    void report_progress();
    void write_streams(FILE* json) const;
    std::string broken() const;
    uint64_t valid(size_t w) const { return top_.valid[2 * w] | static_cast<uint64_t>(top_.valid[2 * w + 1]) << 32; }
    uint64_t ready(size_t w) const { return top_.ready[2 * w] | static_cast<uint64_t>(top_.ready[2 * w + 1]) << 32; }

    const std::string folder_;
    const uint64_t frames_, seed_, idle_limit_, frame_interval_, hold_outputs_, max_cycles_;
    const bool check_protocol_, stalls_;
    const uint32_t stall_threshold_;
    const std::vector<uint64_t> resets_;

    const std::unique_ptr<Design> design_;
    Design& top_ = *design_;
#ifdef TRACE_FST
    std::unique_ptr<VerilatedFstC> trace_;
    uint64_t trace_from_, trace_to_;
    bool tracing() const { return trace_ && cycle_ >= trace_from_ && cycle_ <= trace_to_; }
#endif
#ifdef TRACE_SAIF
    std::optional<Activity> activity_;
#endif
    const std::vector<Stream>& all_ = top_.streams;
    const size_t flag_words_ = (all_.size() + 63) / 64;  // of 64 streams each
    const std::vector<Port>&in_ = top_.inputs, &out_ = top_.outputs;
    const std::vector<Fifo>& queues_ = top_.fifos;
    const Control system_ = top_.control;
    std::optional<axi_memory::Memory> memory_;
    std::vector<axi_memory::Writes> writes_;  // of ports that also write

    std::vector<Checker> checks_;
    std::vector<Stimulus> stimuli_;
    std::vector<Random> out_random_;
    std::vector<size_t> weights_;  // streams
    std::vector<FILE*> captures_;  // of each stream; words that left, for those who want the values
    std::vector<int> fills_, empties_;  // stream -> FIFO
    std::vector<uint64_t> occupancy_, peak_, frame_start_, frame_end_;
    std::vector<size_t> accepted_;  // inputs whose word is taken at the coming edge
    std::vector<uint64_t> waiting_ = std::vector<uint64_t>(flag_words_);  // a word waited in the last cycle

    uint64_t cycle_ = 0, idle_ = 0, in_reset_ = 4, resets_done_ = 0, last_reset_ = 0, still_for_ = 0;
    uint64_t next_report_ = 1 << 14, frames_left_ = 0;
    bool stopping_ = false;  // what works on the memory is to become idle
    bool still_ = true;      // in reset, or stopped
    bool moved_ = false, done_ = false, deadlock_ = false, fault_ = false;
    double seconds_ = 0;
};

Simulation::Simulation(const Options& options, VerilatedContext& context)
    : folder_(options.text("--data")),
      frames_(options.number("--frames", 1)),
      seed_(options.number("--seed", 1)),
      idle_limit_(options.number("--idle-limit", 100000)),
      frame_interval_(options.number("--frame-interval", 0)),  // least cycles between starts of frames
      hold_outputs_(options.number("--hold-outputs", 0)),      // cycles from reset in which no output takes a word
      max_cycles_(options.number("--max-cycles", UINT64_MAX)),
      check_protocol_(options.number("--check-protocol", 0) != 0),
      stalls_(options.real("--stall") > 0),
      stall_threshold_(static_cast<uint32_t>(options.real("--stall") * 4294967295.0)),
      resets_(options.numbers("--reset-at")),
      design_(make_design(context)) {
#ifdef TRACE_FST
    trace_from_ = options.number("--trace-from", 0);
    trace_to_ = options.number("--trace-to", UINT64_MAX);
    if (options.has("--trace")) {
        context.traceEverOn(true);
        trace_ = std::make_unique<VerilatedFstC>();
        top_.trace(*trace_);
        trace_->open(options.text("--trace").c_str());
    }
#endif
#ifdef TRACE_SAIF
    if (options.has("--saif"))
        activity_.emplace(context, top_, options.text("--saif"), options.number("--saif-after", 1),
                          options.number("--saif-frames", 1));
#endif
    checks_.reserve(all_.size());
    for (size_t s = 0; s < all_.size(); ++s) {
        const Words expected = map_file(folder_ + "/" + all_[s].name + ".bin");
        const uint64_t words = all_[s].block ? all_[s].block : frames_ * all_[s].words;
        if (expected && expected.size < words * at(all_[s].bytes))
            give_up(std::string(all_[s].name) + ".bin holds too few frames");
        checks_.emplace_back(all_[s], expected, frames_);
        if (all_[s].block) weights_.push_back(s);
    }
    for (size_t p = 0; p < in_.size(); ++p) {
        const Stream& stream = all_[at(in_[p].stream)];
        const Words words = map_file(folder_ + "/" + stream.name + ".bin");
        if (!words) give_up(std::string("no stimulus ") + stream.name + ".bin");
        stimuli_.push_back({words, Random(seed_ * 1000003 + p)});
    }
    captures_.assign(all_.size(), nullptr);
    for (size_t p = 0; p < out_.size(); ++p) {
        out_random_.emplace_back(seed_ * 7919 + 500 + p);
        if (!options.has("--capture")) continue;
        const size_t s = at(out_[p].stream);
        captures_[s] = std::fopen((options.text("--capture") + "/" + all_[s].name + ".bin").c_str(), "wb");
        if (!captures_[s]) give_up("the words that leave cannot be written");
    }
    if (system_.run) {
        const axi_memory::Settings settings(axi_memory::read_settings(options.text("--memory")));
        std::vector<uint8_t> contents = axi_memory::read_image(options.text("--image"));
        contents.resize(contents.size() + options.number("--more-memory", 0), 0xA5);
        memory_.emplace(top_.read_ports, settings, std::move(contents), MEMORY_BASE, static_cast<uint32_t>(seed_));
        for (const axi_memory::WriteSignals& port : top_.write_ports)
            writes_.emplace_back(port, settings, *memory_, static_cast<uint32_t>(seed_) + 1);
        *system_.base = MEMORY_BASE;
    }
    fills_.assign(all_.size(), -1);
    empties_.assign(all_.size(), -1);
    for (size_t q = 0; q < queues_.size(); ++q) {
        fills_[at(queues_[q].in)] = static_cast<int>(q);
        empties_[at(queues_[q].out)] = static_cast<int>(q);
    }
    occupancy_.assign(queues_.size(), 0);
    peak_.assign(queues_.size(), 0);
    frame_start_.assign(frames_, 0);
    frame_end_.assign(frames_, 0);
    accepted_.reserve(in_.size());
}

void Simulation::run() {
    const auto started = std::chrono::steady_clock::now();
    clear();
    while (!done_ && !deadlock_ && !fault_ && cycle_ < max_cycles_) {
        start_cycle();
        if (!still_) offer();
        *top_.clock = 0;
        top_.eval();
#ifdef TRACE_FST
        if (tracing()) trace_->dump(2 * cycle_);
#endif
#ifdef TRACE_SAIF
        if (activity_) activity_->sample(false, cycle_, frames_left_);
#endif
        if (memory_ && !*top_.reset) {
            for (axi_memory::Writes& port : writes_) port.watch(cycle_);
            memory_->watch(cycle_);
        }
        accepted_.clear();
        if (!still_) {
            observe();
            count_frames();
            judge();
        } else if (check_protocol_ && still_for_ > 2 && in_reset_ <= 1) {
            // no stream may offer a word in reset, once clock edges have passed
            for (size_t w = 0; w < flag_words_; ++w)
                for (uint64_t v = valid(w); v; v &= v - 1) ++checks_[64 * w + bit(v)].protocol_errors;
        }
        *top_.clock = 1;
        top_.eval();
#ifdef TRACE_FST
        if (tracing()) trace_->dump(2 * cycle_ + 1);
#endif
#ifdef TRACE_SAIF
        if (activity_) activity_->sample(true, cycle_, frames_left_);
#endif
        for (const size_t p : accepted_) *in_[p].flag = 0;
        if (in_reset_ > 0) --in_reset_;
        if (++cycle_ >= next_report_) report_progress();
    }
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
#ifdef TRACE_FST
    if (trace_) trace_->close();
#endif
}

void Simulation::clear() {
    for (Checker& check : checks_) check.forget();
    for (Stimulus& stimulus : stimuli_) stimulus.forget();
    std::fill(waiting_.begin(), waiting_.end(), 0);
    std::fill(occupancy_.begin(), occupancy_.end(), 0);
    for (FILE* capture : captures_)
        if (capture) std::rewind(capture);
    for (const Port& port : in_) *port.flag = 0;
    for (const Port& port : out_) *port.flag = 0;
}

// Reset, or stop and start what works on the memory, and let the memory answer.
void Simulation::start_cycle() {
    if (resets_done_ < resets_.size() && cycle_ >= resets_[resets_done_]) {
        ++resets_done_;
        if (memory_) stopping_ = true;
        else in_reset_ = 3;
        last_reset_ = cycle_;
        clear();
    }
    *top_.reset = in_reset_ > 0;
    still_ = in_reset_ > 0;
    if (memory_) {
        if (stopping_ && *system_.idle) stopping_ = false;
        *system_.run = in_reset_ == 0 && !stopping_;
        still_ |= stopping_ || !*system_.running;
        memory_->drive(cycle_);
        for (axi_memory::Writes& port : writes_) port.drive(cycle_);
        if (still_) last_reset_ = cycle_;
    }
    still_for_ = still_ ? still_for_ + 1 : 0;
    if (still_for_ > idle_limit_) deadlock_ = true;
}

void Simulation::offer() {
    for (size_t p = 0; p < in_.size(); ++p) {
        const Stream& stream = all_[at(in_[p].stream)];
        Stimulus& stimulus = stimuli_[p];
        if (*in_[p].flag || stimulus.sent >= frames_ * stream.words) continue;  // valid never drops before ready
        if (frame_interval_ && !stream.block) {  // spread a frame's words evenly over the interval
            const uint64_t due = (stimulus.sent / stream.words) * frame_interval_
                                 + (stimulus.sent % stream.words) * frame_interval_ / stream.words;
            if (cycle_ - last_reset_ < due) continue;
        }
        if (stalls_ && stimulus.random.below(stall_threshold_)) continue;
        *in_[p].flag = 1;
        const uint64_t word = stream.block ? stimulus.sent % stream.block : stimulus.sent;
        std::memcpy(in_[p].data, stimulus.words.base + word * at(stream.bytes), at(stream.bytes));
    }
    for (size_t p = 0; p < out_.size(); ++p)
        *out_[p].flag = cycle_ - last_reset_ >= hold_outputs_ && !(stalls_ && out_random_[p].below(stall_threshold_));
}

// Every word that goes by in this cycle.
void Simulation::observe() {
    moved_ = false;
    for (size_t w = 0; w < flag_words_; ++w) {
        const uint64_t v = valid(w), r = ready(w);
        if (check_protocol_) check_rules(w, v, r);
        moved_ |= (v & r) != 0;
        for (uint64_t fire = v & r; fire; fire &= fire - 1) {
            const size_t s = 64 * w + bit(fire);
            if (captures_[s] && checks_[s].count < checks_[s].least)
                std::fwrite(all_[s].data, at(all_[s].bytes), 1, captures_[s]);
            checks_[s].fire(cycle_);
            if (empties_[s] >= 0) --occupancy_[at(empties_[s])];
            if (fills_[s] >= 0) ++occupancy_[at(fills_[s])];
        }
    }
    for (size_t q = 0; q < queues_.size(); ++q) peak_[q] = std::max(peak_[q], occupancy_[q]);
    for (const size_t s : weights_) {
        checks_[s].want((ready(s / 64) & ~valid(s / 64)) >> (s % 64) & 1);
    }
}

// A word that waits neither changes nor goes away.
void Simulation::check_rules(size_t w, uint64_t valid, uint64_t ready) {
    const uint64_t before = waiting_[w], now = valid & ~ready;
    for (uint64_t left = before; left; left &= left - 1) {
        const size_t s = bit(left);
        Checker& check = checks_[64 * w + s];
        if (!(valid >> s & 1) || check.changed()) {
            ++check.protocol_errors;
            check.hold();
        }
    }
    for (uint64_t left = now; left; left &= left - 1) {
        const size_t s = bit(left);
        Checker& check = checks_[64 * w + s];
        ++check.waits;
        if (!(before >> s & 1)) check.hold();
    }
    waiting_[w] = now;
}

void Simulation::count_frames() {
    for (size_t p = 0; p < in_.size(); ++p) {
        const size_t s = at(in_[p].stream);
        Stimulus& stimulus = stimuli_[p];
        if (checks_[s].count == stimulus.sent) continue;
        if (p == 0 && stimulus.sent % all_[s].words == 0) frame_start_[stimulus.sent / all_[s].words] = cycle_;
        ++stimulus.sent;
        accepted_.push_back(p);
    }
    if (out_.empty()) return;
    const size_t s = at(out_[0].stream);
    const uint64_t count = checks_[s].count;
    if (count == 0) return;
    const uint64_t frame = (count - 1) / all_[s].words;
    if (frame < frames_ && frame_end_[frame] == 0 && count == (frame + 1) * all_[s].words) {
        frame_end_[frame] = cycle_;
        frames_left_ = frame + 1;
    }
}

// Whether the run has come to an end.
void Simulation::judge() {
    done_ = std::all_of(out_.begin(), out_.end(), [&](const Port& port) {
        const Checker& check = checks_[at(port.stream)];
        return check.count >= check.least;
    });
    idle_ = moved_ || cycle_ - last_reset_ < hold_outputs_ ? 0 : idle_ + 1;
    // what comes in behind the last word out, such as rows that a crop drops, is still on its way
    if (done_ && idle_ <= DRAIN_CYCLES + frame_interval_)
        done_ = std::all_of(checks_.begin(), checks_.end(), [](const Checker& check) { return check.count >= check.least; });
    // a paced input may rest; only an accelerator that had its chance can be stuck
    if (idle_ > idle_limit_ + frame_interval_) deadlock_ = true;
    if (memory_) fault_ = *system_.status & FAULTS || !broken().empty();
    if (fault_) done_ = false;
}

// The first rule of AXI that was broken; empty where none was.
std::string Simulation::broken() const {
    for (const axi_memory::Writes& port : writes_)
        if (!port.error().empty()) return port.error();
    return memory_->error();
}

void Simulation::report_progress() {
    next_report_ = cycle_ + (1 << 14);
    const size_t s = out_.empty() ? 0 : at(out_[0].stream);
    std::printf("progress %llu %llu %llu\n", ull(cycle_), ull(checks_[s].count), ull(frames_ * all_[s].words));
    std::fflush(stdout);
}

// Whether all could be written.
bool Simulation::write(const std::string& path) {
    bool written = true;
    for (FILE* capture : captures_)
        if (capture) written = !std::ferror(capture) && std::fclose(capture) == 0 && written;
    FILE* json = written ? std::fopen(path.c_str(), "w") : nullptr;
    if (!json) return false;
    std::fprintf(json, "{\"cycles\": %llu, \"seconds\": %.6f, \"done\": %s, \"deadlock\": %s,\n", ull(cycle_), seconds_,
                 done_ ? "true" : "false", deadlock_ ? "true" : "false");
    const auto list = [&](const char* key, size_t size, auto value) {
        std::fprintf(json, "\"%s\": [", key);
        for (size_t i = 0; i < size; ++i) std::fprintf(json, "%s%llu", i ? ", " : "", ull(value(i)));
        std::fprintf(json, "]");
    };
    list("frame_start", frames_, [&](size_t i) { return frame_start_[i]; });
    std::fprintf(json, ",\n");
    list("frame_end", frames_, [&](size_t i) { return frame_end_[i]; });
#ifdef TRACE_SAIF
    if (activity_)
        std::fprintf(json, ",\n\"activity\": {\"first_cycle\": %llu, \"cycles\": %llu}", ull(activity_->first_cycle()),
                     ull(activity_->cycles()));
#endif
    if (memory_) {
        std::fprintf(json, ",\n\"memory\": {\"status\": %lu, \"broken\": \"%s\", \"outside\": %llu, ",
                     static_cast<unsigned long>(*system_.status), broken().c_str(), ull(memory_->outside()));
        uint64_t written = 0;
        for (const axi_memory::Writes& port : writes_) written += port.bursts();
        std::fprintf(json, "\"written_bursts\": %llu, ", ull(written));
        list("beats", memory_->ports(), [&](size_t p) { return memory_->beats(p); });
        std::fprintf(json, ", ");
        list("outstanding", memory_->ports(), [&](size_t p) { return memory_->most(p); });
        std::fprintf(json, "}");
    }
    std::fprintf(json, ",\n\"fifos\": [");
    for (size_t q = 0; q < queues_.size(); ++q)
        std::fprintf(json, "%s{\"name\": \"%s\", \"peak\": %llu, \"occupancy\": %llu}", q ? ",\n" : "", queues_[q].name,
                     ull(peak_[q]), ull(occupancy_[q]));
    std::fprintf(json, "],\n\"streams\": [");
    write_streams(json);
    std::fprintf(json, "]}\n");
    return !std::ferror(json) && std::fclose(json) == 0;
}

void Simulation::write_streams(FILE* json) const {
    for (size_t s = 0; s < all_.size(); ++s) {
        const Checker& c = checks_[s];
        const size_t w = s / 64;
        std::fprintf(json,
                     "%s{\"name\": \"%s\", \"words\": %llu, \"whole\": %s, \"compared\": %llu, \"mismatches\": %llu, "
                     "\"first_word\": %llu, \"first_cycle\": %llu, \"got\": \"%s\", \"protocol_errors\": %llu, "
                     "\"waits\": %llu, \"wanted\": %llu, \"longest_wanted\": %llu, \"begin\": %llu, \"end\": %llu, "
                     "\"first_frame_end\": %llu, \"valid\": %d, \"ready\": %d}",
                     s ? ",\n" : "", all_[s].name, ull(c.count), c.whole() ? "true" : "false", ull(c.compared),
                     ull(c.mismatches), ull(c.first_word), ull(c.first_cycle), c.first_got.c_str(), ull(c.protocol_errors),
                     ull(c.waits), ull(c.wanted), ull(c.longest_wanted), ull(c.begin), ull(c.end), ull(c.first_frame_end),
                     static_cast<int>(valid(w) >> (s % 64) & 1), static_cast<int>(ready(w) >> (s % 64) & 1));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const Options options(argc, argv);
    VerilatedContext context;
    context.randReset(2);  // registers and memories without reset start with random values
    context.randSeed(static_cast<int>(options.number("--seed", 1) & 0x7FFFFFFF));
    Simulation simulation(options, context);
    simulation.run();
    if (simulation.write(options.text("--result"))) return 0;
    std::fprintf(stderr, "cannot write its results: is the disk full?\n");
    return 2;
}
