#include "nn/losses/checks.hpp"

#include <fmt/format.h>

#include <limits>

#include "autodiff/arrays.hpp"

namespace chainrule::nn::detail {
namespace {

/// Throws DomainError if is_bad(x) for an element x. Without branches, so that compilers vectorise.
template <class Bad>
void check_each(const Tensor& x, const Bad& is_bad, const char* name, const char* what,
                const std::string& range, const char* remedy) {
  const Array array = contiguous(x.value());
  with_type(array.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* const element = array.data_as<T>();
    const std::int64_t n = array.size();
    bool any = false;
    for (std::int64_t i = 0; i < n; ++i) any |= is_bad(element[i]);
    if (!any) return;
    std::int64_t first = 0;
    while (!is_bad(element[first])) ++first;
    throw DomainError(fmt::format("{}: element {} of the {} is {}, not {}; {}", name, first, what,
                                  element[first], range, remedy));
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
  const bool is_bounded = low > -std::numeric_limits<double>::infinity();
  check_each(
      x,
      [=](auto element) {
        using T = decltype(element);
        return static_cast<bool>((element < static_cast<T>(low)) |
                                 (element > static_cast<T>(high)));
      },
      name, what, is_bounded ? fmt::format("in [{}, {}]", low, high) : std::string("at most 0"),
      remedy);
}

void check_either(const Tensor& x, double a, double b, const char* name, const char* remedy) {
  check_each(
      x,
      [=](auto element) {
        using T = decltype(element);
        // Written so that NaN passes.
        const bool is_below = (element < static_cast<T>(a)) | (element > static_cast<T>(b));
        const bool is_between = (element > static_cast<T>(a)) & (element < static_cast<T>(b));
        return is_below | is_between;
      },
      name, "targets", fmt::format("{} or {}", a, b), remedy);
}

void check_probabilities(const Tensor& x, const char* name, const char* instead) {
  const std::string remedy = fmt::format("for logits write {}", instead);
  check_range(x, 0.0, 1.0, name, "probabilities", remedy.c_str());
}

void check_log_probabilities(const Tensor& x, const char* name, const char* remedy) {
  constexpr double rounding = 1e-6;
  check_range(x, -std::numeric_limits<double>::infinity(), rounding, name, "log probabilities",
              remedy);
}

}  // namespace chainrule::nn::detail
