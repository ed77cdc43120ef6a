// Numbers from environment variables, which set how much a test does.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace chainrule::testing {

/// The number in the environment variable, or `otherwise` if it is not set.
inline std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

}  // namespace chainrule::testing
