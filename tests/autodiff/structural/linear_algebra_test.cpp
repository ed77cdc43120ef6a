#include "autodiff/structural/linear_algebra.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "autodiff/autodiff.hpp"
#include "autodiff/graph/tensor_operation.hpp"
#include "tests/support/check_close.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/naive_sum.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// matmul by its definition: letters for the batches, aligned at the last axis, then the matrix.
Array naive_matmul(const Array& x, const Array& y) {
  const std::string batches = "abcdef";
  const auto letters = [&](const Array& operand, const std::string& matrix) {
    const std::size_t own = operand.rank() - matrix.size();
    return batches.substr(batches.size() - own) + matrix;
  };
  const std::string of_x = letters(x, x.rank() == 1 ? "k" : "ik");
  const std::string of_y = letters(y, y.rank() == 1 ? "k" : "kj");
  const std::size_t batch_rank = std::max(of_x.size() - std::min<std::size_t>(x.rank(), 2),
                                          of_y.size() - std::min<std::size_t>(y.rank(), 2));
  std::string result = batches.substr(batches.size() - batch_rank);
  if (x.rank() > 1) result += 'i';
  if (y.rank() > 1) result += 'j';
  return naive_sum({of_x, of_y}, result, {x, y});
}

TensorFunction of_two(Tensor (*f)(const Tensor&, const Tensor&)) {
  return [f](const std::vector<Tensor>& x) { return f(x[0], x[1]); };
}

}  // namespace

TEST_CASE("matmul agrees with NumPy's definition for all combinations of ranks") {
  const std::pair<Shape, Shape> shapes[] = {
      {{2, 3}, {3, 4}},       {{1, 1}, {1, 1}},       {{3}, {3}},
      {{3}, {3, 2}},          {{2, 3}, {3}},          {{1, 3}, {3, 1}},
      {{2, 2, 3}, {3, 2}},    {{2, 2, 3}, {2, 3, 2}}, {{2, 3}, {2, 3, 2}},
      {{2, 2, 3}, {3}},       {{3}, {2, 3, 2}},       {{2, 1, 2, 3}, {3, 3, 1}},
      {{2, 1, 3}, {1, 3, 2}}, {{1, 2, 3}, {2, 3, 1}}, {{1, 1, 2}, {1, 1, 2, 3}},
      {{2, 2, 1}, {1, 2}},    {{2, 1, 2}, {1, 2, 2}}, {{1, 2, 2}, {3, 1, 2, 1}}};
  unsigned seed = 1;
  for (const auto& pair : shapes) {
    const Shape &of_x = pair.first, &of_y = pair.second;  // CAPTURE's lambda takes no binding
    CAPTURE(text_of(of_x));
    CAPTURE(text_of(of_y));
    const Array x = random_array(of_x, ++seed), y = random_array(of_y, ++seed);
    check_close(matmul(x, y), naive_matmul(x, y));
    check_derivatives("matmul", of_two(matmul<Tensor>), {x, y});
  }
}

TEST_CASE("matmul of random shapes and layouts agrees with the definition") {
  std::mt19937 random(7);
  const auto size = [&] { return std::uniform_int_distribution<std::int64_t>(1, 5)(random); };
  for (int round = 0; round < 200; ++round) {
    const std::int64_t k = size();
    const auto batch_rank = static_cast<std::size_t>(size() % 4);
    Shape of_x, of_y;
    for (std::size_t i = 0; i < batch_rank; ++i) {
      const std::int64_t both = size() % 3 + 1;
      of_x.push_back(size() > 3 ? 1 : both);
      of_y.push_back(size() > 3 ? 1 : both);
    }
    for (std::int64_t cut = size() % 3; cut > 0 && !of_x.empty(); --cut) of_x.erase(0);
    for (const std::int64_t n : {size(), k}) of_x.push_back(n);
    for (const std::int64_t n : {k, size()}) of_y.push_back(n);
    CAPTURE(text_of(of_x));
    CAPTURE(text_of(of_y));
    const Array x = random_array(of_x, static_cast<unsigned>(round)),
                y = random_array(of_y, static_cast<unsigned>(round) + 1000);
    const Array expected = naive_matmul(x, y);
    for (const Array& a : layouts_of(x))
      for (const Array& b : layouts_of(y)) check_close(matmul(a, b), expected);
    const Array x32 = random_array(of_x, static_cast<unsigned>(round), -2.0, 2.0, DType::float32),
                y32 = random_array(of_y, 5, -2.0, 2.0, DType::float32);
    // The error of each of the k products and k sums is at most 2^-24 of numbers up to 4 k.
    check_close(matmul(x32, y32), naive_matmul(x32, y32), 40.0 * std::ldexp(1.0, -24));
  }
}

