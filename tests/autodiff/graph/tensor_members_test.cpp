// The members of Tensor that call functions: indexing, and the methods of NumPy and PyTorch.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/naive_indexing.hpp"
#include "tests/support/tensor_differences.hpp"

using namespace chainrule;
using namespace chainrule::testing;

using Numbers = std::vector<double>;

TEST_CASE("an index gives the slab along the first axis, without that axis") {
  for (const DType dtype : {DType::float64, DType::float32})
    for (const Array& layout : layouts_of(random_array({3, 2, 4}, 1, -2.0, 2.0, dtype))) {
      const Tensor x = layout;
      for (const std::int64_t i : {0, 1, 2, -1, -3}) {
        const std::int64_t row = i < 0 ? i + 3 : i;
        check_elements("x[i]", x[i].value(), dtype, {2, 4}, [&](const Index& at) {
          return testing::at(layout, {row, at[0], at[1]});
        });
        CHECK(shares_storage(x[i].value(), layout));
        check_elements("x[i][1]", x[i][1].value(), dtype, {4}, [&](const Index& at) {
          return testing::at(layout, {row, 1, at[0]});
        });
        CHECK(x[i][-1][2].item() == x.at({i, 1, 2}));
        CHECK(x[i][-1][2].shape() == Shape{});
      }
    }
  CHECK(zeros({2, 0})[1].shape() == Shape{0});
}

TEST_CASE("derivatives through indices") {
  for (const Array& x : layouts_of(random_array({3, 2, 2})))
    check_derivatives("x[1] and x[-1][0]",
                      [](const auto& t) { return sin(t[0][1]) * exp(t[0][-1][0]); }, {x});
  Graph graph;
  const Tensor x = variable(tensor({{0.0, 1.0}, {2.0, 4.0}}));
  const Tensor inverse = 1.0 / x;
  const Var y = inverse[1][0];
  // The infinite slope in the row that is not taken does not spread.
  CHECK(to_vector(gradient(y)[x]) == Numbers{0, 0, -0.25, 0});
  CHECK(to_vector(derivative(y, x)) == Numbers{0, 0, -0.25, 0});
  CHECK(to_vector(derivative(sum(derivative(y, x)), x)) == Numbers{0, 0, 0.25, 0});
}

TEST_CASE("an index out of range is an error and records nothing") {
  Graph graph;
  const Tensor x = variable(ones({2, 3}));
  const std::size_t size = graph.size();
  const auto message = [](const Tensor& t, std::int64_t i) {
    return message_of<ShapeError>([&] { t[i]; });
  };
  CHECK(message(x, 2) == "operator[]: index 2 is out of range for axis 0 of shape [2, 3]");
  CHECK(contains(message(x, -3), "index -3"));
  CHECK(contains(message(x, std::numeric_limits<std::int64_t>::min()), "out of range"));
  CHECK(contains(message(zeros({0, 2}), 0), "[0, 2]"));
  CHECK(contains(message(tensor(1.0), 0), "rank 0"));
  CHECK(contains(message_of<Error>([] { Tensor()[0]; }), "operator[]"));
  CHECK(graph.size() == size);
}

