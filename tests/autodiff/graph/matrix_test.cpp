// Matrices like Eigen's: always with a small stand-in, and with Eigen itself if it is installed.
#include <doctest/doctest.h>

#include <vector>

#include "autodiff/graph/make_tensor.hpp"

#if __has_include(<eigen3/Eigen/Core>)
#include <eigen3/Eigen/Core>
#define CHAINRULE_TEST_EIGEN 1
#endif

using namespace chainrule;

using Numbers = std::vector<double>;

namespace {

/// A column-major matrix with gaps between columns.
struct Columns {
  using Scalar = float;
  static constexpr bool IsRowMajor = false;
  const float* begin;

  const float* data() const { return begin; }
  int rows() const { return 2; }
  int cols() const { return 3; }
  int innerStride() const { return 1; }
  int outerStride() const { return 4; }
};

/// A vector that is a row or a column of a matrix in either storage order.
template <bool is_row, bool is_row_major>
struct Vector {
  using Scalar = double;
  static constexpr bool IsRowMajor = is_row_major;
  static constexpr int RowsAtCompileTime = is_row ? 1 : -1, ColsAtCompileTime = is_row ? -1 : 1;
  const double* begin;
  int size, step;  // from one element to the next

  const double* data() const { return begin; }
  int rows() const { return is_row ? 1 : size; }
  int cols() const { return is_row ? size : 1; }
  int innerStride() const { return is_row == is_row_major ? step : 100; }
  int outerStride() const { return is_row == is_row_major ? 100 : step; }
};

}  // namespace

TEST_CASE("a vector gives rank 1, be it a row or a column") {
  const Numbers numbers{0, 1, 2, 3, 4, 5, 6};
  const auto check = [&](const auto& vector) {
    for (const Tensor& x : {tensor(vector), tensor_view(vector)}) {
      CHECK(x.shape() == Shape{3});
      CHECK(to_vector(x) == Numbers{1, 3, 5});
    }
    CHECK(tensor(vector).value().is_contiguous());
    CHECK(tensor_view(vector).value().data() == numbers.data() + 1);
  };
  check(Vector<false, false>{numbers.data() + 1, 3, 2});
  check(Vector<false, true>{numbers.data() + 1, 3, 2});
  check(Vector<true, false>{numbers.data() + 1, 3, 2});
  check(Vector<true, true>{numbers.data() + 1, 3, 2});
}

TEST_CASE("a matrix with strides, copied and viewed") {
  std::vector<float> numbers{1, 2, 0, 0, 3, 4, 0, 0, 5, 6};
  const Columns matrix{numbers.data()};
  const Tensor copy = tensor(matrix), view = tensor_view(matrix);
  CHECK(copy.shape() == Shape{2, 3});
  CHECK(copy.dtype() == DType::float32);
  CHECK(copy.value().is_contiguous());
  CHECK(to_vector(copy) == Numbers{1, 3, 5, 2, 4, 6});
  CHECK(view.value().data() == numbers.data());
  CHECK(to_vector(view) == to_vector(copy));
}

#ifdef CHAINRULE_TEST_EIGEN

namespace {
template <class M>
concept Viewable = requires(M&& m) {
  tensor_view(std::forward<M>(m));
};
static_assert(Viewable<Eigen::MatrixXd&> && Viewable<const Eigen::MatrixXd&>);
static_assert(!Viewable<Eigen::MatrixXd>);
static_assert(Viewable<Eigen::Map<Eigen::MatrixXd>>);
}  // namespace

TEST_CASE("Eigen's matrices, vectors, maps and blocks") {
  Eigen::MatrixXd m(2, 3);
  m << 1, 2, 3, 4, 5, 6;
  CHECK(tensor(m).shape() == Shape{2, 3});
  CHECK(to_vector(tensor(m)) == Numbers{1, 2, 3, 4, 5, 6});
  CHECK(tensor_view(m).value().data() == m.data());
  CHECK(to_vector(tensor_view(m)) == Numbers{1, 2, 3, 4, 5, 6});
  CHECK(to_vector(tensor((m * 2.0).eval())) == Numbers{2, 4, 6, 8, 10, 12});
  const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows =
      m.cast<float>();
  CHECK(tensor(rows).dtype() == DType::float32);
  CHECK(to_vector(tensor_view(rows)) == Numbers{1, 2, 3, 4, 5, 6});
  CHECK(to_vector(tensor(m.block(0, 1, 2, 2))) == Numbers{2, 3, 5, 6});
  CHECK(to_vector(tensor(m.row(1))) == Numbers{4, 5, 6});
  CHECK(tensor(m.row(1)).shape() == Shape{3});
  const Eigen::VectorXd v = Eigen::VectorXd::LinSpaced(4, 0.0, 3.0);
  CHECK(tensor(v).shape() == Shape{4});
  CHECK(to_vector(tensor(v.reverse().eval())) == Numbers{3, 2, 1, 0});
  CHECK(tensor(Eigen::ArrayXXd::Ones(2, 2).eval()).shape() == Shape{2, 2});
  CHECK(tensor(Eigen::MatrixXd(0, 3)).shape() == Shape{0, 3});
  auto owner = std::make_shared<const Eigen::MatrixXd>(m);
  CHECK(tensor_view(*owner, owner).at({1, 2}) == 6.0);
}

TEST_CASE("tensors as maps of Eigen") {
  using Strides = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
  const Tensor x = tensor({{1, 2, 3}, {4, 5, 6}});
  const auto m = matrix_span<double>(x);
  const Eigen::Map<const Eigen::MatrixXd, 0, Strides> map(m.data, m.rows, m.columns,
                                                          Strides(m.column_stride, m.row_stride));
  CHECK(map(1, 0) == 4.0);
  CHECK(map(0, 2) == 3.0);
  CHECK(to_vector(tensor((map.transpose() * map).eval())) ==
        Numbers{17, 22, 27, 22, 29, 36, 27, 36, 45});
}

#endif
