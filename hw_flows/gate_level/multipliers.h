// SPDX-License-Identifier: BSD-3-Clause
// Multipliers: the plain product of an ECP5 MULT18X18D, and the DSP48E1 of the 7 series (UG479) without pattern
// detector, SIMD, control registers and cascaded A and B.
#pragma once

#include "words.h"

// Product of two numbers, each signed or not as a net tells.
class Multiplier {
 public:
  explicit Multiplier(Cursor& cursor)
      : a_(cursor), b_(cursor), signed_a_(cursor.net()), signed_b_(cursor.net()), product_(cursor.nets()) {}

  void evaluate(Word* v) const {
    for (int lane = 0; lane < LANES; lane++) {
      const int64_t a = bit_of(v[signed_a_], lane) ? a_.read_signed(v, lane) : static_cast<int64_t>(a_.read(v, lane));
      const int64_t b = bit_of(v[signed_b_], lane) ? b_.read_signed(v, lane) : static_cast<int64_t>(b_.read(v, lane));
      write_bus(product_, static_cast<uint64_t>(a * b), lane, v);
    }
  }

 private:
  Bus a_, b_;
  uint32_t signed_a_, signed_b_;
  std::vector<uint32_t> product_;
};

class Dsp48 {
 public:
  explicit Dsp48(Cursor& cursor)
      : a_(cursor), b_(cursor), c_(cursor), d_(cursor), pcin_(cursor), inmode_(cursor), opmode_(cursor),
        alumode_(cursor), carry_in_(cursor) {
    for (auto* enable : {&ce_a1_, &ce_a2_, &ce_b1_, &ce_b2_, &ce_c_, &ce_d_, &ce_ad_, &ce_m_, &ce_p_})
      *enable = cursor.net();
    for (auto* reset : {&rst_a_, &rst_b_, &rst_c_, &rst_d_, &rst_m_, &rst_p_}) *reset = cursor.net();
    for (auto* stages : {&a_stages_, &b_stages_, &c_stages_, &d_stages_, &ad_stages_, &m_stages_, &p_stages_})
      *stages = static_cast<int>(cursor.next());
    use_d_ = cursor.next() != 0;
    p_ = cursor.nets();
  }

  bool registered() const { return p_stages_ != 0; }

  void power_up(Word* v) {
    for (int lane = 0; lane < LANES; lane++) {
      state_[lane] = State{};
      write_bus(p_, 0, lane, v);
    }
  }

  // The result, where no register holds it.
  void evaluate(Word* v) const {
    for (int lane = 0; lane < LANES; lane++) write_bus(p_, compute(v, lane).result, lane, v);
  }

  void sample(const Word* v) {
    for (int lane = 0; lane < LANES; lane++) {
      State& s = state_[lane];
      const Values values = compute(v, lane);
      const int64_t a = a_.read_signed(v, lane), b = b_.read_signed(v, lane);
      const auto on = [&](uint32_t net) { return bit_of(v[net], lane) != 0; };
      const auto load = [&](int64_t& target, int64_t value, uint32_t enable, uint32_t reset) {
        if (on(reset)) target = 0;
        else if (on(enable)) target = value;
      };
      if (a_stages_) {
        load(s.a2, a_stages_ == 2 ? s.a1 : a, ce_a2_, rst_a_);
        load(s.a1, a, ce_a1_, rst_a_);
      }
      if (b_stages_) {
        load(s.b2, b_stages_ == 2 ? s.b1 : b, ce_b2_, rst_b_);
        load(s.b1, b, ce_b1_, rst_b_);
      }
      if (c_stages_) load(s.c, static_cast<int64_t>(c_.read(v, lane)), ce_c_, rst_c_);
      if (d_stages_) load(s.d, d_.read_signed(v, lane), ce_d_, rst_d_);
      if (ad_stages_) load(s.ad, values.pre_sum, ce_ad_, rst_d_);
      if (m_stages_) load(s.m, values.product, ce_m_, rst_m_);
      if (p_stages_) load(s.p, static_cast<int64_t>(values.result), ce_p_, rst_p_);
    }
  }

