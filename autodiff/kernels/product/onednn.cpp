// Products by oneDNN, 2.x or 3.x.
#if CHAINRULE_HAS_ONEDNN

#include <fmt/format.h>
#include <omp.h>
#include <dnnl.hpp>

#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>

#include "autodiff/core/error.hpp"
#include "autodiff/kernels/product/copies.hpp"
#include "autodiff/kernels/product/libraries.hpp"

namespace chainrule::detail {
namespace {

/// Limits OpenMP regions opened by this thread to one thread, for its lifetime. The setting affects
/// only the calling task and is restored afterwards.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { set(1); }
  ~OneThread() { set(before_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  void set(int count) const {
    if (before_ != 1) omp_set_num_threads(count);
  }
  int before_;
};

dnnl::memory::dim dim(std::size_t n) { return static_cast<dnnl::memory::dim>(n); }

/// A prepared product of one shape, which can run on any addresses.
struct Prepared {
  dnnl::matmul matmul;
  dnnl::memory a, b, out, scratchpad;
  std::unordered_map<int, dnnl::memory> arguments;
};

/// m, n, k, whether a and b have contiguous columns, whether it adds to out, out_row.
using ProductShape =
    std::tuple<std::size_t, std::size_t, std::size_t, bool, bool, bool, std::ptrdiff_t>;
thread_local std::map<ProductShape, Prepared> prepared;
constexpr std::size_t max_shapes = 256;

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::memory::desc matrix(dnnl::memory::data_type type, std::size_t rows, std::size_t columns,
                          std::ptrdiff_t row_stride, std::ptrdiff_t column_stride) {
  return {{dim(rows), dim(columns)}, type, {row_stride, column_stride}};
}

Prepared prepare(const Product<float>& p, bool a_by_columns, bool b_by_columns, bool adds) {
  using Type = dnnl::memory::data_type;
  const auto signed_size = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
  const auto a = a_by_columns ? matrix(Type::bf16, p.m, p.k, 1, signed_size(p.m))
                              : matrix(Type::bf16, p.m, p.k, signed_size(p.k), 1);
  const auto b = b_by_columns ? matrix(Type::bf16, p.k, p.n, 1, signed_size(p.k))
                              : matrix(Type::bf16, p.k, p.n, signed_size(p.n), 1);
  const auto out = matrix(Type::f32, p.m, p.n, p.out_row, 1);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (adds) {
    dnnl::post_ops sum;
    sum.append_sum();
    attributes.set_post_ops(sum);
  }
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::matmul::primitive_desc description(engine(), a, b, out, attributes);
#else
  const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(a, b, out), attributes,
                                                 engine());
#endif
  Prepared made;
  made.matmul = dnnl::matmul(description);
  made.a = dnnl::memory(a, engine(), nullptr);
  made.b = dnnl::memory(b, engine(), nullptr);
  made.out = dnnl::memory(out, engine(), nullptr);
  made.scratchpad = dnnl::memory(description.scratchpad_desc(), engine(), nullptr);
  made.arguments = {{DNNL_ARG_SRC, made.a},
                    {DNNL_ARG_WEIGHTS, made.b},
                    {DNNL_ARG_DST, made.out},
                    {DNNL_ARG_SCRATCHPAD, made.scratchpad}};
  return made;
}

void multiply_bfloat16(const Product<float>& p) {
  const bool adds = p.bias != nullptr || p.accumulate;
  const bool a_by_columns = p.a_row == 1 && p.a_column != 1;
  const bool b_by_columns = p.b_row == 1 && p.b_column != 1;
  if (p.bias != nullptr) start_sums(p);
  const auto* a = bfloat16_copy(p.a, p.m, p.k, p.a_row, p.a_column, Scratch::left);
  const auto* b = bfloat16_copy(p.b, p.k, p.n, p.b_row, p.b_column, Scratch::right);
  const ProductShape shape(p.m, p.n, p.k, a_by_columns, b_by_columns, adds, p.out_row);
  auto found = prepared.find(shape);
  if (found == prepared.end()) {
    if (prepared.size() >= max_shapes) prepared.clear();
    found = prepared.emplace(shape, prepare(p, a_by_columns, b_by_columns, adds)).first;
  }
  Prepared& ready = found->second;
  ready.a.set_data_handle(const_cast<std::uint16_t*>(a));
  ready.b.set_data_handle(const_cast<std::uint16_t*>(b));
  ready.out.set_data_handle(p.out);
  ready.scratchpad.set_data_handle(
      scratch(Scratch::panel, ready.scratchpad.get_desc().get_size() + 1));
  thread_local dnnl::stream stream(engine());
  ready.matmul.execute(stream, ready.arguments);
  stream.wait();
}

bool has(dnnl_cpu_isa_t wanted) noexcept {
  const auto bits = [](dnnl_cpu_isa_t isa) { return static_cast<unsigned>(isa); };
  return (bits(dnnl_get_effective_cpu_isa()) & bits(wanted)) == bits(wanted);
}

}  // namespace

void onednn_product(const Product<float>& given) {
  const OneThread one;
  const Product<float> p = with_lines(given);
  const Lines a = lines_of(p.m, p.k, p.a_row, p.a_column);
  const Lines b = lines_of(p.k, p.n, p.b_row, p.b_column);
  if (p.bias != nullptr) start_sums(p);
  const bool adds = p.bias != nullptr || p.accumulate;
  const dnnl_status_t status =
      dnnl_sgemm(a.are_rows ? 'N' : 'T', b.are_rows ? 'N' : 'T', dim(p.m), dim(p.n), dim(p.k), 1.0F,
                 p.a, a.leading, p.b, b.leading, adds ? 1.0F : 0.0F, p.out, p.out_row);
  if (status != dnnl_success)
    throw Error(fmt::format("matrix_product: oneDNN's sgemm of {} x {} x {} failed, status {}", p.m,
                            p.n, p.k, static_cast<int>(status)));
}

void onednn_bfloat16_product(const Product<float>& product) {
  const OneThread one;
  try {
    multiply_bfloat16(product);
  } catch (const dnnl::error& error) {
    throw Error(fmt::format("matrix_product: oneDNN's product of {} x {} x {} failed: {}",
                            product.m, product.n, product.k, error.what()));
  }
}

bool onednn_has_bfloat16() noexcept { return has(dnnl_cpu_isa_avx512_core_bf16); }
bool onednn_has_tiles() noexcept { return has(dnnl_cpu_isa_avx512_core_amx); }

void release_onednn() noexcept { prepared.clear(); }

}  // namespace chainrule::detail

#endif
