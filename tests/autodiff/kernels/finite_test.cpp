#include "autodiff/kernels/finite.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace chainrule;

TEST_CASE("all_finite finds NaN and infinities at every position, in every layout") {
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
        if (dtype == DType::float32)
          array.mutable_data_as<float>()[position] = static_cast<float>(bad);
        else
          array.mutable_data_as<double>()[position] = bad;
        CHECK_FALSE(all_finite(array));
        CHECK_FALSE(all_finite(array.view(Shape{5, 7}, Extents{1, 5}, 0)));
        // Every other element of the columns from the second on.
        const Array part = array.view(Shape{7, 2}, Extents{5, 2}, 1);
        const std::int64_t column = position % 5;
        CHECK(all_finite(part) == (column != 1 && column != 3));
      }
  }
}
