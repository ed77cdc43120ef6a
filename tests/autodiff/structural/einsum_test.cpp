#include "autodiff/structural/einsum.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "autodiff/autodiff.hpp"
#include "tests/support/check_close.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/naive_sum.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

constexpr std::int64_t sizes[] = {2, 3, 4, 1, 2, 3};  // of the letters i, j, k, l, m, n

std::vector<std::string> operands_in(const std::string& equation) {
  std::vector<std::string> operands(1);
  for (const char c : equation.substr(0, equation.find("->")))
    if (c == ',')
      operands.emplace_back();
    else
      operands.back() += c;
  return operands;
}

std::vector<Array> arrays_for(const std::string& equation, unsigned seed) {
  std::vector<Array> arrays;
  for (const std::string& letters : operands_in(equation)) {
    Shape shape;
    for (const char c : letters) shape.push_back(sizes[c - 'i']);
    arrays.push_back(random_array(shape, ++seed));
  }
  return arrays;
}

Array naive(const std::string& equation, const std::vector<Array>& arrays) {
  return naive_sum(operands_in(equation), equation.substr(equation.find("->") + 2), arrays);
}

std::string message_of(const std::string& equation, const std::vector<Shape>& shapes) {
  std::vector<Array> arrays;
  for (const Shape& shape : shapes) arrays.push_back(random_array(shape));
  return ::message_of<ShapeError>([&] { einsum(equation, std::span<const Array>(arrays)); });
}

}  // namespace

TEST_CASE("einsum, values and derivatives, for every kind of equation") {
  unsigned seed = 0;
  for (const std::string equation : {"ij->ij",        "ij->ji",
                                     "ij->i",         "ij->j",
                                     "ij->",          "ii->i",
                                     "ii->",          "iji->ji",
                                     "ijij->",        "iij->j",
                                     "i,i->",         "i,j->ij",
                                     "i,j->ji",       "i,j->",
                                     "ij,jk->ik",     "ij,jk->ki",
                                     "ij,kj->ik",     "ji,jk->ik",
                                     "ij,ij->ij",     "ij,ij->",
                                     "ij,ij->i",      "ij,ji->j",
                                     "ij,i->ij",      "i,ij->j",
                                     "ij,->ji",       ",->",
                                     "mij,mjk->mik",  "mij,jk->mik",
                                     "imj,jkm->kmi",  "ijk,jkm->im",
                                     "ijk,kjm->mi",   "ijk,mkj->im",
                                     "ikj,jkm->im",   "ijkm,kj->im",
                                     "ijm,ijk->km",   "iij,jk->ik",
                                     "ii,jj->ij",     "ijn,jk->ik",
                                     "il,lj->ij",     "ij,jk,km->im",
                                     "ij,j,i->",      "i,i,i->i",
                                     "ij,jk,ki->",    "ii,ij,jj->ij",
                                     "ij,ij,ij,ij->", "ijk,il,jm,kn->lmn"}) {
    CAPTURE(equation);
    const std::vector<Array> arrays = arrays_for(equation, seed += 10);
    const Array expected = naive(equation, arrays);
    check_close(einsum(equation, std::span<const Array>(arrays)), expected);
    for (std::size_t k = 0; k < arrays.size(); ++k)
      for (const Array& view : layouts_of(arrays[k])) {
        std::vector<Array> laid_out = arrays;
        laid_out[k] = view;
        check_close(einsum(equation, std::span<const Array>(laid_out)), expected);
      }
    check_derivatives(
        "einsum " + equation,
        [&](const std::vector<Tensor>& x) { return einsum(equation, std::span<const Tensor>(x)); },
        arrays);
  }
}

