// What the benchmarks have in common: work measured many times, and the least time of each.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace chainrule::benchmarks {

/// The least time of each benchmark, in nanoseconds: what is left when nobody disturbs.
class Collector : public benchmark::ConsoleReporter {
 public:
  /// Of the clock on the wall, or of the processor, which others at work disturb less.
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

/// Registers work, to be measured a dozen times.
inline void measure(const std::string& name, const std::function<double()>& work) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [work](benchmark::State& state) {
                                 for (auto _ : state) benchmark::DoNotOptimize(work());
                               })
      ->Repetitions(12)
      ->MinTime(0.03)
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace chainrule::benchmarks
