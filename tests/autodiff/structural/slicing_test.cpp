// Slices of tensors, and padding.
#include "autodiff/structural/slicing.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "autodiff/autodiff.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

constexpr std::int64_t none = Slice::none;
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();

/// The positions that a slice selects, as Python's reference describes them: from the start in
/// steps, as long as they are before the stop.
std::vector<std::int64_t> positions(const Slice& s, std::int64_t n) {
  const bool forward = s.step > 0;
  const auto clipped = [&](std::int64_t bound) {
    if (bound < 0) bound = bound < -n - 1 ? -1 : bound + n;
    const std::int64_t low = forward ? 0 : -1, high = forward ? n : n - 1;
    return bound < low ? low : bound > high ? high : bound;
  };
  const std::int64_t start = s.start == none ? (forward ? 0 : n - 1) : clipped(s.start);
  const std::int64_t stop = s.stop == none ? (forward ? n : -1) : clipped(s.stop);
  std::vector<std::int64_t> result;
  for (std::int64_t i = start; forward ? i < stop : i > stop; i += s.step) {
    result.push_back(i);
    if (s.step > n || s.step < -n) break;
  }
  return result;
}

}  // namespace

TEST_CASE("slices of one axis, every bound and step") {
  for (std::int64_t n = 0; n <= 4; ++n) {
    const Array x = random_array({n});
    for (const std::int64_t step : {least, std::int64_t{-5}, std::int64_t{-2}, std::int64_t{-1},
                                    std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, greatest})
      for (std::int64_t start = -6; start <= 7; ++start)
        for (std::int64_t stop = -6; stop <= 7; ++stop) {
          // 7 means an omitted bound, -6 and 6 the limits of int64.
          const auto meant = [](std::int64_t b) {
            return b == 7 ? none : b == 6 ? greatest : b == -6 ? least + 1 : b;
          };
          const Slice s{meant(start), meant(stop), step};
          const auto expected = positions(s, n);
          const Array y = slice(x, {s});
          CAPTURE(s.start);
          CAPTURE(s.stop);
          CAPTURE(step);
          CAPTURE(n);
          REQUIRE(y.size() == static_cast<std::int64_t>(expected.size()));
          for (std::size_t i = 0; i < expected.size(); ++i)
            REQUIRE(y.element(static_cast<std::int64_t>(i)) == x.element(expected[i]));
        }
  }
}

TEST_CASE("slices of several axes are views") {
  for (const Array& x : layouts_of(random_array({4, 3, 5}))) {
    const Array y = slice(x, {{1, 4, 2}, {}, {-2, none, -1}});
    CHECK(shares_storage(x, y));
    check_elements("slice", y, DType::float64, {2, 3, 4}, [&](const Index& i) {
      return at(x, {1 + 2 * i[0], i[1], 3 - i[2]});
    });
    check_elements("of one axis", slice(x, -2, Slice{1}), DType::float64, {4, 2, 5},
                   [&](const Index& i) {
                     return at(x, {i[0], i[1] + 1, i[2]});
                   });
    CHECK(numbers_of(slice(x, {})) == numbers_of(x));
  }
  const Array x = random_array({3, 2});
  CHECK(slice(x, {{}, {}}).is_same(x));
  CHECK(slice(random_array({}), {}).size() == 1);
  CHECK(Shape(slice(x, {{3, 3}, {5, 9}}).shape()) == Shape{0, 0});
}

TEST_CASE("pad, roll and split") {
  for (const Array& x : layouts_of(random_array({2, 3}))) {
    check_elements("pad", pad(x, {1, 0}, {0, 2}, 7.0), DType::float64, {3, 5}, [&](const Index& i) {
      return i[0] >= 1 && i[1] < 3 ? at(x, {i[0] - 1, i[1]}) : 7.0;
    });
    for (const std::int64_t shift : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
                                     std::int64_t{4}, std::int64_t{-7}, least, greatest})
      for (std::int64_t axis = -2; axis < 2; ++axis) {
        const std::size_t along = axis == 0 || axis == -2 ? 0 : 1;
        const Array y = roll(x, shift, axis);
        for (std::int64_t position = 0; position < 6; ++position) {
          Index to = index_at(position, {2, 3});
          const std::int64_t n = x.shape(along);
          const double element = at(x, to);
          to[along] = ((to[along] + shift % n) % n + n) % n;
          CHECK(at(y, to) == element);
        }
      }
    const std::vector<Array> pieces = split(x, {1, 0, 2}, 1);
    REQUIRE(pieces.size() == 3);
    CHECK(Shape(pieces[0].shape()) == Shape{2, 1});
    CHECK(Shape(pieces[1].shape()) == Shape{2, 0});
    CHECK(pieces[2].element(3) == at(x, {1, 2}));
    CHECK(shares_storage(pieces[2], x));
  }
  CHECK(std::signbit(pad(random_array({0}), {1}, {0}).element(0)) == false);
  CHECK(pad(random_array({}), {}, {}).size() == 1);
  CHECK(pad(random_array({0, 2}), {1, 1}, {1, 1}, 3.0).element(5) == 3.0);
  CHECK(Shape(roll(random_array({0, 2}), 3, 0).shape()) == Shape{0, 2});
  CHECK(split(random_array({0}), {}).empty());
}

