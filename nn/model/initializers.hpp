// Initial values of parameters.
#pragma once

#include <functional>

#include "autodiff/core/random.hpp"
#include "autodiff/graphs.hpp"

namespace chainrule::nn {

/// The random stream from which the modules of this thread draw their initial values, unless they
/// are given another one. Its initial seed is 0, so a program makes the same model in every run.
Random& default_random();
/// Restarts default_random() with this seed.
void seed(std::uint64_t seed);

/// Makes the initial values of a parameter. Any function with this signature can be used.
using Initializer = std::function<Array(const Shape& shape, DType dtype, Random& random)>;

/// Initialisers. Values are drawn in row-major order as doubles, then rounded to the element type.
/// For a weight of shape [out, in, k...], fan_in is in * prod(k) and fan_out is out * prod(k),
/// where prod(k) is the size of the receptive field of a convolution (1 for a matrix). Initialisers
/// that use a fan throw ShapeError for a shape with fewer than two axes. Arguments out of their
/// range are a DomainError.
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
/// The gain with which a leaky_relu layer preserves the variance: sqrt(2 / (1 + slope^2)).
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

/// 1 on the diagonal, else 0. Throws ShapeError unless the shape is that of a matrix.
Initializer identity();
/// Orthonormal rows (or columns, whichever are fewer) times gain: Q of the QR decomposition of a
/// normal random matrix, with columns multiplied by sign(diag R), so that all orthogonal matrices
/// are equally likely (Saxe et al. 2014; Mezzadri 2007). A shape [n, k...] is treated as the matrix
/// [n, prod(k)].
Initializer orthogonal(double gain = 1.0);

}  // namespace init
}  // namespace chainrule::nn
