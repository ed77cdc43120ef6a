// Special functions and their derivatives against mpmath 1.2.1 with 60 digits.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "autodiff/autodiff.hpp"

using namespace chainrule;

namespace {

double relative_error(double got, double want) { return std::abs(got - want) / std::abs(want); }

struct UnaryCase {
  const char* name;
  double x;
  double d[4];  // the value and the derivatives of order 1 to 3
};

const UnaryCase unary[] = {
    {"tgamma",
     0.25,
     {3.6256099082219083, -15.327097417156704, 127.14539911009581, -1533.5634805780693}},
    {"tgamma",
     1.5,
     {0.88622692545275801, 0.032338397448885014, 0.82962690737660234, -0.64376882738863327}},
    {"tgamma",
     5.75,
     {78.784481061323213, 130.7609959863048, 231.98975328889559, 431.87240856459829}},
    {"tgamma",
     30.5,
     {4.8226969334909086e+31, 1.640316741235677e+32, 5.5951910997562796e+32,
      1.9139416926152095e+33}},
    {"tgamma",
     -0.5,
     {-3.5449077018110321, -0.12935358979554006, -31.677769243994666, -0.52941084553842825}},
    {"tgamma",
     -3.7000000000000002,
     {0.25164399590242268, -0.21265851761082004, 3.9147191388323107, -26.957597645342818}},
    {"tgamma",
     1.0000000000000001e-5,
     {99999.422794225559, -9.9999999990109605e+9, 1.9999999999999977e+15, -5.999999999999998e+20}},
    {"tgamma",
     170.5,
     {5.5620924145599996e+305, 2.8565793548542185e+306, 1.4674091714060939e+307,
      7.5396785919703672e+307}},
    {"erfcx",
     -3.5,
     {417962.42244577031, -2.9257380854995593e+6, 2.1316091443388456e+7, -1.6091559244571743e+8}},
    {"erfcx",
     -0.25,
     {1.3586423701047221, -1.8077003521478736, 3.621134916283381, -9.041368866733185}},
    {"erfcx", 0.0, {1.0, -1.1283791670955126, 2.0, -4.5135166683820503}},
    {"erfcx",
     0.75,
     {0.50693765029314481, -0.36797269165579537, 0.46191626310259656, -0.77901637196928662}},
    {"erfcx",
     3.5,
     {0.1552936556088943, -0.041323577833252492, 0.02132226638502115, -0.016038446637861916}},
    {"erfcx",
     11.5,
     {0.048876546895982276, -4.2185884879202154e-3, 7.2555856979959977e-4, -1.8650684629006664e-4}},
    {"erfcx",
     12.5,
     {0.044992099001027921, -3.5766920698145528e-3, 5.6689625669202235e-4, -1.3436186195765227e-4}},
    {"erfcx",
     40.0,
     {0.014100335983377814, -3.5228842528748392e-4, 1.7597943756913901e-5, -1.3182005968235873e-6}},
    {"erfcx",
     1.0e+6,
     {5.6418958354747419e-7, -5.6418958354691e-13, 1.1283791670921274e-18, -3.385137501269612e-24}},
    {"log_ndtr", -100000.0, {-5.000000012431864e+9, 100000.00001, -0.9999999999, 1.9999999976e-15}},
    {"log_ndtr",
     -300.0,
     {-45006.622732118663, 300.00333325926337, -0.99998888962956105, 7.4064198902395809e-8}},
    {"log_ndtr",
     -38.0,
     {-726.55721601882013, 38.026279466575869, -0.99931034024653374, 3.6148163271273309e-5}},
    {"log_ndtr",
     -12.5,
     {-81.575967870743883, 12.579007304406976, -0.9938334592368577, 9.5114134127408462e-4}},
    {"log_ndtr",
     -3.25,
     {-7.457624891374112, 3.5163951444687499, -0.93675059251996314, 0.027135900072215562}},
    {"log_ndtr",
     -0.5,
     {-1.1759117615936186, 1.1410777703680645, -0.73151959284412105, 0.16260392517612297}},
    {"log_ndtr",
     0.0,
     {-0.69314718055994531, 0.79788456080286536, -0.63661977236758134, 0.21801361414499016}},
    {"log_ndtr",
     1.25,
     {-0.11165782847292517, 0.20422545889867676, -0.29698986168572105, 0.2883176497905164}},
    {"log_ndtr",
     6.5,
     {-4.0160005839397591e-11, 2.6695566148700613e-10, -1.7352117997368052e-9,
      1.1011921037728677e-8}},
};

/// The allowed error of the derivative of an order. A formula loses accuracy by cancellation, most
/// of all where it is replaced by another one: erfcx at 7, log_ndtr at -10. Far out, the third
/// derivative of log_ndtr is what is left of numbers of the size of the second.
constexpr double tolerance[] = {2e-15, 2e-13, 2e-11, 2e-9};

Var called(const std::string& name, const Var& x) {
  return name == "tgamma" ? tgamma(x) : name == "erfcx" ? erfcx(x) : log_ndtr(x);
}

/// For gammainc(a, x): the value, then the derivatives with respect to a, x, aa, ax, xx and aaa.
struct GammaCase {
  double a, x;
  double d[7];
};

const GammaCase gamma_cases[] = {
    {0.5,
     0.25,
     {0.52049987781304654, -0.79794731678322294, 0.87878257893544479, 0.80966154619286058,
      0.50724707060410655, -2.6363477368063344, 0.32125092241648644}},
    {0.25,
     3.0,
     {0.99498910405129169, -0.027841007106276594, 6.0241328143112506e-3, -0.068707571413949997,
      0.032084927889759146, -7.5301660178890633e-3, -0.074420737921297916}},
    {2.5,
     1.25,
     {0.22350492887667729, -0.22266347154419811, 0.30120398778030212, 0.16247611638765921,
      -0.14458185669324966, 0.060240797556060423, -0.031037652050447305}},
    {1.0,
     0.75,
     {0.52763344725898529, -0.47710679787944121, 0.47236655274101471, 0.18506705248166272,
      0.1367659849682112, -0.47236655274101471, 0.36679943694482186}},
    {10.5,
     7.5,
     {0.17704818916959418, -0.085760815219996721, 0.10035448368673845, 0.029152402319483931,
      -0.028911927421600209, 0.026761195649796921, -1.7118118870209587e-3}},
    {10.5,
     18.0,
     {0.97813476853618941, -0.014862770057179987, 0.011309711253322754, -8.0637836752684111e-3,
      6.6429932825540392e-3, -5.340696980735745e-3, -2.9442182234921779e-3}},
    {100.0,
     95.5,
     {0.3359780276025728, -0.036803939273830122, 0.037601667980239751, 1.6963194486964774e-3,
      -1.5430072040314322e-3, 1.3780716013700432e-3, 2.9014158138412607e-4}},
    {100.0,
     112.5,
     {0.89147679796913023, -0.018281665308660192, 0.01721737162289074, -2.1549139171200442e-3,
      2.1141446305447431e-3, -2.0660845947468888e-3, -7.1022018095025188e-5}},
    {0.03125,
     1.953125e-3,
     {0.83714329070833109, -4.7827729655447602, 13.368948311643232, 26.011246059380172,
      351.45131778720471, -6644.3673108866863, -131.75273427498342}},
    {2500.0,
     2550.0,
     {0.84136065138059605, -4.823393185606263e-3, 4.7756305624104116e-3, -9.5518977253803755e-5,
      9.552522191921372e-5, -9.5512611248208232e-5, 3.7834324134948762e-8}},
};

/// For betainc(a, b, x): the value and the derivatives with respect to x and xx; then those of its
/// density with respect to a and b.
struct BetaCase {
  double a, b, x;
  double d[5];
};

const BetaCase beta_cases[] = {
    {0.5,
     0.5,
     0.125,
     {0.23005345616261589, 0.96247862708066832, -3.2999267214194342, -0.66713934671017227,
      1.2057575819749243}},
    {2.5,
     1.25,
     0.75,
     {0.58418314065657994, 1.6859139925982448, 1.6859139925982448, 0.32318747941290484,
      0.039950363544105531}},
    {1.0, 3.0, 0.375, {0.755859375, 1.171875, -3.75, 0.99902821912688332, -0.16016050302234635}},
    {30.0,
     12.0,
     0.6875,
     {0.33574010929684644, 5.0233449010089001, 35.072080763407594, -0.16784986663458949,
      0.60232481412620274}},
    {0.25,
     40.0,
     0.015625,
     {0.87668640937315521, 8.4724959207155025, -742.35202352935831, 31.782083111581448,
      -0.079976316361241903}},
    {400.0,
     300.0,
     0.5625,
     {0.31560304457333236, 18.939767999621574, 490.63018056162554, -0.28811727965825574,
      0.40857670597714822}},
};

/// Whether betainc takes a parameter of that type.
template <class A>
concept TakesParameter = requires(A a, Var x) {
  betainc(a, 2.0, x);
};
static_assert(TakesParameter<double> && TakesParameter<int>);
static_assert(!TakesParameter<Var> && !TakesParameter<Tensor>);  // no derivative by it is known

}  // namespace

