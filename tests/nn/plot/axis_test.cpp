#include "nn/plot/axis.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace nn = chainrule::nn;

namespace {

std::vector<std::string> labels(double low, double high, bool logarithmic = false,
                                bool whole = false) {
  std::vector<std::string> result;
  for (const nn::detail::Tick& tick :
       nn::detail::ticks_of(nn::detail::Axis({low, high}, logarithmic, 0, 1), 5, whole))
    result.push_back(tick.label);
  return result;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("ticks are round and lie in the range") {
  CHECK(nn::detail::round_ticks(0.0, 1.0, 5) ==
        std::vector<double>{0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0});
  CHECK(nn::detail::round_ticks(1.0, 100.0, 5) == std::vector<double>{20, 40, 60, 80, 100});
  CHECK(nn::detail::round_ticks(-3.0, 4.0, 7) == std::vector<double>{-3, -2, -1, 0, 1, 2, 3, 4});
  CHECK(nn::detail::round_ticks(1.0, 3.0, 6, true) == std::vector<double>{1, 2, 3});
  CHECK(nn::detail::round_ticks(2.0, 2.0, 5) == std::vector<double>{2});
  for (const double scale : {1e-300, 1e-9, 1.0, 3.7, 1e12, 1e300}) {
    const std::vector<double> ticks = nn::detail::round_ticks(-0.3 * scale, scale, 5);
    CHECK(ticks.size() >= 3);
    CHECK(ticks.size() <= 9);
    CHECK(ticks.front() >= -0.3001 * scale);
    CHECK(ticks.back() <= 1.0001 * scale);
  }
}

TEST_CASE("labels have just enough digits to be distinct") {
  CHECK(labels(0.0, 1.0) == Labels{"0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(labels(-0.1, 0.1) == Labels{"−0.10", "−0.05", "0", "0.05", "0.10"});
  CHECK(labels(0.998, 1.0) == Labels{"0.9980", "0.9985", "0.9990", "0.9995", "1.0000"});
  CHECK(labels(0.0, 2000.0) == Labels{"0", "500", "1000", "1500", "2000"});
  CHECK(labels(0.0, 3e6) ==
        Labels{"0", "5·10⁵", "1.0·10⁶", "1.5·10⁶", "2.0·10⁶", "2.5·10⁶", "3.0·10⁶"});
  CHECK(labels(0.0, -2e-9).size() == 1);
  CHECK(labels(0.0, 2e-9) == Labels{"0", "5·10⁻¹⁰", "1.0·10⁻⁹", "1.5·10⁻⁹", "2.0·10⁻⁹"});
  CHECK(labels(1.0, 3.0, false, true) == Labels{"1", "2", "3"});
}

TEST_CASE("logarithmic axes have ticks at powers of ten") {
  CHECK(labels(0.5, 30.0, true) == Labels{"0.5", "1", "2", "5", "10", "20"});
  CHECK(labels(1e-3, 1e2, true) == Labels{"0.001", "0.01", "0.1", "1", "10", "100"});
  CHECK(labels(1e-12, 1.0, true).size() <= 7);
  const nn::detail::Axis axis({1e-2, 1e2}, true, 100.0, 0.0);
  CHECK(axis(1.0) == doctest::Approx(50.0));
  CHECK(axis(1e-2) == doctest::Approx(100.0));
  CHECK_FALSE(axis.holds(0.0));
  CHECK(nn::detail::Axis({0.0, 1.0}, false, 0.0, 1.0).holds(0.0));
}
