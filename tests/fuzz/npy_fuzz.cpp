#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entries/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chainrule::fuzz::npy({reinterpret_cast<const char*>(data), size});
  return 0;
}
