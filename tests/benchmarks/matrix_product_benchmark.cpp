// The matrix products of training steps, in GFLOP/s on one thread: this library's kernels, also
// with factors rounded to bfloat16, compared with oneDNN through the same call, and with Eigen code
// compiled for this machine. Prints a table after Google Benchmark's own output; uses the shortest
// of many short runs.
//
//   taskset -c 1 matrix_product_benchmark [Google Benchmark's options]

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "autodiff/core/threads.hpp"
#include "autodiff/kernels/matrix_product.hpp"
#include "collector.hpp"

namespace {

using chainrule::MatrixView;
using chainrule::Precision;
using chainrule::ProductBackend;
using chainrule::benchmarks::Collector;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A layer of a network: y = x * transpose(w) + bias.
struct Layer {
  Matrix x, w, y, dx, dw, dy;
  Eigen::RowVectorXf bias;
  Layer(int batch, int in, int out)
      : x(Matrix::Random(batch, in)),
        w(Matrix::Random(out, in)),
        y(batch, out),
        dx(batch, in),
        dw(out, in),
        dy(Matrix::Random(batch, out)),
        bias(Eigen::RowVectorXf::Random(out)) {}
};

MatrixView rows(const Matrix& matrix) { return {matrix.data(), matrix.cols(), 1}; }
MatrixView columns(const Matrix& matrix) { return {matrix.data(), 1, matrix.cols()}; }

/// An implementation of the three products: forward, gradient of the weights, gradient of the
/// input.
struct Way {
  const char* name;
  std::function<void(Layer&)> products[3];
};

void product(Precision precision, MatrixView a, MatrixView b, Matrix& out, Eigen::Index depth,
             const float* bias = nullptr) {
  const auto size = [](Eigen::Index n) { return static_cast<std::size_t>(n); };
  chainrule::matrix_product(chainrule::DType::float32, precision, size(out.rows()),
                            size(out.cols()), size(depth), a, b, bias, false, out.data(),
                            out.cols());
}

Way ours(const char* name, Precision precision, ProductBackend backend) {
  const auto with = [=](const std::function<void(Layer&)>& work) {
    return [=](Layer& layer) {
      chainrule::select_product_backend(backend);
      work(layer);
    };
  };
  return {name,
          {with([=](Layer& l) {
             product(precision, rows(l.x), columns(l.w), l.y, l.x.cols(), l.bias.data());
           }),
           with([=](Layer& l) { product(precision, columns(l.dy), rows(l.x), l.dw, l.x.rows()); }),
           with([=](Layer& l) { product(precision, rows(l.dy), rows(l.w), l.dx, l.w.rows()); })}};
}

Way by_eigen() {
  return {"Eigen",
          {[](Layer& l) {
             l.y.noalias() = l.x * l.w.transpose();
             l.y.rowwise() += l.bias;
           },
           [](Layer& l) { l.dw.noalias() = l.dy.transpose() * l.x; },
           [](Layer& l) { l.dx.noalias() = l.dy * l.w; }}};
}

std::vector<Way> all_ways() {
  std::vector<Way> ways = {by_eigen(), ours("own", Precision::full, ProductBackend::own),
                           ours("own bf16", Precision::bfloat16, ProductBackend::own)};
  if (chainrule::has_product_backend(ProductBackend::onednn, chainrule::DType::float32)) {
    ways.push_back(ours("oneDNN", Precision::full, ProductBackend::onednn));
    ways.push_back(ours("oneDNN bf16", Precision::bfloat16, ProductBackend::onednn));
  }
  return ways;
}

struct Row {
  std::string name;
  double operations;
};
struct Network {
  std::string name;
  std::vector<Row> rows;
};

Network add_network(const std::vector<Way>& ways, int batch, const std::vector<int>& widths) {
  Network network = {fmt::format("{}, batch {}", fmt::join(widths, "-"), batch), {}};
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
    const auto layer = std::make_shared<Layer>(batch, widths[i], widths[i + 1]);
    const char* kinds[] = {"forward", "d weights", "d input"};
    for (int kind = 0; kind < (i == 0 ? 2 : 3); ++kind) {
      const std::string name =
          fmt::format("{} x {} -> {} {}", batch, widths[i], widths[i + 1], kinds[kind]);
      if (std::none_of(network.rows.begin(), network.rows.end(),
                       [&](const Row& row) { return row.name == name; })) {
        for (const Way& way : ways)
          benchmark::RegisterBenchmark((name + "/" + way.name).c_str(),
                                       [layer, work = way.products[kind]](benchmark::State& state) {
                                         for (auto _ : state) work(*layer);
                                       })
              ->Unit(benchmark::kMicrosecond);
      }
      network.rows.push_back({name, 2.0 * batch * widths[i] * widths[i + 1]});
    }
  }
  return network;
}

void print_table(const std::vector<Network>& networks, const std::vector<Way>& ways,
                 const std::map<std::string, double>& least) {
  for (const Network& network : networks) {
    fmt::print("\n{:<34}", network.name + ", GFLOP/s");
    for (const Way& way : ways) fmt::print("{:>13}", way.name);
    std::vector<double> totals(ways.size(), 0.0);
    for (const Row& row : network.rows) {
      fmt::print("\n  {:<32}", row.name);
      for (std::size_t i = 0; i < ways.size(); ++i) {
        const auto entry = least.find(row.name + "/" + ways[i].name);
        if (entry == least.end()) continue;
        totals[i] += entry->second;
        fmt::print("{:>13.1f}", row.operations / entry->second);
      }
    }
    fmt::print("\n  {:<32}", "all of a step, us");
    for (const double total : totals) fmt::print("{:>13.2f}", total / 1e3);
    fmt::print("\n  {:<32}", "ratio to Eigen");
    for (const double total : totals) fmt::print("{:>13.2f}", total / totals[0]);
    fmt::print("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (!chainrule::benchmarks::initialize(
          {argv, argv + argc}, {"--benchmark_repetitions=40", "--benchmark_min_time=0.003"}))
    return 2;

  chainrule::set_thread_count(1);
  const std::vector<Way> ways = all_ways();
  const std::vector<Network> networks = {
      add_network(ways, 32, {2, 16, 16, 2}), add_network(ways, 64, {64, 64, 64, 10}),
      add_network(ways, 64, {784, 128, 10}), add_network(ways, 256, {784, 512, 512, 10})};
  Collector collector(Collector::Clock::processor);
  benchmark::RunSpecifiedBenchmarks(&collector);
  print_table(networks, ways, collector.least);
  return 0;
}
