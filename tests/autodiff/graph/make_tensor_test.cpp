#include "autodiff/graph/make_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <list>

#include "autodiff/core/error.hpp"
#include "autodiff/core/random.hpp"
#include "autodiff/graph/graph.hpp"
#include "tests/support/message_of.hpp"

using namespace chainrule;

using Numbers = std::vector<double>;

static_assert(!detail::Sequence<std::list<double>> && detail::Sequence<std::array<int, 3>>);

TEST_CASE("nested braces make tensors of that rank") {
  const Tensor x = tensor({{0.15, 0.20, 0.3}, {0.25, 0.30, 7}});
  CHECK(x.shape() == Shape{2, 3});
  CHECK(x.dtype() == DType::float64);
  CHECK(x.is_constant());
  CHECK(to_vector(x) == Numbers{0.15, 0.20, 0.3, 0.25, 0.30, 7});
  CHECK(tensor({1, 2, 3}, DType::float32).dtype() == DType::float32);
  CHECK(tensor({1, 2}).shape() == Shape{2});
  CHECK(tensor({2.5}).shape() == Shape{1});
  CHECK(tensor({{2.5}}).shape() == Shape{1, 1});
  CHECK(tensor({{{1, 2}}, {{3, 4}}, {{5, 6}}}).shape() == Shape{3, 1, 2});
  CHECK(tensor({{1}, {2}, {3}}).shape() == Shape{3, 1});
  CHECK(tensor({}).shape() == Shape{0});
  CHECK(tensor({{}, {}}).shape() == Shape{2, 0});
  CHECK(tensor(2.5).shape() == Shape{});
  CHECK(tensor(2.5).item() == 2.5);
  CHECK(tensor(2, DType::float32).dtype() == DType::float32);
  CHECK(tensor(Var(1.5)).item() == 1.5);
}

TEST_CASE("floats make float32, everything else float64") {
  const Tensor x = tensor({{1.5f, -0.1f}, {3.0f, 4.0f}});
  CHECK(x.dtype() == DType::float32);
  CHECK(to_vector(x) == Numbers{1.5, static_cast<double>(-0.1f), 3, 4});
  CHECK(tensor({0.1f}).dtype() == DType::float32);
  CHECK(tensor({{{0.1f}}}).dtype() == DType::float32);
  CHECK(tensor(0.1f).dtype() == DType::float32);
  CHECK(tensor(0.1f).item() == static_cast<double>(0.1f));
  // One number of another type, at any position, gives float64, which can represent all of them.
  CHECK(tensor({1.0f, 0.1}).dtype() == DType::float64);
  CHECK(tensor({1.0f, 0.1}).at({1}) == 0.1);
  CHECK(tensor({{1.0f, 2.0f}, {3.0f, 0.1}}).dtype() == DType::float64);
  CHECK(tensor({1.0f, 2}).dtype() == DType::float64);
  CHECK(tensor({1, 2}).dtype() == DType::float64);
  CHECK(tensor({1.0L, 2.0L}).dtype() == DType::float64);
  CHECK(tensor(1).dtype() == DType::float64);
  CHECK(tensor({}).dtype() == DType::float64);
  CHECK(tensor({{}, {}}).dtype() == DType::float64);
  // An explicit type applies, whatever the numbers are.
  CHECK(tensor({1.0f, 2.0f}, DType::float64).dtype() == DType::float64);
  CHECK(tensor({0.1, 0.2}, DType::float32).at({0}) == static_cast<double>(0.1f));
  CHECK(tensor(0.1f, DType::float64).dtype() == DType::float64);
  CHECK(tensor(0.1f, DType::float64).item() == static_cast<double>(0.1f));
  CHECK(contains(message_of<ShapeError>([] { tensor({{1.0f, 2.0f}, {3.0f}}); }), "ragged"));
  // A float32 tensor mixes with other float32 tensors.
  CHECK((tensor({1.0f, 2.0f}) + ones({2}, DType::float32)).dtype() == DType::float32);
}

TEST_CASE("ragged braces are an error that gives the position") {
  const auto message = [](auto call) { return message_of<ShapeError>(call); };
  CHECK(contains(message([] {
                   tensor({{1, 2}, {3}});
                 }),
                 "at [1] there is a list of 1 item instead"));
  CHECK(contains(message([] { tensor({{1, 2}, {3}}); }), "instead of a list of 2 items"));
  CHECK(contains(message([] { tensor({{1, 2}, 3}); }), "at [1] there is the number 3"));
  CHECK(contains(message([] { tensor({1, {2}}); }), "at [1] there is a list of 1 item"));
  CHECK(contains(message([] { tensor({{{1}, {2}}, {{1}, {2, 3}}}); }), "at [1, 1]"));
  CHECK(contains(message([] {
                   tensor({{{1}, {2}}, {{1}, 4}});
                 }),
                 "at [1, 1] there is the number 4"));
  CHECK(contains(message([] { tensor({{}, {1}}); }), "at [1]"));
}