TEST_CASE("products of views have the derivatives of products of copies") {
  const Array x = random_array({2, 3, 4}, 3), w = random_array({4, 2}, 4), b = random_array({2}, 5);
  for (const Array& view : layouts_of(x)) {
    check_derivatives("matmul", of_two(matmul<Tensor>), {view, w});
    check_derivatives("linear",
                      [](const std::vector<Tensor>& v) {
                        return linear(v[0], reshape(v[1], {2, 4}), v[2]);
                      },
                      {view, w, b});
  }
  for (const Array& view : layouts_of(w))
    check_derivatives("matmul", of_two(matmul<Tensor>), {x, view});
  const Array rows = repeated_rows({2, 3, 4});
  check_close(matmul(rows, w), naive_matmul(rows, w));
}

TEST_CASE("transposes are parameters of the product, so derivatives make no other nodes") {
  const Array x = random_array({3, 2}, 1), y = random_array({4, 3}, 2);
  const auto product = [](bool of_x, bool of_y) {
    return [=](const std::vector<Tensor>& v) {
      return apply<rules::Matmul>({of_x, of_y, Precision::full}, v[0], v[1]);
    };
  };
  const Array both = product(true, true)({x, y}).value();
  check_close(both, naive_sum({"ki", "jk"}, "ij", {x, y}));
  check_derivatives("both transposed", product(true, true), {x, y});
  check_derivatives("left transposed", product(true, false), {x, random_array({3, 4}, 3)});
  check_derivatives("right transposed", product(false, true), {random_array({2, 3}, 4), y});
  check_derivatives("batches", product(true, true),
                    {random_array({2, 3, 2}, 5), random_array({4, 3}, 6)});
  check_derivatives("a vector at the right", product(true, false),
                    {random_array({2, 3, 2}, 7), random_array({3}, 8)});
  check_derivatives("a vector at the left", product(false, true),
                    {random_array({3}, 9), random_array({2, 4, 3}, 10)});
  CHECK(rules::Matmul::describe({}) == "");
  CHECK(rules::Matmul::describe({true, true, Precision::bfloat16}) ==
        "transpose_x, transpose_y, bfloat16");

  Graph graph;
  const Tensor a = variable(x), b = variable(y);
  const Tensor r = apply<rules::Matmul>({true, true, Precision::full}, a, b);
  const std::size_t before = graph.size();
  const Tensor seed = Array::filled(DType::float64, r.value().shape(), 1.0);
  const Tensor inputs[] = {a, b};
  derivative(std::span(&r, 1), std::span(&seed, 1), inputs);
  CHECK(graph.size() == before + 2);
}

TEST_CASE("empty products: empty sums are 0, and empty results are allowed") {
  const std::pair<Shape, Shape> shapes[] = {
      {{2, 0}, {0, 3}},       {{0, 2}, {2, 3}},    {{2, 2}, {2, 0}},       {{0}, {0}},
      {{0}, {0, 2}},          {{0, 2, 3}, {3, 2}}, {{0, 2, 3}, {1, 3, 2}}, {{2, 2, 0}, {0, 2}},
      {{2, 2, 0}, {2, 0, 1}}, {{0, 2, 3}, {3}}};
  for (const auto& pair : shapes) {
    const Shape &of_x = pair.first, &of_y = pair.second;  // CAPTURE's lambda takes no binding
    CAPTURE(text_of(of_x));
    CAPTURE(text_of(of_y));
    const Array x = random_array(of_x), y = random_array(of_y);
    check_close(matmul(x, y), naive_matmul(x, y));
    check_derivatives("matmul", of_two(matmul<Tensor>), {x, y});
  }
  check_derivatives("linear", [](const std::vector<Tensor>& v) { return linear(v[0], v[1], v[2]); },
                    {random_array({2, 0}), random_array({3, 0}), random_array({3})});
  check_close(linear(random_array({2, 0}), random_array({3, 0}), array_of({3}, {1, 2, 3})),
              array_of({2, 3}, {1, 2, 3, 1, 2, 3}));
}

