// Loops of packs over arrays.
#pragma once

#include "autodiff/kernels/elementwise.hpp"
#include "autodiff/kernels/vector/instruction_set.hpp"

namespace chainrule::CHAINRULE_INSTRUCTION_SET {

/// Reads a stream, pack after pack. A repeated element is copied into a pack once, and then read
/// again and again: to the loop both kinds are the same.
template <class Stored, class P>
class Reader {
 public:
  [[gnu::always_inline]] Reader(const Stream& stream, std::size_t n)
      : data_(static_cast<const Stored*>(stream.data)),
        step_(stream.repeated ? 0 : ~std::size_t{0}) {
    const std::size_t rest = n % P::width, begin = n - rest;
    if (stream.repeated) {
      for (Stored& copy : tail_) copy = *data_;
      data_ = tail_;
    } else if (rest != 0) {
      // The lanes behind the end get an element that is there anyway.
      for (std::size_t i = 0; i < P::width; ++i) tail_[i] = data_[begin + (i < rest ? i : 0)];
    }
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  [[gnu::always_inline]] P at(std::size_t i) const { return P::load(data_ + (i & step_)); }
  [[gnu::always_inline]] P tail() const { return P::load(tail_); }

 private:
  const Stored* data_;
  std::size_t step_;
  Stored tail_[P::width];
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
    if (i == n) return;
    Stored tail[P::width];
    body(readers.tail()...).store(tail);
    for (std::size_t k = 0; i < n; ++i, ++k) to[i] = tail[k];
  }
  (Reader<Stored, P>(streams, n)...);
}

}  // namespace chainrule::CHAINRULE_INSTRUCTION_SET
