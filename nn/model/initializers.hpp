// What parameters begin with.
#pragma once

#include <functional>

#include "autodiff/autodiff.hpp"
#include "autodiff/core/random.hpp"

namespace chainrule::nn {

/// The stream that modules of this thread draw their first numbers from, unless they are given
/// another. It begins with seed 0, so a program makes the same model whenever it runs.
Random& default_random();
/// Begins it anew.
void seed(std::uint64_t seed);

/// Makes the first numbers of a parameter of some shape. One's own is a function like this.
using Initializer = std::function<Array(const Shape& shape, DType dtype, Random& random)>;

/// Initialisers. Numbers are drawn in row-major order as doubles and then rounded to the element
/// type. fan_in and fan_out are what a weight of shape [out, in, k...] takes and gives: in and out,
/// each times the product of k (the receptive field of a convolution). Those that need them throw
/// ShapeError for a shape of less than two axes; parameters that make no sense are a DomainError.
namespace init {

Initializer constant(double value);
inline Initializer zeros() { return constant(0.0); }
inline Initializer ones() { return constant(1.0); }
/// U(low, high).
Initializer uniform(double low, double high);
/// N(mean, standard_deviation^2).
Initializer normal(double mean = 0.0, double standard_deviation = 1.0);

/// U(-a, a), a = gain sqrt(6 / (fan_in + fan_out)). Glorot and Bengio 2010, eq. 16.
Initializer xavier_uniform(double gain = 1.0);
/// N(0, gain^2 2 / (fan_in + fan_out)). Glorot and Bengio 2010.
Initializer xavier_normal(double gain = 1.0);

enum class Fan { in, out };
inline constexpr double relu_gain = 1.41421356237309504880;
/// The gain that keeps the variance through a layer of leaky_relu: sqrt(2 / (1 + slope^2)).
double leaky_relu_gain(double slope);
inline constexpr double tanh_gain = 5.0 / 3.0;
inline constexpr double selu_gain = 0.75;

/// U(-a, a), a = gain sqrt(3 / fan). He et al. 2015, eq. 10, as a uniform distribution.
Initializer he_uniform(double gain = relu_gain, Fan fan = Fan::in);
/// N(0, gain^2 / fan). He et al. 2015, eq. 10.
Initializer he_normal(double gain = relu_gain, Fan fan = Fan::in);
/// U(-a, a), a = sqrt(3 / fan_in). LeCun et al. 1998, section 4.6, as a uniform distribution.
Initializer lecun_uniform();
/// N(0, 1 / fan_in). LeCun et al. 1998, section 4.6.
Initializer lecun_normal();
/// U(-a, a), a = 1 / sqrt(fan_in): the default of Linear.
Initializer fan_in_uniform();

/// 1 on the diagonal, else 0. For matrices (ShapeError).
Initializer identity();
/// Rows (or columns, whichever are fewer) that are orthonormal, times gain: Q of the QR
/// decomposition of a normal matrix, columns times sign(diag R) so that every orthogonal matrix is
/// as likely (Saxe et al. 2014; Mezzadri 2007). Of a shape [n, k...]: as a matrix [n, product].
Initializer orthogonal(double gain = 1.0);

}  // namespace init
}  // namespace chainrule::nn
