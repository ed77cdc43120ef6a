// Array: numbers in any number of dimensions. An Array is to a Tensor what a double is to a Var.
#pragma once

#include <atomic>
#include <utility>

#include "autodiff/core/dtype.hpp"
#include "autodiff/core/shape.hpp"

namespace chainrule {

class Array;

namespace detail {
/// The header of an array in memory. The sizes and strides follow it, then the elements, aligned to
/// 64 bytes, unless the array is a view of another array or of foreign memory.
struct ArrayBlock {
  std::atomic<std::uint32_t> references;
  DType dtype;
  bool is_contiguous;  // in row-major order, without gaps
  std::uint32_t rank;
  std::int64_t size;       // number of elements
  std::byte* data;         // the first element
  std::size_t bytes;       // size of this block
  ArrayBlock* owner;       // the block that holds the elements; nullptr: this block, or foreign
                           // memory
  void (*release)(void*);  // called with `context` when a block of foreign memory is destroyed
  void* context;

  std::int64_t* shape() { return reinterpret_cast<std::int64_t*>(this + 1); }
  std::int64_t* strides() { return shape() + rank; }
};
void end_of_block(ArrayBlock* block) noexcept;
[[noreturn]] void fail_types(const char* operation, const Array& x, const Array& y);
}  // namespace detail

/// A handle to numbers with a shape and strides. It takes 8 bytes and is cheap to copy; views
/// (transposed, sliced, ...) share the elements. The elements of an array that more than one handle
/// can see never change. Handles may be used in any thread, but each handle in only one thread at a
/// time. A default-constructed handle refers to no array; only is_null() and assignment are allowed
/// on it.
class Array {
 public:
  Array() = default;
  Array(const Array& other) : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Array(Array&& other) noexcept : block_(other.block_) { other.block_ = nullptr; }
  Array& operator=(Array other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Array() {
    // The last handle has no other handle to synchronise with: a load is cheaper than a locked
    // decrement.
    if (block_ != nullptr && (block_->references.load(std::memory_order_acquire) == 1 ||
                              block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1))
      detail::end_of_block(block_);
  }

  /// A new array in row-major order with uninitialised elements.
  static Array uninitialised(DType dtype, std::span<const std::int64_t> shape);
  /// A new array with the shape and type of another, in row-major order, with uninitialised
  /// elements.
  static Array like(const Array& other) { return uninitialised(other.dtype(), other.shape()); }
  static Array filled(DType dtype, std::span<const std::int64_t> shape, double value);
  /// An array of rank 0.
  static Array scalar(DType dtype, double value);
  /// Elements in memory owned by the caller, who keeps them unchanged and alive until
  /// `release(context)` is called. Strides count elements and may be negative.
  static Array foreign(DType dtype, const Shape& shape, const Extents& strides, const void* data,
                       void (*release)(void*), void* context);

  bool is_null() const { return block_ == nullptr; }
  DType dtype() const { return block_->dtype; }
  std::size_t rank() const { return block_->rank; }
  std::int64_t size() const { return block_->size; }
  std::span<const std::int64_t> shape() const { return {block_->shape(), block_->rank}; }
  std::int64_t shape(std::size_t axis) const { return block_->shape()[axis]; }
  /// The distance between adjacent elements along each axis, in elements.
  std::span<const std::int64_t> strides() const { return {block_->strides(), block_->rank}; }
  std::int64_t stride(std::size_t axis) const { return block_->strides()[axis]; }
  bool is_contiguous() const { return block_->is_contiguous; }
  bool has_shape(std::span<const std::int64_t> other) const {
    if (other.size() != rank()) return false;
    const std::int64_t* const own = block_->shape();
    for (std::size_t i = 0; i < other.size(); ++i)
      if (other[i] != own[i]) return false;
    return true;
  }

  /// The element at index 0 along every axis.
  const void* data() const { return block_->data; }
  template <class T>
  const T* data_as() const {
    return reinterpret_cast<const T*>(block_->data);
  }
  /// Only for the code that creates the array, before another handle to it exists.
  void* mutable_data() { return block_->data; }
  template <class T>
  T* mutable_data_as() {
    return reinterpret_cast<T*>(block_->data);
  }
  /// Whether no other handle can see the elements, so that they may be changed. Then they are
  /// contiguous, since a view shares them with the array that holds them.
  bool is_unique() const {
    return block_->owner == nullptr && block_->release == nullptr &&
           block_->references.load(std::memory_order_acquire) == 1;
  }

  /// A view of the same elements with other sizes and strides, starting `offset` elements further
  /// on.
  Array view(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
             std::int64_t offset) const;

  /// The element at a flat, row-major position, as a double. For access to single elements: the
  /// cost grows with the rank.
  double element(std::int64_t position) const;

  /// The memory that holds the elements: the same for all views of it. Foreign memory is reported
  /// with 0 bytes.
  struct Storage {
    const void* begin;
    std::size_t bytes;
  };
  Storage storage() const {
    const detail::ArrayBlock* const holder = block_->owner != nullptr ? block_->owner : block_;
    if (holder->release != nullptr) return {holder, 0};
    return {holder, holder->bytes};
  }

  /// A copy of a handle that no other thread is using, not even to copy it. Cheaper than the copy
  /// constructor for a new array, since no locked instruction is needed to count its second handle.
  /// Precondition: not null.
  Array copy_in_this_thread() {
    if (block_->references.load(std::memory_order_acquire) != 1) return *this;
    block_->references.store(2, std::memory_order_relaxed);
    return Array(block_);
  }

  /// Whether both handles refer to the same block.
  bool is_same(const Array& other) const { return block_ == other.block_; }

 private:
  explicit Array(detail::ArrayBlock* block) : block_(block) {}
  detail::ArrayBlock* block_ = nullptr;
};

/// Throws DTypeError, which names the operation and both operands, unless both have the same
/// element type.
inline void check_same_type(const char* operation, const Array& x, const Array& y) {
  if (x.dtype() != y.dtype()) [[unlikely]]
    detail::fail_types(operation, x, y);
}

/// Calls `f` with a zero of the element type, so that f can deduce the type: f(float()) or
/// f(double()).
template <class F>
decltype(auto) with_type(DType dtype, F&& f) {
  if (dtype == DType::float32) return f(float());
  return f(double());
}

}  // namespace chainrule
