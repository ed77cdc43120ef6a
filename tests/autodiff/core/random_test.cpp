#include "autodiff/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"

using chainrule::DomainError;
using chainrule::FormatError;
using chainrule::Random;

namespace {

struct Moments {
  double mean, variance, skewness, kurtosis;
};

template <class Draw>
Moments moments(Draw draw, int count) {
  std::vector<double> x(static_cast<std::size_t>(count));
  for (double& value : x) value = draw();
  const double n = count, mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double second = 0, third = 0, fourth = 0;
  for (const double value : x) {
    const double d = value - mean;
    second += d * d / n;
    third += d * d * d / n;
    fourth += d * d * d * d / n;
  }
  return {mean, second, third / std::pow(second, 1.5), fourth / (second * second)};
}

}  // namespace

TEST_CASE("the generator is std::mt19937_64") {
  for (const std::uint64_t seed :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{5489}, ~std::uint64_t{0}}) {
    Random random(seed);
    std::mt19937_64 reference(seed);
    bool equal = true;
    for (int i = 0; i < 2000; ++i) equal = equal && random() == reference();
    CHECK_MESSAGE(equal, "seed ", seed);
  }
}

TEST_CASE("equal seeds give equal numbers, on every platform") {
  Random random(42);
  CHECK(random() == 0xc151df7d6ee5e2d6u);
  CHECK(random.uniform() == 0x1.472f1f73724ap-1);
  CHECK(random.uniform(-3.0, 5.0) == 0x1.823259fc3979ep+1);
  CHECK(random.below(1000) == 662);
  CHECK(random.normal() == 0x1.1e599fb914974p+0);
  CHECK(random.normal() == -0x1.e81c87dfcf307p+0);
  CHECK(random.normal(10.0, 2.0) == 0x1.c0fe0cd8baa64p+2);
  CHECK(random.bernoulli(0.5) == true);
  std::vector<int> items(10);
  std::iota(items.begin(), items.end(), 0);
  random.shuffle(items);
  CHECK(items == std::vector<int>{8, 4, 1, 7, 3, 9, 5, 6, 0, 2});
  CHECK(random.split()() == 0xc236d5bc4cd55228u);
  double sum = 0.0;
  for (int i = 0; i < 100000; ++i) sum += random.normal();
  CHECK(sum == 0x1.8184628a1948dp+8);
}

TEST_CASE("uniform numbers lie in their range and fill it evenly") {
  Random random(1);
  const Moments m = moments([&] { return random.uniform(); }, 200000);
  CHECK(m.mean == doctest::Approx(0.5).epsilon(0.005));
  CHECK(m.variance == doctest::Approx(1.0 / 12).epsilon(0.01));
  CHECK(m.kurtosis == doctest::Approx(1.8).epsilon(0.01));

  double low = 1.0, high = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const double x = random.uniform();
    low = std::min(low, x);
    high = std::max(high, x);
    if (std::ldexp(x, 53) != std::floor(std::ldexp(x, 53))) FAIL("no multiple of 2^-53");
  }
  CHECK(low >= 0.0);
  CHECK(low < 1e-4);
  CHECK(high < 1.0);
  CHECK(high > 1.0 - 1e-4);

  // Between two adjacent doubles, rounding must not return the upper one.
  const double next = std::nextafter(1.0, 2.0);
  for (int i = 0; i < 100; ++i) CHECK(random.uniform(1.0, next) == 1.0);
  CHECK(random.uniform(2.0, 2.0) == 2.0);
  for (int i = 0; i < 100; ++i) {
    const double x = random.uniform(-2.0, 3.0);
    CHECK((x >= -2.0 && x < 3.0));
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(random.uniform(1.0, 0.0), DomainError);
  CHECK_THROWS_AS(random.uniform(0.0, infinity), DomainError);
  CHECK_THROWS_AS(random.uniform(NAN, 1.0), DomainError);
  CHECK_THROWS_AS(random.uniform(-1e308, 1e308), DomainError);
  CHECK_THROWS_AS(random.uniform(infinity, infinity), DomainError);
}

TEST_CASE("bounded integers are unbiased") {
  Random random(2);
  std::array<int, 7> counts{};
  constexpr int draws = 140000;
  for (int i = 0; i < draws; ++i) ++counts[random.below(7)];
  double chi_squared = 0.0;
  for (const int count : counts) chi_squared += (count - 20000.0) * (count - 20000.0) / 20000.0;
  CHECK(chi_squared < 22.5);  // 6 degrees of freedom: p = 0.001

  // With n = 3 * 2^62, a plain remainder would be in the lowest third twice as often.
  const std::uint64_t n = std::uint64_t{3} << 62;
  int low = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::uint64_t x = random.below(n);
    REQUIRE(x < n);
    low += x < n / 3;
  }
  CHECK(low == doctest::Approx(10000).epsilon(0.03));

  CHECK(random.below(1) == 0);
  CHECK(random.below(~0ull) < ~0ull);
  CHECK_THROWS_AS(random.below(0), DomainError);
}