TEST_CASE("dot and outer") {
  const Array x = array_of({3}, {1, 2, 3}), y = array_of({3}, {4, 5, 6}), z = array_of({2}, {7, 8});
  CHECK(dot(x, y).element(0) == 32.0);
  CHECK(dot(x, y).rank() == 0);
  check_close(outer(x, z), array_of({3, 2}, {7, 8, 14, 16, 21, 24}));
  check_derivatives("dot", of_two(dot<Tensor>), {x, y});
  check_derivatives("outer", of_two(outer<Tensor>), {x, z});
  check_derivatives("dot of one vector with itself",
                    [](const std::vector<Tensor>& v) { return dot(v[0], v[0]); }, {x});
  check_close(outer(x, layouts_of(random_array({4}))[2]),
              naive_sum({"i", "j"}, "ij", {x, random_array({4})}));
}

TEST_CASE("linear is x Wᵀ + b for any number of leading axes") {
  const Array w = random_array({4, 3}, 1), b = random_array({4}, 2);
  for (const Shape& shape :
       {Shape{3}, Shape{2, 3}, Shape{1, 3}, Shape{2, 2, 3}, Shape{2, 1, 2, 3}}) {
    CAPTURE(text_of(shape));
    const Array x = random_array(shape, 3);
    const std::string batch = std::string("abc").substr(0, shape.size() - 1);
    const Array product = naive_sum({batch + "i", "oi"}, batch + "o", {x, w});
    for (const Array& view : layouts_of(x))
      for (const Array& weight : layouts_of(w)) {
        check_close(linear(view, weight), product);
        check_close(linear(view, weight, layouts_of(b)[2]), product + b);
      }
    check_derivatives(
        "linear", [](const std::vector<Tensor>& v) { return linear(v[0], v[1], v[2]); }, {x, w, b});
    check_derivatives("linear without bias",
                      [](const std::vector<Tensor>& v) { return linear(v[0], v[1]); }, {x, w});
  }
}

TEST_CASE("adjoints of constants are not computed, and those of broadcast batches are summed") {
  Graph graph;
  const Array x = random_array({2, 5, 3}, 1), w = random_array({3, 4}, 2);
  const Tensor weight = variable(Tensor(w));
  const Tensor y = matmul(Tensor(x), weight);
  const Tensor seed = random_array({2, 5, 4}, 3);
  const Gradient d = gradient(std::span(&y, 1), std::span(&seed, 1));
  check_close(d[weight].value(), naive_sum({"aik", "aij"}, "kj", {x, seed.value()}));
}

TEST_CASE("the precision of products is that of the scope in which they are recorded") {
  const Array x = random_array({3, 8}, 1, -2.0, 2.0, DType::float32),
              w = random_array({8, 4}, 2, -2.0, 2.0, DType::float32);
  CHECK(product_precision() == Precision::full);
  Graph graph;
  const Tensor a = variable(x), b = variable(w);
  {
    const ProductPrecision rounded(Precision::bfloat16);
    CHECK(product_precision() == Precision::bfloat16);
    {
      const ProductPrecision full(Precision::full);
      CHECK(product_precision() == Precision::full);
    }
    CHECK(product_precision() == Precision::bfloat16);
    matmul(a, b);
    linear(a, reshape(b, {4, 8}));
  }
  CHECK(product_precision() == Precision::full);
  int products = 0;
  for (const detail::TensorNode& node : graph.tape().tensors.nodes) {
    if (node.structural == nullptr || std::string(node.structural->notation.name) != "matmul")
      continue;
    CHECK(static_cast<const detail::ProductParameters*>(node.parameters)->precision ==
          Precision::bfloat16);
    ++products;
  }
  CHECK(products == 2);
  // bfloat16 has 8 bits of mantissa: the error of each factor is at most 2^-9 of it, and 8 products
  // of up to 4 are summed.
  const ProductPrecision rounded(Precision::bfloat16);
  const Tensor y = matmul(a, b);
  const Array exact = naive_matmul(x, w);
  for (std::int64_t i = 0; i < exact.size(); ++i)
    CHECK(std::abs(y.value().element(i) - exact.element(i)) <= 8 * 4 * std::ldexp(1.01, -8));
}

