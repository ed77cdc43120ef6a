// Operands that do not fit: the message names the operation and both shapes or types, it is thrown
// where the operation is recorded, and the graph stays unchanged.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;

struct Mismatch {
  const char* operation;
  Shape x, y;
  Binary f;
};

const std::vector<Mismatch> mismatches = {
    {"add", {2, 3}, {4}, [](const auto& x, const auto& y) { return x + y; }},
    {"subtract", {2, 3}, {2}, [](const auto& x, const auto& y) { return x - y; }},
    {"multiply", {2, 3}, {3, 2}, [](const auto& x, const auto& y) { return x * y; }},
    {"divide", {2}, {3}, [](const auto& x, const auto& y) { return x / y; }},
    {"pow", {2}, {3}, [](const auto& x, const auto& y) { return pow(x, y); }},
    {"atan2", {2, 2}, {3}, [](const auto& x, const auto& y) { return atan2(x, y); }},
    {"max", {2, 2}, {3}, [](const auto& x, const auto& y) { return max(x, y); }},
    {"matmul", {2, 3}, {4, 5}, [](const auto& x, const auto& y) { return matmul(x, y); }},
    {"matmul", {2, 3}, {2}, [](const auto& x, const auto& y) { return matmul(x, y); }},
    {"matmul", {2, 2, 3}, {3, 3, 2}, [](const auto& x, const auto& y) { return matmul(x, y); }},
    {"dot", {2}, {3}, [](const auto& x, const auto& y) { return dot(x, y); }},
    {"outer", {2, 2}, {3}, [](const auto& x, const auto& y) { return outer(x, y); }},
    {"linear",
     {2, 3},
     {4, 5},
     [](const auto& x, const auto& y) { return linear(x, y, zeros({4})); }},
    {"einsum",
     {2, 3},
     {4, 5},
     [](const auto& x, const auto& y) {
       return einsum("ij,jk->ik", {x, y});
     }},
    {"concat",
     {2, 3},
     {2, 4},
     [](const auto& x, const auto& y) {
       return concat({x, y}, 0);
     }},
    {"concat",
     {2, 3},
     {2},
     [](const auto& x, const auto& y) {
       return concat({x, y}, 0);
     }},
    {"stack",
     {2, 3},
     {3, 2},
     [](const auto& x, const auto& y) {
       return stack({x, y}, 0);
     }},
    {"select", {2, 3}, {4}, [](const auto& x, const auto& y) { return where(x, y, 0.0); }},
    {"layernorm", {2, 3}, {4}, [](const auto& x, const auto& y) { return layernorm(x, y, y); }},
};

struct Refusal {
  std::vector<const char*> words;
  std::function<void()> f;
};

template <class E>
void check_refused(const std::vector<Refusal>& refusals) {
  Graph graph;
  for (const Refusal& refusal : refusals) {
    const std::size_t size = graph.size();
    const std::string message = message_of<E>(refusal.f);
    CAPTURE(message);
    for (const char* const word : refusal.words) {
      CAPTURE(word);
      CHECK(contains(message, word));
    }
    CHECK(graph.size() == size);
  }
}

}  // namespace

TEST_CASE("errors for shapes name them and the operation") {
  for (const Mismatch& mismatch : mismatches) {
    const std::string operation = mismatch.operation;
    const auto& f = mismatch.f;
    CAPTURE(operation);
    Graph graph;
    const Tensor x = variable(Tensor(random_array(mismatch.x))),
                 y = variable(Tensor(random_array(mismatch.y)));
    const std::size_t size = graph.size();
    const std::string message = message_of<ShapeError>([&] { f(x, y); });
    CAPTURE(message);
    CHECK(contains(message, operation));
    CHECK(contains(message, text_of(mismatch.x)));
    CHECK(contains(message, text_of(mismatch.y)));
    CHECK(graph.size() == size);
    CHECK_THROWS_AS(f(x.value(), y.value()), ShapeError);  // constants, too
  }
}

