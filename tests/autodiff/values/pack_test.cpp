#include "autodiff/values/pack.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autodiff/rules/operations.hpp"
#include "autodiff/values/lanes_xsimd.hpp"

using namespace chainrule;

namespace {

struct PortableDoubles {
  using P = Pack<double, Portable>;
};
struct PortableFloats {
  using P = Pack<float, Portable>;
};
#if __has_include(<xsimd/xsimd.hpp>)
struct VectorDoubles {
  using P = Pack<double, xsimd::default_arch>;
};
struct VectorFloats {
  using P = Pack<float, xsimd::default_arch>;
};
#define CHAINRULE_PACKS PortableDoubles, PortableFloats, VectorDoubles, VectorFloats
#else
#define CHAINRULE_PACKS PortableDoubles, PortableFloats
#endif

template <class P>
std::vector<typename P::Element> numbers(const P& pack) {
  std::vector<typename P::Element> out(P::width);
  pack.store(out.data());
  return out;
}

/// 1, -2, 3, -4, ...: adjacent lanes differ in sign, so conditions hold in some lanes only.
template <class P>
P alternating() {
  std::vector<double> x(P::width);
  for (std::size_t i = 0; i < P::width; ++i) x[i] = double(i + 1) * (i % 2 == 0 ? 1.0 : -1.0);
  return P::load(x.data());
}

}  // namespace

TEST_CASE_TEMPLATE("packs compute lane by lane, with plain numbers mixed in", Kind,
                   CHAINRULE_PACKS) {
  using P = typename Kind::P;
  using T = typename P::Element;
  const auto x = numbers(alternating<P>());
  const auto y = numbers(2.0 * alternating<P>() + 1);
  const auto z = numbers(pow(alternating<P>(), 2.0) / 4 - abs(alternating<P>()));
  for (std::size_t i = 0; i < P::width; ++i) {
    CHECK(y[i] == T(2) * x[i] + T(1));
    CHECK(z[i] == x[i] * x[i] / T(4) - std::abs(x[i]));
  }
}

TEST_CASE_TEMPLATE("packs are loaded from and stored to either type", Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  std::vector<float> in(P::width), out(P::width);
  for (std::size_t i = 0; i < P::width; ++i) in[i] = 0.25f * float(i);
  P::load(in.data()).store(out.data());
  CHECK(in == out);
}

TEST_CASE_TEMPLATE("partial packs are loaded and stored", Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  using T = typename P::Element;
  const auto check = [](auto zero) {
    using Stored = decltype(zero);
    for (std::size_t count = 1; count <= P::width; ++count) {
      std::vector<Stored> in(count), out(P::width + 1, Stored(-7));
      for (std::size_t i = 0; i < count; ++i) in[i] = Stored(0.25) * Stored(i + 1);
      const P pack = P::load_first(in.data(), count);
      for (std::size_t i = 0; i < P::width; ++i)
        CHECK(numbers(pack)[i] == T(i < count ? in[i] : in[0]));
      pack.store_first(out.data(), count);
      for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == (i < count ? in[i] : -7));
    }
  };
  check(0.0f);
  check(0.0);
}

TEST_CASE_TEMPLATE("conditions select, and combine with each other and with bools", Kind,
                   CHAINRULE_PACKS) {
  using P = typename Kind::P;
  const P pack = alternating<P>();
  const auto x = numbers(pack);
  const auto positive = numbers(select(pack > 0.0, pack, 0.5));
  const auto both = numbers(select(pack > 0.0 && pack < 2.0, 1.0, 0.0));
  const auto either = numbers(select(pack <= 1.0 || false, 1.0, 0.0));
  const auto none = numbers(select(false && pack > 0.0, 1.0, 0.0));
  const auto all = numbers(select(true || pack > 0.0, 1.0, 0.0));
  const auto negated = numbers(select(!(pack == 1.0), 1.0, 0.0));
  for (std::size_t i = 0; i < P::width; ++i) {
    CHECK(positive[i] == (x[i] > 0 ? x[i] : 0.5));
    CHECK(both[i] == (x[i] > 0 && x[i] < 2 ? 1 : 0));
    CHECK(either[i] == (x[i] <= 1 ? 1 : 0));
    CHECK(none[i] == 0);
    CHECK(all[i] == 1);
    CHECK(negated[i] == (x[i] == 1 ? 0 : 1));
  }
}

TEST_CASE_TEMPLATE("comparisons with NaN hold for != only", Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  const P x = 1.0, nan = std::numeric_limits<double>::quiet_NaN();
  CHECK((x != nan).all());
  CHECK_FALSE((x == nan).any());
  CHECK_FALSE((x < nan).any());
  CHECK_FALSE((x >= nan).any());
}

TEST_CASE_TEMPLATE("normally computes only the sides that some lane needs", Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  const P pack = alternating<P>();
  int plain = 0, otherwise = 0;
  const auto run = [&](const auto& condition) {
    plain = otherwise = 0;
    return numbers(normally(
        condition, [&] { return ++plain, 2.0 * pack; }, [&] { return ++otherwise, -1.0; }));
  };
  CHECK(run(pack > -1000.0)[0] == 2);
  CHECK((plain == 1 && otherwise == 0));
  CHECK(run(pack > 1000.0)[0] == -1);
  CHECK((plain == 0 && otherwise == 1));
  const auto mixed = run(pack > 0.0);
  CHECK(plain == 1);
  CHECK(otherwise == (P::width > 1 ? 1 : 0));
  for (std::size_t i = 0; i < P::width; ++i)
    CHECK(mixed[i] == (i % 2 == 0 ? 2.0 * double(i + 1) : -1.0));
}

TEST_CASE_TEMPLATE("only_if applies lane by lane", Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  const P pack = alternating<P>();
  const auto gated = rules::Relu::dx(pack, pack);
  const auto open = numbers(gated.open.select(1.0, 0.0));
  for (std::size_t i = 0; i < P::width; ++i) CHECK(open[i] == (i % 2 == 0 ? 1.0 : 0.0));
  CHECK(numbers(gated.partial)[0] == 1.0);
}

TEST_CASE_TEMPLATE("only -0.0 is untouched", Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  CHECK(P(-0.0).is_untouched().all());
  for (const double x : {0.0, 1.0, -1.0, -1e-38, std::numeric_limits<double>::infinity()})
    CHECK_FALSE(P(x).is_untouched().any());
  CHECK_FALSE(P(std::numeric_limits<double>::quiet_NaN()).is_untouched().any());
  CHECK_FALSE((-P(std::numeric_limits<double>::quiet_NaN())).is_untouched().any());
}

TEST_CASE_TEMPLATE("a rule on packs uses the forms for numbers that are not differentiated again",
                   Kind, CHAINRULE_PACKS) {
  using P = typename Kind::P;
  static_assert(Plain<P> && Plain<double>);
  // Near 1/2 it is the cheap form, r (1 - r), bit for bit.
  const P r = 0.5 + 1e-3;
  const auto slope = numbers(rules::Sigmoid::dx(log(r / (1.0 - r)), r));
  CHECK(slope == numbers(r * (1.0 - r)));
}