TEST_CASE("random equations agree with the definition") {
  std::mt19937 random(3);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  for (int round = 0; round < 400; ++round) {
    std::string equation, used;
    const int operands = 1 + below(4);
    for (int k = 0; k < operands; ++k) {
      if (k > 0) equation += ',';
      for (int i = below(4); i > 0; --i) {
        const char c = static_cast<char>('i' + below(6));
        equation += c;
        if (used.find(c) == std::string::npos) used += c;
      }
    }
    std::shuffle(used.begin(), used.end(), random);
    equation += "->" + used.substr(0, used.empty() ? 0 : static_cast<std::size_t>(below(4)));
    CAPTURE(equation);
    const std::vector<Array> arrays = arrays_for(equation, static_cast<unsigned>(round));
    check_close(einsum(equation, std::span<const Array>(arrays)), naive(equation, arrays));
  }
}

TEST_CASE("without an arrow, the result has the letters that occur once, in order") {
  const Array x = random_array({2, 3}, 1), y = random_array({3, 4}, 2), z = random_array({3, 3}, 3);
  check_close(einsum("ij,jk", {x, y}), naive("ij,jk->ik", {x, y}));
  check_close(einsum("kj,ji", {x, y}), naive("kj,ji->ik", {x, y}));
  check_close(einsum("ii", {z}), naive("ii->", {z}));
  check_close(einsum("ba", {x}), naive("ba->ab", {x}));
  check_close(einsum(" i j , j k -> i k ", {x, y}), naive("ij,jk->ik", {x, y}));
}

TEST_CASE("an operand may be given more than once") {
  const Array x = random_array({3, 3}, 1);
  check_close(einsum("ij,ij->", {x, x}), naive("ij,ij->", {x, x}));
  check_derivatives("x twice",
                    [](const std::vector<Tensor>& v) {
                      return einsum("ij,jk->ik", {v[0], v[0]});
                    },
                    {x});
  check_derivatives("x three times",
                    [](const std::vector<Tensor>& v) {
                      return einsum("ij,jk,ki->", {v[0], v[0], v[0]});
                    },
                    {x});
}

TEST_CASE("empty axes: the sum of no elements is 0") {
  const Array x = random_array({2, 0}), y = random_array({0, 3});
  check_close(einsum("ij,jk->ik", {x, y}), naive("ij,jk->ik", {x, y}));
  check_close(einsum("ij->i", {x}), array_of({2}, {0, 0}));
  check_close(einsum("ij,ij->ij", {x, x}), random_array({2, 0}));
  check_derivatives("einsum",
                    [](const std::vector<Tensor>& v) {
                      return einsum("ij,jk->ik", {v[0], v[1]});
                    },
                    {x, y});
  const Array sum = einsum("ij->i", {x});
  CHECK_FALSE(std::signbit(sum.element(0)));  // the sum of no elements is +0
}

TEST_CASE("two operands are one node, and so is each of their adjoints") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({2, 3}))),
               y = variable(Tensor(random_array({3, 4})));
  const std::size_t before = graph.size();
  const Tensor r = einsum("ij,jk->ki", {x, y});
  CHECK(graph.size() == before + 1);
  const Tensor seed = random_array({4, 2});
  const Tensor inputs[] = {x, y};
  derivative(std::span(&r, 1), std::span(&seed, 1), inputs);
  CHECK(graph.size() == before + 3);
  CHECK(rules::Contract::describe({"ij", "jk", "ki"}) == "ij,jk->ki");
}

TEST_CASE("products are computed in the cheaper order") {
  // (A B) v would take n^3 multiplications, A (B v) takes 2 n^2.
  const Shape square{40, 40};
  const auto plan = detail::plan_einsum("ij,jk,k->i", std::vector<Shape>{square, square, {40}});
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].x == 1);
  CHECK(plan.steps[0].y == 2);
  CHECK(plan.steps[1].result == "i");
}

TEST_CASE(
    "elements off the diagonal are not reached, so infinities there do not affect the gradient") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({2, 2}, {1, 0, 0, 2})));
  const Tensor sum = einsum("ii->", {log(x)});  // log(0) off the diagonal
  const Tensor d = gradient(sum)[x];
  CHECK(numbers_of(d.value()) == std::vector<double>{1, 0, 0, 0.5});
}

