// The gradient of the GMM objective, derived and coded by hand: the reference for the cost of the
// engine.
#pragma once

#include "gmm.hpp"

namespace chainrule::objectives {

/// Writes the gradient of gmm() at `parameters` to `gradient` (same shape) and returns the value.
/// With w_ik = softmax_k of the terms of point i, c = x_i - mu_k and z = Q_k c:
///   d/dalpha_k = sum_i w_ik - n softmax(alpha)_k
///   d/dmu_k    = Q_k^T sum_i w_ik z
///   d/dq_k     = sum_i w_ik - exp(q_k) sum_i w_ik z c + gamma^2 exp(q_k)^2 - m   (elementwise)
///   d/dl_k     = -sum_i w_ik z c^T (strictly lower) + gamma^2 l_k.
/// Q_k does not depend on the point, so the sums are taken first and multiplied by it once.
inline double gmm_gradient_by_hand(const GmmData& data, std::span<const double> parameters,
                                   std::span<double> gradient) {
  const std::size_t D = data.dimension, K = data.components, icf_size = data.icf_size();
  if (parameters.size() != data.parameters.size() || gradient.size() != parameters.size())
    throw std::invalid_argument("gmm_gradient_by_hand: parameters or gradient of the wrong size");
  const double gamma_squared = data.wishart_gamma * data.wishart_gamma;
  const double* const alpha = parameters.data();
  const double* const mu = alpha + K;
  const double* const icf = mu + K * D;
  double* const d_alpha = gradient.data();
  double* const d_mu = d_alpha + K;
  double* const d_icf = d_mu + K * D;
  std::fill(gradient.begin(), gradient.end(), 0.0);

  std::vector<double> exp_q(K * D), bias(alpha, alpha + K);
  double value = gmm_constant(data);
  for (std::size_t k = 0; k < K; ++k) {
    const double* const q = icf + k * icf_size;
    double sum_q = 0, squares = 0;
    for (std::size_t i = 0; i < D; ++i) {
      const double diagonal = exp_q[k * D + i] = std::exp(q[i]);
      sum_q += q[i];
      squares += diagonal * diagonal;
    }
    for (std::size_t i = D; i < icf_size; ++i) squares += q[i] * q[i];
    value += 0.5 * gamma_squared * squares - data.wishart_m * sum_q;
    bias[k] += sum_q;
  }

  // Per point: the terms of the forward pass, then the sums over points of w, w z and w z c^T.
  std::vector<double> centred(K * D), z(K * D), terms(K);
  for (std::size_t point = 0; point < data.count; ++point) {
    const double* const x = data.points.data() + point * D;
    for (std::size_t k = 0; k < K; ++k)
      terms[k] = bias[k] - 0.5 * squared_distance(D, x, mu + k * D, exp_q.data() + k * D,
                                                  icf + k * icf_size + D, centred.data() + k * D,
                                                  z.data() + k * D);
    const double shift = *std::max_element(terms.begin(), terms.end());
    double sum = 0;
    for (double& term : terms) sum += term = std::exp(term - shift);
    value += std::log(sum) + shift;

    for (std::size_t k = 0; k < K; ++k) {
      const double weight = terms[k] / sum;
      const double* const c = centred.data() + k * D;
      double* const w_z = z.data() + k * D;
      double* const d_mu_k = d_mu + k * D;
      double* const d_q = d_icf + k * icf_size;
      double* d_l = d_q + D;
      d_alpha[k] += weight;
      for (std::size_t i = 0; i < D; ++i) {
        w_z[i] *= weight;
        d_mu_k[i] += w_z[i];
        d_q[i] -= w_z[i] * c[i];
      }
      for (std::size_t j = 0; j < D; ++j)
        for (std::size_t i = j + 1; i < D; ++i) *d_l++ -= w_z[i] * c[j];
    }
  }

  // Once per component: multiply by Q_k and exp(q_k), and add the terms that do not depend on
  // points.
  const auto n = static_cast<double>(data.count);
  const double log_alpha = logsumexp(parameters.first(K));
  for (std::size_t k = 0; k < K; ++k) {
    const double* const diagonal = exp_q.data() + k * D;
    const double* l = icf + k * icf_size + D;
    double* const d_mu_k = d_mu + k * D;
    double* const d_q = d_icf + k * icf_size;
    double* d_l = d_q + D;
    for (std::size_t j = 0; j < D; ++j) {
      d_q[j] = d_alpha[k] + diagonal[j] * (d_q[j] + gamma_squared * diagonal[j]) - data.wishart_m;
      d_mu_k[j] *= diagonal[j];
      for (std::size_t i = j + 1; i < D; ++i, ++l) {
        d_mu_k[j] += *l * d_mu_k[i];
        *d_l++ += gamma_squared * *l;
      }
    }
    d_alpha[k] -= n * std::exp(alpha[k] - log_alpha);
  }
  return value - n * log_alpha;
}

}  // namespace chainrule::objectives
