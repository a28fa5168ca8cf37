// SPDX-License-Identifier: BSD-3-Clause
// Combinational cells: look-up tables, carry bits and the read side of memories made of LUTs, in batches of one kind
// that do not depend on each other.
#pragma once

#include "lut_memory.h"
#include "words.h"

template <int K>
struct Lut {
  uint64_t table;
  uint32_t in[K];
  uint32_t out;
};

// `index` has the LUT's address for lane l at bit 8 * l.
inline Word look_up(uint64_t first, uint64_t second, unsigned index) {
  return Word(((first >> (index & 63)) & 1) | (((second >> ((index >> 8) & 63)) & 1) << 8));
}

template <int K>
inline unsigned lut_index(const uint32_t* in, const Word* v) {
  unsigned index = v[in[0]];
  for (int i = 1; i < K; i++) index |= unsigned(v[in[i]]) << i;
  return index;
}

template <int K>
struct LutBatch {
  std::vector<Lut<K>> cells;
  void read(Cursor& cursor) {
    Lut<K> cell;
    cell.table = static_cast<uint64_t>(cursor.next());
    for (auto& net : cell.in) net = cursor.net();
    cell.out = cursor.net();
    cells.push_back(cell);
  }
  void evaluate(size_t begin, size_t end, Word* v) const {
    for (size_t i = begin; i < end; i++) {
      const Lut<K>& cell = cells[i];
      v[cell.out] = look_up(cell.table, cell.table, lut_index<K>(cell.in, v));
    }
  }
};

// One bit of a carry chain: `o` = s xor ci, `co` = s ? ci : di.
struct CarryBit {
  uint32_t s, di, ci, o, co;
};

struct CarryBatch {
  std::vector<CarryBit> cells;
  void read(Cursor& cursor) {
    CarryBit cell;
    for (auto* net : {&cell.s, &cell.di, &cell.ci, &cell.o, &cell.co}) *net = cursor.net();
    cells.push_back(cell);
  }
  void evaluate(size_t begin, size_t end, Word* v) const {
    for (size_t i = begin; i < end; i++) {
      const CarryBit& cell = cells[i];
      const Word s = v[cell.s], ci = v[cell.ci];
      v[cell.o] = s ^ ci;
      v[cell.co] = Word((s & ci) | (~s & v[cell.di]));
    }
  }
};

// A memory of up to 64 bits read by address: a LUT whose table changes.
struct MemoryReadBatch {
  struct Cell {
    uint32_t memory;
    uint32_t in[6];
    uint32_t out;
  };
  std::vector<Cell> cells;
  void read(Cursor& cursor) {
    Cell cell;
    cell.memory = cursor.net();
    for (auto& net : cell.in) net = cursor.net();
    cell.out = cursor.net();
    cells.push_back(cell);
  }
  void evaluate(size_t begin, size_t end, Word* v, const LutMemories& memories) const {
    for (size_t i = begin; i < end; i++) {
      const Cell& cell = cells[i];
      const uint64_t* table = memories.table(cell.memory);
      v[cell.out] = look_up(table[0], table[1], lut_index<6>(cell.in, v));
    }
  }
};
