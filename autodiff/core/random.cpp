#include "autodiff/core/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <random>

#include "autodiff/core/bits.hpp"
#include "autodiff/core/error.hpp"

namespace chainrule {
using namespace detail;

namespace {

// ln x for a normal x > 0, by the series 2 artanh((x - 1) / (x + 1)). Uses only operations that
// IEEE 754 rounds correctly (this file is compiled without contraction), because the C library's
// logarithm differs in the last bit between systems and even between processors.
double logarithm(double x) {
  int exponent;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2.0;
    --exponent;
  }
  const double t = (mantissa - 1.0) / (mantissa + 1.0), square = t * t;
  double series = 0.0;
  for (int k = 23; k >= 1; k -= 2) series = series * square + 1.0 / k;
  return 2.0 * t * series + exponent * 0.69314718055994531;
}

std::uint64_t number_of(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char c : digits) {
    const bool decimal = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
    if (!decimal && !letter)
      throw FormatError(fmt::format("Random::restore: '{}' is not a hexadecimal digit",
                                    static_cast<unsigned char>(c) < 0x20 ? '?' : c));
    number = number << 4 | static_cast<std::uint64_t>(decimal ? c - '0' : c - 'a' + 10);
  }
  return number;
}

constexpr std::string_view head = "mt19937-64 ";

}  // namespace

Random::Random(std::uint64_t seed) {
  words_[0] = seed;
  for (std::size_t i = 1; i < size; ++i)
    words_[i] = 6364136223846793005u * (words_[i - 1] ^ (words_[i - 1] >> 62)) + i;
}

// The recurrence of Matsumoto and Nishimura, with the parameters of std::mt19937_64.
void Random::refill() {
  constexpr std::size_t middle = 156;
  constexpr std::uint64_t lower = 0x7fffffff;
  const auto renew = [this](std::size_t i, std::size_t next, std::size_t distant) {
    const std::uint64_t y = (words_[i] & ~lower) | (words_[next] & lower);
    words_[i] = words_[distant] ^ (y >> 1) ^ (-(y & 1) & 0xb5026f5aa96619e9u);
  };
  // The indices wrap around. Three loops avoid a modulo per word, which would cost more than
  // everything else.
  for (std::size_t i = 0; i < size - middle; ++i) renew(i, i + 1, i + middle);
  for (std::size_t i = size - middle; i < size - 1; ++i) renew(i, i + 1, i + middle - size);
  renew(size - 1, 0, middle - 1);
  position_ = 0;
}

double Random::uniform(double low, double high) {
  const double width = high - low;
  if (!(width >= 0.0) || !std::isfinite(width))
    throw DomainError(fmt::format(
        "Random::uniform({}, {}): both bounds and their difference must be finite, and low <= high",
        low, high));
  const double x = low + width * uniform();
  return x < high || width == 0.0 ? x : std::nextafter(high, low);  // rounding can give `high`
}

std::uint64_t Random::below(std::uint64_t n) {
  if (n == 0)
    throw DomainError("Random::below(0): there are no integers to choose from; n must be positive");
  while (true) {
    const std::uint64_t word = (*this)(), result = word % n;
    // rejects words from the last, incomplete interval
    if (word - result <= max() - (n - 1)) return result;
  }
}

bool Random::bernoulli(double probability) {
  if (!(probability >= 0.0 && probability <= 1.0))
    throw DomainError(fmt::format(
        "Random::bernoulli: {} is not a probability; it must be in [0, 1]", probability));
  return uniform() < probability;
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return std::exchange(spare_, 0.0);
  }
  while (true) {
    const double x = 2.0 * uniform() - 1.0;
    const double y = 2.0 * uniform() - 1.0;
    const double square = x * x + y * y;
    if (square >= 1.0 || square == 0.0) continue;
    const double scale = std::sqrt(-2.0 * logarithm(square) / square);
    spare_ = y * scale;
    has_spare_ = true;
    return x * scale;
  }
}

double Random::normal(double mean, double standard_deviation) {
  if (!std::isfinite(mean) || !std::isfinite(standard_deviation) || standard_deviation < 0.0)
    throw DomainError(fmt::format(
        "Random::normal: mean {}, standard deviation {}: both must be finite, the second >= 0",
        mean, standard_deviation));
  return mean + standard_deviation * normal();
}

Random Random::split() {
  std::array<std::uint32_t, 8> bits{};
  for (std::uint32_t& half : bits) half = static_cast<std::uint32_t>((*this)() >> 32);
  // The standard defines seed_seq exactly, and how an engine uses its output.
  std::seed_seq sequence(bits.begin(), bits.end());
  std::array<std::uint32_t, 2 * size> words{};
  sequence.generate(words.begin(), words.end());
  Random child;
  for (std::size_t i = 0; i < size; ++i)
    child.words_[i] = words[2 * i] | std::uint64_t{words[2 * i + 1]} << 32;
  return child;
}

std::string Random::state() const {
  std::string text(head);
  text.reserve(head.size() + (size + 2) * 17);
  auto out = std::back_inserter(text);
  fmt::format_to(out, "{:03x} ", position_);
  if (has_spare_)
    fmt::format_to(out, "{:016x}", bits_of(spare_));
  else
    text += '-';
  for (const std::uint64_t word : words_) fmt::format_to(out, " {:016x}", word);
  return text;
}

void Random::restore(std::string_view state) {
  const auto fail = [](const char* what) {
    throw FormatError(fmt::format("Random::restore: {}; the text must come from state()", what));
  };
  if (state.substr(0, head.size()) != head) fail("the text does not start with \"mt19937-64 \"");
  state.remove_prefix(head.size());
  const auto next = [&](std::size_t length, bool last) {
    if (state.size() < length || (last ? state.size() != length : state.substr(length, 1) != " "))
      fail("the number of words, or their length, is wrong");
    const std::string_view word = state.substr(0, length);
    state.remove_prefix(last ? length : length + 1);
    return word;
  };
  Random result;
  result.position_ = static_cast<std::size_t>(number_of(next(3, false)));
  if (result.position_ > size) fail("the position is beyond the end");
  result.has_spare_ = state.substr(0, 2) != "- ";
  const std::string_view spare = next(result.has_spare_ ? 16 : 1, false);
  if (result.has_spare_) result.spare_ = double_of(number_of(spare));
  if (!(std::fabs(result.spare_) < 12.2)) fail("the stored normal number is out of range");
  for (std::size_t i = 0; i < size; ++i) result.words_[i] = number_of(next(16, i + 1 == size));
  // An all-zero state would never change. The lower 31 bits of the first word are not part of the
  // state.
  if (result.words_[0] >> 31 == 0 && std::all_of(result.words_.begin() + 1, result.words_.end(),
                                                 [](std::uint64_t word) { return word == 0; }))
    fail("all words are zero");
  *this = result;
}

}  // namespace chainrule
