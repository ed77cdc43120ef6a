// Loops over arrays in packs.
#pragma once

#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/vector/instruction_set.hpp"
#include "autodiff/rules/piecewise.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

/// Reads a stream pack by pack. A repeated element is copied into a pack once, which is then read
/// at every step, so the loop treats both kinds of stream alike.
template <class Stored, class P>
class Reader {
 public:
  [[gnu::always_inline]] explicit Reader(const Stream& stream)
      : data_(static_cast<const Stored*>(stream.data)),
        step_(stream.repeated ? 0 : ~std::size_t{0}) {
    if (!stream.repeated) return;
    for (Stored& copy : copies_) copy = *data_;
    data_ = copies_;
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[gnu::always_inline]] P at(std::size_t i) const { return P::load(data_ + (i & step_)); }
  [[gnu::always_inline]] P first_at(std::size_t i, std::size_t count) const {
    return P::load_first(data_ + (i & step_), count);
  }

 private:
  const Stored* data_;
  std::size_t step_;
  Stored copies_[P::width];
};

/// out[i] = body(streams[i]...) for i < n.
template <class Stored, class P, class Body, class... Streams>
[[gnu::always_inline]] inline void for_each_pack(std::size_t n, void* out, Body body,
                                                 const Streams&... streams) {
  if (n == 0) return;
  Stored* const to = static_cast<Stored*>(out);
  [&](const auto&... readers) __attribute__((always_inline)) {
    std::size_t i = 0;
    for (; i + P::width <= n; i += P::width) body(readers.at(i)...).store(to + i);
    if (i < n) body(readers.first_at(i, n - i)...).store_first(to + i, n - i);
  }
  (Reader<Stored, P>(streams)...);
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
