// SPDX-License-Identifier: BSD-3-Clause
// Included before everything else: what Verilator's runtime prints goes to the design's log, see design.cpp.
#pragma once
extern void design_printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
#define VL_PRINTF design_printf
