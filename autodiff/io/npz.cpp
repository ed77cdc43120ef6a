#include "autodiff/io/npz.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"
#include "autodiff/io/zip.hpp"

namespace chainrule {
namespace {

constexpr std::string_view ending = ".npy";

std::vector<ZipEntry> array_entries(std::string_view bytes, const std::string& file) {
  if (bytes.starts_with("\x93NUMPY"))
    throw FormatError(
        fmt::format("{}, byte 0: this is a single array. Read it with load_npy()", file));
  std::vector<ZipEntry> entries = zip_entries(bytes, file);
  std::erase_if(entries, [](const ZipEntry& entry) {
    return !std::string_view(entry.name).ends_with(ending);
  });
  return entries;
}

std::string name_of(const ZipEntry& entry) {
  return entry.name.substr(0, entry.name.size() - ending.size());
}

/// What messages call a member.
std::string member_name(const ZipEntry& entry, const std::string& file) {
  return fmt::format("{}, member '{}'", file, entry.name);
}

/// Calls parse(bytes, file) with the contents of the member.
template <class Parse>
auto parsed(const ZipEntry& entry, const std::string& file, Parse parse) {
  const std::string member = member_name(entry, file);
  if (!entry.is_deflated) {
    check_crc(entry, entry.packed, file);
    return parse(entry.packed, member);
  }
  // Parses the header first, so that contents of the wrong size are not unpacked.
  const NpyHeader header = parse_npy_header(unzip_head(entry, npy_head_bytes, file), member);
  if (header.bytes() != entry.size)
    throw FormatError(fmt::format("{}: its header implies {} bytes, the archive says {}", member,
                                  header.bytes(), entry.size));
  return parse(std::string_view(unzip(entry, file)), member);
}

ZipEntry entry_of(std::string_view bytes, std::string_view name, const std::string& file) {
  std::vector<std::string> names;
  for (ZipEntry& entry : array_entries(bytes, file)) {
    names.push_back(name_of(entry));
    if (names.back() == name) return std::move(entry);
  }
  throw FormatError(
      fmt::format("{} has no array '{}'; it has: {}", file, name, fmt::join(names, ", ")));
}

}  // namespace

std::vector<NpzMember> npz_members(std::string_view bytes, const std::string& file) {
  std::vector<NpzMember> members;
  for (const ZipEntry& entry : array_entries(bytes, file)) {
    NpzMember& member = members.emplace_back();
    member.name = name_of(entry);
    try {
      const NpyDescription description =
          describe_npy(unzip_head(entry, npy_head_bytes, file), member_name(entry, file));
      member.type = description.type;
      member.shape = description.shape;
      member.problem = description.problem;
    } catch (const FormatError& error) {
      member.problem = error.what();
    }
  }
  return members;
}

std::vector<std::pair<std::string, Array>> parse_npz(std::string_view bytes,
                                                     const std::string& file) {
  std::vector<std::pair<std::string, Array>> arrays;
  for (const ZipEntry& entry : array_entries(bytes, file)) {
    const std::string head = unzip_head(entry, npy_head_bytes, file);
    if (!describe_npy(head, member_name(entry, file)).problem.empty()) continue;
    arrays.emplace_back(name_of(entry), parsed(entry, file, parse_npy));
  }
  return arrays;
}

Array parse_npz_array(std::string_view bytes, std::string_view name, const std::string& file) {
  return parsed(entry_of(bytes, name, file), file, parse_npy);
}

Indices parse_npz_indices(std::string_view bytes, std::string_view name, const std::string& file) {
  return parsed(entry_of(bytes, name, file), file, parse_npy_indices);
}

}  // namespace chainrule
