// Reading gzip data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chainrule::nn {

/// Whether this build reads gzip (through zlib).
bool has_gzip();
/// Whether the bytes begin as gzip does; no other format here begins like that.
bool is_gzip(std::string_view bytes);
/// Decompresses gzip data of one or more members. `most` is the size the caller expects, and a
/// bound: what would be larger is an error after `most` bytes, so a small file cannot claim all the
/// memory. `name` is what messages call the data. Throws FormatError on damaged, cut or oversized
/// data, on bytes behind the end, and in a build without zlib (with what to do).
std::string gunzip(std::string_view bytes, std::uint64_t most, const std::string& name);
/// The first `count` bytes of what gzip data holds, or fewer if it holds fewer: to learn from a
/// header how much to expect. The rest is not looked at. Throws as gunzip() does.
std::string gunzip_head(std::string_view bytes, std::size_t count, const std::string& name);
/// read_file() and gunzip(). Throws FormatError as both do.
std::string read_gzip(const std::string& path, std::uint64_t most);

}  // namespace chainrule::nn
