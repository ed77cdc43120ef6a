#include "autodiff/transform/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "autodiff/core/error.hpp"

namespace chainrule {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t most_levels = 40;  // the narrowest step is 2^-39 of the widest
constexpr std::size_t most_columns = 8;
constexpr std::size_t most_rows = 50;  // of a report

/// A limit for step 0, and how far it may be off.
struct Limit {
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = infinity;
};

/// Extrapolates terms of halved steps, T(h) = limit + c h^p + d h^(p + 2) + ..., one at a time. The
/// error of an extrapolant is how far it is from the two it was made of, but no less than the
/// rounding error of the terms, nor than a fraction of their move before: two that agree may be
/// luck.
class Extrapolation {
 public:
  explicit Extrapolation(int first_power) : first_power_(first_power) {}

  /// Adds the term of the next step.
  void add(double term, double rounding) {
    if (!std::isfinite(term)) {  // beyond the edge of the domain: begin anew, closer
      columns_ = 0;
      return;
    }
    // Terms that grow much as the step shrinks had not come near the limit yet: what they seemed to
    // settle at means nothing.
    if (std::abs(term) > 1.5 * std::abs(last_) && std::abs(term - last_) > 100.0 * rounding)
      best_ = {};
    last_ = term;
    double above = term;  // column by column, from the row before to this one
    for (std::size_t k = 0; k < std::min(columns_, most_columns - 1); ++k) {
      const double factor = std::ldexp(1.0, first_power_ + 2 * static_cast<int>(k));
      const double next = above + (above - row_[k]) / (factor - 1.0);
      const double move = std::abs(above - row_[k]),
                   move_before = k + 1 < columns_ ? moves_[k] : infinity;
      const double error = std::max(
          {std::abs(next - above), std::abs(next - row_[k]), move_before / 64.0, rounding});
      if (error <= best_.error) best_ = {next, error};
      moves_[k] = move;
      row_[k] = above;
      above = next;
    }
    row_[std::min(columns_, most_columns - 1)] = above;
    columns_ = std::min(columns_ + 1, most_columns);
  }
  const Limit& best() const { return best_; }

 private:
  int first_power_;
  std::size_t columns_ = 0;
  double row_[most_columns] = {}, moves_[most_columns] = {}, last_ = 0.0;
  Limit best_;
};

/// One derivative in the making, from values at x - h, x and x + h for smaller and smaller h.
class Difference {
 public:
  void add(double below, double at, double above, double h) {
    const double largest = std::max({std::abs(below), std::abs(at), std::abs(above)});
    const double rounding = 2.0 * epsilon * largest / h;
    slope_.add((above - below) / (2.0 * h), rounding);
    jump_.add(((above - at) - (at - below)) / h, 2.0 * rounding);
    is_flat_ = is_flat_ && above == at && below == at;
    ++levels_;
    // A low power of the step falls slowly. A faster fall means that the wider steps led elsewhere.
    const double secant = std::max(std::abs(above - at), std::abs(below - at)) / h;
    if (!(secant > 0.0)) return;
    if (secant < last_secant_ / 20.0) steepness_ = secant;
    last_secant_ = secant;
  }

  /// The derivative is known well enough to stop.
  bool is_settled(double exact, double tolerance) const {
    if (is_flat_ && exact == 0.0) return levels_ >= flat_levels;
    const double sharp = 1e-3 * tolerance * std::max(std::abs(slope_.best().value), steepness_);
    return slope_.best().error <= sharp && jump_.best().error <= sharp;
  }

  void judge(GradientCheckEntry& entry, double tolerance) const {
    const Limit slope = slope_.best(), jump = jump_.best();
    const double size = std::max(std::abs(entry.exact), std::abs(slope.value));
    entry.difference = slope.value;
    entry.error_estimate = slope.error;
    if (is_flat_ && entry.exact == 0.0) {  // nothing moved: no rounding either
      entry.error_estimate = 0.0;
      entry.ok = true;
      return;
    }
    entry.kink = std::abs(jump.value) > 10.0 * jump.error + tolerance * size;
    if (entry.kink) entry.error_estimate = std::max(slope.error, std::abs(jump.value) / 2.0);
    // The negation lets a NaN fail. Steepness is the measure where the derivative itself is 0.
    const double deviation = std::abs(entry.exact - slope.value);
    const bool is_sharp = slope.error <= tolerance * std::max(size, steepness_) &&
                          jump.error <= tolerance * std::max(size, steepness_);
    entry.ok = std::isfinite(entry.exact) && !entry.kink && is_sharp &&
               deviation <= tolerance * size + 10.0 * slope.error;
  }

 private:
  static constexpr int flat_levels = 4;  // after which what has not moved is taken for constant

