#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entries/npz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chainrule::fuzz::npz({reinterpret_cast<const char*>(data), size});
  return 0;
}
