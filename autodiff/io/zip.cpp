#include "autodiff/io/zip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include "autodiff/core/error.hpp"
#include "autodiff/io/crc32.hpp"
#include "autodiff/io/zip_format.hpp"

#if CHAINRULE_HAS_ZLIB
#include <zlib.h>
#endif

namespace chainrule {
namespace {

using namespace zip_format;

template <class T>
T little_endian(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = sizeof(T); i-- > 0;)
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<T>(number);
}

/// Parses an archive.
class ZipReader {
 public:
  ZipReader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::vector<ZipEntry> entries() {
    find_directory();
    std::vector<ZipEntry> entries;
    entries.reserve(static_cast<std::size_t>(count_));
    std::uint64_t at = begin_;
    for (std::uint64_t i = 0; i < count_; ++i) entries.push_back(entry(at));
    if (at != end_) fail(at, "the directory has extra bytes after its members");
    check_overlaps(entries);
    return entries;
  }

 private:
  [[noreturn]] void fail(std::uint64_t at, const std::string& what) const {
    throw FormatError(fmt::format("{}, byte {}: {}", file_, at, what));
  }
  template <class T>
  T number(std::uint64_t at) const {
    return little_endian<T>(bytes_, static_cast<std::size_t>(at));
  }
  /// Throws unless [at, at + count) lies below `end`.
  void need(std::uint64_t at, std::uint64_t count, std::uint64_t end, const char* what) const {
    if (at > end || count > end - at) fail(std::min<std::uint64_t>(at, end), what);
  }

  void find_directory() {
    if (bytes_.size() < end_bytes) fail(bytes_.size(), "too short to be a ZIP archive");
    const std::uint64_t last = bytes_.size() - end_bytes;
    const std::uint64_t first = last > 0xffff ? last - 0xffff : 0;
    std::uint64_t at = last;
    while (number<std::uint32_t>(at) != end_signature ||
           number<std::uint16_t>(at + 20) != bytes_.size() - at - end_bytes) {
      if (at-- == first) fail(bytes_.size(), "no end record: truncated, or not a ZIP archive");
    }
    if (number<std::uint16_t>(at + 4) != 0 || number<std::uint16_t>(at + 6) != 0)
      fail(at, "the archive is split into volumes");
    count_ = number<std::uint16_t>(at + 10);
    std::uint64_t size = number<std::uint32_t>(at + 12);
    begin_ = number<std::uint32_t>(at + 16);
    end_ = at;
    if (count_ == none16 || size == none32 || begin_ == none32) find_directory64(at, size);
    need(begin_, size, end_, "the directory is outside the archive");
    if (begin_ + size != end_) fail(at, "the directory does not end at the end record");
    if (count_ > size / entry_bytes) fail(at, "the directory is too short for its members");
  }

  void find_directory64(std::uint64_t at, std::uint64_t& size) {
    if (at < locator64_bytes || number<std::uint32_t>(at - locator64_bytes) != locator64_signature)
      return;  // no ZIP64: the numbers are literal
    const std::uint64_t locator = at - locator64_bytes;
    const auto end64 = number<std::uint64_t>(locator + 8);
    need(end64, end64_bytes, locator, "the ZIP64 end record is outside the archive");
    if (number<std::uint32_t>(end64) != end64_signature)
      fail(end64, "the ZIP64 end record has a wrong signature");
    count_ = number<std::uint64_t>(end64 + 32);
    size = number<std::uint64_t>(end64 + 40);
    begin_ = number<std::uint64_t>(end64 + 48);
    end_ = end64;
  }

