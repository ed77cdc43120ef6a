#include "autodiff/kernels/element_tests.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "autodiff/core/untouched.hpp"
#include "autodiff/kernels/dispatch.hpp"

using namespace chainrule;

namespace {

void set_element(Array& x, std::int64_t position, double value) {
  if (x.dtype() == DType::float32)
    x.mutable_data_as<float>()[position] = static_cast<float>(value);
  else
    x.mutable_data_as<double>()[position] = value;
}

/// Runs a test with every instruction set of this processor, and then with the best one again.
void with_every_instruction_set(void (*test)()) {
  for (const char* const name : available_instruction_sets()) {
    CAPTURE(name);
    select_instruction_set(name);
    test();
  }
  select_instruction_set("");
}

void test_all_finite() {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  for (const DType dtype : {DType::float32, DType::float64}) {
    CAPTURE(name_of(dtype));
    const double largest = dtype == DType::float32 ? std::numeric_limits<float>::max()
                                                   : std::numeric_limits<double>::max();
    CHECK(all_finite(Array::filled(dtype, Shape{0, 3}, nan)));
    CHECK(all_finite(Array::filled(dtype, Shape{7, 5}, largest)));
    CHECK(all_finite(Array::filled(dtype, Shape{7, 5}, -largest)));
    for (const double bad : {inf, -inf, nan})
      for (std::int64_t position = 0; position < 35; ++position) {
        Array array = Array::filled(dtype, Shape{7, 5}, 1.0);
        set_element(array, position, bad);
        CHECK_FALSE(all_finite(array));
        CHECK_FALSE(all_finite(array.view(Shape{5, 7}, Extents{1, 5}, 0)));
        // Every other element of the columns from the second on.
        const Array part = array.view(Shape{7, 2}, Extents{5, 2}, 1);
        const std::int64_t column = position % 5;
        CHECK(all_finite(part) == (column != 1 && column != 3));
      }
  }
}

void test_any_untouched() {
  for (const DType dtype : {DType::float32, DType::float64}) {
    CAPTURE(name_of(dtype));
    CHECK_FALSE(any_untouched(Array::filled(dtype, Shape{0, 3}, detail::untouched)));
    CHECK_FALSE(any_untouched(Array::filled(dtype, Shape{700}, 0.0)));
    for (const std::int64_t size : {1, 7, 255, 256, 257, 512, 700})
      for (const std::int64_t position : {std::int64_t{0}, size / 2, size - 1}) {
        CAPTURE(size);
        Array array = Array::filled(dtype, Shape{size}, 0.0);
        set_element(array, position, detail::untouched);
        CHECK(any_untouched(array));
        // Two columns, of which the second holds all elements but has another stride.
        Array table = Array::filled(dtype, Shape{size, 2}, 0.0);
        set_element(table, 2 * position + 1, detail::untouched);
        CHECK(any_untouched(table.view(Shape{size}, Extents{2}, 1)));
        CHECK_FALSE(any_untouched(table.view(Shape{size}, Extents{2}, 0)));
        CHECK(any_untouched(table.view(Shape{2, size}, Extents{1, 2}, 0)));
        // One element, repeated.
        CHECK(any_untouched(array.view(Shape{3, 1000}, Extents{0, 0}, position)));
      }
  }
}

}  // namespace

TEST_CASE("all_finite finds NaN and infinities at every position, in every layout") {
  with_every_instruction_set(test_all_finite);
}

TEST_CASE("any_untouched finds an element at every position, in every layout") {
  with_every_instruction_set(test_any_untouched);
}
