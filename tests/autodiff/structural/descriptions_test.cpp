// The texts that describe the parameters of a recorded operation; dot() shows them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/node.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// "reshape: [3, 2]": the operation of a recorded tensor and the description of its parameters.
std::string text_of_node(const Graph& graph, const Tensor& x) {
  const detail::TensorNode& node = *read_node(graph.tape(), x.id()).tensor;
  const detail::TensorOperation& operation = *node.structural;
  const std::string name(operation.notation.name);
  return operation.describe == nullptr ? name : name + ": " + operation.describe(node.parameters);
}

}  // namespace

TEST_CASE("the parameters of every structural operation are described") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({2, 3}))), row = variable(Tensor(ones({3})));
  const Tensor square = variable(Tensor(random_array({3, 3})));
  const Indices labels{2, 0}, grid(std::vector<std::int64_t>{0, 1, 2}, {1, 3});
  const Array weights = array_of({3}, {1, 2, 3});
  const auto target = [&](const Array& class_weights, double smoothing) {
    return cross_entropy_target(labels, class_weights, smoothing);
  };
  const std::vector<std::pair<Tensor, const char*>> rows = {
      {expand(row, {2, 3}), "expand: [2, 3]"},
      {sum_to(x, {1, 3}), "sum_to: [1, 3]"},
      {reshape(x, {3, -1}), "reshape: [3, -1]"},
      {permute(x, {1, 0}), "permute: [1, 0]"},
      {flip(x, {1, 0}), "flip: axes=[1, 0]"},
      {slice(x, 1, {Slice::none, Slice::none, -2}), "slice: from [0, 2] in steps of [1, -2]"},
      {slice(x, 0, {1, Slice::none, 3}), "slice: from [1, 0] in steps of [1, 1]"},
      {slice(x, 1, {1, 1}), "slice: from [0, 0] in steps of [1, 1]"},
      {pad(x, {1, 0}, {0, 2}), "pad: [1, 0] into [3, 5]"},
      {roll(x, -2, 1), "roll: by -2, axis=1"},
      {concat({x, x}, 1), "concat: axis=1"},
      {stack({x, x}, -1), "stack: axis=-1"},
      {diagonal(x, 1), "diagonal: k=1"},
      {diag(row, -1), "diag: 4 by 4, k=-1"},
      {trace(x), "trace"},
      {tril(x, 1), "triangle: lower, k=1"},
      {triu(x, -1), "triangle: upper, k=-1"},
      {index_select(x, 1, labels), "index_select: axis=1, [2] indices"},
      {index_add(x, 0, Indices{1, 4}, {5, 3}), "index_add: axis=0, [2] indices"},
      {gather(x, -1, grid), "gather: axis=-1, [1, 3] indices"},
      {scatter_add(x, 1, grid, {1, 3}), "scatter_add: axis=1, [1, 3] indices"},
      {astype(x, DType::float32), "astype: float32"},
      {matmul(x, square), "matmul: "},
      {linear(x, square), "matmul: transpose_y"},
      {apply<rules::Matmul>({true, false, Precision::full}, square, row), "matmul: transpose_x"},
      {linear(x, square, row), "linear"},
      {outer(row, row), "outer"},
      {einsum("ij->j", {x}), "collect_indices: ij->j"},
      {apply<rules::SpreadIndices>({"i", "ii", {3, 3}}, row), "spread_indices: i->ii"},
      {einsum("ij,kj->ki", {x, square}), "einsum: ij,kj->ki"},
      {apply<rules::Spread>({{3, 2}, 1}, row), "spread"},
      {sum(x), "sum: "},
      {sum(x, all_axes, true), "sum: keepdims"},
      {sum(x, -1), "sum: axis=-1"},
      {mean(x, {0, 1}), "mean: axes=[0, 1]"},
      {prod(x, 1, true), "prod: axis=1, keepdims"},
      {amax(x, AxisList{}), "amax: axes=[]"},
      {amin(x, 0), "amin: axis=0"},
      {max_along(x, 1), "max_along: axis=1"},
      {min_along(x, 0, true), "min_along: axis=0, keepdims"},
      {cumsum(x, 1), "cumsum: axis=1"},
      {cumprod(x, 0), "cumprod: axis=0"},
      {apply<rules::Cumsum>({-1, true}, x), "cumsum: axis=-1, reverse"},
      {apply<rules::Shift>({{1, true}, 0.5}, x), "shift: axis=1, reverse"},
      {apply<rules::Recurrence>({{0, false}, true}, x, x), "recurrence: axis=0"},
      {norm(x), "norm: "},
      {norm(x, 3.0), "norm: p=3"},
      {norm(x, 2.0, 1), "norm: axis=1"},
      {norm(x, 1.5, 0, true), "norm: p=1.5, axis=0, keepdims"},
      {centred(x, 1), "centred: axis=1"},
      {var(x), "var: "},
      {var(x, 1), "var: axis=1"},
      {stddev(x, all_axes, 1.0), "stddev: correction=1"},
      {stddev(x, 1, 0.5, true), "stddev: axis=1, keepdims, correction=0.5"},
      {softmax(x), "softmax: axis=-1"},
      {log_softmax(x, 0), "log_softmax: axis=0"},
      {logsumexp(x, 1), "logsumexp: axis=1"},
      {apply<rules::SoftmaxAdjoint>({0}, x, x), "softmax_adjoint: axis=0"},
      {apply<rules::LogSoftmaxAdjoint>({1}, x, x), "log_softmax_adjoint: axis=1"},
      {apply<rules::StandardScale>({0.5}, x), "standard_scale: epsilon=0.5"},
      {standardised(x, {0.25}), "standardised: epsilon=0.25"},
      {apply<rules::StandardisedAdjoint>({0.125}, x, x), "standardised_adjoint: epsilon=0.125"},
      {layernorm(x, row, row, 0.75), "layernorm: epsilon=0.75"},
      {apply<rules::CrossEntropy>(target({}, 0.0), x), "cross_entropy: "},
      {apply<rules::CrossEntropy>(target(weights, 0.0), x), "cross_entropy: weighted"},
      {apply<rules::CrossEntropy>(target({}, 0.25), x), "cross_entropy: smoothing=0.25"},
      {apply<rules::CrossEntropyAdjoint>(target(weights, 0.5), x, sum(x, 1)),
       "cross_entropy_adjoint: weighted, smoothing=0.5"}};
  for (const auto& expected : rows) CHECK(text_of_node(graph, expected.first) == expected.second);
}
