// The cost of a gradient: recorded from scratch and swept each time, as a ratio to the plain double
// function from the same source, measured in the same run. Prints a table after Google Benchmark's
// own output.
//
//   gradients_benchmark --data=FOLDER [Google Benchmark's options]
//
// FOLDER has the inputs of the public ADBench benchmark (gmm_*.txt, lstm_*.txt); rows whose input
// is missing are skipped with a message. The default of --data is the environment variable
// CHAINRULE_ADBENCH.

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "collector.hpp"
#include "objectives/gmm_by_hand.hpp"
#include "objectives/lstm.hpp"
#include "objectives/network.hpp"

namespace {

using chainrule::Gradient;
using chainrule::Graph;
using chainrule::Var;
using chainrule::benchmarks::Collector;
using chainrule::benchmarks::measure;
namespace objectives = chainrule::objectives;

/// A row of the table: the measured objective, and the published result of the fastest known tape.
struct Row {
  std::string name;
  double known_tape;
  std::size_t nodes;
};
std::vector<Row> rows;

/// Registers an objective: the plain function, and its gradient, recorded from scratch each time.
template <class Objective>
void add(const std::string& name, double known_tape, const std::vector<double>& x,
         Objective objective) {
  measure(name + "/plain", [=] { return objective(std::span<const double>(x)); });
  measure(name + "/gradient", [=] {
    return chainrule::value_and_gradient([&](std::span<const Var> vars) { return objective(vars); },
                                         x)
        .gradient[0];
  });
  Graph graph;
  std::vector<Var> variables;
  for (const double value : x) variables.push_back(chainrule::variable(value));
  objective(std::span<const Var>(variables));
  rows.push_back({name, known_tape, graph.size()});
}

void add_adbench(const std::string& folder) {
  const auto try_to = [](const auto& work) {
    try {
      work();
    } catch (const std::exception& error) {
      fmt::print("skipped: {}\n", error.what());
    }
  };
  const auto add_gmm = [&](const char* name, double known_tape) {
    try_to([&] {
      const auto data = objectives::read_gmm(fmt::format("{}/gmm_{}.txt", folder, name));
      const std::string row = std::string("gmm ") + name;
      add(row, known_tape, data.parameters,
          [data]<class T>(std::span<const T> x) { return objectives::gmm<T>(data, x); });
      std::vector<double> gradient(data.parameters.size());
      measure(row + "/hand", [data, gradient]() mutable {
        return objectives::gmm_gradient_by_hand(data, data.parameters, gradient);
      });
    });
  };
  const auto add_lstm = [&](const char* name, double known_tape) {
    try_to([&] {
      const auto data = objectives::read_lstm(fmt::format("{}/lstm_{}.txt", folder, name));
      add(std::string("lstm ") + name, known_tape, data.parameters,
          [data]<class T>(std::span<const T> x) { return objectives::lstm<T>(data, x); });
    });
  };
  add_gmm("d10_K25", 12.6);
  add_gmm("d32_K5", 33);
  add_gmm("d2_K50", 5.8);
  add_lstm("l2_c1024", 2.8);
  add_lstm("l4_c4096", 3.4);
}

double by_hand[8], by_graph[8];  // the weights during training

double step_by_graph() {
  Graph graph;
  Var weights[8];
  for (int i = 0; i < 8; ++i) weights[i] = chainrule::variable(by_graph[i]);
  const Var loss = objectives::network_loss<Var>(weights);
  const Gradient gradient = chainrule::gradient(loss);
  for (int i = 0; i < 8; ++i)
    by_graph[i] -= objectives::network_example.rate * gradient[weights[i]];
  return loss.value();
}

/// One training step of the 2-2-2 network, recorded from scratch, compared with hand-coded
/// backpropagation. Here "plain" is the hand-coded step, as in the published results.
void add_network() {
  const auto& start = objectives::network_example.weights;
  std::copy(std::begin(start), std::end(start), by_hand);
  std::copy(std::begin(start), std::end(start), by_graph);
  measure("network step/plain", [] { return objectives::network_step_by_hand(by_hand); });
  measure("network step/gradient", step_by_graph);
  Graph graph;
  Var weights[8];
  for (int i = 0; i < 8; ++i) weights[i] = chainrule::variable(start[i]);
  objectives::network_loss<Var>(weights);
  rows.push_back({"network step", 4.3, graph.size()});
}

/// The resident memory of this process in bytes; 0 if the system does not report it.
double resident_bytes() {
  std::ifstream status("/proc/self/statm");
  double total = 0, resident = 0;
  status >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// Memory per node of a large graph in bytes, including the adjoints of all nodes, as reported by
/// the system.
double bytes_per_node() {
  constexpr int count = 20'000'000;
  chainrule::release_memory();
  const double before = resident_bytes();
  Graph graph;
  Var x = chainrule::variable(0.5);
  for (int i = 0; i < count / 2; ++i) x = x * 0.999 + 0.001;
  const Gradient gradient = chainrule::gradient(x);
  return (resident_bytes() - before) / static_cast<double>(graph.size());
}

void print_table(const std::map<std::string, double>& least) {
  const auto time = [&](const std::string& name) {
    const auto entry = least.find(name);
    return entry == least.end() ? 0.0 : entry->second;
  };
  fmt::print("\n{:<16}{:>10}{:>12}{:>8}{:>12}{:>8}{:>12}{:>10}\n", "gradient of", "nodes",
             "plain, us", "ratio", "known tape", "hand", "ns a node", "verdict");
  for (const Row& row : rows) {
    const double plain = time(row.name + "/plain"), ours = time(row.name + "/gradient");
    if (plain == 0.0 || ours == 0.0) continue;
    const double hand = time(row.name + "/hand");
    fmt::print("{:<16}{:>10}{:>12.2f}{:>8.2f}{:>12.1f}{:>8}{:>12.2f}{:>10}\n", row.name, row.nodes,
               plain / 1e3, ours / plain, row.known_tape,
               hand > 0.0 ? fmt::format("{:.2f}", hand / plain) : std::string("-"),
               ours / static_cast<double>(row.nodes),
               ours / plain < row.known_tape ? "below" : "above");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder;
  if (const char* known = std::getenv("CHAINRULE_ADBENCH")) folder = known;
  std::vector<char*> rest;
  for (int i = 0; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind("--data=", 0) == 0)
      folder = argument.substr(7);
    else
      rest.push_back(argv[i]);
  }
  if (!chainrule::benchmarks::initialize(rest, chainrule::benchmarks::dozen)) return 2;

  add_network();
  if (folder.empty())
    fmt::print("skipped: gmm and lstm, because no inputs were given; set --data=FOLDER\n");
  else
    add_adbench(folder);
  Collector collector(Collector::Clock::wall);
  benchmark::RunSpecifiedBenchmarks(&collector);
  print_table(collector.least);
  if (benchmark::GetBenchmarkFilter().empty())
    fmt::print("\nbytes a node, adjoints included, 20 million nodes: {:.1f}\n", bytes_per_node());
  return 0;
}
