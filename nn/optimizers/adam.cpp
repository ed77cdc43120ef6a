#include "nn/optimizers/adam.hpp"

#include <cmath>

#include "nn/optimizers/update.hpp"

namespace chainrule::nn {
namespace {

template <class Options>
void check_moments(const Options& o) {
  detail::check_not_negative(Options::name, "learning_rate", o.learning_rate);
  detail::check_fraction(Options::name, "beta1", o.beta1);
  detail::check_fraction(Options::name, "beta2", o.beta2);
  detail::check_not_negative(Options::name, "eps", o.eps);
  detail::check_not_negative(Options::name, "weight_decay", o.weight_decay);
}

/// A step of Adam. The parameter is first multiplied by `kept` (decoupled weight decay), and
/// `decay` times the parameter is added to the gradient.
struct Step {
  double rate, beta1, beta2, inverse_root, eps, kept, decay;
};

template <class T, class Buffers>
void adam(Parameter& parameter, Array& gradient, Buffers& buffers, const Step& step, bool amsgrad) {
  const T rate = static_cast<T>(step.rate), eps = static_cast<T>(step.eps);
  const T beta1 = static_cast<T>(step.beta1), one_minus_beta1 = static_cast<T>(1.0 - step.beta1);
  const T beta2 = static_cast<T>(step.beta2), one_minus_beta2 = static_cast<T>(1.0 - step.beta2);
  const T inverse_root = static_cast<T>(step.inverse_root);
  const T kept = static_cast<T>(step.kept), decay = static_cast<T>(step.decay);
  T* const m = detail::elements_of<T>(buffers[0], gradient);
  T* const v = detail::elements_of<T>(buffers[1], gradient);
  if (!amsgrad)
    return detail::update_elements<T>(
        parameter, gradient,
        [=](T w, T g, T& first, T& second) {
          const T d = g + decay * w;
          first = beta1 * first + one_minus_beta1 * d;
          second = beta2 * second + one_minus_beta2 * (d * d);
          return kept * w - rate * (first / (std::sqrt(second) * inverse_root + eps));
        },
        m, v);
  detail::update_elements<T>(
      parameter, gradient,
      [=](T w, T g, T& first, T& second, T& largest) {
        const T d = g + decay * w;
        first = beta1 * first + one_minus_beta1 * d;
        second = beta2 * second + one_minus_beta2 * (d * d);
        largest = largest < second ? second : largest;
        return kept * w - rate * (first / (std::sqrt(largest) * inverse_root + eps));
      },
      m, v, detail::elements_of<T>(buffers[2], gradient));
}

}  // namespace

void AdamOptions::check() const { check_moments(*this); }
void AdamWOptions::check() const { check_moments(*this); }
void AdamaxOptions::check() const { check_moments(*this); }

void Adam::update(Slot& slot, Array& gradient) {
  const AdamOptions& o = options_for(slot);
  const Step step{o.learning_rate / (1.0 - power(0, o.beta1, slot.step)),
                  o.beta1,
                  o.beta2,
                  1.0 / std::sqrt(1.0 - power(1, o.beta2, slot.step)),
                  o.eps,
                  1.0,
                  o.weight_decay};
  with_type(gradient.dtype(), [&](auto zero) {
    adam<decltype(zero)>(slot.parameter, gradient, slot.buffers, step, o.amsgrad);
  });
}

void AdamW::update(Slot& slot, Array& gradient) {
  const AdamWOptions& o = options_for(slot);
  const Step step{o.learning_rate / (1.0 - power(0, o.beta1, slot.step)),
                  o.beta1,
                  o.beta2,
                  1.0 / std::sqrt(1.0 - power(1, o.beta2, slot.step)),
                  o.eps,
                  1.0 - o.learning_rate * o.weight_decay,
                  0.0};
  with_type(gradient.dtype(), [&](auto zero) {
    adam<decltype(zero)>(slot.parameter, gradient, slot.buffers, step, o.amsgrad);
  });
}

void Adamax::update(Slot& slot, Array& gradient) {
  const AdamaxOptions& o = options_for(slot);
  with_type(gradient.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T rate = static_cast<T>(o.learning_rate / (1.0 - power(0, o.beta1, slot.step)));
    const T beta1 = static_cast<T>(o.beta1), one_minus_beta1 = static_cast<T>(1.0 - o.beta1);
    const T beta2 = static_cast<T>(o.beta2), eps = static_cast<T>(o.eps);
    const T decay = static_cast<T>(o.weight_decay);
    detail::update_elements<T>(
        slot.parameter, gradient,
        [=](T w, T g, T& first, T& largest) {
          const T d = g + decay * w;
          first = beta1 * first + one_minus_beta1 * d;
          const T size = std::fabs(d) + eps, decayed = beta2 * largest;
          largest = decayed < size ? size : decayed;
          // u is 0 only if all gradients so far and eps were 0; then the step is 0.
          return largest > T(0) ? w - rate * (first / largest) : w;
        },
        detail::elements_of<T>(slot.buffers[0], gradient),
        detail::elements_of<T>(slot.buffers[1], gradient));
  });
}

}  // namespace chainrule::nn
