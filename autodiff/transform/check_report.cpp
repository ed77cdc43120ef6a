// The report of check_gradient.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "autodiff/core/limits.hpp"
#include "autodiff/transform/check.hpp"

namespace chainrule {
namespace {

constexpr std::size_t max_rows = 50;  // of a report without faults

double deviation(const GradientCheckEntry& entry) {
  return std::abs(entry.analytic - entry.difference);
}

/// The deviation relative to the number; infinite if the two cannot be compared.
double relative_deviation(const GradientCheckEntry& entry) {
  const double size = std::max(std::abs(entry.analytic), std::abs(entry.difference));
  const double relative = size > 0.0 ? deviation(entry) / size : 0.0;
  return std::isnan(relative) ? detail::infinity : relative;
}

int urgency(CheckVerdict verdict) {
  return verdict == CheckVerdict::disagrees ? 0 : verdict == CheckVerdict::undecided ? 1 : 2;
}

std::string verdict_text(const GradientCheckEntry& entry) {
  if (entry.verdict == CheckVerdict::disagrees) return "DISAGREES";  // easy to see
  if (entry.doubt == Doubt::none) return name_of(entry.verdict);
  return fmt::format("{} ({})", name_of(entry.verdict), name_of(entry.doubt));
}

const char* compared(int order) {
  if (order == 1) return "First derivatives";
  return order == 2 ? "First and second derivatives" : "First, second and third derivatives";
}

}  // namespace

const char* name_of(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::agrees:
      return "agrees";
    case CheckVerdict::disagrees:
      return "disagrees";
    case CheckVerdict::undecided:
      break;
  }
  return "undecided";
}

const char* name_of(Doubt doubt) {
  switch (doubt) {
    case Doubt::none:
      return "no doubt";
    case Doubt::rounding:
      return "rounding";
    case Doubt::unsettled:
      return "differences do not settle";
    case Doubt::kink:
      return "kink";
    case Doubt::not_finite:
      break;
  }
  return "not finite";
}

std::size_t GradientCheck::count(CheckVerdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&](const GradientCheckEntry& entry) { return entry.verdict == verdict; }));
}

CheckVerdict GradientCheck::verdict() const {
  if (count(CheckVerdict::disagrees) > 0) return CheckVerdict::disagrees;
  return count(CheckVerdict::undecided) > 0 ? CheckVerdict::undecided : CheckVerdict::agrees;
}

std::string GradientCheck::name(const GradientCheckEntry& entry) const {
  std::string text = entry.order == 1 ? "d/" : fmt::format("d{}/", entry.order);
  for (int k = 0; k < entry.order; ++k)
    text += fmt::format("{}d{}", k == 0 ? "" : " ",
                        names_[entry.coordinates[static_cast<std::size_t>(k)]]);
  return text;
}

std::string GradientCheck::report() const {
  std::vector<const GradientCheckEntry*> rows;
  for (const GradientCheckEntry& entry : entries_) rows.push_back(&entry);
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
    if (a->verdict != b->verdict) return urgency(a->verdict) < urgency(b->verdict);
    return relative_deviation(*a) > relative_deviation(*b);
  });
  const std::size_t agree = count(CheckVerdict::agrees), not_agreeing = entries_.size() - agree;
  rows.resize(std::min(rows.size(), std::max(max_rows, std::min(not_agreeing, 4 * max_rows))));

  std::vector<std::string> labels;
  std::size_t width = 10;
  for (const GradientCheckEntry* entry : rows) {
    labels.push_back(name(*entry));
    width = std::max(width, labels.back().size());
  }
  std::string text = fmt::format(
      "check_gradient: {} of {} derivatives agree, {} disagree, {} undecided.\n{} with "
      "respect to {} coordinate{}, compared with extrapolated differences.\nRelative tolerance {}, "
      "absolute tolerance {}, {} evaluations.\n",
      agree, entries_.size(), count(CheckVerdict::disagrees), count(CheckVerdict::undecided),
      compared(options_.order), names_.size(), names_.size() == 1 ? "" : "s",
      options_.relative_tolerance, options_.absolute_tolerance, evaluations_);
  text += fmt::format("{:<{}}  {:>20}  {:>20}  {:>10}  {:>11}  {}\n", "derivative", width,
                      "analytic", "difference", "deviation", "error bound", "verdict");
  for (std::size_t k = 0; k < rows.size(); ++k)
    text += fmt::format("{:<{}}  {:>20.12g}  {:>20.12g}  {:>10.2g}  {:>11.2g}  {}\n", labels[k],
                        width, rows[k]->analytic, rows[k]->difference, deviation(*rows[k]),
                        rows[k]->error, verdict_text(*rows[k]));
  if (const std::size_t left = entries_.size() - rows.size(); left > 0)
    text += fmt::format("... and {} more, {} of them not agreeing.\n", left,
                        not_agreeing > rows.size() ? not_agreeing - rows.size() : 0);
  return text;
}

}  // namespace chainrule
