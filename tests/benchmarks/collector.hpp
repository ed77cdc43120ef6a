// Code shared by the benchmarks: measures each piece of work many times and keeps the shortest
// time.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace chainrule::benchmarks {

/// The shortest time of each benchmark, in nanoseconds: the one least disturbed by other processes.
class Collector : public benchmark::ConsoleReporter {
 public:
  /// Wall-clock time, or processor time, which other processes disturb less.
  enum class Clock { wall, processor };
  explicit Collector(Clock clock) : ConsoleReporter(OO_Tabular), clock_(clock) {}
  std::map<std::string, double> least;

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Aggregate) continue;
      const double all =
          clock_ == Clock::wall ? run.real_accumulated_time : run.cpu_accumulated_time;
      const double time = all / static_cast<double>(run.iterations) * 1e9;
      const auto [entry, is_new] = least.emplace(run.run_name.function_name, time);
      if (!is_new) entry->second = std::min(entry->second, time);
    }
  }

 private:
  Clock clock_;
};

/// Passes the command line to Google Benchmark, after the benchmark's own options, so that the user
/// can override them. Repetitions are interleaved at random, so that a disturbance does not affect
/// only one side of a ratio. Returns false, with a message on stderr, for an unknown argument.
inline bool initialize(std::vector<char*> arguments, std::vector<std::string> options) {
  options.insert(options.begin(), "--benchmark_enable_random_interleaving=true");
  std::vector<char*> all = {arguments.front()};
  for (std::string& option : options) all.push_back(option.data());
  all.insert(all.end(), arguments.begin() + 1, arguments.end());
  int count = static_cast<int>(all.size());
  benchmark::Initialize(&count, all.data());
  return !benchmark::ReportUnrecognizedArguments(count, all.data());
}
/// Options for a dozen repetitions.
inline const std::vector<std::string> dozen = {"--benchmark_repetitions=12",
                                               "--benchmark_min_time=0.03"};

/// Registers a benchmark.
inline void measure(const std::string& name, const std::function<double()>& work) {
  benchmark::RegisterBenchmark(name.c_str(), [work](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(work());
  })->Unit(benchmark::kMicrosecond);
}

}  // namespace chainrule::benchmarks
