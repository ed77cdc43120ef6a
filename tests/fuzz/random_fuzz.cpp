#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entries/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chainrule::fuzz::random({reinterpret_cast<const char*>(data), size});
  return 0;
}
