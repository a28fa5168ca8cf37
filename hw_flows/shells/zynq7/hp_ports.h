// SPDX-License-Identifier: BSD-3-Clause
// The HP ports of the simulated processing system that a design reads memory through (UG585), and their AFI registers.
//
// Checked beside what axi_memory.h checks: a port that is read through has the accelerator's clock, is told INCR bursts of whole
// words under one ID, and is never written to; a port that is not used has no clock.
// A port that its AFI register sets to 32 bits gives half of each word.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "axi_memory.h"

// `Root` has the signals of ps7_model.sv, as PS(signal).
template <typename Root>
class HpPorts {
 public:
  using Settings = std::map<std::string, double>;

  // `used`: numbers of the ports that are read through, in the order of the design's own.
  HpPorts(Root& design, std::vector<int> used, Settings settings, uint32_t seed)
      : root(design), ports(std::move(used)), set(std::move(settings)), random_seed(seed) {
    for (int port : ports) is_used[port] = true;
    renew();
  }

  // The processing system was reset: what was under way is forgotten.
  void renew() {
    if (ports.empty()) return;
    std::vector<axi_memory::Signals> signals;
    for (int n : ports)
      signals.push_back({&PS(hp_araddr)[n], &PS(hp_arlen)[n], &PS(hp_arvalid)[n], &PS(hp_arready)[n], &PS(hp_rdata)[n],
                         &PS(hp_rresp)[n], &PS(hp_rlast)[n], &PS(hp_rvalid)[n], &PS(hp_rready)[n]});
    memory = std::make_unique<axi_memory::Memory>(signals, axi_memory::Settings(set), image, base(), random_seed);
    for (int n : ports) PS(hp_arready)[n] = PS(hp_rvalid)[n] = 0;
  }

  // Bytes into the memory, which has those up to the last that were ever put there. Nothing may be under way.
  bool place(uint32_t address, const std::vector<uint32_t>& words) {
    const size_t bytes = 4 * words.size();
    if (ports.empty() || address < base()) return false;
    const size_t start = address - base();
    if (image.size() < start + bytes) image.resize(start + bytes);
    std::memcpy(image.data() + start, words.data(), bytes);
    renew();
    return true;
  }

  // AFI_RDCHAN_CTRL of a port; null where there is no such register.
  uint32_t* afi(uint32_t address) {
    const uint32_t first = static_cast<uint32_t>(set.at("afi_base")), stride = static_cast<uint32_t>(set.at("afi_stride"));
    if (address < first || (address - first) % stride || (address - first) / stride > 3) return nullptr;
    return &afis[(address - first) / stride];
  }
  bool afi_stuck() const { return set.at("afi_stuck") != 0; }

  void drive(uint64_t cycle) {
    if (!memory) return;
    memory->drive(cycle);
    for (int n : ports)
      if (afis[n] & 1) PS(hp_rdata)[n] &= 0xffffffffull;
  }

  // After the design was evaluated; the first rule that was broken, else empty.
  std::string watch(uint64_t cycle) {
    if (!memory) return "";
    memory->watch(cycle);
    if (!memory->error().empty()) return memory->error();
    for (int n : ports) {
      if (PS(hp_arvalid)[n] && PS(hp_told)[n] != TOLD) return "an HP port is asked for other than INCR bursts of whole words";
      if (PS(hp_others)[n]) return "an HP port is written to, or told how much may wait";
    }
    return "";
  }

  // With the clock high.
  std::string watch_clocks() const {
    for (int n = 0; n < 4; n++)
      if (static_cast<bool>(PS(hp_aclk)[n]) != is_used[n]) return "the clock of an HP port is wrong";
    return "";
  }

 private:
  // ARSIZE 8 bytes, ARBURST INCR, ARCACHE 3, ARPROT 0, ARLOCK 0, ARQOS 0, ARID 0: as packed in ps7_model.sv
  static constexpr uint32_t TOLD = 3u << 21 | 1u << 19 | 3u << 15;

  uint64_t base() const { return static_cast<uint64_t>(set.at("dram_base")); }

  Root& root;
  std::vector<int> ports;
  Settings set;
  uint32_t random_seed;
  bool is_used[4] = {};
  uint32_t afis[4] = {1, 1, 1, 1};  // as a boot image for 32 bits leaves them
  std::vector<uint8_t> image;
  std::unique_ptr<axi_memory::Memory> memory;
};
