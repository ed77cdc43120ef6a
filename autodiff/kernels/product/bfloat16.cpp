// Products of float32 matrices rounded to bfloat16, for processors with AVX512_BF16. Both factors
// are converted to matrices of pairs of adjacent elements along k; a pair takes the space of one
// float. The kernels are then those of float32, with half the k.
#include "autodiff/kernels/product/blocked.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET::product {
namespace {

/// Arithmetic on vectors of floats whose bits are pairs: sum + x.first * y.first + x.second *
/// y.second.
struct Pairs {
  static CHAINRULE_INLINE Vector<float> add_product(Vector<float> sum, Vector<float> x,
                                                    Vector<float> y) {
    return (Vector<float>)_mm512_dpbf16_ps((__m512)sum, (__m512bh)x, (__m512bh)y);
  }
};

/// The bfloat16s nearest to `low`, followed by those nearest to `high`.
CHAINRULE_INLINE inline __m512i rounded(Vector<float> low, Vector<float> high) {
  return (__m512i)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
}

/// Converts a line of k numbers to pairs; a last unpaired number is paired with 0.
void pair_line(const float* from, std::size_t k, float* to) {
  for (; k >= 32; k -= 32, from += 32, to += 16)
    _mm512_storeu_si512(to, rounded(load(from), load(from + 16)));
  if (k == 0) return;
  const int low = static_cast<int>(minimum(k, 16)), high = static_cast<int>(k) - low;
  const Vector<float> second = high > 0 ? load_first(from + 16, high) : Vector<float>{};
  store_first(to, (Vector<float>)rounded(load_first(from, low), second),
              static_cast<int>(k + 1) / 2);
}

/// to[j] = the pair (first[j], second[j]) for j < n; a null `second` means 0.
void pair_lines(const float* first, const float* second, std::size_t n, float* to) {
  alignas(64) static constexpr unsigned short order[32] = {
      0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
      8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i interleaved = _mm512_load_si512(order);
  for (std::size_t j = 0; j < n; j += 16) {
    const int count = static_cast<int>(minimum(16, n - j));
    const Vector<float> x = load_first(first + j, count);
    const Vector<float> y = second != nullptr ? load_first(second + j, count) : Vector<float>{};
    store_first(to + j, (Vector<float>)_mm512_permutexvar_epi16(interleaved, rounded(x, y)), count);
  }
}

struct Lines {
  const float* data;
  std::ptrdiff_t along_k, across;  // strides
};

/// Converts a factor to pairs: `lines` rows of a, or columns of b, each k long. The result is
/// contiguous in the same direction as the input.
Lines paired(Lines from, std::size_t lines, std::size_t k, Scratch purpose) {
  const std::size_t depth = ceiling(k, 2);
  auto* to = static_cast<float*>(detail::scratch(purpose, sizeof(float) * depth * lines));
  if (from.across == 1) {
    for (std::size_t p = 0; p < depth; ++p) {
      const float* first = from.data + static_cast<std::ptrdiff_t>(2 * p) * from.along_k;
      pair_lines(first, 2 * p + 1 < k ? first + from.along_k : nullptr, lines, to + p * lines);
    }
    return {to, static_cast<std::ptrdiff_t>(lines), 1};
  }
  for (std::size_t i = 0; i < lines; ++i) {
    const float* line = from.data + static_cast<std::ptrdiff_t>(i) * from.across;
    float* pairs = to + i * depth;
    if (from.along_k == 1) {
      pair_line(line, k, pairs);
      continue;
    }
    for (std::size_t p = 0; p < k; p += 32) {  // gathered first
      float part[32];
      const std::size_t count = minimum(32, k - p);
      for (std::size_t q = 0; q < count; ++q)
        part[q] = line[static_cast<std::ptrdiff_t>(p + q) * from.along_k];
      pair_line(part, count, pairs + p / 2);
    }
  }
  return {to, 1, static_cast<std::ptrdiff_t>(depth)};
}

}  // namespace
}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET::product

namespace chainrule::detail {

void bfloat16_product(const Product<float>& product) {
  using namespace CHAINRULE_INSTRUCTION_SET::product;
  const Lines a =
      paired({product.a, product.a_column, product.a_row}, product.m, product.k, Scratch::left);
  const Lines b =
      paired({product.b, product.b_row, product.b_column}, product.n, product.k, Scratch::right);
  Product<float> pairs = product;
  pairs.k = ceiling(product.k, 2);
  pairs.a = a.data;
  pairs.a_row = a.across;
  pairs.a_column = a.along_k;
  pairs.b = b.data;
  pairs.b_row = b.along_k;
  pairs.b_column = b.across;
  multiply<float, Pairs>(pairs);
}

}  // namespace chainrule::detail
