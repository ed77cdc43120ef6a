// Whole files: read within bounds, written so that a reader, or a power cut, never meets half of
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// What read_file() takes at most unless told otherwise: 4 GiB.
inline constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 32;

/// Replaces the contents of a file, or leaves it as it was. The bytes go to a new file beside it,
/// which is forced to the disk and then renamed; on any failure (no permission, disk full, a folder
/// of that name) the new file is removed and FormatError names the path and the system's reason.
/// Keeps the permissions of the file it replaces; of a symbolic link, replaces the file behind it.
/// A device, pipe or socket is written to directly.
void write_file_atomically(const std::string& path, std::string_view bytes);
void write_file_atomically(const std::string& path, std::span<const std::byte> bytes);
/// The same for contents that lie in several pieces, without copying them together.
void write_file_atomically(const std::string& path, std::span<const std::string_view> pieces);

/// The contents of a file or pipe. Memory: its size. Throws FormatError, which names the path, if
/// it cannot be read, is a folder, or has more than `most` bytes.
std::string read_file(const std::string& path, std::uint64_t most = most_file_bytes);

}  // namespace chainrule
