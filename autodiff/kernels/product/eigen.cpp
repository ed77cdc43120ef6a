// Products by Eigen, in a separate namespace. A program may use Eigen too, compiled for another
// processor or with other settings, and must not share functions with this code.
#if CHAINRULE_HAS_EIGEN

#define Eigen chainrule_eigen
#define EIGEN_NO_DEBUG
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Core>

#include "autodiff/kernels/product/copies.hpp"
#include "autodiff/kernels/product/libraries.hpp"

namespace chainrule::detail {
namespace {

using Size = Eigen::Index;

/// Eigen's block sizes, with memory that is reused from call to call.
template <class T>
struct Blocking : Eigen::internal::level3_blocking<T, T> {
  Blocking(Size rows, Size columns, Size depth) {
    this->m_mc = rows;
    this->m_nc = columns;
    this->m_kc = depth;
    Eigen::internal::computeProductBlockingSizes<T, T, 1, Size>(this->m_kc, this->m_mc, this->m_nc,
                                                                1);
    const auto bytes = [](Size n) { return sizeof(T) * static_cast<std::size_t>(n); };
    this->m_blockA = static_cast<T*>(scratch(Scratch::block, bytes(this->m_kc * this->m_mc)));
    this->m_blockB = static_cast<T*>(scratch(Scratch::panel, bytes(this->m_kc * this->m_nc)));
  }
};

template <class T, int left_order, int right_order>
void add_product(Size rows, Size columns, Size depth, const T* left, Size left_leading,
                 const T* right, Size right_leading, T* out, Size out_leading) {
  using General =
      Eigen::internal::general_matrix_matrix_product<Size, T, left_order, false, T, right_order,
                                                     false, Eigen::ColMajor, 1>;
  Blocking<T> blocking(rows, columns, depth);
  General::run(rows, columns, depth, left, left_leading, right, right_leading, out, 1, out_leading,
               T{1}, blocking, nullptr);
}

/// Eigen's result is column-major, so this computes transpose(out) = transpose(b) * transpose(a).
template <class T>
void multiply(const Product<T>& given) {
  const Product<T> product = with_lines(given);
  start_sums(product);
  const Lines a = lines_of(product.m, product.k, product.a_row, product.a_column);
  const Lines b = lines_of(product.k, product.n, product.b_row, product.b_column);
  constexpr int columns = Eigen::ColMajor, rows = Eigen::RowMajor;
  const auto add =
      b.are_rows ? (a.are_rows ? &add_product<T, columns, columns> : &add_product<T, columns, rows>)
                 : (a.are_rows ? &add_product<T, rows, columns> : &add_product<T, rows, rows>);
  add(static_cast<Size>(product.n), static_cast<Size>(product.m), static_cast<Size>(product.k),
      product.b, b.leading, product.a, a.leading, product.out, product.out_row);
}

}  // namespace

void eigen_product(const Product<float>& product) { multiply(product); }
void eigen_product(const Product<double>& product) { multiply(product); }

}  // namespace chainrule::detail

#endif
