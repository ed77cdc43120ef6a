#include "nn/losses/checks.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "autodiff/arrays.hpp"

namespace chainrule::nn::detail {
namespace {

/// An element that is not as it must be, if there is one. Allocates no memory.
struct Fault {
  std::int64_t index = -1;
  double element = 0.0;
};

template <class Bad>
Fault fault_of(const Tensor& x, const Bad& is_bad) {
  const Array array = contiguous(x.value());
  Fault fault;
  with_type(array.dtype(), [&](auto zero) {
    using T = decltype(zero);
    // Without branches and of the size of an element, so that compilers vectorise the loop.
    using Flag = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;
    const T* const element = array.data_as<T>();
    const std::int64_t n = array.size();
    Flag any = 0;
    for (std::int64_t i = 0; i < n; ++i) any |= is_bad(element[i]) ? Flag(1) : Flag(0);
    if (any == 0) return;
    std::int64_t first = 0;
    while (!is_bad(element[first])) ++first;
    fault = {first, static_cast<double>(element[first])};
  });
  return fault;
}

[[noreturn]] void refuse(const Fault& fault, const char* name, const char* what,
                         const std::string& range, const std::string& remedy) {
  throw DomainError(fmt::format("{}: element {} of the {} is {}, not {}; {}", name, fault.index,
                                what, fault.element, range, remedy));
}

Fault outside(const Tensor& x, double low, double high) {
  return fault_of(x, [=](auto element) {
    using T = decltype(element);
    return static_cast<bool>((element < static_cast<T>(low)) | (element > static_cast<T>(high)));
  });
}

}  // namespace

void check_same_shape(const Tensor& prediction, const Tensor& target, const char* name) {
  if (prediction.value().is_null() || target.value().is_null())
    throw ShapeError(fmt::format(
        "{}: the {} is a Tensor that was never assigned{}", name,
        prediction.value().is_null() ? "prediction" : "target",
        prediction.value().is_null() ? "" : " (a Batch of data with labels has no targets)"));
  if (!prediction.value().has_shape(target.value().shape()))
    throw ShapeError(fmt::format("{}: the prediction has shape {}, the target {}; reshape one",
                                 name, text_of(prediction.shape()), text_of(target.shape())));
}

void check_range(const Tensor& x, double low, double high, const char* name, const char* what,
                 const char* remedy) {
  if (const Fault fault = outside(x, low, high); fault.index >= 0)
    refuse(fault, name, what, fmt::format("in [{}, {}]", low, high), remedy);
}

void check_either(const Tensor& x, double a, double b, const char* name, const char* remedy) {
  const Fault fault = fault_of(x, [=](auto element) {
    using T = decltype(element);
    // Written so that NaN passes.
    const bool is_below = (element < static_cast<T>(a)) | (element > static_cast<T>(b));
    const bool is_between = (element > static_cast<T>(a)) & (element < static_cast<T>(b));
    return is_below | is_between;
  });
  if (fault.index >= 0) refuse(fault, name, "targets", fmt::format("{} or {}", a, b), remedy);
}

void check_probabilities(const Tensor& x, const char* name, const char* instead) {
  if (const Fault fault = outside(x, 0.0, 1.0); fault.index >= 0)
    refuse(fault, name, "probabilities", "in [0, 1]", fmt::format("for logits write {}", instead));
}

void check_log_probabilities(const Tensor& x, const char* name, const char* remedy) {
  constexpr double rounding = 1e-6, infinity = std::numeric_limits<double>::infinity();
  if (const Fault fault = outside(x, -infinity, rounding); fault.index >= 0)
    refuse(fault, name, "log probabilities", "at most 0", remedy);
}

}  // namespace chainrule::nn::detail
