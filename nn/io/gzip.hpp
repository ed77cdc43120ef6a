// Reading gzip data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule::nn {

/// Whether this build can read gzip data, which needs zlib.
bool has_gzip();
/// Whether the bytes begin with the signature of gzip.
bool is_gzip(std::string_view bytes);
/// Decompresses gzip data of one or more members; zero bytes may follow them. `max_bytes` is a
/// bound on the size of the result, so that a small file cannot exhaust memory. Messages call the
/// data `name`. Throws FormatError if the data is damaged or truncated, if the result exceeds
/// `max_bytes`, if other bytes than zeros follow the end, and in a build without zlib.
std::string gunzip(std::string_view bytes, std::uint64_t max_bytes, const std::string& name);
/// The first `count` bytes of the decompressed data, or all if there are fewer, for reading a
/// header that contains the size. The rest is not read. Throws as gunzip() does.
std::string gunzip_head(std::string_view bytes, std::size_t count, const std::string& name);
/// gunzip() of read_file(). Throws FormatError as both do.
std::string read_gzip(const std::string& path, std::uint64_t max_bytes);

}  // namespace chainrule::nn
