// L-BFGS against a plain implementation: every point at which the loss is evaluated, on several
// functions. The reference keeps the inverse Hessian as a dense matrix, and fits cubics by their
// coefficients.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "nn/optimizers/lbfgs.hpp"

using namespace chainrule;

namespace {

using Vector = std::vector<double>;

struct Evaluation {
  Vector x;
  double loss = 0.0;
};

double dot(const Vector& x, const Vector& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}
double max_norm(const Vector& x) {
  double norm = 0.0;
  for (const double element : x) norm = std::fmax(norm, std::fabs(element));
  return norm;
}
Vector plus(const Vector& x, double t, const Vector& d) {
  Vector sum = x;
  for (std::size_t i = 0; i < x.size(); ++i) sum[i] += t * d[i];
  return sum;
}

/// -H g, where H is the inverse Hessian of the BFGS formula, updated by each pair (s, y) in turn
/// from (s y / y y) I: H = (I - s y' / s y) H (I - y s' / s y) + s s' / s y. Nocedal and Wright
/// 2006, eq. 7.16 and 7.20.
Vector direction_of(const std::vector<std::pair<Vector, Vector>>& pairs, const Vector& g) {
  const std::size_t n = g.size();
  const double scale = pairs.empty() ? 1.0
                                     : dot(pairs.back().first, pairs.back().second) /
                                           dot(pairs.back().second, pairs.back().second);
  std::vector<Vector> h(n, Vector(n));
  for (std::size_t i = 0; i < n; ++i) h[i][i] = scale;
  for (const auto& [s, y] : pairs) {
    const double sy = dot(s, y);
    Vector hy(n);
    for (std::size_t i = 0; i < n; ++i) hy[i] = dot(h[i], y);
    const double yhy = dot(y, hy);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        h[i][j] += -(s[i] * hy[j] + hy[i] * s[j]) / sy + (1.0 + yhy / sy) * s[i] * s[j] / sy;
  }
  Vector d(n);
  for (std::size_t i = 0; i < n; ++i) d[i] = -dot(h[i], g);
  return d;
}

struct Trial {
  double t = 0.0, loss = 0.0, slope = 0.0;
  Vector gradient;
};

/// The minimum of the cubic p + q u + r u^2 + s u^3 through both points, where u = t - a.t, if it
/// has one, moved into [first, last]; otherwise the middle.
double interpolated(const Trial& a, const Trial& b, double first, double last) {
  const double width = b.t - a.t, mean = (b.loss - a.loss) / width;
  const double r = (3.0 * mean - 2.0 * a.slope - b.slope) / width;
  const double s = (a.slope + b.slope - 2.0 * mean) / (width * width);
  const double discriminant = r * r - 3.0 * s * a.slope;
  if (!(discriminant >= 0.0) || !std::isfinite(discriminant)) return 0.5 * (first + last);
  // The root of the derivative at which the second derivative 2 r + 6 s u is not negative.
  const double root = std::sqrt(discriminant);
  const double u = r > 0.0 ? -a.slope / (r + root) : (root - r) / (3.0 * s);
  if (!std::isfinite(u)) return 0.5 * (first + last);
  return std::fmin(std::fmax(a.t + u, first), last);
}

struct Reference {
  std::function<double(const Vector&, Vector&)> f;
  nn::LbfgsOptions options;
  Vector x;
  std::vector<Evaluation> evaluations = {};
  std::vector<std::pair<Vector, Vector>> pairs = {};
  Vector last_step = {}, last_gradient = {};
  bool is_first = true;

  Trial at(const Vector& d, double t) {
    Trial trial;
    trial.t = t;
    const Vector point = plus(x, t, d);
    trial.loss = f(point, trial.gradient);
    evaluations.push_back({point, trial.loss});
    trial.slope = dot(trial.gradient, d);
    if (!std::isfinite(trial.loss)) trial.loss = HUGE_VAL;
    return trial;
  }

