// The log-likelihood of a Gaussian mixture with a Wishart prior: the GMM objective of the public
// ADBench benchmark, written once for plain numbers and for recording scalars.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "number_file.hpp"

namespace chainrule::objectives {

/// One input. Shapes, with dimension D, K components and n points, all row-major:
///   parameters  alpha[K], mu[K][D], icf[K][D (D + 1) / 2], where a row of icf is q[D], the logs of
///               the diagonal of Q, then l, the strictly lower triangle of Q, column by column;
///   points      x[n][D].
struct GmmData {
  std::size_t dimension = 0, components = 0, count = 0;
  std::vector<double> parameters, points;
  double wishart_gamma = 1, wishart_m = 0;

  std::size_t icf_size() const { return dimension * (dimension + 1) / 2; }
};

/// Reads `gmm_dD_KK.txt`. Throws std::runtime_error, with the path and what is missing.
inline GmmData read_gmm(const std::string& path) {
  NumberFile file(path);
  GmmData data;
  data.dimension = file.size("the dimension");
  data.components = file.size("the number of components");
  data.count = file.size("the number of points");
  file.append(data.parameters, data.components, "the weights alpha");
  file.append(data.parameters, data.components * data.dimension, "the means");
  file.append(data.parameters, data.components * data.icf_size(), "the covariance factors");
  file.append(data.points, data.count * data.dimension, "the points");
  data.wishart_gamma = file.number("the prior's gamma");
  data.wishart_m = file.number("the prior's m");
  if (!(data.wishart_gamma > 0)) file.fail("the prior's gamma is not positive");
  file.expect_end();
  return data;
}

/// The value of a scalar, recording or not.
inline double number(double x) { return x; }
template <class T>
  requires requires(const T& x) { x.value(); }
double number(const T& x) { return x.value(); }

/// log sum_k exp x_k. The shift by the maximum cancels, in the gradient as well, so it can be a
/// plain number.
template <class T>
T logsumexp(std::span<const T> x) {
  using std::exp, std::log;
  double shift = number(x[0]);
  for (const T& x_k : x.subspan(1)) shift = std::max(shift, number(x_k));
  T sum = exp(x[0] - shift);
  for (const T& x_k : x.subspan(1)) sum += exp(x_k - shift);
  return log(sum) + shift;
}

/// z|^2 for z = Q (x - mu), Q = diag(exp_q) + L, in the same passes as the public benchmark:
/// subtract, multiply by the diagonal, add L column by column, square. All arrays but `l` have
/// length D; leaves x - mu in `centred` and z in `z`.
template <class T>
T squared_distance(std::size_t D, const double* x, const T* mu, const T* exp_q, const T* l,
                   T* centred, T* z) {
  for (std::size_t i = 0; i < D; ++i) centred[i] = x[i] - mu[i];
  for (std::size_t i = 0; i < D; ++i) z[i] = exp_q[i] * centred[i];
  for (std::size_t j = 0; j < D; ++j)
    for (std::size_t i = j + 1; i < D; ++i) z[i] += *l++ * centred[j];
  T sum = z[0] * z[0];
  for (std::size_t i = 1; i < D; ++i) sum += z[i] * z[i];
  return sum;
}

/// The terms without parameters: -0.5 n D log(2 pi) - K C, with n' = D + m + 1,
/// C = n' D (log gamma - 0.5 log 2) - log Gamma_D(0.5 n') and
/// log Gamma_D(a) = 0.25 D (D - 1) log pi + sum_{j=1..D} lgamma(a + 0.5 (1 - j)).
inline double gmm_constant(const GmmData& data) {
  using std::numbers::ln2, std::numbers::pi;
  const auto D = static_cast<double>(data.dimension), K = static_cast<double>(data.components);
  const auto n = static_cast<double>(data.count), freedom = D + data.wishart_m + 1;
  double log_gamma = 0.25 * D * (D - 1) * std::log(pi);
  for (double j = 1; j <= D; ++j) log_gamma += std::lgamma(0.5 * freedom + 0.5 * (1 - j));
  const double C = freedom * D * (std::log(data.wishart_gamma) - 0.5 * ln2) - log_gamma;
  return -0.5 * n * D * std::log(2 * pi) - K * C;
}

/// The objective; `parameters` has the shape of data.parameters:
///   sum_i logsumexp_k(alpha_k + sum(q_k) - 0.5 |Q_k (x_i - mu_k)|^2) - n logsumexp(alpha)
///   + sum_k(0.5 gamma^2 (|exp q_k|^2 + |l_k|^2) - m sum(q_k)) + gmm_constant.
template <class T>
T gmm(const GmmData& data, std::span<const T> parameters) {
  using std::exp;
  const std::size_t D = data.dimension, K = data.components, icf_size = data.icf_size();
  if (parameters.size() != data.parameters.size())
    throw std::invalid_argument("gmm: the parameters do not have the shape of the data's");
  const T* const alpha = parameters.data();
  const T* const mu = alpha + K;
  const T* const icf = mu + K * D;

  // Once per component: exp(q), alpha + sum(q), and the prior.
  std::vector<T> exp_q(K * D), bias(K);
  T prior = 0.0;
  for (std::size_t k = 0; k < K; ++k) {
    const T* const q = icf + k * icf_size;
    T sum_q = 0.0, squares = 0.0;
    for (std::size_t i = 0; i < D; ++i) {
      const T& diagonal = exp_q[k * D + i] = exp(q[i]);
      sum_q += q[i];
      squares += diagonal * diagonal;
    }
    for (std::size_t i = D; i < icf_size; ++i) squares += q[i] * q[i];
    const double gamma = data.wishart_gamma;
    prior += 0.5 * gamma * gamma * squares - data.wishart_m * sum_q;
    bias[k] = alpha[k] + sum_q;
  }

  std::vector<T> centred(D), z(D), terms(K);
  T likelihood = 0.0;
  for (std::size_t point = 0; point < data.count; ++point) {
    const double* const x = data.points.data() + point * D;
    for (std::size_t k = 0; k < K; ++k)
      terms[k] = bias[k] - 0.5 * squared_distance(D, x, mu + k * D, exp_q.data() + k * D,
                                                  icf + k * icf_size + D, centred.data(), z.data());
    likelihood += logsumexp(std::span<const T>(terms));
  }
  const T normaliser = static_cast<double>(data.count) * logsumexp(parameters.first(K));
  return likelihood - normaliser + prior + gmm_constant(data);
}

}  // namespace chainrule::objectives
