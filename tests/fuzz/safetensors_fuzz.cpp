#include <cstddef>
#include <cstdint>

#include "tests/fuzz/entries/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chainrule::fuzz::safetensors({reinterpret_cast<const char*>(data), size});
  return 0;
}
