#include "autodiff/sweep/adjoints.hpp"

#include <algorithm>
#include <utility>

#include "autodiff/graph/memory.hpp"
#include "autodiff/sweep/reverse.hpp"

namespace chainrule::detail {
namespace {

struct Block {
  double* data = nullptr;
  std::size_t bytes = 0;
};

/// Blocks of memory that earlier arrays of this thread left.
struct Spares {
  static constexpr std::size_t max_count = 4;
  Block blocks[max_count];
  std::size_t count = 0;
  Block workspace;

  void release() noexcept {
    while (count > 0) {
      const Block& block = blocks[--count];
      free_array(block.data, block.bytes);
    }
    free_array(workspace.data, workspace.bytes);
    workspace = {};
  }
};
constinit thread_local Spares spares;
constinit thread_local bool has_ended = false;

/// Frees the blocks when the thread ends. This is not the destructor of the blocks themselves: a
/// gradient with static storage ends later, and must find that nothing is kept any more.
struct EndOfThread {
  ~EndOfThread() {
    spares.release();
    has_ended = true;
  }
};

/// Whether this thread may keep unused memory. If not, it frees it: the thread is ending.
bool may_keep() {
  thread_local EndOfThread end_of_thread;
  return !has_ended;
}

/// Enlarges a block without keeping its contents.
void enlarge(Block& block, std::size_t bytes) {
  free_array(std::exchange(block.data, nullptr), std::exchange(block.bytes, 0));
  block.data = static_cast<double*>(grow_array(nullptr, 0, bytes));
  block.bytes = bytes;
}

}  // namespace

Adjoints::Adjoints(std::size_t size) : size_(size) {
  Block block;
  if (spares.count > 0) block = spares.blocks[--spares.count];
  if (block.bytes < size * sizeof(double))
    enlarge(block, std::max(size, std::size_t{256}) * sizeof(double));
  data_ = block.data;
  bytes_ = block.bytes;
  std::fill(data_, data_ + size, untouched);
}

Adjoints::Adjoints(const Adjoints& other) : Adjoints(other.size_) {
  std::copy(other.data_, other.data_ + size_, data_);
}

Adjoints::~Adjoints() {
  if (data_ == nullptr) return;
  if (spares.count < Spares::max_count && may_keep())
    spares.blocks[spares.count++] = {data_, bytes_};
  else
    free_array(data_, bytes_);
}

void Adjoints::swap(Adjoints& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(bytes_, other.bytes_);
}

Workspace::Workspace(std::size_t size) {
  Block block = std::exchange(spares.workspace, {});
  const std::size_t bytes = size * sizeof(double);
  const bool fits = block.bytes >= bytes;
  if (!fits) enlarge(block, std::max(bytes, block.bytes * 2));
  data_ = block.data;
  bytes_ = block.bytes;
  if (!fits) reset();
}

Workspace::~Workspace() {
  if (spares.workspace.bytes < bytes_ && may_keep()) {
    std::swap(spares.workspace.data, data_);
    std::swap(spares.workspace.bytes, bytes_);
  }
  free_array(data_, bytes_);
}

void Workspace::reset() noexcept { std::fill(data_, data_ + bytes_ / sizeof(double), untouched); }

void release_adjoints() noexcept { spares.release(); }

}  // namespace chainrule::detail