TEST_CASE("patterns") {
  CHECK(to_vector(zeros({2, 2})) == Numbers(4, 0.0));
  CHECK_FALSE(std::signbit(zeros({1}).item()));
  CHECK(to_vector(ones({3}, DType::float32)) == Numbers(3, 1.0));
  CHECK(full({}, 7.0).item() == 7.0);
  CHECK(zeros({2, 0, 3}).size() == 0);
  const Tensor like = ones_like(zeros({2, 1}, DType::float32));
  CHECK(like.shape() == Shape{2, 1});
  CHECK(like.dtype() == DType::float32);
  CHECK(to_vector(like) == Numbers{1, 1});
  CHECK(zeros_like(like).at({1, 0}) == 0.0);
  CHECK(full_like(like, 3.0).at({1, 0}) == 3.0);
  CHECK_THROWS_AS(zeros({-1}), ShapeError);
  CHECK_THROWS_AS(ones({1 << 30, 1 << 30}), ShapeError);

  CHECK(to_vector(eye(2)) == Numbers{1, 0, 0, 1});
  CHECK(to_vector(eye(2, 3, 1)) == Numbers{0, 1, 0, 0, 0, 1});
  CHECK(to_vector(eye(3, 2, -1)) == Numbers{0, 0, 1, 0, 0, 1});
  CHECK(to_vector(eye(2, 2, 5)) == Numbers(4, 0.0));
  CHECK(to_vector(eye(2, 2, std::numeric_limits<std::int64_t>::min())) == Numbers(4, 0.0));
  CHECK(eye(0).shape() == Shape{0, 0});

  CHECK(to_vector(arange(3)) == Numbers{0, 1, 2});
  CHECK(to_vector(arange(1, 2, 0.25)) == Numbers{1, 1.25, 1.5, 1.75});
  CHECK(to_vector(arange(3, 0, -1)) == Numbers{3, 2, 1});
  CHECK(arange(3, 0).size() == 0);
  CHECK(to_vector(arange(2.5)) == Numbers{0, 1, 2});
  CHECK(arange(3, DType::float32).dtype() == DType::float32);
  CHECK_THROWS_AS(arange(0, 1, 0), DomainError);
  CHECK_THROWS_AS(arange(NAN), DomainError);
  CHECK_THROWS_AS(arange(0, 1e300, 1e-10), ShapeError);

  CHECK(to_vector(linspace(0, 1, 5)) == Numbers{0, 0.25, 0.5, 0.75, 1});
  CHECK(to_vector(linspace(2, 3, 1)) == Numbers{2});
  CHECK(linspace(0, 0.3, 4).at({-1}) == 0.3);
  CHECK(linspace(0, 1, 0).size() == 0);
  CHECK_THROWS_AS(linspace(0, 1, -1), ShapeError);
  CHECK_THROWS_AS(linspace(0, INFINITY, 3), DomainError);
}

TEST_CASE("random tensors contain the numbers of their stream") {
  Random random(3), same(3);
  const Tensor x = uniform(random, {2, 3}, -1.0, 1.0);
  for (const double element : to_vector(x)) CHECK(element == same.uniform(-1.0, 1.0));
  const Tensor y = normal(random, {4}, 2.0, 0.5, DType::float32);
  for (const double element : to_vector(y))
    CHECK(element == static_cast<float>(same.normal(2.0, 0.5)));
  std::vector<std::int64_t> order = permutation(random, 50).to_vector();
  CHECK_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < 50; ++i) CHECK(order[i] == static_cast<std::int64_t>(i));
  CHECK(permutation(random, 0).size() == 0);
  CHECK_THROWS_AS(uniform(random, {1}, 1.0, 0.0), DomainError);
}

TEST_CASE("copies of vectors, arrays and spans") {
  std::vector<double> numbers{1, 2, 3, 4, 5, 6};
  const Tensor x = tensor(numbers, {2, 3});
  numbers[0] = 100;
  CHECK(x.at({0, 0}) == 1.0);
  CHECK(x.shape() == Shape{2, 3});
  CHECK(tensor(numbers).shape() == Shape{6});
  CHECK(tensor(std::vector<float>{1.5f}).dtype() == DType::float32);
  CHECK(tensor(std::vector<int>{1, 2}).dtype() == DType::float64);
  CHECK(to_vector(tensor(std::array<int, 3>{4, 5, 6})) == Numbers{4, 5, 6});
  const std::int8_t bytes[] = {-1, 2};
  CHECK(to_vector(tensor(bytes)) == Numbers{-1, 2});
  CHECK(to_vector(tensor(std::span<const double>(numbers).subspan(1, 2))) == Numbers{2, 3});
  CHECK(tensor(std::vector<double>()).shape() == Shape{0});
  CHECK(contains(message_of<ShapeError>([&] { tensor(numbers, {4}); }), "6 values"));
}

