#include "nn/optimizers/lbfgs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace chainrule::nn {
namespace {

constexpr double c1 = 1e-4, c2 = 0.9;  // of the Wolfe conditions
constexpr int max_search = 25;         // evaluations in one line search

double dot(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

double largest(const std::vector<double>& x) {
  double largest = 0.0;
  for (const double element : x) largest = std::max(largest, std::fabs(element));
  return largest;
}

/// Whether a pair has positive curvature. Another one would make the estimate of the Hessian
/// indefinite, or divide by zero.
bool is_kept(const std::vector<double>& step, const std::vector<double>& change) {
  return dot(step, change) > 1e-10;
}

/// The minimum, within bounds, of the cubic through two points with their slopes; the midpoint of
/// the bounds if there is none. Nocedal and Wright 2006, eq. 3.59.
template <class Point>
double cubic_minimum(const Point& a, const Point& b, double low, double high) {
  const double d1 = a.slope + b.slope - 3.0 * (a.loss - b.loss) / (a.t - b.t);
  const double square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0.0)) return (low + high) / 2.0;
  const double d2 = std::copysign(std::sqrt(square), b.t - a.t);
  const double t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2));
  return std::isfinite(t) ? std::clamp(t, low, high) : (low + high) / 2.0;
}

}  // namespace

Lbfgs::Lbfgs(Parameters parameters, const LbfgsOptions& options)
    : Optimizer(std::move(parameters)), options_(options) {
  const auto check = [](bool holds, const char* option, auto value, const char* range) {
    detail::check_option(holds, "Lbfgs", option, static_cast<double>(value), range);
  };
  const LbfgsOptions& o = options_;
  check_rate(o.learning_rate);
  check(o.max_iterations >= 1, "max_iterations", o.max_iterations, "at least 1");
  check(o.max_evaluations >= 1, "max_evaluations", o.max_evaluations, "at least 1");
  check(o.tolerance_gradient >= 0.0, "tolerance_gradient", o.tolerance_gradient, "not negative");
  check(o.tolerance_change >= 0.0, "tolerance_change", o.tolerance_change, "not negative");
  check(o.history >= 1, "history", o.history, "at least 1");
}

void Lbfgs::check_rate(double rate) const {
  detail::check_option(rate > 0.0 && std::isfinite(rate), "Lbfgs", "learning_rate", rate,
                       "positive and finite");
}

// ---- All parameters as one vector ---------------------------------------------------------------

Lbfgs::Vector Lbfgs::flat(const Gradients& gradients) const {
  Vector flat(static_cast<std::size_t>(parameters_.count()));
  double* out = flat.data();
  for (std::size_t k = 0; k < gradients.size(); ++k) {
    const Array& array = gradients[k];
    if (!array.is_null())
      with_type(array.dtype(), [&](auto zero) {
        const auto* const in = array.data_as<decltype(zero)>();
        for (std::int64_t i = 0; i < array.size(); ++i) out[i] = static_cast<double>(in[i]);
      });
    out += parameters_[k].parameter.size();
  }
  return flat;
}

Lbfgs::Vector Lbfgs::current_point() const {
  Vector flat;
  flat.reserve(static_cast<std::size_t>(parameters_.count()));
  for (const NamedParameter& entry : parameters_) {
    const Array& array = entry.parameter.value();
    with_type(array.dtype(), [&](auto zero) {
      const auto* const in = array.data_as<decltype(zero)>();
      flat.insert(flat.end(), in, in + array.size());
    });
  }
  return flat;
}

void Lbfgs::move_to(const Vector& x) {
  const double* in = x.data();
  for (NamedParameter entry : parameters_) {
    Parameter& parameter = entry.parameter;
    const std::int64_t size = parameter.size();
    if (parameter.is_trainable())
      parameter.update([&, dtype = parameter.dtype()](const void*, void* next) {
        with_type(dtype, [&](auto zero) {
          using T = decltype(zero);
          for (std::int64_t i = 0; i < size; ++i) static_cast<T*>(next)[i] = static_cast<T>(in[i]);
        });
      });
    in += size;
  }
}

// ---- The algorithm ------------------------------------------------------------------------------

void Lbfgs::remember(const Vector& gradient) {
  Pair pair;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    pair.step.push_back(t_ * direction_[i]);
    pair.change.push_back(gradient[i] - gradient_[i]);
  }
  if (!is_kept(pair.step, pair.change)) return;
  pairs_.push_back(std::make_shared<const Pair>(std::move(pair)));
  if (pairs_.size() > static_cast<std::size_t>(options_.history)) pairs_.pop_front();
}