  /// The member that the directory entry at `at` describes; advances `at` to the next entry.
  ZipEntry entry(std::uint64_t& at) {
    need(at, entry_bytes, end_, "the directory is truncated");
    if (number<std::uint32_t>(at) != directory_signature)
      fail(at, "the directory entry has a wrong signature");
    const auto flags = number<std::uint16_t>(at + 8), method = number<std::uint16_t>(at + 10);
    const auto name_size = number<std::uint16_t>(at + 28);
    const auto extra_size = number<std::uint16_t>(at + 30);
    const auto comment_size = number<std::uint16_t>(at + 32);
    std::uint64_t packed = number<std::uint32_t>(at + 20), size = number<std::uint32_t>(at + 24),
                  offset = number<std::uint32_t>(at + 42);
    const std::uint64_t name_at = at + entry_bytes, extra_at = name_at + name_size;
    need(at, entry_bytes + name_size + extra_size + comment_size, end_,
         "the directory is truncated");
    read_extra(extra_at, extra_at + extra_size, {&size, &packed, &offset});

    ZipEntry entry;
    entry.name = bytes_.substr(static_cast<std::size_t>(name_at), name_size);
    if ((flags & encrypted) != 0) fail(at, fmt::format("the member '{}' is encrypted", entry.name));
    if (method != 0 && method != 8)
      fail(at, fmt::format(
                   "the member '{}' is compressed by method {}; only stored (0) and deflated (8) "
                   "members can be read",
                   entry.name, method));
    entry.is_deflated = method == 8;
    entry.size = size;
    entry.crc = number<std::uint32_t>(at + 16);
    entry.offset = data_of(offset, packed, entry.name);
    entry.packed =
        bytes_.substr(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(packed));
    // Checked before memory is allocated for the claimed size.
    if (entry.is_deflated ? size / 1032 > packed : size != packed)
      fail(at, fmt::format("the member '{}' cannot hold {} bytes in {}", entry.name, size, packed));
    at += entry_bytes + name_size + extra_size + comment_size;
    return entry;
  }

  /// Numbers that do not fit 32 bits are stored in an extra field: only those, in this order.
  void read_extra(std::uint64_t at, std::uint64_t end,
                  const std::array<std::uint64_t*, 3>& numbers) const {
    while (at + 4 <= end) {
      const auto id = number<std::uint16_t>(at), size = number<std::uint16_t>(at + 2);
      need(at + 4, size, end, "an extra field extends beyond its member");
      if (id == extra64) {
        std::uint64_t from = at + 4;
        for (std::uint64_t* const value : numbers) {
          if (*value != none32) continue;
          need(from, 8, at + 4 + size, "the ZIP64 field is too short");
          *value = number<std::uint64_t>(from);
          from += 8;
        }
        return;
      }
      at += 4 + size;
    }
  }

  /// The offset of a member's data; the member's own header is at `at`.
  std::uint64_t data_of(std::uint64_t at, std::uint64_t packed, const std::string& name) const {
    need(at, member_bytes, begin_, "a member does not precede the directory");
    if (number<std::uint32_t>(at) != member_signature) fail(at, "the member has a wrong signature");
    const auto name_size = number<std::uint16_t>(at + 26);
    const std::uint64_t data = at + member_bytes + name_size + number<std::uint16_t>(at + 28);
    need(data, packed, begin_, "a member is truncated");
    if (bytes_.substr(static_cast<std::size_t>(at + member_bytes), name_size) != name)
      fail(at, fmt::format("the member has a different name in the directory: '{}'", name));
    return data;
  }

  /// Archives whose members share bytes, or a name, are usually malicious.
  void check_overlaps(const std::vector<ZipEntry>& entries) const {
    std::vector<const ZipEntry*> sorted;
    sorted.reserve(entries.size());
    for (const ZipEntry& entry : entries) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const ZipEntry* x, const ZipEntry* y) { return x->offset < y->offset; });
    for (std::size_t i = 1; i < sorted.size(); ++i)
      if (sorted[i]->offset < sorted[i - 1]->offset + sorted[i - 1]->packed.size() + member_bytes)
        fail(sorted[i]->offset, fmt::format("the members '{}' and '{}' overlap",
                                            sorted[i - 1]->name, sorted[i]->name));
    std::sort(sorted.begin(), sorted.end(),
              [](const ZipEntry* x, const ZipEntry* y) { return x->name < y->name; });
    for (std::size_t i = 1; i < sorted.size(); ++i)
      if (sorted[i]->name == sorted[i - 1]->name)
        fail(sorted[i]->offset, fmt::format("two members have the name '{}'", sorted[i]->name));
  }

  std::string_view bytes_;
  const std::string& file_;
  // of the directory: number of entries, first byte, end
  std::uint64_t count_ = 0, begin_ = 0, end_ = 0;
};

