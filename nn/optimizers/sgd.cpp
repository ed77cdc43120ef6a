#include "nn/optimizers/sgd.hpp"

#include "nn/optimizers/update.hpp"

namespace chainrule::nn {

void SgdOptions::check() const {
  detail::check_not_negative(name, "learning_rate", learning_rate);
  detail::check_not_negative(name, "momentum", momentum);
  detail::check_not_negative(name, "weight_decay", weight_decay);
  detail::check_option(dampening >= 0.0 && dampening <= 1.0, name, "dampening", dampening,
                       "in [0, 1]");
  detail::check_option(!nesterov || (momentum > 0.0 && dampening == 0.0), name, "nesterov",
                       nesterov, "false, unless there is momentum and no dampening");
}

void Sgd::update(Slot& slot, Array& gradient) {
  const SgdOptions& o = options_for(slot);
  with_type(gradient.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(o.learning_rate), decay = static_cast<T>(o.weight_decay);
    if (o.momentum == 0.0)
      return detail::update_elements<T>(slot.parameter, gradient,
                                        [=](T w, T g) { return w - rate * (g + decay * w); });
    // The buffer is 0 before the first step, which does not dampen the gradient.
    const T momentum = static_cast<T>(o.momentum);
    const T part = static_cast<T>(slot.step == 1 ? 1.0 : 1.0 - o.dampening);
    T* const buffer = detail::elements_of<T>(slot.buffers[0], gradient);
    if (o.nesterov)
      return detail::update_elements<T>(
          slot.parameter, gradient,
          [=](T w, T g, T& b) {
            const T d = g + decay * w;
            b = momentum * b + part * d;
            return w - rate * (d + momentum * b);
          },
          buffer);
    detail::update_elements<T>(
        slot.parameter, gradient,
        [=](T w, T g, T& b) {
          b = momentum * b + part * (g + decay * w);
          return w - rate * b;
        },
        buffer);
  });
}

}  // namespace chainrule::nn
