// The errors of the functions that create tensors from numbers and read their elements, word by
// word, and the arguments at the limits of what is allowed.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/core/random.hpp"
#include "autodiff/graph/make_tensor.hpp"
#include "tests/support/allocated_memory.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

using Numbers = std::vector<double>;

namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

struct Refused {
  const char* error;
  std::function<void()> call;
};

/// Checks that each call throws an E with the given text.
template <class E>
void check_refused(const std::vector<Refused>& cases) {
  for (const Refused& c : cases) CHECK(message_of<E>(c.call) == c.error);
}

}  // namespace

TEST_CASE("ragged lists") {
  const auto text = [](const char* at) {
    return std::string("tensor: the lists are ragged: at ") + at;
  };
  const auto message = [](auto call) { return message_of<ShapeError>(call); };
  CHECK(message([] {
          tensor({{1, 2, 3}, {4, 5}});
        }) == text("[1] there is a list of 2 items instead of a list of 3 items"));
  CHECK(message([] {
          tensor({{1}, {}});
        }) == text("[1] there is a list of 0 items instead of a list of 1 item"));
  CHECK(message([] {
          tensor({{1, 2, 3}, 4});
        }) == text("[1] there is the number 4 instead of a list of 3 items"));
  CHECK(message([] {
          tensor({{{1, 2}, {3, 4}, {5, 6}}, {{7, 8}, 9, {1, 2}}});
        }) == text("[1, 1] there is the number 9 instead of a list of 2 items"));
  CHECK(message([] {
          tensor({1, {2, 3}});
        }) == text("[1] there is a list of 2 items instead of a number"));
  CHECK(message([] {
          tensor({{1, 2}, {3, {4}}});
        }) == text("[1, 1] there is a list of 1 item instead of a number"));
}

TEST_CASE("shapes that no tensor can have") {
  Random random(1);
  const Numbers numbers(6);
  check_refused<ShapeError>({
      {"full: the shape [-1] has a negative size", [] { full({-1}, 2.0); }},
      {"zeros: the shape [2, -3] has a negative size",
       [] {
         zeros({2, -3});
       }},
      {"ones: the shape [-2] has a negative size", [] { ones({-2}); }},
      {"eye: the shape [-1, -1] has a negative size", [] { eye(-1); }},
      {"eye: the shape [-1, 3] has a negative size", [] { eye(-1, 3); }},
      {"eye: the shape [3, -1] has a negative size", [] { eye(3, -1); }},
      {"eye: the shape [1099511627776, 1099511627776] has more than 2^48 elements",
       [] { eye(std::int64_t{1} << 40); }},
      {"linspace: the shape [-1] has a negative size", [] { linspace(0, 1, -1); }},
      {"uniform: the shape [-1] has a negative size", [&] { uniform(random, {-1}); }},
      {"normal: the shape [-1] has a negative size", [&] { normal(random, {-1}); }},
      {"tensor: the shape [-6] has a negative size", [&] { tensor(numbers, {-6}); }},
      {"tensor: 6 values do not fill the shape [2, 2]",
       [&] {
         tensor(numbers, {2, 2});
       }},
      {"tensor_view: 6 values do not fill the shape [7]", [&] { tensor_view(numbers, {7}); }},
      {"tensor_view: the shape [-2] has a negative size", [&] { tensor_view(numbers, {-2}, {1}); }},
  });
}

TEST_CASE("the diagonals of eye()") {
  for (const std::int64_t rows : {0, 1, 3, 5})
    for (const std::int64_t columns : {0, 1, 3, 5})
      for (const std::int64_t k :
           {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{2}, std::int64_t{-2},
            std::int64_t{3}, std::int64_t{-3}, std::int64_t{6}, std::int64_t{-6}, most, -most,
            -most - 1}) {
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(k);
        const Tensor x = eye(rows, columns, k);
        REQUIRE(x.shape() == Shape{rows, columns});
        for (std::int64_t i = 0; i < rows; ++i)
          for (std::int64_t j = 0; j < columns; ++j) {
            const bool is_on = k >= -6 && k <= 6 && j == i + k;
            CHECK(x.at({i, j}) == (is_on ? 1.0 : 0.0));
          }
      }
}

