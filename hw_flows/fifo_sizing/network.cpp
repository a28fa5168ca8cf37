// SPDX-License-Identifier: BSD-3-Clause
// Timing of a whole accelerator: all its operators and FIFOs, cycle by cycle, for any network given as text.
//
// Compiled once, with every operator's timing.h before it, which registers itself; Python loads it and asks for runs at given
// FIFO depths. See timing_model.py for what the fields mean.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <sstream>
#include <tuple>

#include "fifo/timing.h"

namespace timing {

// Cycles without a transfer after which nothing that came in is on its way any more.
constexpr int64_t DRAIN_CYCLES = 64;

struct Port {
    int stream;
    int64_t words;  // per frame
    bool memory;    // weights: always offered, whatever the pace of the frames
};

struct Random {  // xorshift64*
    uint64_t state;
    explicit Random(uint64_t seed) : state(seed * 0x9E3779B97F4A7C15ULL + 0x2545F4914F6CDD1DULL) { next(); next(); }
    uint32_t next() {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return static_cast<uint32_t>((state * 0x2545F4914F6CDD1DULL) >> 32);
    }
};

// Frames are to come at this pace: `frames` of them every `cycles`, the words of each evenly spread.
struct Pace {
    int64_t cycles, frames;
    int64_t start(int64_t frame) const { return frame * cycles / frames; }
    int64_t word(int64_t number, int64_t words) const {
        return start(number / words) + number % words * cycles / (frames * words);
    }
};

struct Delay {  // of frames at one end of the accelerator, behind the pace
    Pace pace;
    int64_t last = INT64_MAX - 1;
    unsigned later = 0;  // the lowest bit is the last frame
    // Whether two of the last four frames came later behind the pace than those before them.
    bool grows(int64_t frame, int64_t cycle) {
        const int64_t delay = cycle - pace.start(frame);
        later = (later << 1 | (delay > last + (pace.frames > 1))) & 15;
        last = delay;
        return (later & (later - 1)) != 0;
    }
};

enum Status : int64_t { FINISHED = 0, PERIODIC = 1, DEADLOCK = 2, SLOW = 3, UNSETTLED = 4 };

struct Request {
    int64_t frames;       // that enter and leave; most, where a period is looked for
    int64_t pace_cycles;  // the input offers `pace_frames` frames every so many cycles; 0: as fast as they are taken
    int64_t pace_frames;
    int64_t idle_limit;   // cycles without a transfer that mean a deadlock
    int64_t find_period;  // stop as soon as the state at a frame's start has been there before
    int64_t give_up;      // with find_period and a pace: stop when two of four frames fell further behind
    int64_t spans;        // record spans and words of every stream (slower)
    uint64_t seed;
    double stall;         // chance per cycle that an input offers no new word, that an output takes none
};

struct Result {
    int64_t status, cycles, period_cycles, period_frames, frames_started, frames_ended;
};

class Network {
public:
    explicit Network(const std::string& text) : fifos(wires) {
        std::vector<Description> descriptions;
        std::istringstream lines(text);
        std::string line;
        while (std::getline(lines, line)) {
            std::istringstream words(line);
            std::string kind;
            words >> kind;
            if (kind == "streams") {
                size_t count;
                words >> count;
                wires.valid.assign(count, 0);
                wires.ready.assign(count, 0);
                place.assign(count, -1);
            } else if (kind == "input" || kind == "memory" || kind == "output") {
                Port port{};
                words >> port.stream >> port.words;
                port.memory = kind == "memory";
                (kind == "output" ? outputs : inputs).push_back(port);
            } else if (kind == "instance" || kind == "fifo") {
                descriptions.push_back(read(words));
                descriptions.back().fifo = kind == "fifo";
            }
        }
        lay_out(descriptions);
        for (auto* ports : {&inputs, &outputs})
            for (Port& port : *ports) port.stream = place.at(static_cast<size_t>(port.stream));
        for (Description& d : descriptions) {
            for (auto* list : {&d.inputs, &d.outputs})
                for (int& stream : *list) stream = place.at(static_cast<size_t>(stream));
            add(d);
        }
        order_steps(descriptions);
        for (auto& o : operators) states.push_back({o->state(), o->states()});
        sent.assign(inputs.size(), 0);
        received.assign(outputs.size(), 0);
        leaves.assign(outputs.size(), 0);
        before.assign(wires.valid.size(), 0);
        initial = save();
    }

    size_t state_size() const { return initial.size(); }