TEST_CASE("normal numbers have the moments and tails of the normal distribution") {
  Random random(3);
  const Moments m = moments([&] { return random.normal(); }, 400000);
  CHECK(std::fabs(m.mean) < 0.006);
  CHECK(m.variance == doctest::Approx(1.0).epsilon(0.01));
  CHECK(std::fabs(m.skewness) < 0.015);
  CHECK(m.kurtosis == doctest::Approx(3.0).epsilon(0.01));

  int beyond_two = 0, beyond_four = 0;
  for (int i = 0; i < 400000; ++i) {
    const double x = std::fabs(random.normal());
    beyond_two += x > 2.0;
    beyond_four += x > 4.0;
  }
  CHECK(beyond_two == doctest::Approx(400000 * 0.04550026).epsilon(0.03));
  CHECK((beyond_four > 8 && beyond_four < 50));  // 25 expected

  const Moments other = moments([&] { return random.normal(-5.0, 0.25); }, 100000);
  CHECK(other.mean == doctest::Approx(-5.0).epsilon(0.001));
  CHECK(other.variance == doctest::Approx(0.0625).epsilon(0.03));
  CHECK(random.normal(7.0, 0.0) == 7.0);
  CHECK_THROWS_AS(random.normal(0.0, -1.0), DomainError);
  CHECK_THROWS_AS(random.normal(NAN, 1.0), DomainError);
  CHECK_THROWS_AS(random.normal(0.0, std::numeric_limits<double>::infinity()), DomainError);
}

TEST_CASE("a biased coin has the given probability") {
  Random random(4);
  int heads = 0, rare = 0;
  for (int i = 0; i < 100000; ++i) {
    heads += random.bernoulli();
    rare += random.bernoulli(0.01);
    CHECK_FALSE(random.bernoulli(0.0));
    CHECK(random.bernoulli(1.0));
  }
  CHECK(heads == doctest::Approx(50000).epsilon(0.015));
  CHECK(rare == doctest::Approx(1000).epsilon(0.12));
  CHECK_THROWS_AS(random.bernoulli(1.5), DomainError);
  CHECK_THROWS_AS(random.bernoulli(NAN), DomainError);
}

TEST_CASE("all permutations are equally likely") {
  Random random(5);
  std::array<int, 24> counts{};
  for (int i = 0; i < 48000; ++i) {
    std::array<int, 4> items = {0, 1, 2, 3};
    random.shuffle(items);
    int rank = 0;
    for (std::size_t a = 0; a < 4; ++a) {
      int smaller = 0;
      for (std::size_t b = a + 1; b < 4; ++b) smaller += items[b] < items[a];
      rank = rank * static_cast<int>(4 - a) + smaller;
    }
    ++counts[static_cast<std::size_t>(rank)];
  }
  double chi_squared = 0.0;
  for (const int count : counts) chi_squared += (count - 2000.0) * (count - 2000.0) / 2000.0;
  CHECK(chi_squared < 49.7);  // 23 degrees of freedom: p = 0.001

  std::vector<int> none;
  random.shuffle(std::span(none));
  std::vector<std::string> one = {"a"};
  random.shuffle(one);
  CHECK(one == std::vector<std::string>{"a"});
}

TEST_CASE("split streams are independent") {
  Random parent(6);
  Random same(6);
  Random first = parent.split(), second = parent.split();
  CHECK(first == same.split());
  CHECK(first != second);
  for (int i = 0; i < 1000; ++i) first();  // must not change the others
  CHECK(same.split() == second);
  CHECK(parent == same);

  // No correlation between parent and child, nor between children.
  Random child = parent.split();
  double with_parent = 0.0, with_sibling = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const double x = child.uniform() - 0.5;
    with_parent += x * (parent.uniform() - 0.5);
    with_sibling += x * (second.uniform() - 0.5);
  }
  CHECK(std::fabs(with_parent) / 100000 * 12 < 0.015);
  CHECK(std::fabs(with_sibling) / 100000 * 12 < 0.015);

  std::set<std::uint64_t> firsts;
  for (int i = 0; i < 2000; ++i) firsts.insert(parent.split()());
  CHECK(firsts.size() == 2000);
}

TEST_CASE("a restored stream continues bit for bit") {
  for (const int before : {0, 1, 5, 311, 312, 313, 1000}) {
    CAPTURE(before);
    Random random(7);
    for (int i = 0; i < before; ++i) random();
    if (before % 2 == 1) random.normal();  // the second number of a pair is stored
    const std::string state = random.state();
    Random copy(99);
    copy.normal();
    copy.restore(state);
    CHECK(copy == random);
    CHECK(copy.state() == state);
    for (int i = 0; i < 1000; ++i) REQUIRE(copy.normal() == random.normal());
    CHECK(copy() == random());
  }
}

TEST_CASE("an invalid state is refused and changes nothing") {
  Random random(8);
  random.normal();
  const Random before = random;
  const std::string good = random.state();
  std::vector<std::string> bad = {
      "",         "mt19937-64", "mt19937-64 ", good.substr(0, good.size() - 1),
      good + " ", good + "0",   "x" + good};
  const auto with = [&](std::size_t at, const std::string& text) {
    std::string changed = good;
    changed.replace(at, text.size(), text);
    bad.push_back(changed);
  };
  with(11, "139 ");              // a position past the end
  with(11, "xyz ");              // not a number
  with(15, "7ff0000000000000");  // an infinite number
  with(15, "7ff8000000000000");  // NaN
  with(15, "4030000000000000");  // 16
  with(100, "G");
  with(100, "\n");
  with(100, "F");
  std::string zeros = "mt19937-64 138 -";
  for (int i = 0; i < 312; ++i) zeros += " 0000000000000000";
  bad.push_back(zeros);
  for (const std::string& text : bad) {
    CAPTURE(text.substr(0, 60));
    CHECK_THROWS_AS(random.restore(text), FormatError);
    CHECK(random == before);
  }
  zeros.replace(zeros.size() - 1, 1, "1");
  CHECK_NOTHROW(random.restore(zeros));
}
