// SPDX-License-Identifier: BSD-3-Clause
// A Zynq-7000's processing system in front of the shell: takes accesses from standard input, makes AXI3 bursts of them, and
// answers on standard output. Every channel stalls at random; the slave's side of the protocol is checked (ARM IHI 0022).
//
// Request: one letter, then 32-bit words in the byte order of this machine. Answer: the words below, then one status word: the
// worst response of the slave (0 OKAY, 2 SLVERR, 3 DECERR).
//   a kind address length size burst strobe data...   one burst as told; kind 0 write, 1 read -> data of a read
//   R address count       read `count` words at rising addresses, in bursts     -> count words
//   W address count data  write them
//   t cycles              let time pass
//   z cycles              FCLK_RESET0_N low for that long
//   p address count data  words into the memory behind the HP ports
//   f address             read a register of the processing system (AFI_RDCHAN_CTRL)  -> its value
//   g address value       write it
// Arguments: SEED STALL_PROBABILITY HP_PORTS SETTINGS; HP_PORTS that the design uses, as 0,2, or none; SETTINGS: names and values.
// Ends at the end of its input; status 3 and a message when the slave breaks the protocol or does not answer.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "Vqu_zynq7_top.h"
#include "Vqu_zynq7_top___024root.h"
#include "verilated.h"

#define PS(signal) root.qu_zynq7_top__DOT__ps7__DOT__##signal

#include "hp_ports.h"

namespace {

constexpr uint64_t PATIENCE = 2000;  // cycles without any handshake while something is due

struct Burst {
  uint32_t id, address, length, size, burst;  // length in beats
  uint32_t strobe = 15;
};

struct Beat {
  uint32_t data, strobe;
  bool last;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "AXI: %s\n", what.c_str());
  std::exit(3);
}

using Root = Vqu_zynq7_top___024root;

class Master {
 public:
  Master(uint32_t seed, double stall, const std::vector<int>& hp_ports, const HpPorts<Root>::Settings& settings)
      : root(*top.rootp), hp(root, hp_ports, settings, seed), random(seed), stalls(stall) {
    PS(fclk) = 0;
    PS(awvalid) = PS(wvalid) = PS(arvalid) = PS(bready) = PS(rready) = 0;
    reset(8);
  }

  void reset(uint32_t cycles) {
    in_reset = true;  // the slave may do anything
    hp.renew();
    PS(fclk_reset_n) = 0;
    for (uint32_t i = 0; i < cycles; i++) tick();
    PS(fclk_reset_n) = 1;
    for (int i = 0; i < 8; i++) tick();
    in_reset = b_waits = r_waits = false;
  }

  void write(const Burst& burst, const std::vector<uint32_t>& data) {
    awaddr.push_back(burst);
    bids.push_back(burst.id);
    for (uint32_t i = 0; i < burst.length; i++) wdata.push_back({data[i], burst.strobe, i + 1 == burst.length});
  }

  void read(const Burst& burst) {
    araddr.push_back(burst);
    rids.push_back(burst);
  }

  bool busy() const { return !bids.empty() || !rids.empty(); }

  void finish() {
    uint64_t idle = 0;
    while (busy()) {
      idle = tick() ? 0 : idle + 1;
      if (idle > PATIENCE) fail("the slave does not answer");
    }
  }

  // One cycle; whether a handshake took place.
  bool tick() {
    drive();
    if (!in_reset) hp.drive(cycle);
    top.eval();
    if (!in_reset) {
      check_waiting();
      require(hp.watch(cycle));
    }
    bool moved = false;
    if (PS(awvalid) && PS(awready)) {
      awaddr.pop_front();
      aw_on = false;
      moved = true;
    }
    if (PS(wvalid) && PS(wready)) {
      wdata.pop_front();
      w_on = false;
      moved = true;
    }
    if (PS(arvalid) && PS(arready)) {
      araddr.pop_front();
      ar_on = false;
      moved = true;
    }
    if (PS(bvalid) && PS(bready) && !in_reset) {
      if (bids.empty()) fail("a write response that nobody waits for");
      if (bids.front() != PS(bid)) fail("a write response under another ID");
      if (awaddr.size() == bids.size()) fail("a write response before its address");
      bids.pop_front();
      worst = std::max<uint32_t>(worst, PS(bresp));
      moved = true;
    }
    if (PS(rvalid) && PS(rready) && !in_reset) {
      if (rids.empty()) fail("read data that nobody waits for");
      if (rids.front().id != PS(rid)) fail("read data under another ID");
      received.push_back(PS(rdata));
      worst = std::max<uint32_t>(worst, PS(rresp));
      const bool last = ++beats == rids.front().length;
      if (last != static_cast<bool>(PS(rlast))) fail("RLAST at the wrong beat");
      if (last) {
        rids.pop_front();
        beats = 0;
      }
      moved = true;
    }
    PS(fclk) = 1;
    top.eval();
    require(hp.watch_clocks());
    PS(fclk) = 0;
    top.eval();
    cycle++;
    return moved;
  }

  uint32_t take_worst() {
    const uint32_t value = worst;
    worst = 0;
    return value;
  }

  std::vector<uint32_t> take_received() {
    std::vector<uint32_t> data;
    data.swap(received);
    return data;
  }

  void place(uint32_t address, const std::vector<uint32_t>& words) {
    if (!hp.place(address, words)) worst = 3;
  }

  void afi(uint32_t address, const uint32_t* value) {
    uint32_t* found = hp.afi(address);
    if (!found) worst = 3;
    if (value && found && !hp.afi_stuck()) *found = *value;
    if (!value) received.push_back(found ? *found : 0);
  }

  uint32_t draw(uint32_t below) { return static_cast<uint32_t>(random() % below); }