    // `state`: where to begin, reset where its first number is negative; with `find_period` the last frame's start after.
    Result run(const Request& r, const int64_t* depths, const uint8_t* blocks, int64_t* state, int64_t* frame_start,
               int64_t* frame_end, int64_t* peaks, int64_t* begin, int64_t* end, int64_t* count_words) {
        for (size_t q = 0; q < fifos.size(); ++q) {
            fifos.depth[q] = static_cast<int32_t>(std::min<int64_t>(depths[q], INT32_MAX));
            fifos.block[q] = blocks[q];
        }
        const Pace pace{r.pace_cycles, r.pace_frames};
        int64_t cycle = 0, first_frame = 0;
        const bool resumed = state[0] >= 0;
        load(resumed ? state : initial.data());
        fifos.refresh();
        std::vector<std::vector<int64_t>> starts;  // states
        std::vector<int64_t> start_cycles;
        if (resumed) {
            // frame 0 of the pace, or one of its first few, has just been taken
            first_frame = lag[1];
            for (size_t p = 0; p < inputs.size(); ++p) sent[p] += first_frame * inputs[p].words;
            cycle = r.pace_cycles ? pace.start(first_frame) + lag[0] + 1 : 0;
            starts.emplace_back(state, state + state_size());
            start_cycles.push_back(cycle - 1);
        }
        int64_t frame = first_frame + resumed, frame_out = 0;
        const int64_t begin_cycle = cycle;
        if (r.spans) std::fill_n(count_words, wires.valid.size(), 0);
        const auto threshold = static_cast<uint32_t>(r.stall * 4294967295.0);
        std::vector<Random> in_random, out_random;
        for (size_t p = 0; p < inputs.size(); ++p) in_random.emplace_back(r.seed * 1000003 + p);
        for (size_t p = 0; p < outputs.size(); ++p) out_random.emplace_back(r.seed * 7919 + 500 + p);
        Result result{};
        int64_t idle = 0;
        Delay in_delay{pace}, out_delay{pace};
        std::vector<int64_t> offers(inputs.size());
        for (size_t p = 0; p < inputs.size() && r.pace_cycles; ++p)
            if (!inputs[p].memory) offers[p] = pace.word(sent[p], inputs[p].words);
        for (result.status = -1; result.status < 0; ++cycle) {
            for (size_t p = 0; p < inputs.size(); ++p) {
                uint8_t& valid = wires.valid[inputs[p].stream];
                if (valid || (!r.find_period && sent[p] >= r.frames * inputs[p].words)) continue;
                if (cycle < offers[p]) continue;
                valid = !(threshold && in_random[p].next() < threshold);
            }
            for (size_t p = 0; p < outputs.size(); ++p)
                wires.ready[outputs[p].stream] = !(threshold && out_random[p].next() < threshold);
            for (Operator* o : forward) o->forward();
            for (size_t p = 0; p < outputs.size(); ++p)
                leaves[p] = wires.valid[outputs[p].stream] && wires.ready[outputs[p].stream];
            // what this cycle's transfers go by: operators set what counts from the next cycle on
            std::copy_n(wires.valid.begin(), r.spans ? before.size() : fifos.size(), before.begin());
            for (Operator* o : steps) o->step();
            if (r.spans) {
                for (size_t s = 0; s < before.size(); ++s) {
                    const auto at = static_cast<size_t>(place[s]);
                    if (!(before[at] && wires.ready[at])) continue;
                    if (count_words[s]++ == 0) begin[s] = cycle;
                    end[s] = cycle;
                }
            }
            bool started = false, ended = false;
            for (size_t p = 0; p < inputs.size(); ++p) {
                if (!wires.valid[inputs[p].stream] || !wires.ready[inputs[p].stream]) continue;
                started |= p == 0 && sent[p] % inputs[p].words == 0;
                ++sent[p];
                if (r.pace_cycles && !inputs[p].memory) offers[p] = pace.word(sent[p], inputs[p].words);
                taken.push_back(inputs[p].stream);
            }
            bool done = !r.find_period;
            for (size_t p = 0; p < outputs.size(); ++p) {
                received[p] += leaves[p];
                ended |= p == 0 && leaves[p] && received[p] % outputs[p].words == 0;
                done = done && received[p] >= r.frames * outputs[p].words;
            }
            bool moved = !taken.empty() || std::find(leaves.begin(), leaves.end(), 1) != leaves.end();
            moved |= fifos.step(before.data());
            for (const int stream : taken) wires.valid[stream] = 0;
            taken.clear();
            idle = moved ? 0 : idle + 1;
            // what comes in behind the last word out, such as rows that a crop drops, has a span, too
            if (done && (!r.spans || idle > DRAIN_CYCLES + r.pace_cycles)) result.status = FINISHED;
            if (idle > r.idle_limit + r.pace_cycles) result.status = DEADLOCK;
            if (ended && result.frames_ended < r.frames) frame_end[result.frames_ended++] = cycle;
            if (ended && r.give_up && out_delay.grows(frame_out++, cycle)) result.status = SLOW;
            if (started && result.frames_started < r.frames) frame_start[result.frames_started++] = cycle;
            if (started && r.find_period) {
                if (r.give_up && in_delay.grows(frame, cycle)) result.status = SLOW;
                lag = {r.pace_cycles ? cycle - pace.start(frame) : 0, r.pace_cycles ? frame % pace.frames : 0};
                ++frame;
                starts.push_back(save());
                start_cycles.push_back(cycle);
                for (size_t i = starts.size() - 1; i-- > 0;) {
                    if (starts[i] != starts.back()) continue;
                    result.status = PERIODIC;
                    result.period_cycles = cycle - start_cycles[i];
                    result.period_frames = static_cast<int64_t>(starts.size() - 1 - i);
                    break;
                }
                if (result.status < 0 && result.frames_started >= r.frames) result.status = UNSETTLED;
            }
        }
        if (r.find_period && !starts.empty()) std::copy(starts.back().begin(), starts.back().end(), state);
        result.cycles = cycle - begin_cycle;
        std::copy(fifos.peak.begin(), fifos.peak.end(), peaks);
        return result;
    }

