// Random numbers that are the same everywhere. The standard library fixes its engines but not its
// distributions, which differ from one implementation to the next; these are the project's own.
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

/// A stream of random numbers: the Mersenne twister MT19937-64 (the words are those of
/// std::mt19937_64) and distributions that are defined here down to the last bit, so that equal
/// seeds give equal numbers on every platform with IEEE doubles. A value: copies continue alike.
/// Not for secrets. Objects are independent; one must not be used by two threads at a time.
///
/// It is a UniformRandomBitGenerator, but what the standard library's algorithms make of it differs
/// between platforms.
class Random {
 public:
  using result_type = std::uint64_t;

  explicit Random(std::uint64_t seed = 0);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  /// The next 64 random bits. Cost: a few nanoseconds, as for everything below.
  result_type operator()() {
    if (position_ == size) refill();
    std::uint64_t x = words_[position_++];
    x ^= (x >> 29) & 0x5555555555555555u;
    x ^= (x << 17) & 0x71d67fffeda60000u;
    x ^= (x << 37) & 0xfff7eee000000000u;
    return x ^ (x >> 43);
  }

  /// Uniform in [0, 1): a multiple of 2^-53, each as likely. Takes one word.
  double uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  /// Uniform in [low, high), or low where both are equal. Throws DomainError unless both are finite
  /// with a finite difference and low <= high.
  double uniform(double low, double high);
  /// Uniform in 0 ... n - 1, without bias: words that would favour small results are drawn again.
  /// Throws DomainError for n = 0.
  std::uint64_t below(std::uint64_t n);
  /// True with the given probability. Throws DomainError unless it is in [0, 1].
  bool bernoulli(double probability = 0.5);
  /// Standard normal. Marsaglia's polar method (SIAM Review 6, 1964, p. 260) makes two numbers at a
  /// time; the second is kept for the next call and is part of the state. |result| < 12.2.
  double normal();
  /// Normal of the given mean and standard deviation. Throws DomainError unless both are finite and
  /// the second is not negative.
  double normal(double mean, double standard_deviation);

  /// Puts the items of a vector, span or array into an order that is any of the n! with equal
  /// probability (Fisher and Yates).
  template <class Items>
  void shuffle(Items&& items) {
    const std::span all(items);
    for (std::size_t i = all.size(); i > 1; --i) {
      using std::swap;
      swap(all[i - 1], all[static_cast<std::size_t>(below(i))]);
    }
  }

  /// A new stream for another purpose, such as a layer or a worker: its whole state comes from 256
  /// bits of this one, which goes on behind them. So what the new one is used for, and how much,
  /// changes nothing here.
  [[nodiscard]] Random split();

  /// All there is to the stream, as one line of about 5 kB of plain text: restore() continues with
  /// the very same numbers, on any platform.
  [[nodiscard]] std::string state() const;
  /// Throws FormatError, and changes nothing, unless the text is what state() wrote.
  void restore(std::string_view state);

  /// Whether both will give the same numbers for ever.
  bool operator==(const Random&) const = default;

 private:
  static constexpr std::size_t size = 312;
  void refill();

  std::array<std::uint64_t, size> words_{};
  std::size_t position_ = size;  // the next word to hand out
  bool has_spare_ = false;
  double spare_ = 0.0;  // the second of two normal numbers; 0 where there is none
};

}  // namespace chainrule