namespace {

/// Checks the value and the derivatives of an equation with "..." or broadcast axes. `letters` is
/// the same equation with a letter for each axis; its axes of size 1 broadcast.
void check_like(const std::string& equation, const std::string& letters,
                const std::vector<Shape>& shapes) {
  CAPTURE(equation);
  std::vector<Array> arrays;
  for (const Shape& shape : shapes)
    arrays.push_back(random_array(shape, static_cast<unsigned>(31 + arrays.size())));
  const Array expected = naive(letters, arrays);
  check_close(einsum(equation, std::span<const Array>(arrays)), expected);
  for (std::size_t k = 0; k < arrays.size(); ++k)
    for (const Array& view : layouts_of(arrays[k])) {
      std::vector<Array> laid_out = arrays;
      laid_out[k] = view;
      check_close(einsum(equation, std::span<const Array>(laid_out)), expected);
    }
  check_derivatives(
      "einsum " + equation,
      [&](const std::vector<Tensor>& x) {
        return sin(einsum(equation, std::span<const Tensor>(x)));
      },
      arrays);
}

}  // namespace

TEST_CASE("an ellipsis stands for further axes, which broadcast") {
  check_like("...ij,...jk->...ik", "abij,abjk->abik", {{2, 3, 2, 3}, {2, 3, 3, 1}});
  check_like("...ij,...jk->...ik", "abij,bjk->abik", {{2, 3, 1, 2}, {3, 2, 2}});
  check_like("...ij,...jk->...ik", "abij,abjk->abik", {{2, 1, 1, 2}, {1, 3, 2, 2}});
  check_like("...ij,jk->...ik", "abij,jk->abik", {{2, 1, 2, 2}, {2, 3}});
  check_like("i...,i...->...", "iab,iab->ab", {{2, 3, 2}, {2, 3, 2}});
  check_like("i...j,j...->...ij", "iabj,jb->abij", {{2, 2, 3, 2}, {2, 3}});
  check_like("...,...->...", "ab,b->ab", {{2, 3}, {3}});
  check_like("...,->...", "ab,->ab", {{2, 3}, {}});
  check_like("...i->i...", "abi->iab", {{2, 3, 2}});
  check_like("...ii->...i", "aii->ai", {{2, 3, 3}});
  check_like("...ii->...", "abii->ab", {{2, 1, 3, 3}});
  check_like("...ij->...", "aij->a", {{2, 3, 2}});
  check_like("...i,...j,...k->...", "ai,aj,k->a", {{2, 3}, {1, 2}, {2}});
  check_like("...A,...B->...AB", "cA,cB->cAB",
             {{2, 3}, {2, 2}});                    // letters the library would choose
  check_like("...ij->...ij", "ij->ij", {{2, 3}});  // for no axes
  check_like("ij->...ij", "ij->ij", {{2, 3}});
  check_like("...ij,...jk->...ik", "aij,ajk->aik", {{0, 2, 3}, {1, 3, 2}});
  // Without an arrow the axes of the ellipsis come first.
  check_like("...ji,...jk", "aji,ajk->aik", {{3, 2, 1}, {3, 2, 2}});
  check_like("...ba", "cba->cab", {{2, 3, 4}});
  check_like(" ... i , i -> ... ", "ai,i->a", {{2, 3}, {3}});
}

TEST_CASE("axes of size 1 broadcast") {
  check_like("ij,ij->ij", "ij,ij->ij", {{2, 3}, {2, 1}});
  check_like("ij,ij->ij", "ij,ij->ij", {{2, 1}, {1, 3}});
  check_like("ij,ij->", "ij,ij->", {{2, 3}, {1, 1}});
  check_like("ij,jk->ik", "ij,jk->ik", {{2, 1}, {3, 2}});
  check_like("ij,jk->ik", "ij,jk->ik", {{2, 3}, {1, 2}});
  check_like("ij,j->i", "ij,j->i", {{2, 1}, {3}});
  check_like("i,i,i->i", "i,i,i->i", {{1}, {3}, {1}});
  check_like("ii,i->i", "ii,i->i", {{1, 1}, {3}});
  check_like("ij,jk,kl->il", "ij,jk,kl->il", {{2, 1}, {3, 1}, {2, 2}});
  check_like("ij,ij->ij", "ij,ij->ij", {{1, 1}, {1, 1}});
  check_like("ij,ij->ij", "ij,ij->ij", {{2, 0}, {2, 1}});
  check_like("ij,ij->i", "ij,ij->i", {{2, 0}, {1, 1}});
}