/// The search direction: minus the estimated inverse Hessian times the gradient, by the two-loop
/// recursion.
Lbfgs::Vector Lbfgs::direction_at(const Vector& gradient) const {
  Vector q = gradient;
  std::vector<double> weights(pairs_.size());
  for (std::size_t k = pairs_.size(); k-- > 0;) {
    const auto& [step, change] = *pairs_[k];
    weights[k] = dot(step, q) / dot(step, change);
    for (std::size_t i = 0; i < q.size(); ++i) q[i] -= weights[k] * change[i];
  }
  double scale = -1.0;
  if (!pairs_.empty()) {
    const auto& [step, change] = *pairs_.back();
    scale = -dot(step, change) / dot(change, change);
  }
  for (double& element : q) element *= scale;
  for (std::size_t k = 0; k < pairs_.size(); ++k) {
    const auto& [step, change] = *pairs_[k];
    const double weight = -weights[k] - dot(change, q) / dot(step, change);
    for (std::size_t i = 0; i < q.size(); ++i) q[i] += weight * step[i];
  }
  return q;
}

Lbfgs::Point Lbfgs::evaluate_at(const Evaluate& evaluate, const Vector& from, double t,
                                bool is_trial) {
  Vector x = from;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += t * direction_[i];
  move_to(x);
  Point point;
  point.t = t;
  ++evaluations_;
  const Slope found = evaluate(is_trial);
  point.gradient = flat(found.gradients);
  // A loss that is not finite means that the step was too long.
  point.loss = std::isfinite(found.loss) ? found.loss : std::numeric_limits<double>::infinity();
  point.slope = dot(point.gradient, direction_);
  return point;
}

Lbfgs::Point Lbfgs::search(const Evaluate& evaluate, const Vector& from, const Point& start,
                           double t) {
  const auto falls_enough = [&](const Point& p) {
    return p.loss <= start.loss + c1 * p.t * start.slope;
  };
  const auto is_flat_enough = [&](const Point& p) {
    return std::fabs(p.slope) <= -c2 * start.slope;
  };

  // Bracketing: increase the step until an acceptable one lies between `low`, the end with the
  // smaller loss, and `high`.
  Point low = start, high = evaluate_at(evaluate, from, t);
  int evaluations = 1;
  while (true) {
    if (!falls_enough(high) || (evaluations > 1 && high.loss >= low.loss)) break;
    if (is_flat_enough(high) || evaluations == max_search) return high;
    if (high.slope >= 0.0) {
      std::swap(low, high);
      break;
    }
    const double low_bound = high.t + 0.01 * (high.t - low.t), high_bound = 10.0 * high.t;
    const double next = cubic_minimum(low, high, low_bound, high_bound);
    low = std::move(high);
    high = evaluate_at(evaluate, from, next);
    ++evaluations;
  }

  // Zoom: shrink the bracket.
  const double size = largest(direction_);
  bool was_near_end = false;
  while (evaluations < max_search &&
         std::fabs(high.t - low.t) * size >= options_.tolerance_change) {
    const double first = std::min(low.t, high.t), last = std::max(low.t, high.t);
    double next = cubic_minimum(low, high, first, last);
    // Two trials near the same end would hardly shrink the bracket.
    const double margin = 0.1 * (last - first);
    const bool is_near_end = std::min(next - first, last - next) < margin;
    if (is_near_end && (was_near_end || next <= first || next >= last))
      next = next - first < last - next ? first + margin : last - margin;
    was_near_end = is_near_end;

    Point point = evaluate_at(evaluate, from, next);
    ++evaluations;
    if (!falls_enough(point) || point.loss >= low.loss) {
      high = std::move(point);
      continue;
    }
    if (is_flat_enough(point)) return point;
    if (point.slope * (high.t - low.t) >= 0.0) high = std::move(low);
    low = std::move(point);
  }
  return low;
}

double Lbfgs::minimise(const Evaluate& evaluate) {
  const Lbfgs before = *this;
  const Vector x = current_point();
  try {
    return iterate(evaluate);
  } catch (...) {
    *this = before;
    move_to(x);
    throw;
  }
}

