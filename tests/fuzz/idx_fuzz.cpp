#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entries/idx.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chainrule::fuzz::idx({reinterpret_cast<const char*>(data), size});
  return 0;
}