TEST_CASE("tgamma, erfcx and log_ndtr agree with the reference to order 3") {
  for (const UnaryCase& c : unary) {
    CAPTURE(c.name);
    CAPTURE(c.x);
    Graph graph;
    const Var x = variable(c.x);
    Var f = called(c.name, x);
    CHECK(relative_error(f.value(), c.d[0]) < tolerance[0]);
    for (std::size_t order = 1; order <= 3; ++order) {
      CAPTURE(order);
      const double allowed =
          tolerance[order] * std::abs(c.d[order]) + (order == 3 ? 1e-20 * std::abs(c.d[2]) : 0.0);
      CHECK(std::abs(gradient(f)[x] - c.d[order]) < allowed);
      f = derivative(f, x);
      CHECK(std::abs(f.value() - c.d[order]) < allowed);
    }
  }
}

TEST_CASE("gammainc agrees with the reference in both operands, on numbers and on tensors") {
  for (const GammaCase& c : gamma_cases) {
    CAPTURE(c.a);
    CAPTURE(c.x);
    Graph graph;
    const Var a = variable(c.a), x = variable(c.x);
    const Var f = gammainc(a, x);
    const std::vector<Var> first = derivative(f, {a, x});
    const Var by_aa = derivative(first[0], a);
    const double got[] = {f.value(),
                          first[0].value(),
                          first[1].value(),
                          by_aa.value(),
                          derivative(first[0], x).value(),
                          derivative(first[1], x).value(),
                          derivative(by_aa, a).value()};
    for (std::size_t k = 0; k < std::size(got); ++k) {
      CAPTURE(k);
      CHECK(relative_error(got[k], c.d[k]) < (k == 6 ? 1e-10 : 1e-12));
    }
    CHECK(relative_error(derivative(first[1], a).value(), c.d[4]) < 1e-12);
    CHECK(gammainc(c.a, c.x) == f.value());

    const Tensor at = variable(tensor({c.a, c.a})), xt = variable(tensor({{c.x}, {c.x}, {c.x}}));
    const Tensor ft = gammainc(at, xt);
    CHECK(ft.shape() == Shape{3, 2});
    CHECK(ft.at({2, 1}) == f.value());
    const Gradient d = gradient(sum(ft));
    CHECK(relative_error(d[at].at({1}), 3.0 * c.d[1]) < 1e-12);
    CHECK(relative_error(d[xt].at({2, 0}), 2.0 * c.d[2]) < 1e-12);
  }
}

