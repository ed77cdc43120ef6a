#include "autodiff/structural/conversion.hpp"

#include "autodiff/kernels/walk.hpp"

namespace chainrule {

Array rules::AsType::value(const Parameters& p, const Array& x) {
  if (x.dtype() == p.dtype) return x;
  Array result = Array::uninitialised(p.dtype, x.shape());
  const Walk<2> walk(x.shape(), {Extents(result.strides()), Extents(x.strides())});
  const auto convert = [&](auto* out, const auto* in) {
    using To = std::remove_reference_t<decltype(*out)>;
    const std::int64_t row = static_cast<std::int64_t>(walk.row()), stride = walk.stride(1);
    walk.for_each_row([&](const auto& offsets) {
      To* const to = out + offsets[0];
      const auto* const from = in + offsets[1];
      if (stride == 1)
        for (std::int64_t i = 0; i < row; ++i) to[i] = static_cast<To>(from[i]);
      else
        for (std::int64_t i = 0; i < row; ++i) to[i] = static_cast<To>(from[i * stride]);
    });
  };
  if (p.dtype == DType::float32)
    convert(result.mutable_data_as<float>(), x.data_as<double>());
  else
    convert(result.mutable_data_as<double>(), x.data_as<float>());
  return result;
}

std::string rules::AsType::describe(const Parameters& p) { return name_of(p.dtype); }

}  // namespace chainrule