TEST_CASE("views share the numbers") {
  std::vector<double> numbers{1, 2, 3, 4, 5, 6};
  {
    const Tensor x = tensor_view(numbers, {2, 3});
    CHECK(x.value().data() == numbers.data());
    const Tensor column = tensor_view(numbers, {3, 2}, {1, 3});
    CHECK(to_vector(column) == Numbers{1, 4, 2, 5, 3, 6});
    CHECK(to_vector(tensor_view(numbers, {3}, {-2}, 5)) == Numbers{6, 4, 2});
    CHECK(to_vector(tensor_view(numbers, {2, 2}, {0, 1}, 4)) == Numbers{5, 6, 5, 6});
    const Tensor y = x * x + x;  // results have their own memory
    CHECK(numbers == Numbers{1, 2, 3, 4, 5, 6});
    CHECK(y.at({1, 2}) == 42.0);
    CHECK_FALSE(x.value().is_unique());
  }
  const std::vector<float> floats{1, 2};
  CHECK(tensor_view(floats, {2}).dtype() == DType::float32);
  CHECK(tensor_view(floats, {0}, {1}, 2).size() == 0);
}

TEST_CASE("views that go out of bounds are refused") {
  const std::vector<double> numbers(6);
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  CHECK_THROWS_AS(tensor_view(numbers, {7}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {5}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {3}, {3}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {2}, {-1}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {2}, {1}, 5), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {2}, {1, 1}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {-2}, {1}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {3, 3}, {huge, huge}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {3, 3}, {huge, -huge}), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {1}, {1}, huge), ShapeError);
  CHECK_THROWS_AS(tensor_view(numbers, {1}, {1}, -1), ShapeError);
}

TEST_CASE("an owner is kept as long as a tensor or a graph refers to its numbers") {
  auto numbers = std::make_shared<const std::vector<double>>(Numbers{1, 2, 3});
  const std::weak_ptr<const std::vector<double>> watch = numbers;
  {
    Graph g;
    {
      Tensor x = tensor_view(*numbers, {3}, numbers);
      numbers.reset();
      const Tensor w = variable(x);
      x = Tensor();
      CHECK_FALSE(watch.expired());
      CHECK((w * 2.0).at({2}) == 6.0);
    }
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
  std::vector<float> given{1, 2, 3, 4};
  const float* const data = given.data();
  const Tensor kept = tensor_view(std::move(given), {2, 2});
  CHECK(kept.value().data() == data);
  CHECK(kept.at({1, 1}) == 4.0);
}

TEST_CASE("elements as vectors and spans") {
  const Tensor x = tensor({{1.5, 2.5}, {3.5, 4.5}});
  const Tensor across = x.value().view(Shape{2, 2}, Extents{1, 2}, 0);
  CHECK(to_vector<float>(across) == std::vector<float>{1.5f, 3.5f, 2.5f, 4.5f});
  std::array<float, 4> out{};
  copy_to(across, std::span<float>(out));
  CHECK(out[1] == 3.5f);
  Numbers three(3);
  CHECK_THROWS_AS(copy_to(x, std::span<double>(three)), ShapeError);
  CHECK(span_of<double>(x).data() == x.value().data());
  CHECK(span_of<double>(x).size() == 4);
  CHECK(contains(message_of<DTypeError>([&] { span_of<float>(x); }), "astype"));
  CHECK(contains(message_of<ShapeError>([&] { span_of<double>(across); }), "contiguous"));
  const MatrixSpan<double> m = matrix_span<double>(across);
  CHECK((m.rows == 2 && m.columns == 2 && m.row_stride == 1 && m.column_stride == 2));
  CHECK(m.data[0 * m.row_stride + 1 * m.column_stride] == 3.5);
  const Tensor line = tensor({1, 2, 3}), cube = zeros({1, 1, 1});
  CHECK((matrix_span<double>(line).rows == 3 && matrix_span<double>(line).columns == 1));
  CHECK_THROWS_AS(matrix_span<double>(cube), ShapeError);
  CHECK_THROWS_AS(matrix_span<float>(x), DTypeError);
}

TEST_CASE("a variable with an element that is not finite is an error that names it") {
  Graph g;
  const Tensor good = tensor({{1, 2}, {3, 4}}, DType::float32);
  CHECK(variable(good).value().is_same(good.value()));
  const std::string message = message_of<DomainError>([] {
    variable(tensor({{1.0, 2.0}, {INFINITY, NAN}}));
  });
  CHECK(contains(message, "element 2 of shape [2, 2] is inf"));
}
