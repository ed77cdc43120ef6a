#include "nn/io/gzip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <new>

#include "autodiff/core/error.hpp"
#include "autodiff/core/files.hpp"

#if CHAINRULE_HAS_ZLIB
#include <zlib.h>
#endif

namespace chainrule::nn {
namespace {

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw FormatError(fmt::format("{}: {}", name, what));
}

#if CHAINRULE_HAS_ZLIB

constexpr std::size_t max_chunk =
    std::numeric_limits<uInt>::max();  // bytes that zlib takes at once

/// Decompresses gzip data into a string that grows as needed.
class Inflation {
 public:
  Inflation(std::string_view bytes, const std::string& name) : all_(bytes), name_(name) {
    // Adding 16 selects the gzip format instead of zlib's.
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) fail(name_, "zlib cannot be initialised");
  }
  ~Inflation() { inflateEnd(&stream_); }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  /// Decompresses until there are `max_bytes` bytes or the data ends. Returns whether it ended.
  bool run(std::size_t max_bytes) {
    while (true) {
      const int status = step(max_bytes);
      if (status == Z_STREAM_END) {
        const std::size_t used = all_.size() - unread();
        // Tapes and tar pad files with zeros, which gzip(1) ignores, too.
        const std::size_t next = all_.find_first_not_of('\0', used);
        if (next == all_.npos) return true;
        if (!is_gzip(all_.substr(used)))
          fail(name_, fmt::format("byte {}: there is data after the end of the gzip data; only "
                                  "zero bytes may follow it",
                                  next));
        inflateReset(&stream_);  // another member: gzip files may be concatenated
      } else if (stalled_) {
        if (made_ >= max_bytes) return false;
        fail(name_, "the gzip data is cut off: its end is missing");
      }
    }
  }
  std::string&& result() {
    result_.resize(made_);
    return std::move(result_);
  }

 private:
  std::size_t unread() const { return all_.size() - offered_ + stream_.avail_in; }

  int step(std::size_t max_bytes) {
    if (stream_.avail_in == 0) {
      const std::size_t count = std::min(all_.size() - offered_, max_chunk);
      // zlib does not write through this pointer, although its type is not const.
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(all_.data() + offered_));
      stream_.avail_in = static_cast<uInt>(count);
      offered_ += count;
    }
    const std::size_t before = made_;
    if (before == result_.size()) {
      const std::size_t wish = std::max<std::size_t>(std::max(before, 4 * all_.size()), 4096);
      result_.resize(before + std::min(wish, max_bytes - before));
    }
    const std::size_t room = std::min({result_.size() - before, max_bytes - before, max_chunk});
    stream_.next_out = reinterpret_cast<Bytef*>(result_.data() + before);
    stream_.avail_out = static_cast<uInt>(room);
    const std::size_t unread_before = unread();
    const int status = inflate(&stream_, Z_NO_FLUSH);
    made_ = before + room - stream_.avail_out;
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      fail(name_, fmt::format("byte {}: the gzip data is damaged: {}", all_.size() - unread(),
                              stream_.msg != nullptr ? stream_.msg : "it needs a dictionary"));
    stalled_ = status != Z_STREAM_END && made_ == before && unread() == unread_before &&
               offered_ == all_.size();
    return status;
  }

  std::string_view all_;
  const std::string& name_;
  std::string result_;  // its end is room for output still to come
  std::size_t made_ = 0;
  z_stream stream_{};
  std::size_t offered_ = 0;  // bytes passed to zlib so far
  bool stalled_ = false;     // the last step made no progress: no input or no room for output
};

std::string inflated(std::string_view bytes, std::uint64_t max_bytes, bool all,
                     const std::string& name) {
  try {
    const std::uint64_t limit = std::min<std::uint64_t>(max_bytes, std::string().max_size() / 2);
    Inflation inflation(bytes, name);
    const bool ended = inflation.run(static_cast<std::size_t>(limit));
    if (all && !ended)
      fail(name,
           fmt::format("the gzip data holds more than the {} bytes that are expected", max_bytes));
    return inflation.result();
  } catch (const std::bad_alloc&) {
    fail(name, "the decompressed data does not fit into memory");
  }
}

#else

std::string inflated(std::string_view, std::uint64_t, bool, const std::string& name) {
  fail(name,
       "this build cannot read gzip. Install zlib (Debian: zlib1g-dev) and build again, or "
       "decompress the file with gunzip");
}

#endif

}  // namespace

bool has_gzip() {
#if CHAINRULE_HAS_ZLIB
  return true;
#else
  return false;
#endif
}

std::string read_gzip(const std::string& path, std::uint64_t max_bytes) {
  return gunzip(read_file(path), max_bytes, path);
}

bool is_gzip(std::string_view bytes) { return bytes.substr(0, 2) == "\x1f\x8b"; }

std::string gunzip(std::string_view bytes, std::uint64_t max_bytes, const std::string& name) {
  return inflated(bytes, max_bytes, true, name);
}

std::string gunzip_head(std::string_view bytes, std::size_t count, const std::string& name) {
  return inflated(bytes, count, false, name);
}

}  // namespace chainrule::nn
