#include "autodiff/sweep/added_pieces.hpp"

#include <memory>
#include <vector>

#include "autodiff/graph/tensor_operation.hpp"

namespace chainrule {
using namespace detail;

namespace rules {
namespace {

/// Adds each operand to the elements of a zero array that its selection selects.
struct AddedPieces : Variadic {
  static constexpr Notation notation = library_call("added_pieces");
  struct Piece {
    const TensorOperation* selection;
    std::shared_ptr<const void> parameters;
  };
  struct Parameters {
    std::vector<Piece> pieces;
    Shape shape;  ///< of the result
    DType dtype;
  };
  static Array value(const Parameters& p, OperandList<Array> x) {
    Array sum = Array::filled(p.dtype, p.shape, 0.0);
    for (std::size_t k = 0; k < x.size(); ++k)
      p.pieces[k].selection->add_adjoint(p.pieces[k].parameters.get(), *x[k], sum);
    return sum;
  }
  template <Tensorial T>
  static Adjoint<T> operand_adjoint(const Parameters& p, std::size_t k, OperandList<T>, const T&,
                                    const Adjoint<T>& adjoint) {
    return selected(p.pieces[k], adjoint);
  }

 private:
  static Array selected(const Piece& piece, const Array& x) {
    const Array* const operands[] = {&x};
    return piece.selection->value(piece.parameters.get(), operands, 1);
  }
  static Adjoint<Array> selected(const Piece& piece, const Adjoint<Array>& adjoint) {
    return AdjointAccess::from_elements(selected(piece, AdjointAccess::elements(adjoint)));
  }
  static Adjoint<Tensor> selected(const Piece& piece, const Adjoint<Tensor>& adjoint) {
    const Tensor* const operands[] = {&adjoint.numbers()};
    Tensor values = record_structural(*piece.selection, piece.parameters.get(), operands, 1);
    if (!adjoint.is_partial()) return Adjoint<Tensor>(std::move(values));
    return {std::move(values), selected(piece, adjoint.reached())};
  }
};

std::shared_ptr<const void> shared_copy(const TensorOperation& operation, const void* parameters) {
  if (parameters == nullptr) return nullptr;
  return {operation.copy_parameters(parameters), operation.destroy_parameters};
}

}  // namespace
}  // namespace rules

Adjoint<Tensor> detail::added_pieces(std::span<const PieceFlow> flows, const Array& like) {
  rules::AddedPieces::Parameters p{{}, Shape(like.shape()), like.dtype()};
  std::vector<Tensor> values;
  std::vector<Array> masks;
  std::vector<const Array*> mask_operands;
  mask_operands.reserve(flows.size());
  for (const PieceFlow& flow : flows) {
    p.pieces.push_back({flow.selection, rules::shared_copy(*flow.selection, flow.parameters)});
    values.push_back(flow.adjoint.numbers());
    masks.push_back(mask_or_ones(flow.adjoint));
  }
  for (const Array& mask : masks) mask_operands.push_back(&mask);
  Array mask = rules::AddedPieces::value(p, mask_operands);
  return {apply<rules::AddedPieces>(p, std::span<const Tensor>(values)), mask};
}

}  // namespace chainrule
