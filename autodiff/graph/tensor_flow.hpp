// The partial derivatives of elementwise rules run on Tensors.
#pragma once

#include "autodiff/graph/tensor.hpp"

namespace chainrule {

/// The partial of an elementwise rule on Tensors: a tensor or a number, which applies to all
/// elements or to those in a mask.
template <>
struct Flow<Tensor> {
  bool open = false;
  Tensor partial{};
  double number = 0.0;  ///< the partial, if there is no tensor
  Array mask{};         ///< the elements it applies to; all if null

  template <class Partial>
  static Flow of(const Partial& given) {
    if constexpr (std::is_same_v<Partial, Zero>) {
      return {};
    } else if constexpr (requires { given.mask; }) {
      Flow flow = of(given.partial);
      flow.mask = given.mask;
      return flow;
    } else if constexpr (requires { given.open; }) {
      Flow flow = of(given.partial);
      flow.open = given.open;
      return flow;
    } else if constexpr (Number<Partial>) {
      return {true, {}, static_cast<double>(given), {}};
    } else {
      return {true, Tensor(given), 0.0, {}};
    }
  }
};

}  // namespace chainrule