double Lbfgs::iterate(const Evaluate& evaluate) {
  Vector x = current_point();
  if (iterations_ > 0 && gradient_.size() != x.size())
    throw ShapeError(fmt::format(
        "Lbfgs: the parameters have {} elements, but had {} at the last step. Make a new "
        "optimiser.",
        x.size(), gradient_.size()));
  Point here;
  const std::int64_t evaluations_before = evaluations_++;
  const Slope first_slope = evaluate(false);
  here.gradient = flat(first_slope.gradients);
  const double loss_before = here.loss = first_slope.loss;
  if (!std::isfinite(loss_before)) return loss_before;
  if (!std::all_of(here.gradient.begin(), here.gradient.end(),
                   [](double d) { return std::isfinite(d); }))
    throw DomainError(fmt::format(
        "Lbfgs: the loss is {}, but its gradient has elements that are infinite or NaN. No "
        "parameter was changed. check_gradient() or explain() shows where they come from.",
        loss_before));
  for (std::int64_t i = 0; i < options_.max_iterations; ++i) {
    if (largest(here.gradient) <= options_.tolerance_gradient) break;
    if (iterations_ > 0) remember(here.gradient);
    ++iterations_;
    direction_ = direction_at(here.gradient);
    gradient_ = here.gradient;
    here.t = 0.0;
    here.slope = dot(here.gradient, direction_);
    t_ = 0.0;
    if (!(here.slope < -options_.tolerance_change)) break;

    double first = options_.learning_rate;
    if (iterations_ == 1) {
      double total = 0.0;
      for (const double element : here.gradient) total += std::fabs(element);
      first *= std::min(1.0, 1.0 / total);
    }
    Point next = options_.strong_wolfe ? search(evaluate, x, here, first)
                                       : evaluate_at(evaluate, x, first, false);
    t_ = next.t;
    for (std::size_t k = 0; k < x.size(); ++k) x[k] += t_ * direction_[k];
    const double change = here.loss - next.loss;
    here = std::move(next);
    if (evaluations_ - evaluations_before >= options_.max_evaluations ||
        largest(direction_) * t_ <= options_.tolerance_change ||
        std::fabs(change) < options_.tolerance_change || !std::isfinite(here.loss))
      break;
  }
  move_to(x);  // the accepted point need not be the last one evaluated
  return loss_before;
}

// ---- State --------------------------------------------------------------------------------------

State Lbfgs::state() const {
  State state;
  state.texts.emplace("optimizer", "Lbfgs");
  state.numbers = {{"learning_rate", options_.learning_rate},
                   {"t", t_},
                   {"iterations", static_cast<double>(iterations_)},
                   {"evaluations", static_cast<double>(evaluations_)},
                   {"pairs", static_cast<double>(pairs_.size())}};
  if (iterations_ > 0) {
    state.arrays.emplace("direction", detail::array_of(direction_));
    state.arrays.emplace("gradient", detail::array_of(gradient_));
  }
  for (std::size_t k = 0; k < pairs_.size(); ++k) {
    state.arrays.emplace(fmt::format("pair.{}.step", k), detail::array_of(pairs_[k]->step));
    state.arrays.emplace(fmt::format("pair.{}.change", k), detail::array_of(pairs_[k]->change));
  }
  return state;
}

void Lbfgs::set_state(const State& given) {
  detail::check_optimizer(given, "Lbfgs");
  const auto number = [&](const char* name, double min, double max) {
    const auto found = given.numbers.find(name);
    const double value = found != given.numbers.end() ? found->second : min;
    if (!(value >= min && value <= max))
      throw FormatError(fmt::format("Lbfgs: in the state {} is {}; it must be in [{}, {}]", name,
                                    value, min, max));
    return value;
  };
  const auto count = [&](const char* name, double max) {
    const double value = number(name, 0.0, max);
    if (!detail::is_count(value))
      throw FormatError(
          fmt::format("Lbfgs: in the state {} is {}, which is not a count", name, value));
    return static_cast<std::int64_t>(value);
  };
  Lbfgs next(parameters_, options_);
  const double limit = std::numeric_limits<double>::max();
  next.set_learning_rate(number("learning_rate", std::numeric_limits<double>::min(), limit));
  next.t_ = number("t", 0.0, limit);
  next.iterations_ = count("iterations", limit);
  next.evaluations_ = count("evaluations", limit);
  const Vector zeros(static_cast<std::size_t>(parameters_.count()));
  next.direction_ = next.gradient_ = zeros;
  const std::int64_t pairs = count("pairs", static_cast<double>(options_.history));
  next.pairs_.assign(static_cast<std::size_t>(pairs),
                     std::make_shared<const Pair>(Pair{zeros, zeros}));
  // Filled with zeros, it has the names and shapes that the given state must have.
  detail::check_state(next.state(), given, "Lbfgs");
  const auto vector = [&](const std::string& array) {
    Vector x = detail::vector_of(given.arrays.find(array)->second);
    if (!std::all_of(x.begin(), x.end(), [](double element) { return std::isfinite(element); }))
      throw FormatError(
          fmt::format("Lbfgs: in the state {} has an element that is not finite", array));
    return x;
  };
  if (next.iterations_ > 0) {
    next.direction_ = vector("direction");
    next.gradient_ = vector("gradient");
  }
  for (std::size_t k = 0; k < next.pairs_.size(); ++k) {
    Pair pair{vector(fmt::format("pair.{}.step", k)), vector(fmt::format("pair.{}.change", k))};
    if (!is_kept(pair.step, pair.change))
      throw FormatError(fmt::format(
          "Lbfgs: in the state pair {} has a product of step and change of {}, not above 0", k,
          dot(pair.step, pair.change)));
    next.pairs_[k] = std::make_shared<const Pair>(std::move(pair));
  }
  *this = std::move(next);
}

}  // namespace chainrule::nn