TEST_CASE("derivatives of pieces") {
  for (const Array& x : layouts_of(random_array({3, 4}))) {
    const auto check = [&](const char* what, const TensorFunction& f) {
      check_derivatives(what, f, {x});
    };
    check("slice", [](const auto& t) { return sin(slice(t[0], {{0, 3, 2}, {1, none}})); });
    check("slice backwards", [](const auto& t) {
      return exp(slice(t[0], {{none, none, -2}, {-1, 0, -1}}));
    });
    check("pieces that overlap", [](const auto& t) {
      return slice(t[0], 1, {0, 3}) * slice(t[0], 1, {1, 4}) * slice(t[0], 1, {0, -1});
    });
    check("an empty slice", [](const auto& t) { return sin(slice(t[0], {{2, 1}})); });
    check("pad", [](const auto& t) { return sin(pad(t[0], {1, 2}, {0, 1}, 0.3)); });
    check("roll", [](const auto& t) { return roll(t[0], 2, 1) * sin(t[0]); });
    check("split", [](const auto& t) {
      const auto parts = split(t[0], {2, 1, 1}, 1);
      return parts[0] * parts[1] + exp(parts[2]);
    });
  }
}

TEST_CASE("elements outside of a slice are not reached") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({3}, {0.0, 2.0, 0.0})));
  const Tensor inverse = 1.0 / x;  // infinite at the ends, and so is its derivative
  const Tensor y = sum_to(slice(inverse, {{1, 2}}), {});
  CHECK(numbers_of(gradient(y)[x].value()) == std::vector<double>{0.0, -0.25, 0.0});
  const Tensor d = derivative(y, x);
  CHECK(numbers_of(d.value()) == std::vector<double>{0.0, -0.25, 0.0});
  CHECK(numbers_of(derivative(sum_to(d, {}), x).value()) == std::vector<double>{0.0, 0.25, 0.0});
}

TEST_CASE("errors of pieces") {
  const Array x = random_array({2, 3});
  check_message<ShapeError>([&] { slice(x, {{0, 2, 0}}); }, {"slice", "step", "axis 0", "[2, 3]"});
  check_message<ShapeError>([&] { slice(x, {{}, {}, {}}); }, {"slice", "3 slices", "[2, 3]"});
  check_message<ShapeError>([&] { slice(x, 2, {0, 1}); }, {"slice", "no axis 2"});
  check_message<ShapeError>(
      [&] {
        apply<rules::Slicing>({{0, 1}, {1, 1}, {2, 3}}, x);
      },
      {"slice", "[2, 3]"});
  check_message<ShapeError>(
      [&] {
        apply<rules::Pad>({{0, 0}, {2, 1}, {2, 3}, 0.0}, x);
      },
      {"pad", "[2, 3]"});
  check_message<ShapeError>(
      [&] {
        pad(x, {1}, {1, 1});
      },
      {"pad", "[1]", "do not give one number", "[2, 3]"});
  check_message<ShapeError>([&] { pad(x, {0, -1}, {0, 0}); }, {"pad", "slice()"});
  check_message<ShapeError>(
      [&] {
        pad(x, {1, 2}, {3, -4});
      },
      {"pad: 2 before and -4 after axis 1"});
  check_message<ShapeError>(
      [&] {
        pad(x, {1, 1}, {1});
      },
      {"[1, 1] before and [1] after", "do not give one number"});
  check_message<ShapeError>([&] { pad(x, {greatest, 0}, {greatest, 0}); }, {"pad", "2^48"});
  check_message<ShapeError>([&] { roll(x, 1, 2); }, {"roll", "2"});
  check_message<ShapeError>([&] { split(x, {1, 1}, 1); }, {"split", "[1, 1]", "3", "[2, 3]"});
  check_message<ShapeError>([&] { split(x, {4, -1}, 1); }, {"split", "[4, -1]"});
  check_message<ShapeError>([&] { split(x, {greatest, greatest}, 1); }, {"split"});
  check_message<ShapeError>([] { split(Tensor(), {1}); }, {"split", "never assigned"});
}

TEST_CASE("a piece that is not within its tensor is an error") {
  const Array x = random_array({4, 3});
  const struct {
    Extents starts, steps;
    Shape shape;
  } rows[] = {{{0}, {1, 1}, {4, 3}},     {{0, 0}, {1}, {4, 3}},    {{0, 0}, {1, 1}, {4}},
              {{0, -1}, {1, 1}, {1, 1}}, {{0, 3}, {1, 2}, {1, 1}}, {{0, 3}, {1, -1}, {1, 1}},
              {{0, 0}, {1, 0}, {1, 1}},  {{0, 1}, {1, 1}, {1, 3}}, {{0, 1}, {1, -1}, {1, 3}},
              {{-1, 0}, {1, 1}, {1, 1}}, {{4, 0}, {2, 1}, {1, 1}}, {{0, 0}, {1, 2}, {1, 3}}};
  for (const auto& row : rows) {
    CAPTURE(text_of(row.starts));
    CAPTURE(text_of(row.steps));
    check_message<ShapeError>(
        [&] {
          apply<rules::Slicing>({row.starts, row.steps, row.shape}, x);
        },
        {"slice: a piece of shape " + text_of(row.shape) + " from " + text_of(row.starts)});
  }
  CHECK(apply<rules::Slicing>({{0, 2}, {1, -1}, {4, 3}}, x).element(0) == at(x, {0, 2}));
  check_message<ShapeError>(
      [&] {
        pad(x, {0, 0}, {0, -1});
      },
      {"pad: 0 before and -1 after axis 1"});
}
