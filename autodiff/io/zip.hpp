// ZIP archives in memory, with the features that .npz files need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A member of an archive. `packed` refers to its stored or compressed data in the archive's bytes.
struct ZipEntry {
  std::string name;
  std::string_view packed;
  std::uint64_t size;  ///< size of the unpacked contents
  std::uint32_t crc;
  bool is_deflated;      ///< otherwise stored uncompressed
  std::uint64_t offset;  ///< offset of `packed` in the archive
};

/// The members of an archive in the order of its directory; nothing is unpacked. In messages, the
/// archive is called `file`. Memory: proportional to the directory. The directory is checked
/// against the actual bytes: the size of a member is at most 1032 times its packed size (the most
/// that deflate can achieve), and members do not share bytes. Throws FormatError, which names the
/// byte, for an archive that is damaged, truncated, encrypted, split into volumes or compressed by
/// another method, and for two members with the same name.
std::vector<ZipEntry> zip_entries(std::string_view bytes, const std::string& file);

/// The first `count` bytes of a member's contents, or all if it has fewer. Does not check the CRC.
std::string unzip_head(const ZipEntry& entry, std::size_t count, const std::string& file);
/// The contents of a member. Throws FormatError if it is damaged, or deflated and this build lacks
/// zlib.
std::string unzip(const ZipEntry& entry, const std::string& file);
/// Throws FormatError unless these bytes have the member's CRC-32.
void check_crc(const ZipEntry& entry, std::string_view bytes, const std::string& file);

/// Writes an archive of uncompressed members as a list of pieces that refer to the caller's data.
/// Archives and members larger than 4 GiB are written as ZIP64. Equal members give equal bytes: the
/// time of each is the earliest that ZIP can represent, 1980-01-01.
class ZipWriter {
 public:
  /// Appends a member that consists of two parts, one after the other. The parts must live as long
  /// as the pieces are used. Throws FormatError if the name is empty, too long, or already used.
  void add(std::string_view name, std::string_view first, std::string_view second = {});
  /// The complete archive; valid until the next add().
  std::vector<std::string_view> pieces();

 private:
  struct Member {
    std::string name, head;
    std::string_view first, second;
    std::uint64_t offset, size;
    std::uint32_t crc;
  };
  std::vector<Member> members_;
  std::string directory_;
  std::uint64_t size_ = 0;
};

}  // namespace chainrule