    // For each word out of the only operator, how many words in it needs: a word is offered only when all that can come out
    // without it has come out. Returns the number of words out once `words_in` were taken.
    int64_t needs(int64_t words_in, int64_t* needed, int64_t room) {
        const int in = only_input, out = only_output;
        load(initial.data());
        int64_t taken = 0, given = 0;
        Operator& only = *operators[0];
        std::vector<int64_t> was(only.state(), only.state() + only.states());
        while (true) {
            std::copy_n(only.state(), was.size(), was.begin());
            wires.ready[out] = 1;
            for (const int stream : other_inputs) wires.valid[stream] = 1;
            only.forward();
            const bool leaves_now = wires.valid[out], offered = wires.valid[in];
            only.step();
            if (leaves_now) {
                if (given == room) return given;
                needed[given++] = taken + offered;
            }
            if (offered && wires.ready[in]) {
                ++taken;
                wires.valid[in] = 0;
            } else if (!offered && !leaves_now && !wires.valid[out] && std::equal(was.begin(), was.end(), only.state())) {
                if (taken == words_in) return given;
                wires.valid[in] = 1;
            }
        }
    }

    void now(uint8_t* valid, uint8_t* ready) const {
        for (size_t s = 0; s < place.size(); ++s) {
            valid[s] = wires.valid[static_cast<size_t>(place[s])];
            ready[s] = wires.ready[static_cast<size_t>(place[s])];
        }
    }

private:
    static Description read(std::istringstream& words) {
        Description d;
        size_t parameters, streams;
        words >> d.module >> parameters;
        for (size_t i = 0; i < parameters; ++i) {
            std::string name;
            words >> name;
            words >> d.parameters[name];
        }
        for (auto* list : {&d.inputs, &d.outputs}) {
            words >> streams;
            list->resize(streams);
            for (int& stream : *list) words >> stream;
        }
        if (!words) throw std::runtime_error("instance of " + d.module + " cannot be read");
        return d;
    }

    // Wires of streams into FIFOs first, then those out of them, each in the order of the FIFOs, then all others.
    void lay_out(const std::vector<Description>& descriptions) {
        int next = 0;
        for (const bool output : {false, true})
            for (const Description& d : descriptions)
                if (d.fifo) {
                    int& at = place.at(static_cast<size_t>((output ? d.outputs : d.inputs).at(0)));
                    if (at >= 0) throw std::runtime_error("two FIFOs in a row");
                    at = next++;
                }
        for (int& at : place)
            if (at < 0) at = next++;
    }