  /// Nocedal and Wright 2006, algorithms 3.5 and 3.6.
  Trial search(const Trial& start, const Vector& d, double t) {
    const auto too_high = [&](const Trial& p) {
      return p.loss > start.loss + 1e-4 * p.t * start.slope;
    };
    const auto flat = [&](const Trial& p) { return std::fabs(p.slope) <= 0.9 * -start.slope; };
    Trial lo = start, hi = at(d, t);
    int count = 1;
    for (;;) {
      if (too_high(hi) || (count > 1 && hi.loss >= lo.loss)) break;
      if (flat(hi) || count == 25) return hi;
      if (hi.slope >= 0.0) {
        std::swap(lo, hi);
        break;
      }
      const double next = interpolated(lo, hi, hi.t + 0.01 * (hi.t - lo.t), 10.0 * hi.t);
      lo = hi;
      hi = at(d, next);
      ++count;
    }
    bool was_near = false;
    while (count < 25 && std::fabs(hi.t - lo.t) * max_norm(d) >= options.tolerance_change) {
      const double first = std::fmin(lo.t, hi.t), last = std::fmax(lo.t, hi.t);
      double next = interpolated(lo, hi, first, last);
      const double tenth = 0.1 * (last - first);
      const bool near_first = next<first + tenth, near_last = next> last - tenth;
      const bool is_at_end = next <= first || next >= last;
      if (near_first && (was_near || is_at_end)) next = first + tenth;
      if (near_last && (was_near || is_at_end)) next = last - tenth;
      was_near = near_first || near_last;
      const Trial trial = at(d, next);
      ++count;
      if (too_high(trial) || trial.loss >= lo.loss) {
        hi = trial;
      } else {
        if (flat(trial)) return trial;
        if ((trial.slope > 0.0) == (hi.t > lo.t)) hi = lo;
        lo = trial;
      }
    }
    return lo;
  }

  double step() {
    const std::size_t before = evaluations.size();
    Trial here = at(Vector(x.size()), 0.0);
    const double first_loss = here.loss;
    for (std::int64_t i = 0; i < options.max_iterations; ++i) {
      if (max_norm(here.gradient) <= options.tolerance_gradient) break;
      if (!is_first) {
        const Vector change = plus(here.gradient, -1.0, last_gradient);
        if (dot(last_step, change) > 1e-10) pairs.emplace_back(last_step, change);
        if (pairs.size() > static_cast<std::size_t>(options.history)) pairs.erase(pairs.begin());
      }
      const Vector d = direction_of(pairs, here.gradient);
      here.t = 0.0;
      here.slope = dot(here.gradient, d);
      last_gradient = here.gradient;
      last_step.assign(x.size(), 0.0);
      double t = options.learning_rate;
      if (is_first) {
        double total = 0.0;
        for (const double element : here.gradient) total += std::fabs(element);
        if (total > 1.0) t /= total;
      }
      is_first = false;
      if (here.slope >= -options.tolerance_change) break;
      const Trial next = options.strong_wolfe ? search(here, d, t) : at(d, t);
      last_step = plus(last_step, next.t, d);
      x = plus(x, next.t, d);
      const double change = std::fabs(next.loss - here.loss);
      here = next;
      if (static_cast<std::int64_t>(evaluations.size() - before) >= options.max_evaluations ||
          max_norm(last_step) <= options.tolerance_change || change < options.tolerance_change ||
          !std::isfinite(here.loss))
        break;
    }
    return first_loss;
  }
};

struct Function {
  const char* name;
  std::function<Tensor(const Tensor&)> loss;
  std::vector<Vector> starts;
};

Tensor at(const Tensor& x, std::int64_t i) { return slice(x, {Slice{i, i + 1, 1}}); }

const std::vector<Function> functions = {
    {"Rosenbrock",
     [](const Tensor& x) {
       const std::int64_t n = x.size();
       const Tensor head = slice(x, {Slice{0, n - 1, 1}}), tail = slice(x, {Slice{1, n, 1}});
       return sum(100.0 * square(tail - square(head)) + square(1.0 - head));
     },
     {{-1.2, 1.0}, {0.0, 0.0}, {3.0, -2.0}, {-1.5, 2.0, 0.5, 1.0}}},
    {"quadratic",
     [](const Tensor& x) {
       return sum(tensor({1, 10, 100}) * square(x - 1.0));
     },
     {{3.0, -2.0, 5.0}, {1.5, 0.75, 2.0}}},
    {"flat far from the minimum",  // increases the first steps
     [](const Tensor& x) { return sum(1.0 - exp(-0.01 * square(x - 20.0))); },
     {{0.0, 3.0}, {10.0, 40.0}}},
    {"almost kinked",
     [](const Tensor& x) {
       return sum(sqrt(square(x - tensor({1, -2})) + 1e-6)) + sum(0.1 * square(x));
     },
     {{5.0, 5.0}, {0.9, -1.5}}},
    {"infinite beyond a wall",
     [](const Tensor& x) { return sum(5.0 * x - log(x)) + square(at(x, 0) - at(x, 1)); },
     {{3.0, 0.1}, {0.01, 2.0}}},
    {"wavy",
     [](const Tensor& x) { return sum(square(x)) + sum(2.0 * sin(2.0 * x)); },
     {{2.0, -1.3}, {-3.0, 0.4}}},
};

// clang-format off
const std::vector<nn::LbfgsOptions> all_options = {
    {.tolerance_gradient = 1e-4},
    {.learning_rate = 0.1, .max_iterations = 4, .tolerance_gradient = 1e-4, .history = 1},
    {.learning_rate = 20.0, .max_evaluations = 9, .tolerance_gradient = 1e-4, .history = 2},
    {.tolerance_gradient = 1e-4, .tolerance_change = 1e-3, .history = 2},
    {.learning_rate = 0.05, .max_iterations = 6, .tolerance_gradient = 1e-4, .history = 2,
     .strong_wolfe = false},
};
// clang-format on

}  // namespace

