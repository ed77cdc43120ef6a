// Restores any text as the state of a random generator: if it is accepted, state() writes the same
// text.
#pragma once

#include <stdexcept>
#include <string_view>

#include "autodiff/core/error.hpp"
#include "autodiff/core/random.hpp"

namespace chainrule::fuzz {

inline void random(std::string_view bytes) {
  Random stream(1);
  const Random before = stream;
  try {
    stream.restore(bytes);
    if (stream.state() != bytes) throw std::logic_error("another state");
    for (int i = 0; i < 700; ++i) stream.normal();
  } catch (const FormatError&) {
    if (stream != before) throw std::logic_error("a refused state changed the stream");
  }
}

}  // namespace chainrule::fuzz
