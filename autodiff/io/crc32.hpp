// CRC-32: whether bytes are what they were.
#pragma once

#include <cstdint>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// CRC-32 of ISO 3309, as in ZIP, gzip and PNG; of further bytes, given that of those before.
/// crc32_of("123456789") is 0xcbf43926. Cost: about a gigabyte a second.
std::uint32_t crc32_of(std::string_view bytes, std::uint32_t before = 0);

}  // namespace chainrule