  Extrapolation slope_{2}, jump_{1};
  int levels_ = 0;
  bool is_flat_ = true;
  // Slope of the secant to x; the widest that has to do with the derivative is the scale of a small
  // one.
  double steepness_ = 0.0, last_secant_ = infinity;
};

}  // namespace

class GradientChecker {
 public:
  GradientChecker(detail::FunctionRef f, std::span<const double> x0,
                  const GradientCheckOptions& options)
      : f_(f), x_(x0.begin(), x0.end()) {
    result_.options_ = options;
    check_request();
  }

  GradientCheck run() {
    const ValueAndGradient here = exact_gradient();
    result_.entries_.reserve(here.gradient.size());
    for (std::size_t i = 0; i < x_.size(); ++i) add_entry(1, i, 0, here.gradient[i]);
    const double value[] = {here.value};
    for (std::size_t i = 0; i < x_.size(); ++i)
      compare(i, value, {&result_.entries_[i], 1}, 1,
              [this](std::span<double> out) { out[0] = value_at(); });
    if (result_.options_.order < 2) return std::move(result_);

    add_second_derivatives();
    const std::span<GradientCheckEntry> hessian = std::span(result_.entries_).subspan(x_.size());
    for (std::size_t j = 0; j < x_.size(); ++j)
      compare(j, here.gradient, hessian.subspan(j), x_.size(), [this](std::span<double> out) {
        const ValueAndGradient there = gradient_at();
        std::copy(there.gradient.begin(), there.gradient.end(), out.begin());
        // Where there is no value, a rule may still have a derivative, of a branch of its own.
        if (!std::isfinite(there.value)) std::fill(out.begin(), out.end(), there.value);
      });
    return std::move(result_);
  }

 private:
  void check_request() const {
    const GradientCheckOptions& options = result_.options_;
    if (options.order != 1 && options.order != 2)
      throw DomainError(
          fmt::format("check_gradient: the order is {}; it can be 1 or 2", options.order));
    if (!(options.relative_tolerance > 0.0 && options.relative_tolerance < infinity))
      throw DomainError(fmt::format("check_gradient: the tolerance is {}; it must be positive",
                                    options.relative_tolerance));
    if (!(options.step > 0.0 && options.step < infinity))
      throw DomainError(
          fmt::format("check_gradient: the step is {}; it must be positive", options.step));
    for (std::size_t i = 0; i < x_.size(); ++i)
      if (!std::isfinite(x_[i]))
        throw DomainError(fmt::format(
            "check_gradient: x0[{}] is {}; a derivative can only be checked at a finite point", i,
            x_[i]));
  }

  void add_entry(int order, std::size_t i, std::size_t j, double exact) {
    GradientCheckEntry entry;
    entry.order = order;
    entry.i = i;
    entry.j = j;
    entry.exact = exact;
    result_.entries_.push_back(entry);
  }

  double value_at() {
    Graph graph;
    ++result_.evaluations_;
    return f_(detail::variables(x_)).value();
  }
  ValueAndGradient gradient_at() {
    ++result_.evaluations_;
    return value_and_gradient(f_, x_);
  }

  ValueAndGradient exact_gradient() {
    const auto noting_names = [this](std::span<const Var> x) {
      const Var output = f_(x);
      for (std::size_t i = 0; i < x.size(); ++i)
        result_.names_.push_back(x[i].name().empty() ? fmt::format("x{}", i)
                                                     : std::string(x[i].name()));
      return output;
    };
    ++result_.evaluations_;
    ValueAndGradient here = value_and_gradient(noting_names, x_);
    if (!std::isfinite(here.value))
      throw DomainError(fmt::format(
          "check_gradient: the function is {} at x0; differences need finite values", here.value));
    return here;
  }

  void add_second_derivatives() {
    Graph graph;
    ++result_.evaluations_;
    const std::vector<Var> x = detail::variables(x_);
    const Var output = f_(x);
    const std::vector<Var> first =
        output.is_constant() ? std::vector<Var>(x.size()) : derivative(output, x);
    result_.entries_.reserve(x.size() + x.size() * x.size());
    std::vector<double> row(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      detail::gradient_of_variables(graph, first[i], row);
      for (std::size_t j = 0; j < x.size(); ++j) add_entry(2, i, j, row[j]);
    }
  }

