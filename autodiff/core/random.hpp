// Random numbers that are the same on every platform. The standard library defines its engines
// exactly but not its distributions, which differ between implementations. The project therefore
// has its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A random number generator: the Mersenne Twister MT19937-64 (its words are those of
/// std::mt19937_64), with distributions that are defined here to the last bit. Equal seeds give
/// equal numbers on every platform with IEEE doubles. It is a value type: a copy continues with the
/// same numbers. Not suitable for cryptography. Objects are independent; two threads must not use
/// the same one at the same time.
///
/// It is a UniformRandomBitGenerator, but algorithms of the standard library that use it give
/// different results on different platforms.
class Random {
 public:
  using result_type = std::uint64_t;

  explicit Random(std::uint64_t seed = 0);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  /// The next 64 random bits. Cost: a few nanoseconds, like all functions below.
  result_type operator()() {
    if (position_ == size) refill();
    std::uint64_t x = words_[position_++];
    x ^= (x >> 29) & 0x5555555555555555u;
    x ^= (x << 17) & 0x71d67fffeda60000u;
    x ^= (x << 37) & 0xfff7eee000000000u;
    return x ^ (x >> 43);
  }

  /// Uniform in [0, 1): a multiple of 2^-53, all equally likely. Uses one word.
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  /// Uniform in [low, high); returns low if both are equal. Throws DomainError unless both are
  /// finite, their difference is finite, and low <= high.
  double uniform(double low, double high);
  /// Uniform in 0 ... n - 1, without bias (rejection sampling). Throws DomainError if n = 0.
  std::uint64_t below(std::uint64_t n);
  /// True with the given probability. Throws DomainError unless the probability is in [0, 1].
  bool bernoulli(double probability = 0.5);
  /// Standard normal. Marsaglia's polar method (SIAM Review 6, 1964, p. 260) generates two numbers
  /// at a time; the second is stored for the next call and is part of the state. |result| < 12.2.
  double normal();
  /// Normal with the given mean and standard deviation. Throws DomainError unless both are finite
  /// and the standard deviation is not negative.
  double normal(double mean, double standard_deviation);

  /// Shuffles a vector, span or array; all n! orders are equally likely (Fisher-Yates).
  template <class Items>
  void shuffle(Items&& items) {
    const std::span all(items);
    for (std::size_t i = all.size(); i > 1; --i) {
      using std::swap;
      swap(all[i - 1], all[static_cast<std::size_t>(below(i))]);
    }
  }

  /// A new generator for another purpose, such as a layer or a worker. Its state is derived from
  /// 256 bits of this generator, which then continues after them. So the use of the new generator
  /// has no effect on this one.
  [[nodiscard]] Random split();

  /// The complete state as one line of plain text (about 5 kB). After restore() the generator
  /// continues with exactly the same numbers, on any platform.
  [[nodiscard]] std::string state() const;
  /// Restores a state written by state(). Throws FormatError, and changes nothing, for any other
  /// text.
  void restore(std::string_view state);

  /// Whether both generators have the same state, and so will always produce the same numbers.
  bool operator==(const Random&) const = default;

 private:
  static constexpr std::size_t size = 312;
  void refill();

  std::array<std::uint64_t, size> words_{};
  std::size_t position_ = size;  // index of the next word to return
  bool has_spare_ = false;
  double spare_ = 0.0;  // the second of two normal numbers, or 0
};

}  // namespace chainrule