TEST_CASE("arange() and linspace()") {
  check_refused<DomainError>({
      {"arange: from 0 to 1 by 0: all must be finite, and the step not 0", [] { arange(0, 1, 0); }},
      {"arange: from 0 to inf by 1: all must be finite, and the step not 0",
       [] { arange(INFINITY); }},
      {"arange: from nan to 1 by 1: all must be finite, and the step not 0",
       [] { arange(NAN, 1); }},
      {"arange: from 0 to 1 by inf: all must be finite, and the step not 0",
       [] { arange(0, 1, INFINITY); }},
      {"linspace: from inf to 1: both must be finite", [] { linspace(INFINITY, 1, 3); }},
      {"linspace: from 0 to -inf: both must be finite", [] { linspace(0, -INFINITY, 3); }},
  });
  check_refused<ShapeError>({
      {"arange: from 0 to 1e+300 by 1e-10 are more than 2^48 elements",
       [] { arange(0, 1e300, 1e-10); }},
      {"arange: from -1e+308 to 1e+308 by 0.1 are more than 2^48 elements",
       [] { arange(-1e308, 1e308, 0.1); }},
  });
#ifdef CHAINRULE_KNOWS_ALLOCATED_BYTES                              // sanitizers refuse to try
  CHECK_THROWS_AS(arange(0x1p48, DType::float32), std::bad_alloc);  // allowed, but 2^50 bytes
#endif
  CHECK(message_of<ShapeError>([] { arange(0x1p48 + 1); }) ==
        "arange: from 0 to 281474976710657 by 1 are more than 2^48 elements");
  CHECK(to_vector(linspace(1, 3, 5)) == Numbers{1, 1.5, 2, 2.5, 3});
  CHECK(to_vector(linspace(3, -1, 3)) == Numbers{3, 1, -1});
  CHECK(to_vector(linspace(-4, 2, 1)) == Numbers{-4});
  CHECK(to_vector(linspace(-4, 2, 2)) == Numbers{-4, 2});
  // The last number is `stop`, where start + (count - 1) * step is not.
  volatile double step = 1.0 / 49.0;
  CHECK(49.0 * step != 1.0);
  CHECK(linspace(0, 1, 50).at({-1}) == 1.0);
  CHECK(linspace(0, 1, 50).at({-2}) == 48.0 * step);
}

