// The well-known step-by-step backpropagation tutorial, recomputed: a 2-2-2 network built neuron by
// neuron. Compares every number of the page with the engine's, and every derivative with a
// difference quotient that does not use the engine. Exits with status 1 if any two disagree.
//
//   worked_example --help
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "autodiff/view/render.hpp"
#include "command_line.hpp"
#include "worked_example/after_training.hpp"
#include "worked_example/network_file.hpp"

namespace {

using namespace worked_example;

struct Options {
  Training training;
  std::string network_file, output = "worked_example";
  int digits = 17;
  bool quiet = false, no_picture = false;
};

void describe(CLI::App& app, Options& options) {
  app.add_option("--steps", options.training.steps, "updates of the weights")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}))
      ->capture_default_str();
  app.add_option("--rate", options.training.rate, "learning rate")->capture_default_str();
  app.add_flag("--train-biases", options.training.biases,
               "update b1 and b2, too (the tutorial does not)");
  app.add_option("--network", options.network_file,
                 "file of lines 'w1 = 0.15' with weights, biases, inputs i1 i2 and targets\n"
                 "target_o1 target_o2 of your own; # starts a comment")
      ->type_name("FILE");
  app.add_option("--output", options.output, "folder for the picture of the graph")
      ->type_name("FOLDER")
      ->capture_default_str();
  app.add_flag("--no-picture", options.no_picture, "write no files");
  app.add_option("--digits", options.digits, "significant digits of the gradients in full")
      ->check(CLI::Range(1, 17))
      ->capture_default_str();
  app.add_flag("--quiet", options.quiet, "print only what disagrees, and the outcome");
}

bool is_the_tutorials(const Network<double>& given) {
  const Network<double> tutorial;
  for (int i = 0; i < given_count; ++i) {
    const auto field = quantities<double>[i].field;
    if (given.*field != tutorial.*field) return false;
  }
  return true;
}

void introduce(const Options& options, Comparable comparable, const Report& report) {
  report.text(report.terminal().heading("A 2-2-2 network: backpropagation, number by number"));
  report.text(R"(
  tutorial     the number printed there; some are truncated rather than rounded, so a difference of
               one unit in the last place is accepted
  Chainrule    the same number from the recorded graph; derivatives come from a reverse sweep
  differences  the same derivative, by central differences of the plain function)");
  if (!comparable.network)
    report.text(
        fmt::format("\n  The network is that of {}, not the tutorial's: there are no tutorial "
                    "numbers to\n  compare with, but every derivative is checked against "
                    "differences.",
                    options.network_file));
  else if (!comparable.training)
    report.text(
        fmt::format("\n  {} not the tutorial's: the updated weights and later numbers are not "
                    "compared with it.",
                    options.training.biases ? "Training the biases is" : "The rate is"));
}

/// Draws the graph of E_total, with the gradient at every node.
void draw(const Network<chainrule::Var>& n, const std::string& folder, const Report& report) {
  const chainrule::Gradient g = gradient(n.E_total);
  const chainrule::DotOptions options{.left_to_right = false,
                                      .title =
                                          "The first step: every number and its gradient, "
                                          "dE_total/d(number)"};
  std::filesystem::create_directories(folder);
  const std::string path = (std::filesystem::path(folder) / "worked_example").string();
  write_dot(n.E_total, g, path + ".dot", options);
  report.text(fmt::format("\n{}\n  {}.dot", report.terminal().heading("The graph, drawn"), path));
  if (chainrule::has_graphviz()) {
    render(n.E_total, g, path + ".svg", options);
    report.text(fmt::format("  {}.svg", path));
  } else {
    report.text(
        fmt::format("  no .svg: this build is without Graphviz's library. Draw it with\n"
                    "  dot -Tsvg {0}.dot -o {0}.svg",
                    path));
  }
}

int run(const Options& options) {
  if (!std::isfinite(options.training.rate))
    throw chainrule::DomainError(fmt::format("--rate: {} is not finite", options.training.rate));
  const Network<double> given =
      options.network_file.empty() ? Network<double>{} : read_network(options.network_file);
  Comparable comparable;
  comparable.network = is_the_tutorials(given);
  comparable.training =
      comparable.network && !options.training.biases && options.training.rate == Training{}.rate;
  Report report(Terminal(), options.quiet);
  introduce(options, comparable, report);

  chainrule::Graph graph;
  const Network<chainrule::Var> n = record(given);
  FirstStep first(given, n, options.training.rate, comparable, report);
  first.forward_pass();
  first.output_layer();
  first.hidden_layer();
  first.delta_rule();
  first.updated_weights();
  first.gradients_in_full(options.digits);
  first.second_derivatives();
  after_training(given, options.training, comparable, report);
  if (!options.no_picture) draw(n, options.output, report);
  report.text("");
  report.verdict();
  return report.all_agree() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Recomputes the step-by-step backpropagation tutorial and compares every number."};
  describe(app, options);
  return run_program(app, "worked_example", argc, argv, [&] { return run(options); });
}