  void commit(Word* v) const {
    for (int lane = 0; lane < LANES; lane++) write_bus(p_, static_cast<uint64_t>(state_[lane].p), lane, v);
  }

 private:
  static constexpr uint64_t MASK48 = (uint64_t{1} << 48) - 1;
  struct State {
    int64_t a1 = 0, a2 = 0, b1 = 0, b2 = 0, c = 0, d = 0, ad = 0, m = 0, p = 0;
  };
  struct Values {
    int64_t pre_sum, product;
    uint64_t result;
  };

  // What the arithmetic makes of the inputs and of the registers before the clock edge.
  Values compute(const Word* v, int lane) const {
    const State& s = state_[lane];
    const int64_t a = a_.read_signed(v, lane), b = b_.read_signed(v, lane);
    const int64_t a1 = a_stages_ ? s.a1 : a, a2 = a_stages_ ? s.a2 : a;
    const int64_t b1 = b_stages_ ? s.b1 : b, b2 = b_stages_ ? s.b2 : b;
    const uint64_t c = c_stages_ ? static_cast<uint64_t>(s.c) : c_.read(v, lane);
    const int64_t d = d_stages_ ? s.d : d_.read_signed(v, lane);
    const uint64_t inmode = inmode_.read(v, lane), opmode = opmode_.read(v, lane), alumode = alumode_.read(v, lane);
    const uint64_t p = static_cast<uint64_t>(s.p);

    Values result;
    const int64_t a_gated = inmode & 2 ? 0 : Bus::sign_extend(static_cast<uint64_t>(inmode & 1 ? a1 : a2), 25);
    const int64_t d_gated = inmode & 4 ? d : 0;
    result.pre_sum = Bus::sign_extend(static_cast<uint64_t>(inmode & 8 ? d_gated - a_gated : d_gated + a_gated), 25);
    const int64_t left = use_d_ ? (ad_stages_ ? s.ad : result.pre_sum) : a_gated;
    result.product = left * (inmode & 16 ? b1 : b2);
    const uint64_t product = static_cast<uint64_t>(m_stages_ ? s.m : result.product);

    uint64_t x = 0, y = 0, z = 0;
    switch (opmode & 3) {
      case 1: x = product; break;  // together with y = 1: the two partial products
      case 2: x = p; break;
      case 3: x = (static_cast<uint64_t>(a2) << 18) | (static_cast<uint64_t>(b2) & 0x3FFFF); break;
    }
    switch ((opmode >> 2) & 3) {
      case 2: y = MASK48; break;
      case 3: y = c; break;
    }
    switch (opmode >> 4) {
      case 1: z = pcin_.read(v, lane); break;
      case 2: case 4: z = p; break;
      case 3: z = c; break;
      case 5: z = static_cast<uint64_t>(Bus::sign_extend(pcin_.read(v, lane), 48) >> 17); break;
      case 6: z = static_cast<uint64_t>(Bus::sign_extend(p, 48) >> 17); break;
    }
    const uint64_t sum = (alumode & 1 ? ~z : z) + x + y + carry_in_.read(v, lane);
    result.result = (alumode & 2 ? ~sum : sum) & MASK48;
    return result;
  }

  Bus a_, b_, c_, d_, pcin_, inmode_, opmode_, alumode_, carry_in_;
  uint32_t ce_a1_, ce_a2_, ce_b1_, ce_b2_, ce_c_, ce_d_, ce_ad_, ce_m_, ce_p_;
  uint32_t rst_a_, rst_b_, rst_c_, rst_d_, rst_m_, rst_p_;
  int a_stages_, b_stages_, c_stages_, d_stages_, ad_stages_, m_stages_, p_stages_;
  bool use_d_;
  std::vector<uint32_t> p_;
  State state_[LANES];
};
