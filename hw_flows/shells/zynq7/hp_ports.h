// SPDX-License-Identifier: BSD-3-Clause
// The HP ports of the simulated processing system that a design reads memory through (UG585), and their AFI registers.
//
// Checked beside what axi_memory.h and axi_writes.h check: a port that is used has the accelerator's clock, is told INCR bursts of
// whole words under one ID, and is not written to unless that is known; a port that is not used has no clock.
// A port that its AFI registers set to 32 bits gives, or takes, half of each word.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "axi_memory.h"
#include "axi_writes.h"

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
    const axi_memory::Settings settings(set);
    memory = std::make_unique<axi_memory::Memory>(signals, settings, image, base(), random_seed);
    writes.clear();
    for (int n : ports) {
      PS(hp_arready)[n] = PS(hp_rvalid)[n] = PS(hp_awready)[n] = PS(hp_wready)[n] = PS(hp_bvalid)[n] = 0;
      if (!is_written(n)) continue;
      const axi_memory::WriteSignals port{&PS(hp_awaddr)[n], &PS(hp_awlen)[n], &PS(hp_awvalid)[n], &PS(hp_awready)[n], &came[n],
                                          &PS(hp_wlast)[n], &PS(hp_wvalid)[n], &PS(hp_wready)[n], &PS(hp_bresp)[n],
                                          &PS(hp_bvalid)[n], &PS(hp_bready)[n], &PS(hp_araddr)[n], &PS(hp_arlen)[n],
                                          &PS(hp_arvalid)[n], &PS(hp_arready)[n]};
      writes.emplace_back(port, settings, *memory, random_seed + 1);
    }
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
    const auto number = [&](const char* name) { return static_cast<uint32_t>(set.at(name)); };
    const uint32_t first = number("afi_base"), stride = number("afi_stride"), write = number("afi_write");
    if (address < first || (address - first) / stride > 3) return nullptr;
    const uint32_t port = (address - first) / stride, place = (address - first) % stride;
    return place == 0 ? &afis[port] : place == write ? &write_afis[port] : nullptr;
  }
  bool afi_stuck() const { return set.at("afi_stuck") != 0; }

  void drive(uint64_t cycle) {
    if (!memory) return;
    memory->drive(cycle);
    for (axi_memory::Writes& port : writes) port.drive(cycle);
    for (int n : ports)
      if (afis[n] & 1) PS(hp_rdata)[n] &= HALF;
  }

  // After the design was evaluated; the first rule that was broken, else empty.
  std::string watch(uint64_t cycle) {
    if (!memory) return "";
    for (int n : ports) came[n] = PS(hp_wdata)[n] & (write_afis[n] & 1 ? HALF : ~0ull);
    for (axi_memory::Writes& port : writes) {
      port.watch(cycle);
      if (!port.error().empty()) return port.error();
    }
    memory->watch(cycle);
    if (!memory->error().empty()) return memory->error();
    for (int n : ports) {
      if (PS(hp_arvalid)[n] && PS(hp_told)[n] != TOLD) return "an HP port is asked for other than INCR bursts of whole words";
      if (PS(hp_awvalid)[n] && PS(hp_told_write)[n] != TOLD_WRITE) return "an HP port is given other than INCR bursts of whole words";
      if (PS(hp_others)[n]) return "an HP port is told how much may wait";
      if (!is_written(n) && (PS(hp_awvalid)[n] || PS(hp_wvalid)[n] || PS(hp_bready)[n])) return "an HP port is written to";
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
  // The same of writes, behind WSTRB with all bytes, and WID 0.
  static constexpr uint64_t TOLD_WRITE = 255ull << 29 | TOLD;
  static constexpr uint64_t HALF = 0xffffffffull;

  bool is_written(int port) const { return set.count("writes_" + std::to_string(port)) != 0; }
  uint64_t base() const { return static_cast<uint64_t>(set.at("dram_base")); }

  Root& root;
  std::vector<int> ports;
  Settings set;
  uint32_t random_seed;
  bool is_used[4] = {};
  uint32_t afis[4] = {1, 1, 1, 1}, write_afis[4] = {1, 1, 1, 1};  // as a boot image for 32 bits leaves them
  uint64_t came[4] = {};  // words that are written
  std::vector<uint8_t> image;
  std::unique_ptr<axi_memory::Memory> memory;
  std::vector<axi_memory::Writes> writes;
};