TEST_CASE("errors for element types name them, the operation and a remedy") {
  for (const Mismatch& mismatch : mismatches) {
    const std::string operation = mismatch.operation;
    const auto& f = mismatch.f;
    if (operation == "layernorm" || operation == "linear") continue;
    // A shape that every operation accepts, except for operations on vectors.
    const Shape shape = operation == "outer" || operation == "dot" ? Shape{2} : Shape{2, 2};
    CAPTURE(operation);
    Graph graph;
    const Tensor x = variable(ones(shape)), y = variable(ones(shape, DType::float32));
    const std::size_t size = graph.size();
    if (operation == "select") {
      CHECK(f(x, y).dtype() == DType::float32);  // a mask may be of any type
      continue;
    }
    const std::string message = message_of<DTypeError>([&] { f(x, y); });
    CAPTURE(message);
    CHECK(contains(message, operation == "dot" ? "matmul" : operation));
    CHECK(contains(message, "float64"));
    CHECK(contains(message, "float32"));
    CHECK(graph.size() == size);
  }
}

TEST_CASE("axes, sizes and indices that do not exist") {
  const Tensor x = ones({2, 3});
  check_refused<ShapeError>({
      {{"sum", "2"}, [&] { sum(x, 2); }},
      {{"sum", "-3"}, [&] { sum(x, -3); }},
      {{"mean", "1"},
       [&] {
         mean(x, {1, -1});
       }},
      {{"softmax", "2"}, [&] { softmax(x, 2); }},
      {{"cumsum", "5"}, [&] { cumsum(x, 5); }},
      {{"reshape", "[2, 3]", "[4, 2]"},
       [&] {
         reshape(x, {4, 2});
       }},
      {{"reshape", "[2, 3]"},
       [&] {
         reshape(x, {-1, 4});
       }},
      {{"reshape"},
       [&] {
         reshape(x, {-1, -1});
       }},
      {{"permute", "[0, 0]"},
       [&] {
         permute(x, {0, 0});
       }},
      {{"expand", "[2, 3]", "[4, 3]"},
       [&] {
         expand(x, {4, 3});
       }},
      {{"flip", "4"}, [&] { flip(x, 4); }},
      {{"slice", "0"},
       [&] {
         slice(x, 0, Slice{0, 2, 0});
       }},
      {{"slice", "[2, 3]"},
       [&] {
         slice(x, {{}, {}, {}});
       }},
      {{"split", "[2, 3]", "[1, 2]"},
       [&] {
         split(x, {1, 2}, 0);
       }},
      {{"pad", "[2, 3]"}, [&] { pad(x, {1}, {1}); }},
      {{"roll", "3"}, [&] { roll(x, 1, 3); }},
      {{"index_select", "3"},
       [&] {
         index_select(x, 1, Indices{0, 3});
       }},
      {{"index_select", "-1"}, [&] { index_select(x, 0, Indices{-1}); }},
      {{"gather", "[2, 3]", "[2]"},
       [&] {
         gather(x, 0, Indices{0, 1});
       }},
      {{"scatter_add", "[2, 3]"},
       [&] {
         scatter_add(x, 0, Indices{0, 1}, {2, 3});
       }},
      {{"diag", "[2, 3, 1]"},
       [&] {
         diag(reshape(x, {2, 3, 1}));
       }},
      {{"trace", "[2]"}, [&] { trace(ones({2})); }},
      {{"tril", "[2]"}, [&] { tril(ones({2})); }},
      {{"amax", "[0, 3]"},
       [&] {
         amax(ones({0, 3}), 0);
       }},
      {{"argmax", "[0, 3]"},
       [&] {
         argmax(ones({0, 3}), 0);
       }},
      {{"concat"}, [&] { concat(std::vector<Tensor>{}); }},
      {{"stack"}, [&] { stack(std::vector<Tensor>{}); }},
      {{"einsum", "[2, 3]"}, [&] { einsum("ijk->i", {x}); }},
      {{"cross_entropy", "[2, 3]", "[3]"},
       [&] {
         cross_entropy_with_logits(x, Indices{0, 1, 2});
       }},
      {{"cross_entropy", "3"},
       [&] {
         cross_entropy_with_logits(x, Indices{0, 3});
       }},
      {{"at"},
       [&] {
         static_cast<void>(x.at({2, 0}));
       }},
      {{"item", "[2, 3]"}, [&] { static_cast<void>(x.item()); }},
      {{"ragged"},
       [] {
         tensor({{1, 2}, {3}});
       }},
      {{"ragged"},
       [] {
         tensor({{1, 2}, 3});
       }},
  });
  check_refused<DomainError>(
      {{{"var", "[2, 3]"}, [&] { var(x, 0, 2.0); }}, {{"norm", "0"}, [&] { norm(x, 0.0); }}});
}

