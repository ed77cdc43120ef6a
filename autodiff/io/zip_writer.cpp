#include <fmt/format.h>

#include <algorithm>

#include "autodiff/core/error.hpp"
#include "autodiff/io/crc32.hpp"
#include "autodiff/io/zip.hpp"
#include "autodiff/io/zip_format.hpp"

namespace chainrule {
namespace {

using namespace zip_format;

template <class T>
void put(std::string& out, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i) & 0xff);
}

std::uint32_t low(std::uint64_t number) {
  return number >= none32 ? none32 : static_cast<std::uint32_t>(number);
}

/// The fields that the header of a member and its entry in the directory share.
void put_member(std::string& out, bool is_large, std::uint32_t crc, std::uint64_t size,
                std::size_t name_size, std::size_t extra_size) {
  put<std::uint16_t>(out, extra_size > 0 ? 45 : 20);  // version needed to read it
  put<std::uint16_t>(out, utf8_name);
  put<std::uint16_t>(out, 0);         // stored
  put<std::uint32_t>(out, 0x210000);  // 1980-01-01, 00:00
  put<std::uint32_t>(out, crc);
  put<std::uint32_t>(out, is_large ? none32 : static_cast<std::uint32_t>(size));
  put<std::uint32_t>(out, is_large ? none32 : static_cast<std::uint32_t>(size));
  put<std::uint16_t>(out, static_cast<std::uint16_t>(name_size));
  put<std::uint16_t>(out, static_cast<std::uint16_t>(extra_size));
}

}  // namespace

void ZipWriter::add(std::string_view name, std::string_view first, std::string_view second) {
  const auto is_there = [&](const Member& member) { return member.name == name; };
  if (name.empty() || name.size() > none16 || name.find('\0') != name.npos)
    throw FormatError(fmt::format("'{}' is not a valid name for a member of an archive", name));
  if (std::any_of(members_.begin(), members_.end(), is_there))
    throw FormatError(fmt::format("the archive already has a member '{}'", name));
  Member member{std::string(name), {}, first, second, size_, first.size() + second.size(), 0};
  member.crc = crc32_of(second, crc32_of(first));
  const bool is_large = member.size >= none32;
  put(member.head, member_signature);
  put_member(member.head, is_large, member.crc, member.size, name.size(), is_large ? 20 : 0);
  member.head += name;
  if (is_large) {
    put(member.head, extra64);
    put<std::uint16_t>(member.head, 16);
    put(member.head, member.size);
    put(member.head, member.size);
  }
  size_ += member.head.size() + member.size;
  members_.push_back(std::move(member));
}

std::vector<std::string_view> ZipWriter::pieces() {
  directory_.clear();
  std::vector<std::string_view> pieces;
  for (const Member& member : members_) {
    pieces.insert(pieces.end(), {member.head, member.first, member.second});
    const bool is_large = member.size >= none32, is_far = member.offset >= none32;
    const std::uint16_t extra = static_cast<std::uint16_t>((is_large ? 16 : 0) + (is_far ? 8 : 0));
    put(directory_, directory_signature);
    put<std::uint16_t>(directory_, 45);  // version that wrote it
    put_member(directory_, is_large, member.crc, member.size, member.name.size(),
               extra == 0 ? 0 : extra + 4u);
    put<std::uint16_t>(directory_, 0);  // no comment
    put<std::uint16_t>(directory_, 0);  // volume
    put<std::uint16_t>(directory_, 0);  // attributes
    put<std::uint32_t>(directory_, 0);
    put<std::uint32_t>(directory_, low(member.offset));
    directory_ += member.name;
    if (extra == 0) continue;
    put(directory_, extra64);
    put(directory_, extra);
    if (is_large) {
      put(directory_, member.size);
      put(directory_, member.size);
    }
    if (is_far) put(directory_, member.offset);
  }
  const std::uint64_t bytes = directory_.size(), count = members_.size();
  if (count >= none16 || bytes >= none32 || size_ >= none32) {
    put(directory_, end64_signature);
    put<std::uint64_t>(directory_, end64_bytes - 12);
    put<std::uint32_t>(directory_, 45u | 45u << 16);
    put<std::uint64_t>(directory_, 0);  // volumes
    put(directory_, count);
    put(directory_, count);
    put(directory_, bytes);
    put(directory_, size_);
    put(directory_, locator64_signature);
    put<std::uint32_t>(directory_, 0);
    put(directory_, size_ + bytes);
    put<std::uint32_t>(directory_, 1);
  }
  const auto short_count = static_cast<std::uint16_t>(std::min<std::uint64_t>(count, none16));
  put(directory_, end_signature);
  put<std::uint32_t>(directory_, 0);
  put(directory_, short_count);
  put(directory_, short_count);
  put(directory_, low(bytes));
  put(directory_, low(size_));
  put<std::uint16_t>(directory_, 0);
  pieces.emplace_back(directory_);
  return pieces;
}

}  // namespace chainrule
