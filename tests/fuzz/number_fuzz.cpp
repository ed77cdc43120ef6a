#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entries/number.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chainrule::fuzz::number({reinterpret_cast<const char*>(data), size});
  return 0;
}