TEST_CASE("random equations with ellipses and broadcast axes agree with the definition") {
  std::mt19937 random(4);
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  for (int round = 0; round < 400; ++round) {
    const std::string dots = "xyz";
    std::string equation, letters, used;
    std::vector<Array> arrays;
    std::size_t most = 0;
    const int operands = 1 + below(3);
    for (int k = 0; k < operands; ++k) {
      if (k > 0) {
        equation += ',';
        letters += ',';
      }
      Shape shape;
      const auto add = [&](char c, std::int64_t size) {
        letters += c;
        shape.push_back(below(3) == 0 ? 1 : size);
      };
      const int before = below(3), after = below(2);
      const bool has_dots = below(3) != 0;
      std::string unused = "ijkl";
      std::shuffle(unused.begin(), unused.end(), random);
      for (int i = 0; i < before + after; ++i) {
        if (i == before && has_dots) equation += "...";
        if (i == before && has_dots)
          for (std::size_t axis = static_cast<std::size_t>(below(4)), first = 3 - axis; first < 3;
               ++first) {
            add(dots[first], 2 + static_cast<std::int64_t>(first % 2));
            most = std::max(most, axis);
          }
        const char c = unused[static_cast<std::size_t>(i)];
        equation += c;
        add(c, sizes[c - 'i'] == 1 ? 2 : sizes[c - 'i']);
        if (used.find(c) == std::string::npos) used += c;
      }
      arrays.push_back(random_array(shape, static_cast<unsigned>(round * 4 + k)));
    }
    std::shuffle(used.begin(), used.end(), random);
    used.resize(used.empty() ? 0 : static_cast<std::size_t>(below(static_cast<int>(used.size()))));
    const std::size_t place = static_cast<std::size_t>(below(static_cast<int>(used.size()) + 1));
    equation += "->" + std::string(used).insert(place, "...");
    letters += "->" + std::string(used).insert(place, dots.substr(3 - most));
    CAPTURE(equation);
    CAPTURE(letters);
    check_close(einsum(equation, std::span<const Array>(arrays)), naive(letters, arrays));
  }
}

TEST_CASE("a broadcast operand takes one more node, a view") {
  Graph graph;
  const Tensor x = variable(Tensor(random_array({2, 3}))),
               y = variable(Tensor(random_array({2, 1})));
  const std::size_t before = graph.size();
  CHECK(einsum("ij,ij->ij", {x, y}).shape() == Shape{2, 3});
  CHECK(graph.size() == before + 2);
  CHECK(gradient(sum(einsum("ij,ij->ij", {x, y})))[y].shape() == Shape{2, 1});
}

TEST_CASE("an infinity off the diagonals of a batch has no effect on the gradient") {
  Graph graph;
  const Tensor x = variable(Tensor(array_of({2, 2, 2}, {1, 0, 0, 2, 4, 0, 0, 8})));
  const Tensor d = gradient(sum(einsum("...ii->...", {log(x)})))[x];
  CHECK(numbers_of(d.value()) == std::vector<double>{1, 0, 0, 0.5, 0.25, 0, 0, 0.125});
}