TEST_CASE("members call the functions of the same name") {
  struct Member {
    const char* name;
    std::function<Tensor(const Tensor&)> member, function;
  };
  using T = const Tensor&;
  const std::vector<Member> members = {
      {"T", [](T x) { return x.T(); }, [](T x) { return transpose(x); }},
      {"transpose", [](T x) { return x.transpose(); }, [](T x) { return transpose(x); }},
      {"transpose", [](T x) { return x.transpose(0, -1); },
       [](T x) { return transpose(x, 0, -1); }},
      {"permute",
       [](T x) {
         return x.permute({1, 0, 2});
       },
       [](T x) {
         return permute(x, {1, 0, 2});
       }},
      {"reshape",
       [](T x) {
         return x.reshape({4, -1});
       },
       [](T x) {
         return reshape(x, {4, -1});
       }},
      {"flatten", [](T x) { return x.flatten(); }, [](T x) { return reshape(x, {-1}); }},
      {"flatten", [](T x) { return x.flatten(); }, [](T x) { return flatten(x); }},
      {"squeeze", [](T x) { return x.squeeze(); }, [](T x) { return squeeze(x); }},
      {"squeeze", [](T x) { return x.squeeze(1); }, [](T x) { return squeeze(x, 1); }},
      {"unsqueeze", [](T x) { return x.unsqueeze(-1); }, [](T x) { return unsqueeze(x, -1); }},
      {"astype", [](T x) { return x.astype(DType::float32); },
       [](T x) { return astype(x, DType::float32); }},
      {"detach", [](T x) { return x.detach() * x; }, [](T x) { return detach(x) * x; }},
      {"sum", [](T x) { return x.sum(); }, [](T x) { return sum(x); }},
      {"sum",
       [](T x) {
         return x.sum({0, -1}, true);
       },
       [](T x) {
         return sum(x, {0, -1}, true);
       }},
      {"mean", [](T x) { return x.mean(0); }, [](T x) { return mean(x, 0); }},
      {"prod", [](T x) { return x.prod(-1, true); }, [](T x) { return prod(x, -1, true); }},
      {"max", [](T x) { return x.max(); }, [](T x) { return amax(x); }},
      {"max", [](T x) { return x.max(0, true); }, [](T x) { return amax(x, 0, true); }},
      {"min", [](T x) { return x.min(2); }, [](T x) { return amin(x, 2); }},
      {"var", [](T x) { return x.var(0, 1.0, true); }, [](T x) { return var(x, 0, 1.0, true); }},
      {"std", [](T x) { return x.std(); }, [](T x) { return stddev(x); }},
      {"std", [](T x) { return x.std(0, 1.0); }, [](T x) { return stddev(x, 0, 1.0); }},
      {"norm", [](T x) { return x.norm(); }, [](T x) { return norm(x); }},
      {"norm", [](T x) { return x.norm(3.0, 2); }, [](T x) { return norm(x, 3.0, 2); }},
      {"cumsum", [](T x) { return x.cumsum(2); }, [](T x) { return cumsum(x, 2); }},
      {"cumprod", [](T x) { return x.cumprod(0); }, [](T x) { return cumprod(x, 0); }},
      {"sort", [](T x) { return x.sort(); }, [](T x) { return sort(x, -1); }},
      {"sort", [](T x) { return x.sort(0, true); }, [](T x) { return sort(x, 0, true); }},
      {"matmul", [](T x) { return x.matmul(x.transpose(1, 2)); },
       [](T x) { return matmul(x, transpose(x, 1, 2)); }},
      {"dot", [](T x) { return x.flatten().dot(x.flatten()); },
       [](T x) { return dot(flatten(x), flatten(x)); }},
  };
  for (const Member& m : members) {
    const std::string name = m.name;
    CAPTURE(name);
    Graph graph;
    const Tensor x = variable(Tensor(random_array({4, 1, 3})));
    const Tensor got = m.member(x), expected = m.function(x);
    CHECK(got.shape() == expected.shape());
    CHECK(got.dtype() == expected.dtype());
    CHECK(to_vector(got) == to_vector(expected));
    CHECK_FALSE(got.is_constant());
    CHECK(to_vector(gradient(sum(square(got)))[x]) ==
          to_vector(gradient(sum(square(expected)))[x]));
    CHECK_THROWS_AS(m.member(Tensor()), Error);
  }
  const Tensor x = random_array({3, 4});
  CHECK(x.argmax(0).to_vector() == argmax(x, 0).to_vector());
  CHECK(x.argmin(-1).to_vector() == argmin(x, -1).to_vector());
  CHECK(x.argsort(0, true).to_vector() == argsort(x, 0, true).to_vector());
  CHECK(x.argsort().to_vector() == argsort(x, 1).to_vector());
}

TEST_CASE("flatten merges all axes") {
  CHECK(flatten(tensor(2.0)).shape() == Shape{1});
  CHECK(flatten(zeros({2, 0})).shape() == Shape{0});
  CHECK(to_vector(flatten(transpose(tensor({{1, 2}, {3, 4}})))) == Numbers{1, 3, 2, 4});
  check_derivatives("flatten", [](const auto& t) { return sin(flatten(t[0])); },
                    {random_array({2, 3})});
}

TEST_CASE("a random generator comes with the umbrella header") {
  Random random(3), same(3);
  CHECK(uniform(random, {2}).at({0}) == same.uniform());
}
