#include "worked_example/after_training.hpp"

#include <fmt/format.h>

#include <cmath>

namespace worked_example {
namespace {

/// The network after given numbers of updates.
using History = std::map<std::int64_t, Network<double>>;

bool is_power_of_ten(std::int64_t n) {
  while (n > 1 && n % 10 == 0) n /= 10;
  return n == 1;
}

History history(const Network<double>& given, Rule rule, const Training& training,
                const Report& report) {
  const bool by_text = rule == Rule::as_the_text_says;
  ProgressBar bar(report.terminal(), by_text ? "as the text says" : "layer by layer",
                  training.steps);
  History history;
  train(given, rule, training, [&](std::int64_t updates, const Network<double>& now) {
    if (updates == 0 || updates == training.steps || updates == 9'999 || is_power_of_ten(updates))
      history[updates] = evaluate(now);
    bar.show(updates);
  });
  return history;
}

/// An error, with enough digits to distinguish the two rules.
std::string written(double error) {
  return error < 1e-6 ? fmt::format("{:.9e}", error) : fmt::format("{:.13f}", error);
}

void print_descent(const History& text, const History& layers, const Report& report) {
  report.text(
      fmt::format("  {:>14}  {:>18}  {:>18}", "updates", "as the text says", "layer by layer"));
  for (const auto& [updates, network] : text) {
    if (updates == 9'999) continue;  // only for the comparison below
    report.text(fmt::format("  {:>14}  {:>18}  {:>18}", grouped(updates), written(network.E_total),
                            written(layers.at(updates).E_total)));
  }
}

struct Figure {
  std::int64_t updates;
  std::string_view quantity, printed;
  Rule rule;  ///< the rule that gives the figure
};
constexpr Figure figures[] = {
    {1, "E_total", "0.291027924", Rule::layer_by_layer},
    {10'000, "E_total", "0.000035085", Rule::layer_by_layer},
    {10'000, "out_o1", "0.015912196", Rule::layer_by_layer},
    {10'000, "out_o2", "0.984065734", Rule::layer_by_layer},
    {9'999, "E_total", "0.0000351085", Rule::as_the_text_says},  // in other copies of the page
};

void print_figures(const History& text, const History& layers, Report& report) {
  const auto title = fmt::format("{:<32}", "After training: the figures");
  report.text(fmt::format("\n{}  {:>13}  {:>16}  {:>14}  matches", report.terminal().heading(title),
                          "tutorial", "as the text says", "layer by layer"));
  for (const Figure& figure : figures) {
    const std::string name = fmt::format("{} after {} update{}", figure.quantity,
                                         grouped(figure.updates), figure.updates == 1 ? "" : "s");
    if (!text.contains(figure.updates)) {
      report.text(fmt::format("  {:<30}  {:>13}  not reached: more --steps are needed", name,
                              figure.printed));
      continue;
    }
    const auto quantity = field<double>(figure.quantity);
    const double by_text = text.at(figure.updates).*quantity;
    const double by_layers = layers.at(figure.updates).*quantity;
    const bool from_text = figure.rule == Rule::as_the_text_says;
    const bool agrees = matches(from_text ? by_text : by_layers, figure.printed);
    const std::string source =
        report.count(agrees, from_text ? "as the text says" : "layer by layer");
    report.text(fmt::format("  {:<30}  {:>13}  {:>16}  {:>14}  {}", name, figure.printed,
                            like(figure.printed, by_text), like(figure.printed, by_layers), source),
                !agrees);
  }
  report.text(R"(
  The page says that the whole backward pass uses the old weights, but its first four figures come
  from updating w5 to w8 first and computing the gradients of w1 to w4 with the new ones, but with
  the old deltas and outputs. Both rules give nearly the same result; only the first follows the
  gradient of E_total.
  Other copies of the page print 0.0000351085 as the last error, which is that of the text's rule
  one update earlier.)");
}

/// Not part of the tutorial: the expected number was computed independently of this program.
void print_trained_biases(const Network<double>& first, Report& report) {
  constexpr double known = 0.2857508866992965;
  const bool agrees = std::abs(first.E_total - known) < 1e-12;
  const std::string outcome = report.count(agrees);
  report.text(fmt::format("\n  E_total after 1 update, biases trained {:>20.16f}\n"
                          "  the number it is compared with         {:>20.16f}  {}",
                          first.E_total, known, outcome),
              !agrees);
}

}  // namespace

void after_training(const Network<double>& given, const Training& training, Comparable comparable,
                    Report& report) {
  report.text(fmt::format(
      "\n{}: E_total during training",
      report.terminal().heading(fmt::format("{} update{} at rate {}", grouped(training.steps),
                                            training.steps == 1 ? "" : "s", training.rate))));
  const History text = history(given, Rule::as_the_text_says, training, report);
  const History layers = history(given, Rule::layer_by_layer, training, report);
  print_descent(text, layers, report);

  if (comparable.training)
    print_figures(text, layers, report);
  else if (comparable.network && training.biases && training.rate == Training{}.rate &&
           training.steps >= 1)
    print_trained_biases(text.at(1), report);
}

}  // namespace worked_example