    // An operator steps after those that it hands words to without a FIFO between, whose tready it needs; among those that
    // may step in any order equal ones follow each other, which the processor foresees better.
    void order_steps(const std::vector<Description>& descriptions) {
        std::map<int, size_t> consumer;
        std::vector<const Description*> made;
        for (const Description& d : descriptions)
            if (!d.fifo) {
                for (const int stream : d.inputs) consumer[stream] = made.size();
                made.push_back(&d);
            }
        std::vector<int> level(made.size(), 0);
        std::vector<size_t> order(made.size());
        for (size_t i = made.size(); i-- > 0;) {
            order[i] = i;
            for (const int stream : made[i]->outputs)
                if (const auto found = consumer.find(stream); found != consumer.end())
                    level[i] = std::max(level[i], level[found->second] + 1);
        }
        std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
            return std::tie(level[a], made[a]->module, a) < std::tie(level[b], made[b]->module, b);
        });
        for (const size_t i : order) steps.push_back(operators[i].get());
    }

    void add(const Description& d) {
        if (d.fifo) return fifos.add(d);
        const auto timing = timings().find(d.module);
        if (timing == timings().end()) throw std::runtime_error("no timing is known of module " + d.module);
        std::unique_ptr<Operator> made = timing->second(wires, d);
        if (made->combinational()) forward.push_back(made.get());
        only_input = d.inputs.at(0);
        other_inputs.assign(d.inputs.begin() + 1, d.inputs.end());
        only_output = d.outputs.at(0);
        operators.push_back(std::move(made));
    }

    // All that the future depends on: tvalid that operators and FIFOs hold in registers, what FIFOs hold, the operators' own
    // numbers, where in a frame the input and output are, and how far behind its pace the input is.
    std::vector<int64_t> save() const {
        std::vector<int64_t> all(wires.valid.begin(), wires.valid.end());
        all.insert(all.end(), fifos.words.begin(), fifos.words.end());
        for (const auto& [numbers, count] : states) all.insert(all.end(), numbers, numbers + count);
        for (size_t p = 0; p < inputs.size(); ++p) all.push_back(sent[p] % inputs[p].words);
        for (size_t p = 0; p < outputs.size(); ++p) all.push_back(received[p] % outputs[p].words);
        all.insert(all.end(), lag.begin(), lag.end());
        return all;
    }
    void load(const int64_t* at) {
        for (uint8_t& valid : wires.valid) valid = static_cast<uint8_t>(*at++);
        for (int32_t& words : fifos.words) words = static_cast<int32_t>(*at++);
        for (auto& [numbers, count] : states) {
            std::copy(at, at + count, numbers);
            at += count;
        }
        for (int64_t& words : sent) words = *at++;
        for (int64_t& words : received) words = *at++;
        for (int64_t& number : lag) number = *at++;
    }

    Wires wires;
    Fifos fifos;
    std::vector<std::unique_ptr<Operator>> operators;  // in the order of the dataflow
    std::vector<Operator*> forward, steps;
    std::vector<int> place;  // of each stream's wires
    std::vector<std::pair<int64_t*, int>> states;
    std::vector<Port> inputs, outputs;
    std::vector<int64_t> initial;
    std::array<int64_t, 2> lag{};  // cycles behind the pace at a frame's start; which frame of the pace it is
    std::vector<int64_t> sent, received;
    std::vector<uint8_t> before, leaves;
    std::vector<int> taken;
    int only_input = 0, only_output = 0;  // of the last operator
    std::vector<int> other_inputs;
};

}  // namespace timing

using timing::Network;

extern "C" {

// nullptr where the text is not understood; `error` (of `size` bytes) then says why.
void* network_open(const char* text, char* error, int64_t size) {
    try {
        return new Network(text);
    } catch (const std::exception& problem) {
        std::strncpy(error, problem.what(), static_cast<size_t>(size - 1));
        return nullptr;
    }
}
int64_t network_needs(void* network, int64_t words_in, int64_t* needed, int64_t room) {
    return static_cast<Network*>(network)->needs(words_in, needed, room);
}
int64_t network_state_size(void* network) { return static_cast<int64_t>(static_cast<Network*>(network)->state_size()); }
void network_close(void* network) { delete static_cast<Network*>(network); }

// Arrays: `state` of the state's size; per FIFO `depths`, `blocks`, `peaks`; per frame `frame_start`, `frame_end`; per stream `begin`, `end`, `words`,
// `valid`, `ready` (the last two as they stand when the run ends).
void network_run(void* network, const timing::Request* request, timing::Result* result, const int64_t* depths,
                 const uint8_t* blocks, int64_t* state, int64_t* frame_start, int64_t* frame_end, int64_t* peaks,
                 int64_t* begin, int64_t* end, int64_t* words, uint8_t* valid, uint8_t* ready) {
    auto& n = *static_cast<Network*>(network);
    *result = n.run(*request, depths, blocks, state, frame_start, frame_end, peaks, begin, end, words);
    n.now(valid, ready);
}
}