[[noreturn]] void fail_member(const ZipEntry& entry, const std::string& file,
                              const std::string& what) {
  throw FormatError(
      fmt::format("{}, byte {}: the member '{}' {}", file, entry.offset, entry.name, what));
}

#if CHAINRULE_HAS_ZLIB

/// Unpacks the first bytes of deflated data, at most as many as `room` holds. Returns their number;
/// `ended` is set to whether they are the complete data.
std::size_t inflated(const ZipEntry& entry, std::string& room, bool& ended,
                     const std::string& file) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  // the most that zlib accepts at a time
  constexpr std::size_t longest = std::numeric_limits<uInt>::max();
  std::size_t taken = 0, made = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.avail_in == 0) {
      stream.avail_in = static_cast<uInt>(std::min(entry.packed.size() - taken, longest));
      // zlib does not write through this pointer, which only lacks the const.
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry.packed.data() + taken));
      taken += stream.avail_in;
    }
    const auto space = static_cast<uInt>(std::min(room.size() - made, longest));
    stream.next_out = reinterpret_cast<Bytef*>(room.data() + made);
    stream.avail_out = space;
    status = inflate(&stream, Z_NO_FLUSH);
    made += space - stream.avail_out;
  }
  const bool is_all_taken = taken == entry.packed.size() && stream.avail_in == 0;
  const std::string message = stream.msg != nullptr ? stream.msg : "it needs a dictionary";
  inflateEnd(&stream);
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  if (status != Z_STREAM_END && status != Z_BUF_ERROR)
    fail_member(entry, file, "is damaged: " + message);
  ended = status == Z_STREAM_END;
  if (ended && !is_all_taken) fail_member(entry, file, "has extra packed bytes after its end");
  if (!ended && made < room.size()) fail_member(entry, file, "is truncated");
  return made;
}

#else

std::size_t inflated(const ZipEntry& entry, std::string&, bool&, const std::string& file) {
  fail_member(entry, file,
              "is compressed, which this build cannot read. Install zlib (Debian: zlib1g-dev) and "
              "rebuild, or write the file uncompressed (numpy.savez)");
}

#endif

std::string room_for(std::uint64_t size, const ZipEntry& entry, const std::string& file) {
  try {
    if (size < std::string().max_size()) return std::string(static_cast<std::size_t>(size), '\0');
  } catch (const std::bad_alloc&) {
  }
  fail_member(entry, file, "does not fit into memory");
}

}  // namespace

std::vector<ZipEntry> zip_entries(std::string_view bytes, const std::string& file) {
  return ZipReader(bytes, file).entries();
}

std::string unzip_head(const ZipEntry& entry, std::size_t count, const std::string& file) {
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, entry.size));
  if (!entry.is_deflated) return std::string(entry.packed.substr(0, count));
  std::string head = room_for(count, entry, file);
  bool ended = false;
  head.resize(inflated(entry, head, ended, file));
  return head;
}

std::string unzip(const ZipEntry& entry, const std::string& file) {
  if (!entry.is_deflated) {
    check_crc(entry, entry.packed, file);
    return std::string(entry.packed);
  }
  // One byte more than expected, to detect data that is too long.
  std::string bytes = room_for(entry.size + 1, entry, file);
  bool ended = false;
  const std::size_t size = inflated(entry, bytes, ended, file);
  if (!ended || size != entry.size)
    fail_member(entry, file, fmt::format("does not have the expected {} bytes", entry.size));
  bytes.resize(size);
  check_crc(entry, bytes, file);
  return bytes;
}

void check_crc(const ZipEntry& entry, std::string_view bytes, const std::string& file) {
  const std::uint32_t crc = crc32_of(bytes);
  if (crc != entry.crc)
    fail_member(entry, file,
                fmt::format("is damaged: its CRC-32 is {:08x}, not {:08x}", crc, entry.crc));
}

}  // namespace chainrule