TEST_CASE("the Kronecker product, values and derivatives") {
  const std::pair<Shape, Shape> shapes[] = {{{2, 3}, {3, 2}},
                                            {{2}, {3}},
                                            {{2, 2}, {3}},
                                            {{3}, {2, 2}},
                                            {{}, {2, 3}},
                                            {{2}, {}},
                                            {{}, {}},
                                            {{1, 3}, {2, 1}},
                                            {{2, 1, 2}, {2, 3}},
                                            {{2, 0}, {3, 2}},
                                            {{0}, {2}},
                                            {{2}, {0, 3}},
                                            {{2, 1, 2, 1}, {1, 2, 1, 3}}};
  unsigned seed = 0;
  for (const auto& [of_x, of_y] : shapes) {
    const Array x = random_array(of_x, ++seed), y = random_array(of_y, ++seed);
    const std::size_t rank = std::max(of_x.size(), of_y.size());
    const auto aligned = [&](Shape shape) {
      while (shape.size() < rank) shape.insert(0, 1);
      return shape;
    };
    const Shape sizes_x = aligned(of_x), sizes_y = aligned(of_y);
    Shape result;
    for (std::size_t i = 0; i < rank; ++i) result.push_back(sizes_x[i] * sizes_y[i]);
    const auto expected = [&](const Index& at) {
      std::int64_t in_x = 0, in_y = 0;
      for (std::size_t i = 0; i < rank; ++i) {
        in_x = in_x * sizes_x[i] + at[i] / sizes_y[i];
        in_y = in_y * sizes_y[i] + at[i] % sizes_y[i];
      }
      return x.element(in_x) * y.element(in_y);
    };
    for (const Array& left : layouts_of(x))
      for (const Array& right : layouts_of(y))
        check_elements("kron", kron(left, right), DType::float64, result, expected);
    check_derivatives("kron", [](const auto& t) { return sin(kron(t[0], t[1])); }, {x, y}, {3});
  }
  const Array single = random_array({2}, 1, -1.0, 1.0, DType::float32);
  CHECK(kron(single, single).dtype() == DType::float32);
  check_derivatives("kron of x and x", [](const auto& t) { return kron(t[0], t[0]); },
                    {random_array({2, 2})});
}

TEST_CASE("operands that kron() cannot multiply are an error that records nothing") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({2, 3})));
  const std::size_t size = graph.size();
  check_message<DTypeError>([&] { kron(x, ones({2}, DType::float32)); },
                            {"kron", "float64", "float32", "[2, 3]"});
  const Tensor large = expand(tensor(1.0), {std::int64_t{1} << 47});
  check_message<ShapeError>([&] { kron(large, large); }, {"kron", "2^48"});
  check_message<ShapeError>([&] { kron(x, large); }, {"kron", "2^48"});
  check_message<Error>([&] { kron(x, Tensor()); }, {"kron"});
  CHECK(graph.size() == size);
}

