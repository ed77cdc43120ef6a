#include "worked_example/first_step.hpp"

#include <fmt/format.h>

#include <vector>

#include "autodiff/transform/check.hpp"

namespace worked_example {

using chainrule::Var;

void FirstStep::forward_pass() {
  report_.group("Forward pass", "tutorial", "");
  print_value("net_h1", "0.3775");
  print_value("out_h1", "0.593269992");
  print_value("out_h2", "0.596884378");
  print_value("net_o1", "1.105905967");
  print_value("out_o1", "0.75136507");
  print_value("out_o2", "0.772928465");
  print_value("E_o1", "0.274811083");
  print_value("E_o2", "0.023560026");
  print_value("E_total", "0.298371109");
}

void FirstStep::output_layer() {
  report_.group("Backward pass, output layer");
  print_derivative("E_total", "out_o1", "0.74136507");
  print_derivative("out_o1", "net_o1", "0.186815602");
  print_derivative("net_o1", "w5", "0.593269992");
  print_derivative("E_total", "w5", "0.082167041");
}

void FirstStep::hidden_layer() {
  report_.group("Backward pass, hidden layer");
  print_derivative("E_o1", "net_o1", "0.138498562");
  print_derivative("net_o1", "out_h1", "0.40");
  print_derivative("E_o1", "out_h1", "0.055399425");
  print_derivative("E_o2", "out_h1", "-0.019049119");
  print_derivative("E_total", "out_h1", "0.036350306");
  print_derivative("out_h1", "net_h1", "0.241300709");
  print_derivative("net_h1", "w1", "0.05");
  print_derivative("E_total", "w1", "0.000438568");
}

void FirstStep::delta_rule() {
  report_.group("The delta rule, as products");
  const double delta_o1 = derivative("E_total", "out_o1") * derivative("out_o1", "net_o1");
  const double delta_o2 = derivative("E_total", "out_o2") * derivative("out_o2", "net_o2");
  const double sum = delta_o1 * value("w5") + delta_o2 * value("w7");
  print_product("delta_o1 = dE_total/dnet_o1 = dE_total/dout_o1 * dout_o1/dnet_o1", delta_o1,
                "E_total", "net_o1", "0.138498562");
  print_product("dE_total/dw5 = delta_o1 * out_h1", delta_o1 * value("out_h1"), "E_total", "w5",
                "0.082167041");
  print_product("dE_total/dout_h1 = sum over o of delta_o * w_ho = delta_o1 * w5 + delta_o2 * w7",
                sum, "E_total", "out_h1", "0.036350306");
  print_product("dE_total/dw1 = (sum over o of delta_o * w_ho) * dout_h1/dnet_h1 * i1",
                sum * derivative("out_h1", "net_h1") * value("i1"), "E_total", "w1", "0.000438568");
}

void FirstStep::updated_weights() {
  report_.group("Updated weights", "tutorial", "");
  print_updated("w5", "0.35891648");
  print_updated("w6", "0.408666186");
  print_updated("w7", "0.511301270");
  print_updated("w8", "0.561370121");
  print_updated("w1", "0.149780716");
  print_updated("w2", "0.19956143");
  print_updated("w3", "0.24975114");
  print_updated("w4", "0.29950229");
}

void FirstStep::gradients_in_full(int digits) {
  report_.group("All gradients of the first step", "");
  for (int i = 0; i < parameter_count; ++i) {
    const std::string_view name = quantities<Var>[i].name;
    report_.row_in_full(fmt::format("dE_total/d{}", name), derivative("E_total", name),
                        central_difference(given_, "E_total", name), digits);
  }
}

void FirstStep::second_derivatives() {
  std::vector<double> parameters;
  for (int i = 0; i < parameter_count; ++i)
    parameters.push_back(given_.*quantities<double>[i].field);
  const auto error = [this](std::span<const Var> x) {
    Network<Var> n;
    for (int i = 0; i < given_count; ++i)
      n.*quantities<Var>[i].field =
          i < parameter_count ? x[static_cast<std::size_t>(i)].named(quantities<Var>[i].name)
                              : Var(given_.*quantities<double>[i].field);
    forward(n, [](std::string_view, const Var& computed) { return computed; });
    return n.E_total;
  };
  // The verdict of check_gradient() is stricter than that of this table: where a function is flat
  // or noisy, it requires differences that are accurate enough to decide.
  const chainrule::GradientCheck check = chainrule::check_gradient(error, parameters);
  int confirmed = 0, second = 0;
  for (const chainrule::GradientCheckEntry& entry : check.entries()) {
    if (entry.order != 2) continue;
    ++second;
    confirmed += agree(entry.analytic, {entry.difference, entry.error});
  }
  const bool agrees = confirmed == second;
  const std::string outcome = report_.count(agrees);
  const std::string counted = fmt::format(
      "{} of {} second derivatives, against differences of the first ones", confirmed, second);
  report_.text(fmt::format("  {:<76}  {}", counted, outcome), !agrees);
}

double FirstStep::value(std::string_view name) const { return (n_.*field<Var>(name)).value(); }

double FirstStep::derivative(std::string_view output, std::string_view input) {
  auto found = gradients_.find(output);
  if (found == gradients_.end())
    found = gradients_.emplace(output, gradient(n_.*field<Var>(output))).first;
  return found->second[n_.*field<Var>(input)];
}

void FirstStep::print_value(std::string_view name, std::string_view printed) {
  report_.row({std::string(name), printed, value(name)}, comparable_.network);
}

void FirstStep::print_derivative(std::string_view output, std::string_view input,
                                 std::string_view printed) {
  report_.row({fmt::format("d{}/d{}", output, input), printed, derivative(output, input),
               central_difference(given_, output, input)},
              comparable_.network);
}

void FirstStep::print_product(const std::string& formula, double product, std::string_view output,
                              std::string_view input, std::string_view printed) {
  report_.row({formula, printed, product, central_difference(given_, output, input)},
              comparable_.network);
}

void FirstStep::print_updated(std::string_view weight, std::string_view printed) {
  const double updated = value(weight) - rate_ * derivative("E_total", weight);
  report_.row({fmt::format("{} after the step", weight), printed, updated}, comparable_.training);
}

}  // namespace worked_example