TEST_CASE("betainc agrees with the reference in x, and its density in all operands") {
  for (const BetaCase& c : beta_cases) {
    CAPTURE(c.a);
    CAPTURE(c.b);
    CAPTURE(c.x);
    Graph graph;
    const Var a = variable(c.a), b = variable(c.b), x = variable(c.x);
    const Var f = betainc(c.a, c.b, x), density = beta_density(a, b, x);
    CHECK(relative_error(f.value(), c.d[0]) < 1e-13);
    CHECK(betainc(c.a, c.b, c.x) == f.value());
    const Var slope = derivative(f, x);
    CHECK(relative_error(slope.value(), c.d[1]) < 1e-13);
    CHECK(relative_error(gradient(f)[x], c.d[1]) < 1e-13);
    CHECK(relative_error(derivative(slope, x).value(), c.d[2]) < 1e-12);
    CHECK(density.value() == slope.value());
    CHECK(relative_error(gradient(density)[a], c.d[3]) < 1e-12);
    CHECK(relative_error(gradient(density)[b], c.d[4]) < 1e-12);
    CHECK(relative_error(gradient(density)[x], c.d[2]) < 1e-12);

    const Tensor xt = variable(tensor({c.x, 0.5}));
    CHECK(betainc(c.a, c.b, xt).at({0}) == f.value());
    CHECK(relative_error(gradient(sum(betainc(c.a, c.b, xt)))[xt].at({0}), c.d[1]) < 1e-13);
  }
  CHECK(betainc(2, 3, Var(0.5)).value() == doctest::Approx(0.6875).epsilon(2e-15));
}