 private:
  bool chance() { return uniform(random) >= stalls; }

  void drive() {
    // A valid that is on stays on until its handshake (the flags are cleared there).
    aw_on = aw_on || (!awaddr.empty() && chance());
    PS(awvalid) = aw_on;
    if (aw_on) {
      const Burst& b = awaddr.front();
      PS(awid) = b.id;
      PS(awaddr) = b.address;
      PS(awlen) = b.length - 1;
      PS(awsize) = b.size;
      PS(awburst) = b.burst;
    }
    w_on = w_on || (!wdata.empty() && chance());
    PS(wvalid) = w_on;
    if (w_on) {
      PS(wdata) = wdata.front().data;
      PS(wstrb) = wdata.front().strobe;
      PS(wlast) = wdata.front().last;
    }
    ar_on = ar_on || (!araddr.empty() && chance());
    PS(arvalid) = ar_on;
    if (ar_on) {
      const Burst& b = araddr.front();
      PS(arid) = b.id;
      PS(araddr) = b.address;
      PS(arlen) = b.length - 1;
      PS(arsize) = b.size;
      PS(arburst) = b.burst;
    }
    PS(bready) = chance();
    PS(rready) = chance();
  }

  // A response that was offered and not taken must still be there, unchanged.
  void check_waiting() {
    const std::vector<uint32_t> b{PS(bid), PS(bresp)};
    const std::vector<uint32_t> r{PS(rid), PS(rdata), PS(rresp), PS(rlast)};
    if (b_waits && (!PS(bvalid) || b != b_before)) fail("a write response changed while it waited");
    if (r_waits && (!PS(rvalid) || r != r_before)) fail("read data changed while they waited");
    b_waits = PS(bvalid) && !PS(bready);
    r_waits = PS(rvalid) && !PS(rready);
    b_before = b;
    r_before = r;
  }

  static void require(const std::string& complaint) {
    if (!complaint.empty()) fail(complaint);
  }

  Vqu_zynq7_top top;
  Root& root;
  HpPorts<Root> hp;
  uint64_t cycle = 0;
  std::mt19937 random;
  std::uniform_real_distribution<double> uniform{0.0, 1.0};
  double stalls;
  std::deque<Burst> awaddr, araddr, rids;
  std::deque<Beat> wdata;
  std::deque<uint32_t> bids;
  std::vector<uint32_t> received, b_before, r_before;
  bool in_reset = false, aw_on = false, w_on = false, ar_on = false, b_waits = false, r_waits = false;
  uint32_t beats = 0, worst = 0;
};

bool get(uint32_t* words, size_t count) { return std::fread(words, 4, count, stdin) == count; }

void answer(Master& master) {
  std::vector<uint32_t> words = master.take_received();
  words.push_back(master.take_worst());
  std::fwrite(words.data(), 4, words.size(), stdout);
  std::fflush(stdout);
}

// A block at rising addresses as bursts of random length and ID, all under way at once.
template <typename Issue>
void in_bursts(Master& master, uint32_t address, uint32_t count, Issue issue) {
  for (uint32_t done = 0; done < count;) {
    const uint32_t length = std::min(count - done, 1 + master.draw(16));
    issue(Burst{master.draw(4096), address + 4 * done, length, 2, 1}, done);
    done += length;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) fail("usage: SEED STALL_PROBABILITY HP_PORTS SETTINGS");
  Verilated::randReset(2);
  Verilated::randSeed(std::atoi(argv[1]));
  std::vector<int> hp_ports;
  for (const char* c = argv[3]; *c; c++)
    if (*c >= '0' && *c <= '3') hp_ports.push_back(*c - '0');
  HpPorts<Root>::Settings settings;
  std::istringstream told(argv[4]);
  std::string name;
  for (double value; told >> name >> value;) settings[name] = value;
  Master master(static_cast<uint32_t>(std::atoi(argv[1])), std::atof(argv[2]), hp_ports, settings);
  for (int letter; (letter = std::getchar()) != EOF;) {
    uint32_t w[7];
    if (letter == 'a') {
      if (!get(w, 6)) return 1;
      const Burst burst{master.draw(4096), w[1], w[2], w[3], w[4], w[5]};
      if (w[0] == 0) {
        std::vector<uint32_t> data(burst.length);
        if (!get(data.data(), data.size())) return 1;
        master.write(burst, data);
      } else {
        master.read(burst);
      }
    } else if (letter == 'R') {
      if (!get(w, 2)) return 1;
      in_bursts(master, w[0], w[1], [&](const Burst& burst, uint32_t) { master.read(burst); });
    } else if (letter == 'W') {
      if (!get(w, 2)) return 1;
      std::vector<uint32_t> data(w[1]);
      if (!get(data.data(), data.size())) return 1;
      in_bursts(master, w[0], w[1], [&](const Burst& burst, uint32_t done) {
        master.write(burst, {data.begin() + done, data.begin() + done + burst.length});
      });
    } else if (letter == 't' || letter == 'z') {
      if (!get(w, 1)) return 1;
      if (letter == 'z') master.reset(w[0]);
      for (uint32_t i = 0; letter == 't' && i < w[0]; i++) master.tick();
    } else if (letter == 'p') {
      if (!get(w, 2)) return 1;
      std::vector<uint32_t> data(w[1]);
      if (!get(data.data(), data.size())) return 1;
      master.place(w[0], data);
    } else if (letter == 'f' || letter == 'g') {
      if (!get(w, letter == 'g' ? 2 : 1)) return 1;
      master.afi(w[0], letter == 'g' ? w + 1 : nullptr);
    } else {
      return 1;
    }
    master.finish();
    answer(master);
  }
  return 0;
}
