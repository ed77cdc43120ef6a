#include "tests/properties/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tests/properties/rounding.hpp"

namespace chainrule::testing {
namespace {

struct Both {
  double recorded, swept;
};

bool same_class(double x, double y) {
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
  if (std::isinf(x) || std::isinf(y)) return x == y;
  return true;
}

/// NaN if the numbers belong to different classes: finite, +inf, -inf, NaN.
double distance(double x, double y) {
  if (!same_class(x, y)) return NAN;
  return std::isfinite(x) ? std::abs(x - y) : 0.0;
}

double largest_distance(const Mismatch& m) {
  double largest = 0.0;
  for (const double other : {m.tensors_recorded, m.tensors_swept, m.scalars_swept}) {
    const double d = distance(other, m.scalars_recorded);
    if (std::isnan(d)) return d;
    largest = std::max(largest, d);
  }
  return largest;
}

Shape shape_of_value(const TensorValue& value) {
  const Tensor* const x = std::get_if<Tensor>(&value);
  return x == nullptr ? Shape() : x->shape();
}

std::vector<double> numbers_of(const TensorValue& value) {
  const Tensor* const x = std::get_if<Tensor>(&value);
  return x == nullptr ? std::vector<double>{as_var(value).value()} : to_vector(*x);
}

/// Whether two values have zeros of different sign at the same place. Throws ShapeError if the
/// shapes differ.
bool is_other_zero(const TensorValue& a, const ScalarValue& b) {
  if (!(shape_of_value(a) == b.type.shape))
    throw ShapeError(fmt::format("a value of shape {} instead of {}", text_of(shape_of_value(a)),
                                 text_of(b.type.shape)));
  const std::vector<double> numbers = numbers_of(a);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double other = b.elements[i].value();
    if (numbers[i] == 0.0 && other == 0.0 && std::signbit(numbers[i]) != std::signbit(other))
      return true;
  }
  return false;
}

/// The numbers of the tensor form, in the order in which visit_derivatives() visits them; empty if
/// a zero has a different sign than in the scalar form.
std::vector<Both> run_tensor_form(const Program& program, const ScalarRun& scalars,
                                  std::size_t order) {
  Graph graph;
  const TensorRun run = run_tensors(program);
  for (std::size_t i = 0; i < run.values.size(); ++i)
    if (is_other_zero(run.values[i], scalars.values[i])) return {};
  const Var output = as_var(run.values.back());
  std::vector<Both> numbers{{output.value(), output.value()}};
  const auto collect = [&](const Path&, const Var& recorded, double swept) {
    numbers.push_back({recorded.value(), swept});
  };
  Path path;
  visit_derivatives(graph, output, run.variables, order, collect, path);
  return numbers;
}

/// Compares with the scalar form while its derivatives are visited, since their graph exists only
/// then.
class Comparer {
 public:
  Comparer(const Program& program, const Graph& graph, const std::vector<Both>& tensors,
           Verdict& verdict)
      : has_other_formula_(std::ranges::any_of(
            program.instructions,
            [](const Instruction& i) { return i.operation->has_other_formula; })),
        graph_(graph),
        tensors_(tensors),
        verdict_(verdict) {}

  void operator()(const Path& path, const Var& recorded, double swept) {
    const Both& other = tensors_.at(verdict_.compared++);
    if (recorded.value() != 0.0) ++verdict_.not_zero;
    if (!std::isfinite(recorded.value())) ++verdict_.not_finite;
    Mismatch m{path, other.recorded, other.swept, recorded.value(), swept, 0.0};
    const double difference = largest_distance(m);
    if (difference == 0.0 || difference <= negligible * std::max(1.0, std::abs(recorded.value())))
      return;
    m.bound = std::isnan(difference) ? 0.0 : units * rounding_bound(graph_, recorded);
    if (std::isnan(difference) ? is_class_doubtful(recorded) : std::isinf(m.bound))
      ++verdict_.not_judged;
    else if (!(difference <= m.bound))
      verdict_.mismatches.push_back(m);
  }

 private:
  // The tensor form may round more often than the scalar form, and its functions by more than half
  // a unit.
  static constexpr double units = 64.0;
  // Rounded constants, such as 1/3 + 1/3 + 1/3 - 1, are not results in the graph.
  static constexpr double negligible = 1e-13;

  /// Whether correct programs may disagree about which values are finite, infinite or NaN.
  bool is_class_doubtful(const Var& x) const {
    return has_other_formula_ || depends_on_inexact_zero(graph_, x);
  }

  bool has_other_formula_;
  const Graph& graph_;
  const std::vector<Both>& tensors_;
  Verdict& verdict_;
};

std::string name_of(const Program& program, const Path& path) {
  std::string name;
  for (const std::size_t coordinate : path)
    name += (name.empty() ? "by " : ", ") + program.coordinate_name(coordinate);
  return name.empty() ? "the value" : fmt::format("derivative {}", name);
}

}  // namespace

Verdict compare_forms(const Program& program, std::size_t order) {
  Verdict verdict;
  Graph graph;
  const ScalarRun run = run_scalars(program);
  const ScalarValue& result = run.values.back();
  if (result.elements.size() != 1) throw ShapeError("the result of a program is one element");

  std::vector<Both> tensors;
  try {
    tensors = run_tensor_form(program, run, order);
  } catch (const Error& error) {
    verdict.error = error.what();
    return verdict;
  }
  verdict.has_other_zero = tensors.empty();
  if (tensors.empty()) return verdict;
  Comparer compare(program, graph, tensors, verdict);
  compare({}, result.elements[0], result.elements[0].value());
  Path path;
  visit_derivatives(graph, result.elements[0], run.variables, order, compare, path);
  return verdict;
}

std::string report(const Program& program, const Verdict& verdict) {
  std::string text = program.text();
  if (!verdict.error.empty()) text += "  the tensor form throws: " + verdict.error + "\n";
  if (verdict.mismatches.empty()) return text;
  const auto first = std::min_element(
      verdict.mismatches.begin(), verdict.mismatches.end(),
      [](const Mismatch& a, const Mismatch& b) { return a.path.size() < b.path.size(); });
  return text + fmt::format(
                    "  {}: tensors {} (gradient {}), scalars {} (gradient {}); rounding "
                    "explains {:.1e}; {} of {} numbers disagree\n",
                    name_of(program, first->path), first->tensors_recorded, first->tensors_swept,
                    first->scalars_recorded, first->scalars_swept, first->bound,
                    verdict.mismatches.size(), verdict.compared);
}

}  // namespace chainrule::testing
