#include "autodiff/values/lane_by_lane.hpp"

#include "autodiff/rules/operations.hpp"

namespace chainrule::detail {

template <class Rule>
void lane_by_lane(const double* const* x, double* out, int count) {
  unpack<Rule::arity>(x, [&](const auto*... operand) {
    for (int i = 0; i < count; ++i) out[i] = value_of<Rule>(operand[i]...);
  });
}

// Functions without a vector form.
template void lane_by_lane<rules::Pow>(const double* const*, double*, int);
template void lane_by_lane<rules::Fmod>(const double* const*, double*, int);
template void lane_by_lane<rules::Remainder>(const double* const*, double*, int);
template void lane_by_lane<rules::Erfcx>(const double* const*, double*, int);
template void lane_by_lane<rules::LogNdtr>(const double* const*, double*, int);
template void lane_by_lane<rules::Erfinv>(const double* const*, double*, int);
template void lane_by_lane<rules::Digamma>(const double* const*, double*, int);
template void lane_by_lane<rules::Lgamma>(const double* const*, double*, int);
template void lane_by_lane<rules::Tgamma>(const double* const*, double*, int);
template void lane_by_lane<rules::GammaDensity>(const double* const*, double*, int);
template void lane_by_lane<rules::GammaDensityByA>(const double* const*, double*, int);
template void lane_by_lane<rules::Gammainc>(const double* const*, double*, int);
template void lane_by_lane<rules::GammaincByA>(const double* const*, double*, int);
template void lane_by_lane<rules::BetaDensity>(const double* const*, double*, int);
template void lane_by_lane<rules::Betainc>(const double* const*, double*, int);
template void lane_by_lane<rules::Polygamma>(const double* const*, double*, int);
template void lane_by_lane<rules::ScaledBessel>(const double* const*, double*, int);
// Functions whose vector form does not cover the whole range.
template void lane_by_lane<rules::Exp>(const double* const*, double*, int);
template void lane_by_lane<rules::Exp2>(const double* const*, double*, int);
template void lane_by_lane<rules::Expm1>(const double* const*, double*, int);
template void lane_by_lane<rules::Log>(const double* const*, double*, int);
template void lane_by_lane<rules::Log2>(const double* const*, double*, int);
template void lane_by_lane<rules::Log10>(const double* const*, double*, int);
template void lane_by_lane<rules::Cbrt>(const double* const*, double*, int);
template void lane_by_lane<rules::Hypot>(const double* const*, double*, int);
template void lane_by_lane<rules::Atan2>(const double* const*, double*, int);
template void lane_by_lane<rules::Sinh>(const double* const*, double*, int);
template void lane_by_lane<rules::Cosh>(const double* const*, double*, int);
template void lane_by_lane<rules::Erfc>(const double* const*, double*, int);

}  // namespace chainrule::detail
