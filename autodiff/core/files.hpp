// Reading and writing whole files. Reads are limited in size. Writes are atomic: neither a
// concurrent reader nor a power cut can see a half-written file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// The default size limit of read_file(): 4 GiB.
inline constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 32;

/// Replaces the contents of a file, or leaves the file unchanged. The bytes are written to a new
/// file in the same folder, which is forced to disk and then renamed. On any failure (no
/// permission, disk full, a folder of that name) the new file is removed, and a FormatError reports
/// the path and the system's reason. Missing folders are not made. Keeps the permissions of the
/// replaced file. Follows a symbolic link and replaces the file it points to. Writes directly to a
/// device, pipe or socket. An `operation` begins the message of the error.
void write_file_atomically(const std::string& path, std::string_view bytes,
                           const char* operation = "");
void write_file_atomically(const std::string& path, std::span<const std::byte> bytes);
/// The same for contents in several pieces, which are not copied together.
void write_file_atomically(const std::string& path, std::span<const std::string_view> pieces,
                           const char* operation = "");

/// Throws the FormatError with which write_file_atomically() would fail now: a missing folder, no
/// permission, a name that is too long, a folder of that name. Makes a file in the same folder, as
/// that function does, and removes it. The file itself is neither made nor changed.
void check_can_write(const std::string& path, const char* operation = "");

/// The contents of a file or pipe. Memory: the size of the file. Throws FormatError, which names
/// the path, if the file cannot be read, is a folder, or is larger than `limit` bytes.
std::string read_file(const std::string& path, std::uint64_t limit = max_file_bytes);

}  // namespace chainrule
