// SPDX-License-Identifier: BSD-3-Clause
// Where the signals of a simulated design's AXI ports are.
#pragma once

#include <cstdint>

namespace axi_memory {

// Of a port that reads.
struct Signals {
  const uint32_t* araddr;
  const uint8_t *arlen, *arvalid;
  uint8_t* arready;
  uint64_t* rdata;
  uint8_t *rresp, *rlast, *rvalid;
  const uint8_t* rready;
};

// Of a port that also writes.
struct WriteSignals {
  const uint32_t* awaddr;
  const uint8_t *awlen, *awvalid;
  uint8_t* awready;
  const uint64_t* wdata;
  const uint8_t *wlast, *wvalid;
  uint8_t* wready;
  uint8_t *bresp, *bvalid;
  const uint8_t* bready;
  // The read addresses of the same master.
  const uint32_t* araddr;
  const uint8_t *arlen, *arvalid, *arready;
};

}  // namespace axi_memory