TEST_CASE("an unassigned tensor as an operand is an error") {
  Graph graph;
  const Tensor none, x = ones({2});
  check_refused<Error>({{{"add"}, [&] { none + x; }},
                        {{"sin"}, [&] { sin(none); }},
                        {{"sum"}, [&] { sum(none); }},
                        {{"matmul"}, [&] { matmul(x, none); }},
                        {{"reshape"}, [&] { reshape(none, {1}); }},
                        {{"transpose"}, [&] { transpose(none); }},
                        {{"concat"},
                         [&] {
                           concat({x, none});
                         }},
                        {{"argmax"}, [&] { argmax(none, 0); }},
                        {{"variable"}, [&] { variable(none); }},
                        {{"gradient"}, [&] { gradient(none); }},
                        {{"derivative"}, [&] { derivative(none, x); }},
                        {{"shape"}, [&] { static_cast<void>(none.shape()); }},
                        {{"rank"}, [&] { static_cast<void>(none.rank()); }},
                        {{"size"}, [&] { static_cast<void>(none.size()); }},
                        {{"dtype"}, [&] { static_cast<void>(none.dtype()); }},
                        {{"item"}, [&] { static_cast<void>(none.item()); }},
                        {{"at"}, [&] { static_cast<void>(none.at({0})); }},
                        {{"to_vector"}, [&] { static_cast<void>(to_vector(none)); }},
                        {{"full_like"}, [&] { zeros_like(none); }}});
  const Tensor y = variable(x);
  CHECK(contains(message_of<Error>([&] { gradient(sum(y))[none]; }), "gradient"));
  CHECK(contains(message_of<Error>([&] { derivative(sum(y), none); }), "derivative"));
}

TEST_CASE("a shape that is invalid or too large is refused before anything is allocated") {
  const std::int64_t many = std::int64_t{1} << 32;
  const Tensor one = tensor(1.0), long_row = expand(one, {many});
  const Tensor column = expand(one, {many, 1}), row = expand(one, {1, many});
  CHECK(long_row.size() == many);  // a view: one element
  check_refused<ShapeError>(
      {{{"expand", "[-1, 3]", "negative"},
        [&] {
          expand(ones({1, 3}), {-1, 3});
        }},
       {{"expand", "[-1, -2]"},
        [&] {
          expand(ones({1, 1}), {-1, -2});
        }},
       {{"expand", "2^48"},
        [&] {
          expand(one, {many << 8, many << 8});
        }},
       {{"add", "[4294967296, 4294967296]"}, [&] { column + row; }},
       {{"matmul", "[4294967296, 4294967296]"}, [&] { matmul(column, row); }},
       {{"[4294967296, 4294967296]"}, [&] { outer(long_row, long_row); }},
       {{"einsum", "[4294967296, 4294967296]"},
        [&] {
          einsum("i,j->ij", {long_row, long_row});
        }},
       {{"stack", "2^48"}, [&] { stack(std::vector<Tensor>(std::size_t{1} << 17, long_row)); }}});
}

TEST_CASE("arrays are checked as tensors are") {
  const Array x = ones({2, 4}).value(), w = ones({4}).value();
  const Array w32 = ones({4}, DType::float32).value();
  check_refused<DTypeError>({{{"layernorm", "float64", "float32"}, [&] { layernorm(x, w32, w); }},
                             {{"layernorm", "float64", "float32"}, [&] { layernorm(x, w, w32); }},
                             {{"linear", "float32"}, [&] {
                                linear(x, ones({2, 4}, DType::float32).value(), w);
                              }}});
}

TEST_CASE("the error for an operand of an enclosing graph gives its shape") {
  Graph outer_graph;
  const Tensor x = variable(ones({2, 3}));
  Graph inner;
  const std::string message = message_of<GraphError>([&] { x * 2.0; });
  CHECK(contains(message, "multiply"));
  CHECK(contains(message, "of shape [2, 3]"));
  CHECK(contains(message_of<GraphError>([&] { sum(x); }), "of shape [2, 3]"));
}