TEST_CASE("errors give the equation, the shapes and a remedy") {
  CHECK(
      message_of("ij,jk->ik", {{2, 3}, {4, 5}}) ==
      "einsum \"ij,jk->ik\" of [2, 3], [4, 5]: index j is 3 in operand 0 (axis 1) and 4 in operand "
      "1 (axis 0). Sizes must be equal or 1.");
  CHECK(message_of("i,i,i->i", {{1}, {2}, {3}}).find("index i is 2 in operand 1 (axis 0) and 3") !=
        std::string::npos);
  CHECK(
      message_of("ii->i", {{1, 3}}) ==
      "einsum \"ii->i\" of [1, 3]: index i is 1 in operand 0 (axis 0) and 3 in operand 0 (axis 1). "
      "Sizes must be equal for a diagonal.");
  CHECK(message_of("ij->i", {{2}}).find("\"ij\" names 2 axes, but operand 0 has shape [2]") !=
        std::string::npos);
  CHECK(message_of("ij,jk->ik", {{2, 3}}).find("has 2 operands, but 1 were given") !=
        std::string::npos);
  CHECK(message_of("ij->k", {{2, 3}}).find("index k of the result is in no operand") !=
        std::string::npos);
  CHECK(message_of("ij->ii", {{2, 3}}).find("index i appears twice in the result") !=
        std::string::npos);
  CHECK(message_of("ij.->ij", {{2, 3}}).find("'.' at 2 is not expected") != std::string::npos);
  CHECK(message_of("..ij->ij", {{2, 3}}).find("'.' at 0 is not expected") != std::string::npos);
  CHECK(message_of("...i...->i", {{2}}).find("\"...\" at 4 is the second one of the operand") !=
        std::string::npos);
  CHECK(message_of("...i->...i...", {{2}}).find("the second one of the result") !=
        std::string::npos);
  CHECK(
      message_of("...i->i", {{2, 3}}) ==
      "einsum \"...i->i\" of [2, 3]: \"...\" stands for 1 axes of the operands, but the result has "
      "no \"...\" for them.");
  CHECK(
      message_of("...i,...i->...", {{4, 2, 3}, {5, 3}}) ==
      "einsum \"...i,...i->...\" of [4, 2, 3], [5, 3]: an index of \"...\" is 2 in operand 0 (axis "
      "1) and 5 in operand 1 (axis 0). Sizes must be equal or 1.");
  CHECK(message_of("...ijk->...", {{2, 3}}).find("\"ijk\" names 3 axes, but operand 0") !=
        std::string::npos);
  CHECK(message_of("ij->ij", {{2, 3, 4}}).find("\"...\" stands for the other axes") !=
        std::string::npos);
  CHECK(message_of("ij->i->j", {{2, 3}}).find("'-' at 5 is not expected") != std::string::npos);
  CHECK(message_of("ij-", {{2, 3}}).find("'-' at 2 is not expected") != std::string::npos);
}

TEST_CASE("errors name the operand, its axes and the letters") {
  CHECK(message_of("ij,jk->ik", {{2, 3}, {4}}) ==
        "einsum \"ij,jk->ik\" of [2, 3], [4]: \"jk\" names 2 axes, but operand 1 has shape [4].");
  CHECK(message_of("i,jkk->i", {{2}, {4, 2, 3}})
            .find("index k is 2 in operand 1 (axis 1) and 3 in operand 1 (axis 2)") !=
        std::string::npos);
  const Shape ones = Extents::filled(13, 1);
  CHECK(message_of("abcdefghijklm,nopqrstuvwxyz,ABCDEFGHIJKLM,NOPQRSTUVWXYZ,...->...",
                   {ones, ones, ones, ones, {2}})
            .find("there are more than 52 different indices.") != std::string::npos);
  CHECK(einsum("zZ->Zz", {random_array({2, 3})}).shape(0) == 3);
}

TEST_CASE("the cheapest pair of all is multiplied first") {
  // Multiplications: 1000 for the first two operands, 10 for the first and the last, 200 else.
  const auto plan = detail::plan_einsum("ab,cd,a->abcd", std::vector<Shape>{{2, 5}, {10, 10}, {2}});
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].x == 0);
  CHECK(plan.steps[0].y == 2);
}