TEST_CASE("views reach exactly the numbers that their strides say") {
  const Numbers numbers{0, 1, 2, 3, 4, 5};
  const auto refused = [&](const char* text, const Shape& shape, const Extents& strides,
                           std::int64_t offset) {
    CHECK(message_of<ShapeError>([&] { tensor_view(numbers, shape, strides, offset); }) ==
          std::string("tensor_view: shape ") + text + " reaches beyond the 6 values");
  };
  const auto read = [&](const Shape& shape, const Extents& strides, std::int64_t offset) {
    return to_vector(tensor_view(numbers, shape, strides, offset));
  };
  CHECK(read({2, 3}, {3, -1}, 2) == Numbers{2, 1, 0, 5, 4, 3});
  refused("[2, 3] with strides [3, -1] from element 1 on", {2, 3}, {3, -1}, 1);
  refused("[2, 3] with strides [3, -1] from element 3 on", {2, 3}, {3, -1}, 3);
  CHECK(read({2, 3}, {-3, 1}, 3) == Numbers{3, 4, 5, 0, 1, 2});
  refused("[2, 3] with strides [-3, 1] from element 4 on", {2, 3}, {-3, 1}, 4);
  refused("[2, 3] with strides [-3, 1] from element 2 on", {2, 3}, {-3, 1}, 2);
  CHECK(read({2, 3}, {3, 1}, 0) == numbers);
  refused("[2, 3] with strides [3, 1] from element 1 on", {2, 3}, {3, 1}, 1);
  CHECK(read({3, 2}, {0, 5}, 0) == Numbers{0, 5, 0, 5, 0, 5});
  CHECK(read({}, {}, 5) == Numbers{5});
  refused("[] with strides [] from element 6 on", {}, {}, 6);
  refused("[] with strides [] from element -1 on", {}, {}, -1);
  // Nothing is read, so nothing is out of bounds.
  CHECK(read({0, 3}, {3, 1}, 6).empty());
  CHECK(read({3, 0}, {3, 1}, 6).empty());
  // Offsets that a 64-bit number does not hold.
  refused("[3] with strides [9223372036854775807] from element 0 on", {3}, {most}, 0);
  refused("[3] with strides [-9223372036854775807] from element 0 on", {3}, {-most}, 0);
  refused("[2, 2] with strides [9223372036854775807, 1] from element 0 on", {2, 2}, {most, 1}, 0);
  refused("[2] with strides [1] from element 9223372036854775807 on", {2}, {1}, most);
  CHECK(message_of<ShapeError>([&] {
          tensor_view(numbers, {2, 3}, {1});
        }) == "tensor_view: 1 strides for the shape [2, 3]");
}

TEST_CASE("reading elements of another type, of none, or into too little room") {
  const Tensor x = tensor({{1, 2}, {3, 4}}), single = tensor({1.0f, 2.0f}), none;
  std::array<double, 3> three{};
  const std::string convert =
      ". Convert it with astype(), or copy its elements with to_vector() or copy_to().";
  CHECK(message_of<DTypeError>([&] { span_of<float>(x); }) ==
        "span_of<float>: the tensor is float64" + convert);
  CHECK(message_of<DTypeError>([&] { span_of<double>(single); }) ==
        "span_of<double>: the tensor is float32" + convert);
  CHECK(message_of<DTypeError>([&] { matrix_span<float>(x); }) ==
        "matrix_span<float>: the tensor is float64" + convert);
  const Tensor cube = zeros({1, 2, 3});
  check_refused<ShapeError>({
      {"copy_to: room for 3 elements, but 4 elements in a tensor of shape [2, 2]",
       [&] { copy_to(x, std::span<double>(three)); }},
      {"copy_to: the operand is a Tensor that was never assigned",
       [&] { copy_to(none, std::span<double>(three)); }},
      {"to_vector: the operand is a Tensor that was never assigned", [&] { to_vector(none); }},
      {"span_of: the operand is a Tensor that was never assigned", [&] { span_of<double>(none); }},
      {"matrix_span: the operand is a Tensor that was never assigned",
       [&] { matrix_span<float>(none); }},
      {"full_like: the operand is a Tensor that was never assigned", [&] { full_like(none, 1); }},
      {"matrix_span: a tensor of shape [1, 2, 3] is neither a matrix nor a vector",
       [&] { matrix_span<double>(cube); }},
  });
}

TEST_CASE("the matrix that a tensor of rank 1 or 2 is") {
  const Numbers numbers{0, 1, 2, 3, 4, 5};
  const Tensor matrix = tensor(numbers, {2, 3}), every_other = tensor_view(numbers, {3}, {2}, 1);
  const auto m = matrix_span<double>(matrix);
  CHECK(m.data == span_of<double>(matrix).data());
  CHECK(m.rows == 2);
  CHECK(m.columns == 3);
  CHECK(m.row_stride == 3);
  CHECK(m.column_stride == 1);
  const auto v = matrix_span<double>(every_other);
  CHECK(v.data == numbers.data() + 1);
  CHECK(v.rows == 3);
  CHECK(v.columns == 1);
  CHECK(v.row_stride == 2);
  CHECK(v.column_stride == 3);
}
