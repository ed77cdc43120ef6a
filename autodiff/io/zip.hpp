// ZIP archives in memory, as far as .npz files need them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autodiff/core/language.hpp"

namespace chainrule {

/// A member of an archive: what it holds lies as `packed` in the archive's bytes.
struct ZipEntry {
  std::string name;
  std::string_view packed;
  std::uint64_t size;  ///< of what it holds
  std::uint32_t crc;
  bool is_deflated;      ///< else stored as it is
  std::uint64_t offset;  ///< of `packed` in the archive
};

/// The members of an archive in the order of its directory; nothing is unpacked. `file` is what
/// messages call the archive. Memory: of the order of the directory. What it says is checked
/// against the bytes that are there, so a member's size is at most 1032 times (the most that
/// deflate can do) that of its packed bytes, and members do not share bytes. Throws FormatError,
/// which names the byte, for anything damaged, cut off, encrypted, in several volumes or packed in
/// another way, and for two members of one name.
std::vector<ZipEntry> zip_entries(std::string_view bytes, const std::string& file);

/// The first `count` bytes of what a member holds, or all if it holds fewer; not checked by its
/// CRC.
std::string unzip_head(const ZipEntry& entry, std::size_t count, const std::string& file);
/// What a member holds. Throws FormatError if it is damaged, or deflated in a build without zlib.
std::string unzip(const ZipEntry& entry, const std::string& file);
/// Throws FormatError unless these bytes have the member's CRC-32.
void check_crc(const ZipEntry& entry, std::string_view bytes, const std::string& file);

/// Writes an archive whose members are stored as they are, in pieces that lie where they lie.
/// Archives and members beyond 4 GiB are written as ZIP64. Equal members make equal bytes: the time
/// of each is the first that ZIP knows, 1980-01-01.
class ZipWriter {
 public:
  /// Appends a member that consists of two parts, one after the other, which must live as long as
  /// the pieces are used. Throws FormatError if the name is empty, too long, or there already.
  void add(std::string_view name, std::string_view first, std::string_view second = {});
  /// The whole archive; valid until the next add().
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
