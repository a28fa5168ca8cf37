// SPDX-License-Identifier: BSD-3-Clause
// The two functions of LZ4 that Verilator's FST writer calls, for machines without LZ4's headers.
//
// A block of literals only is a valid LZ4 block (LZ4 block format: token 0xF0, length bytes of 255, literals), so every
// reader of FST files takes it. It does not shrink; the writer then keeps the plain data, and value changes are packed
// with zlib besides.
#pragma once

#include <cstring>

inline int LZ4_compressBound(int size) { return size + size / 255 + 16; }

inline int LZ4_compress_default(const char* source, char* target, int size, int capacity) {
    if (size < 0 || capacity < LZ4_compressBound(size)) return 0;
    auto* out = reinterpret_cast<unsigned char*>(target);
    if (size < 15) {
        *out++ = static_cast<unsigned char>(size << 4);
    } else {
        *out++ = 0xF0;
        int rest = size - 15;
        for (; rest >= 255; rest -= 255) *out++ = 255;
        *out++ = static_cast<unsigned char>(rest);
    }
    std::memcpy(out, source, static_cast<std::size_t>(size));
    return static_cast<int>(out - reinterpret_cast<unsigned char*>(target)) + size;
}
