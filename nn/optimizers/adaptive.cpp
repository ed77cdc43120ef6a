#include "nn/optimizers/adaptive.hpp"

#include <algorithm>
#include <cmath>

#include "nn/optimizers/update.hpp"

namespace chainrule::nn {
namespace {

template <class Options>
void check_common(const Options& o) {
  detail::check_not_negative(Options::name, "learning_rate", o.learning_rate);
  detail::check_not_negative(Options::name, "eps", o.eps);
  detail::check_not_negative(Options::name, "weight_decay", o.weight_decay);
}

}  // namespace

void RmspropOptions::check() const {
  check_common(*this);
  detail::check_fraction(name, "alpha", alpha);
  detail::check_not_negative(name, "momentum", momentum);
}

void AdagradOptions::check() const {
  check_common(*this);
  detail::check_not_negative(name, "lr_decay", lr_decay);
  detail::check_not_negative(name, "initial_accumulator_value", initial_accumulator_value);
}

void AdadeltaOptions::check() const {
  check_common(*this);
  detail::check_fraction(name, "rho", rho);
}

void Rmsprop::update(Slot& slot, Array& gradient) {
  const RmspropOptions& o = options_for(slot);
  with_type(gradient.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(o.learning_rate), eps = static_cast<T>(o.eps);
    const T keep = static_cast<T>(o.alpha), take = static_cast<T>(1.0 - o.alpha);
    const T decay = static_cast<T>(o.weight_decay), momentum = static_cast<T>(o.momentum);
    T* const v = detail::elements_of<T>(slot.buffers[0], gradient);
    // The four variants below share these. All captured values are constant within the loop.
    const auto plain = [=](T d, T& square) {
      square = keep * square + take * (d * d);
      return d / (std::sqrt(square) + eps);
    };
    const auto centred = [=](T d, T& square, T& mean) {
      square = keep * square + take * (d * d);
      mean = keep * mean + take * d;
      // A variance, which rounding may make negative if the gradient does not change.
      return d / (std::sqrt(std::max(square - mean * mean, T(0))) + eps);
    };
    const auto moved = [=](T u, T& buffer) { return buffer = momentum * buffer + u; };
    Parameter& parameter = slot.parameter;
    if (!o.centered && o.momentum == 0.0)
      return detail::update_elements<T>(
          parameter, gradient,
          [=](T w, T g, T& square) { return w - rate * plain(g + decay * w, square); }, v);
    if (!o.centered)
      return detail::update_elements<T>(
          parameter, gradient,
          [=](T w, T g, T& square, T& b) {
            return w - rate * moved(plain(g + decay * w, square), b);
          },
          v, detail::elements_of<T>(slot.buffers[2], gradient));
    T* const a = detail::elements_of<T>(slot.buffers[1], gradient);
    if (o.momentum == 0.0)
      return detail::update_elements<T>(
          parameter, gradient,
          [=](T w, T g, T& square, T& mean) {
            return w - rate * centred(g + decay * w, square, mean);
          },
          v, a);
    detail::update_elements<T>(
        parameter, gradient,
        [=](T w, T g, T& square, T& mean, T& b) {
          return w - rate * moved(centred(g + decay * w, square, mean), b);
        },
        v, a, detail::elements_of<T>(slot.buffers[2], gradient));
  });
}

void Adagrad::update(Slot& slot, Array& gradient) {
  const AdagradOptions& o = options_for(slot);
  with_type(gradient.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate =
        static_cast<T>(o.learning_rate / (1.0 + static_cast<double>(slot.step - 1) * o.lr_decay));
    const T eps = static_cast<T>(o.eps), decay = static_cast<T>(o.weight_decay);
    detail::update_elements<T>(
        slot.parameter, gradient,
        [=](T w, T g, T& sum) {
          const T d = g + decay * w;
          sum += d * d;
          return w - rate * (d / (std::sqrt(sum) + eps));
        },
        detail::elements_of<T>(slot.buffers[0], gradient, o.initial_accumulator_value));
  });
}

void Adadelta::update(Slot& slot, Array& gradient) {
  const AdadeltaOptions& o = options_for(slot);
  with_type(gradient.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(o.learning_rate), eps = static_cast<T>(o.eps);
    const T keep = static_cast<T>(o.rho), take = static_cast<T>(1.0 - o.rho);
    const T decay = static_cast<T>(o.weight_decay);
    detail::update_elements<T>(
        slot.parameter, gradient,
        [=](T w, T g, T& square, T& square_step) {
          const T d = g + decay * w;
          square = keep * square + take * (d * d);
          const T move = std::sqrt(square_step + eps) / std::sqrt(square + eps) * d;
          square_step = keep * square_step + take * (move * move);
          return w - rate * move;
        },
        detail::elements_of<T>(slot.buffers[0], gradient),
        detail::elements_of<T>(slot.buffers[1], gradient));
  });
}

}  // namespace chainrule::nn
