// check_gradient for functions of numbers.
#include <fmt/format.h>

#include <limits>

#include "autodiff/transform/checked_inputs.hpp"

namespace chainrule::detail {
namespace {

class NumberGradient final : public RecordedGradient {
 public:
  explicit NumberGradient(std::vector<Var> derivatives) : derivatives_(std::move(derivatives)) {}
  Var at(std::size_t coordinate) const override { return derivatives_[coordinate]; }

 private:
  std::vector<Var> derivatives_;
};

class NumberInputs final : public CheckedInputs {
 public:
  explicit NumberInputs(std::span<const double> x0)
      : CheckedInputs({x0.begin(), x0.end()}), names_(x0.size()) {}

  double representable(std::size_t, double x) const override { return x; }
  double spacing(std::size_t) const override { return std::numeric_limits<double>::epsilon(); }
  std::string name(std::size_t coordinate) const override {
    return names_[coordinate].empty() ? fmt::format("x{}", coordinate) : names_[coordinate];
  }

  CheckInputs variables(std::span<const double> x) const override {
    return {detail::variables(x), {}};
  }
  void note_names(const CheckInputs& variables) override {
    for (std::size_t i = 0; i < size(); ++i) names_[i] = variables.scalars[i].name();
  }
  std::vector<double> gradient_at(const CheckInputs& variables, const Gradient& d) const override {
    std::vector<double> result;
    for (const Var& x : variables.scalars) result.push_back(d[x]);
    return result;
  }
  std::unique_ptr<RecordedGradient> recorded_gradient(const CheckInputs& variables,
                                                      const Var& output) const override {
    return std::make_unique<NumberGradient>(
        derivative(output, std::span<const Var>(variables.scalars)));
  }

 private:
  std::vector<std::string> names_;  // "" where the function gave none
};

}  // namespace

GradientCheck check_gradient(FunctionRef f, std::span<const double> x0,
                             const GradientCheckOptions& options) {
  NumberInputs inputs(x0);
  return check_gradient(f, inputs, options);
}

}  // namespace chainrule::detail
