#include "autodiff/values/lane_by_lane.hpp"

namespace chainrule::detail {

template <class Rule>
void lane_by_lane(const double* const* x, double* out, int count) {
  for (int i = 0; i < count; ++i) {
    if constexpr (Rule::arity == 1)
      out[i] = Rule::value(x[0][i]);
    else
      out[i] = Rule::value(x[0][i], x[1][i]);
  }
}

// Functions without a vector form.
template void lane_by_lane<Pow>(const double* const*, double*, int);
template void lane_by_lane<Fmod>(const double* const*, double*, int);
template void lane_by_lane<Remainder>(const double* const*, double*, int);
template void lane_by_lane<Erfinv>(const double* const*, double*, int);
template void lane_by_lane<Digamma>(const double* const*, double*, int);
template void lane_by_lane<Lgamma>(const double* const*, double*, int);
template void lane_by_lane<Polygamma>(const double* const*, double*, int);
template void lane_by_lane<ScaledBessel>(const double* const*, double*, int);
// Functions whose vector form leaves out a part of the range.
template void lane_by_lane<Exp>(const double* const*, double*, int);
template void lane_by_lane<Exp2>(const double* const*, double*, int);
template void lane_by_lane<Expm1>(const double* const*, double*, int);
template void lane_by_lane<Log>(const double* const*, double*, int);
template void lane_by_lane<Log2>(const double* const*, double*, int);
template void lane_by_lane<Log10>(const double* const*, double*, int);
template void lane_by_lane<Cbrt>(const double* const*, double*, int);
template void lane_by_lane<Hypot>(const double* const*, double*, int);
template void lane_by_lane<Atan2>(const double* const*, double*, int);
template void lane_by_lane<Sinh>(const double* const*, double*, int);
template void lane_by_lane<Cosh>(const double* const*, double*, int);
template void lane_by_lane<Erfc>(const double* const*, double*, int);

}  // namespace chainrule::detail
