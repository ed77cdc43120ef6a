#include "tests/properties/operations/common.hpp"

namespace chainrule::testing {
namespace {

/// A view of a list of scalars as a matrix: of a matrix, or of a vector as a row or column.
struct Matrix {
  std::int64_t rows, columns;
  const std::vector<Var>* elements;

  static Matrix left(const ScalarValue& x) { return Matrix(x, true); }
  static Matrix right(const ScalarValue& x) { return Matrix(x, false); }
  const Var& at(std::int64_t i, std::int64_t j) const {
    return (*elements)[std::size_t(i * columns + j)];
  }

 private:
  Matrix(const ScalarValue& x, bool as_row) : elements(&x.elements) {
    const Shape& shape = x.type.shape;
    rows = shape.size() == 2 ? shape[0] : as_row ? 1 : shape[0];
    columns = shape.size() == 2 ? shape[1] : as_row ? shape[0] : 1;
  }
};

/// The matrix product in row-major order; each sum runs from the first product to the last.
std::vector<Var> product(const Matrix& x, const Matrix& y) {
  std::vector<Var> result;
  for (std::int64_t i = 0; i < x.rows; ++i)
    for (std::int64_t j = 0; j < y.columns; ++j) {
      Var sum = x.at(i, 0) * y.at(0, j);
      for (std::int64_t k = 1; k < x.columns; ++k) sum = sum + x.at(i, k) * y.at(k, j);
      result.push_back(sum);
    }
  return result;
}

bool is_vector_or_matrix(const Type& type) {
  return is_tensor(type) && (type.shape.size() == 1 || type.shape.size() == 2);
}

MaybeSettings matmul_settings(Random&, Types t) {
  if (!is_vector_or_matrix(t[0]) || !is_vector_or_matrix(t[1])) return std::nullopt;
  if (t[0].shape.back() != t[1].shape[0]) return std::nullopt;
  return Settings{};
}

ScalarValue matmul_scalars(const Settings&, ScalarValues x, Decisions&) {
  Shape shape = x[0].type.shape;
  shape.erase(shape.size() - 1);
  if (x[1].type.shape.size() == 2) shape.push_back(x[1].type.shape[1]);
  return ScalarValue::tensor(shape, product(Matrix::left(x[0]), Matrix::right(x[1])));
}

MaybeSettings vectors(Random&, Types t) {
  for (const Type& type : t)
    if (!is_tensor(type) || type.shape.size() != 1) return std::nullopt;
  return Settings{};
}

ScalarValue outer_scalars(const Settings&, ScalarValues x, Decisions&) {
  std::vector<Var> result;
  for (const Var& a : x[0].elements)
    for (const Var& b : x[1].elements) result.push_back(a * b);
  return ScalarValue::tensor({x[0].type.size(), x[1].type.size()}, result);
}

MaybeSettings linear_settings(Random&, Types t) {
  const bool fits = is_vector_or_matrix(t[0]) && is_vector_or_matrix(t[1]) &&
                    t[1].shape.size() == 2 && is_tensor(t[2]) && t[2].shape.size() == 1 &&
                    t[0].shape.back() == t[1].shape[1] && t[1].shape[0] == t[2].shape[0];
  return fits ? MaybeSettings(Settings{}) : std::nullopt;
}

/// x Wᵀ + b.
ScalarValue linear_scalars(const Settings&, ScalarValues x, Decisions&) {
  const std::int64_t out = x[1].type.shape[0], in = x[1].type.shape[1];
  const std::int64_t rows = x[0].type.size() / in;
  std::vector<Var> result;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < out; ++j) {
      Var sum = x[2].elements[std::size_t(j)];
      for (std::int64_t k = 0; k < in; ++k)
        sum = sum + x[0].elements[std::size_t(i * in + k)] * x[1].elements[std::size_t(j * in + k)];
      result.push_back(sum);
    }
  Shape shape = x[0].type.shape;
  shape[shape.size() - 1] = out;
  return ScalarValue::tensor(shape, result);
}

MaybeSettings same_vectors(Random&, Types t) {
  if (!is_tensor(t[0]) || t[0].shape.size() != 1 || !(t[0].shape == t[1].shape) || !is_tensor(t[1]))
    return std::nullopt;
  return Settings{};
}

ScalarValue elementwise_product(const Settings&, ScalarValues x, Decisions&) {
  ScalarValue result = x[0];
  for (std::size_t i = 0; i < result.elements.size(); ++i)
    result.elements[i] = x[0].elements[i] * x[1].elements[i];
  return result;
}

}  // namespace

std::vector<ProgramOperation> product_operations() {
  return {
      {.name = "matmul",
       .min_operands = 2,
       .max_operands = 2,
       .weight = 6,
       .has_other_formula = true,
       .settings = matmul_settings,
       .tensors = [](const Settings&,
                     TensorValues x) { return matmul(tensor_of(x[0]), tensor_of(x[1])); },
       .scalars = matmul_scalars},
      {.name = "outer",
       .min_operands = 2,
       .max_operands = 2,
       .settings = vectors,
       .tensors = [](const Settings&,
                     TensorValues x) { return outer(tensor_of(x[0]), tensor_of(x[1])); },
       .scalars = outer_scalars},
      {.name = "linear",
       .min_operands = 3,
       .max_operands = 3,
       .weight = 3,
       .settings = linear_settings,
       .tensors =
           [](const Settings&, TensorValues x) {
             return linear(tensor_of(x[0]), tensor_of(x[1]), tensor_of(x[2]));
           },
       .scalars = linear_scalars},
      {.name = "einsum_i_i_to_i",
       .min_operands = 2,
       .max_operands = 2,
       .settings = same_vectors,
       .tensors =
           [](const Settings&, TensorValues x) {
             return einsum("i,i->i", {tensor_of(x[0]), tensor_of(x[1])});
           },
       .scalars = elementwise_product},
  };
}

}  // namespace chainrule::testing