TEST_CASE("errors give the sizes and a remedy") {
  const auto array = [](const Shape& shape) { return random_array(shape); };
  const auto matmul_message = [&](const Shape& x, const Shape& y) {
    return message_of<ShapeError>([&] { matmul(array(x), array(y)); });
  };
  CHECK(matmul_message({2, 3}, {4, 5}) ==
        "matmul: inner sizes differ: [2, 3] x [4, 5]. The last axis of the left operand is summed "
        "with the last but one of the right; transpose() or reshape() one of them.");
  CHECK(matmul_message({3}, {4}).find("inner sizes differ: [3] x [4]. ") != std::string::npos);
  CHECK(matmul_message({}, {3}).find("rank 0 has no axis to sum over. Write x * y") !=
        std::string::npos);
  CHECK(matmul_message({2, 1, 3}, {4, 3, 1}) ==
        "matmul: the batches of [2, 1, 3] x [4, 3, 1] do not fit: [2] and [4]. Aligned at the last "
        "axis, their sizes must be equal or 1.");
  CHECK(message_of<ShapeError>([&] {
          dot(array({2, 3}), array({3}));
        }).find("dot: [2, 3] and [3] are not") == 0);
  CHECK(message_of<ShapeError>([&] {
          dot(array({2}), array({3}));
        }).find("dot: the sizes of [2] and [3]") == 0);
  CHECK(message_of<ShapeError>([&] {
          outer(array({2}), array({3, 1}));
        }).find("outer: [2] and [3, 1]") == 0);
  CHECK(
      message_of<ShapeError>([&] {
        linear(array({2, 3}), array({4, 5}), array({4}));
      }) ==
      "linear: x [2, 3], weight [4, 5] and bias [4] do not fit. They must be [..., in], [out, in] "
      "and [out].");
  CHECK(message_of<ShapeError>([&] {
          linear(array({2, 3}), array({4, 5}));
        }).find("[2, 3] x [4, 5] transposed") != std::string::npos);
  const Array single = random_array({3, 2}, 1, -1.0, 1.0, DType::float32);
  CHECK_THROWS_AS(matmul(array({2, 3}), single), DTypeError);
  CHECK_THROWS_AS(matmul(Tensor(array({2, 3})), Tensor(single)), DTypeError);
}

TEST_CASE("operands of products that do not fit") {
  const Array x = random_array({2, 3}), single = astype(x, DType::float32), b = random_array({4});
  check_message<DTypeError>(
      [&] {
        linear(x, random_array({4, 3}), astype(b, DType::float32));
      },
      {"linear", "float32"});
  check_message<DTypeError>([&] { outer(b, astype(b, DType::float32)); }, {"outer", "float32"});
  check_message<DTypeError>([&] { einsum("ij,kj->ik", {x, single}); }, {"einsum", "float32"});
  check_message<DTypeError>([&] { einsum("ij,ij->ij", {x, single}); }, {"einsum", "float32"});
  check_message<ShapeError>([&] { linear(x, random_array({3}), b); }, {"linear", "[3]", "[4]"});
  check_message<ShapeError>([&] { linear(x, random_array({4, 3}), x); }, {"linear", "bias [2, 3]"});
  check_message<ShapeError>(
      [&] {
        linear(x, random_array({4, 3, 1}), b);
      },
      {"linear", "weight [4, 3, 1]"});
  check_message<ShapeError>(
      [&] {
        linear(x, random_array({4, 3}), random_array({4, 1}));
      },
      {"linear", "bias [4, 1]"});
  check_message<ShapeError>(
      [&] {
        linear(random_array({}), random_array({4, 3}), b);
      },
      {"linear: x []"});
  CHECK(message_of<ShapeError>([&] {
          matmul(x, random_array({2}));
        }).find("with the only one of the right") != std::string::npos);
}

TEST_CASE("a product of every two elements, summed, is the matrix product") {
  const std::pair<Shape, Shape> shapes[] = {{{3}, {3}},
                                            {{3}, {3, 2}},
                                            {{2, 3}, {3}},
                                            {{2, 3}, {3, 4}},
                                            {{2, 2, 3}, {3, 4}},
                                            {{2, 2, 3}, {3}},
                                            {{3}, {2, 3, 4}},
                                            {{1, 2, 3}, {2, 3, 4}},
                                            {{1, 3}, {3, 1}},
                                            {{2, 1, 3}, {3, 1}},
                                            {{2, 1, 2, 3}, {4, 3, 1}}};
  for (const auto& pair : shapes) {
    const Array x = random_array(pair.first, 1), y = random_array(pair.second, 2);
    CAPTURE(text_of(pair.first));
    CAPTURE(text_of(pair.second));
    for (const bool of_x : {false, true})
      for (const bool of_y : {false, true}) {
        const Array a = of_x && x.rank() > 1 ? transpose(x, -1, -2) : x;
        const Array b = of_y && y.rank() > 1 ? transpose(y, -1, -2) : y;
        if ((of_x && x.rank() == 1) || (of_y && y.rank() == 1)) continue;
        check_close(detail::sum_of_products({of_x, of_y}, a, b), naive_matmul(x, y));
      }
    check_close(matmul(x, Adjoint<Array>(y)).numbers(), naive_matmul(x, y));
    check_close(matmul(Adjoint<Array>(x), y).numbers(), naive_matmul(x, y));
  }
}