  /// Moves variable j and compares how `at`, the values in the middle, change with every
  /// `stride`-th of the entries. `values` computes them at x_.
  template <class Values>
  void compare(std::size_t j, std::span<const double> at, std::span<GradientCheckEntry> entries,
               std::size_t stride, Values values) {
    const double tolerance = result_.options_.relative_tolerance, middle = x_[j];
    std::vector<Difference> differences(at.size());
    std::vector<double> below(at.size()), above(at.size());
    // A power of two changes most numbers without rounding.
    double h =
        std::exp2(std::round(std::log2(result_.options_.step * std::max(1.0, std::abs(middle)))));
    for (std::size_t level = 0; level < most_levels; ++level, h /= 2.0) {
      if (middle + h == middle || !std::isfinite(middle + h) || !std::isfinite(middle - h))
        continue;
      x_[j] = middle - h;
      values(below);
      x_[j] = middle + h;
      values(above);
      const double step = ((middle + h) - (middle - h)) / 2.0;
      bool settled = true;
      for (std::size_t i = 0; i < at.size(); ++i) {
        differences[i].add(below[i], at[i], above[i], step);
        settled = settled && differences[i].is_settled(entries[i * stride].exact, tolerance);
      }
      if (settled) break;
    }
    x_[j] = middle;
    for (std::size_t i = 0; i < at.size(); ++i)
      differences[i].judge(entries[i * stride], tolerance);
  }

  detail::FunctionRef f_;
  std::vector<double> x_;
  GradientCheck result_;
};

namespace detail {
GradientCheck check_gradient(FunctionRef f, std::span<const double> x0,
                             const GradientCheckOptions& options) {
  return GradientChecker(f, x0, options).run();
}
}  // namespace detail

bool GradientCheck::passed() const {
  return std::all_of(entries_.begin(), entries_.end(), [](const auto& entry) { return entry.ok; });
}

namespace {

double deviation(const GradientCheckEntry& entry) {
  return std::abs(entry.exact - entry.difference);
}

/// The deviation in units of the number itself; what cannot be compared is worst.
double badness(const GradientCheckEntry& entry) {
  const double size = std::max(std::abs(entry.exact), std::abs(entry.difference));
  const double relative = size > 0.0 ? deviation(entry) / size : 0.0;
  return std::isnan(relative) ? infinity : relative;
}

const char* verdict(const GradientCheckEntry& entry) {
  if (entry.ok) return "ok";
  if (!std::isfinite(entry.exact)) return "NOT FINITE";
  if (entry.kink) return "KINK";
  if (!std::isfinite(entry.difference)) return "NO DIFFERENCES";
  const bool can_tell = deviation(entry) > 10.0 * entry.error_estimate;
  return can_tell ? "DIFFERS" : "UNSETTLED";
}

}  // namespace

std::string GradientCheck::report() const {
  std::vector<const GradientCheckEntry*> order;
  for (const GradientCheckEntry& entry : entries_) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->ok != b->ok ? b->ok : badness(*a) > badness(*b);
  });
  const auto failing = static_cast<std::size_t>(
      std::count_if(order.begin(), order.end(), [](const auto* entry) { return !entry->ok; }));

  std::vector<std::string> labels;
  std::size_t width = 10;
  order.resize(std::min(order.size(), std::max(most_rows, std::min(failing, 4 * most_rows))));
  for (const GradientCheckEntry* entry : order) {
    const std::string &i = names_[entry->i], &j = names_[entry->j];
    labels.push_back(entry->order == 1 ? fmt::format("d/d{}", i) : fmt::format("d2/d{} d{}", i, j));
    width = std::max(width, labels.back().size());
  }

  std::string text = fmt::format(
      "check_gradient: {} of {} derivatives {}.\n{} of {} variable{} against extrapolated central "
      "differences, relative tolerance {}, {} evaluations.\n",
      failing == 0 ? entries_.size() : failing, entries_.size(),
      failing == 0 ? "agree" : "NOT confirmed",
      options_.order == 1 ? "The gradient" : "The gradient and the second derivatives",
      names_.size(), names_.size() == 1 ? "" : "s", options_.relative_tolerance, evaluations_);
  if (order.empty()) return text;
  text += fmt::format("{:<{}}  {:>20}  {:>20}  {:>10}  {:>10}  {}\n", "derivative", width, "ours",
                      "differences", "deviation", "their error", "verdict");
  for (std::size_t k = 0; k < order.size(); ++k)
    text += fmt::format("{:<{}}  {:>20.12g}  {:>20.12g}  {:>10.2g}  {:>11.2g}  {}\n", labels[k],
                        width, order[k]->exact, order[k]->difference, deviation(*order[k]),
                        order[k]->error_estimate, verdict(*order[k]));
  if (const std::size_t left = entries_.size() - order.size(); left > 0)
    text += fmt::format("... and {} more, {} of them not confirmed.\n", left,
                        failing > order.size() ? failing - order.size() : 0);
  return text;
}

}  // namespace chainrule
