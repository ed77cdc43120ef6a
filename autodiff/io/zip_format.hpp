// Signatures and sizes of ZIP archives, for reader and writer. Source: PKWARE's APPNOTE.TXT 6.3.
#pragma once

#include <cstdint>

#include "autodiff/core/language.hpp"

namespace chainrule::zip_format {

inline constexpr std::uint32_t member_signature = 0x04034b50, directory_signature = 0x02014b50,
                               end_signature = 0x06054b50, end64_signature = 0x06064b50,
                               locator64_signature = 0x07064b50;
inline constexpr std::uint64_t member_bytes = 30, entry_bytes = 46, end_bytes = 22,
                               end64_bytes = 56, locator64_bytes = 20;
inline constexpr std::uint32_t none32 = 0xffffffff;  // "see the ZIP64 field"
inline constexpr std::uint16_t none16 = 0xffff, extra64 = 1, utf8_name = 1 << 11, encrypted = 1;

}  // namespace chainrule::zip_format