TEST_CASE("every evaluation of L-BFGS is that of a plain implementation") {
  for (const Function& function : functions)
    for (const Vector& start : function.starts)
      for (std::size_t k = 0; k < all_options.size(); ++k) {
        const std::string name = function.name;
        CAPTURE(name);
        CAPTURE(start[0]);
        CAPTURE(k);
        Reference reference{[&](const Vector& x, Vector& slope) {
                              Graph graph;
                              const Tensor v = variable(tensor(x));
                              const Tensor loss = function.loss(v);
                              slope = to_vector(gradient(loss)[v]);
                              return loss.item();
                            },
                            all_options[k], start};
        const nn::Parameter x{tensor(start)};
        nn::Lbfgs optimizer(nn::Parameters{x}, all_options[k]);
        std::vector<Evaluation> evaluations;
        for (int step = 0; step < 2; ++step) {
          const double loss = optimizer.step([&] {
            Tensor recorded = function.loss(x());
            evaluations.push_back({to_vector(Tensor(x.value())), recorded.item()});
            return recorded;
          });
          CHECK(loss == doctest::Approx(reference.step()).epsilon(1e-6));
          CHECK(optimizer.evaluations() == static_cast<std::int64_t>(reference.evaluations.size()));
          for (std::size_t i = 0; i < start.size(); ++i)
            CHECK(x.value().element(static_cast<std::int64_t>(i)) ==
                  doctest::Approx(reference.x[i]).epsilon(1e-6));
        }
        REQUIRE(evaluations.size() == reference.evaluations.size());
        for (std::size_t e = 0; e < evaluations.size(); ++e) {
          CAPTURE(e);
          const Evaluation &given = evaluations[e], &wanted = reference.evaluations[e];
          for (std::size_t i = 0; i < start.size(); ++i)
            CHECK(given.x[i] == doctest::Approx(wanted.x[i]).epsilon(1e-6));
          if (std::isfinite(wanted.loss))
            CHECK(given.loss == doctest::Approx(wanted.loss).epsilon(1e-6));
          else
            CHECK(!std::isfinite(given.loss));
        }
      }
}
