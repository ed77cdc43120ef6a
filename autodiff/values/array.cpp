#include "autodiff/values/array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "autodiff/core/error.hpp"
#include "autodiff/values/pool.hpp"

namespace chainrule {
namespace {

constexpr std::size_t alignment = 64;

std::size_t head_bytes(std::size_t rank) {
  const std::size_t bytes = sizeof(detail::ArrayBlock) + 2 * rank * sizeof(std::int64_t);
  return (bytes + alignment - 1) / alignment * alignment;
}

bool in_row_major_order(const std::int64_t* shape, const std::int64_t* strides, std::size_t rank) {
  std::int64_t expected = 1;
  for (std::size_t i = rank; i-- > 0;) {
    if (shape[i] == 0) return true;
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

std::int64_t size_of_shape(std::span<const std::int64_t> shape) {
  return detail::element_count_of(shape, "array");
}

/// Allocates a block with its shape set, and `element_bytes` bytes for elements of its own.
detail::ArrayBlock* make_block(DType dtype, std::span<const std::int64_t> shape, std::int64_t size,
                               std::size_t element_bytes) {
  const std::size_t head = head_bytes(shape.size());
  const std::size_t bytes = head + element_bytes;
  void* const memory = take_block(bytes);
  auto* const block = new (memory) detail::ArrayBlock{};
  block->references.store(1, std::memory_order_relaxed);
  block->dtype = dtype;
  block->rank = static_cast<std::uint32_t>(shape.size());
  block->data = static_cast<std::byte*>(memory) + head;
  block->bytes = bytes;
  block->size = size;
  for (std::size_t i = 0; i < shape.size(); ++i) block->shape()[i] = shape[i];
  return block;
}

}  // namespace

namespace detail {

void end_of_block(ArrayBlock* block) noexcept {
  while (block != nullptr) {
    ArrayBlock* const owner = block->owner;
    if (block->release != nullptr) block->release(block->context);
    return_block(block, block->bytes);
    const bool owner_ends =
        owner != nullptr && owner->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
    block = owner_ends ? owner : nullptr;
  }
}

}  // namespace detail

Array Array::uninitialised(DType dtype, std::span<const std::int64_t> shape) {
  const std::int64_t size = size_of_shape(shape);
  detail::ArrayBlock* const block =
      make_block(dtype, shape, size, static_cast<std::size_t>(size) * size_of(dtype));
  block->is_contiguous = true;
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    block->strides()[i] = stride;
    stride *= std::max<std::int64_t>(shape[i], 1);
  }
  return Array(block);
}

Array Array::filled(DType dtype, std::span<const std::int64_t> shape, double value) {
  Array array = uninitialised(dtype, shape);
  with_type(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(array.mutable_data_as<T>(), array.size(), static_cast<T>(value));
  });
  return array;
}

Array Array::scalar(DType dtype, double value) { return filled(dtype, {}, value); }

Array Array::foreign(DType dtype, const Shape& shape, const Extents& strides, const void* data,
                     void (*release)(void*), void* context) {
  detail::ArrayBlock* const block = make_block(dtype, shape, size_of_shape(shape), 0);
  std::copy(strides.begin(), strides.end(), block->strides());
  block->is_contiguous = in_row_major_order(block->shape(), block->strides(), shape.size());
  block->data = const_cast<std::byte*>(static_cast<const std::byte*>(data));
  block->release = release;
  block->context = context;
  return Array(block);
}

Array Array::view(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
                  std::int64_t offset) const {
  detail::ArrayBlock* const block = make_block(dtype(), shape, size_of_shape(shape), 0);
  for (std::size_t i = 0; i < shape.size(); ++i) block->strides()[i] = strides[i];
  block->is_contiguous = in_row_major_order(block->shape(), block->strides(), shape.size());
  block->data = block_->data + offset * static_cast<std::int64_t>(size_of(dtype()));
  block->owner = block_->owner != nullptr ? block_->owner : block_;
  block->owner->references.fetch_add(1, std::memory_order_relaxed);
  return Array(block);
}

double Array::element(std::int64_t position) const {
  std::int64_t offset = 0;
  for (std::size_t i = rank(); i-- > 0;) {
    offset += position % shape(i) * stride(i);
    position /= shape(i);
  }
  return with_type(dtype(), [&](auto zero) -> double {
    return static_cast<double>(data_as<decltype(zero)>()[offset]);
  });
}

void detail::fail_types(const char* operation, const Array& x, const Array& y) {
  throw DTypeError(
      fmt::format("{}: mixes {} {} and {} {}. Convert one with astype(), or "
                  "a whole model with to().",
                  operation, name_of(x.dtype()), text_of(Shape(x.shape())), name_of(y.dtype()),
                  text_of(Shape(y.shape()))));
}

}  // namespace chainrule
