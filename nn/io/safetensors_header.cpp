#include "nn/io/safetensors_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nn/io/json.hpp"

namespace chainrule::nn::detail {
namespace {

constexpr std::uint64_t max_header = 100'000'000;
constexpr std::size_t length_bytes = 8;
constexpr std::int64_t max_elements = std::int64_t{1} << 48;

SafetensorsEntry entry_from(JsonReader& json, std::string name, std::size_t at) {
  SafetensorsEntry result;
  result.name = std::move(name);
  result.at = at;
  enum Key { dtype, shape, data_offsets, keys };
  constexpr std::string_view key_names[keys] = {"dtype", "shape", "data_offsets"};
  bool seen[keys] = {};
  json.for_each_member([&](const std::string& key, std::size_t key_at) {
    const auto which = static_cast<std::size_t>(std::find(key_names, key_names + keys, key) -
                                                static_cast<const std::string_view*>(key_names));
    if (which == keys) return json.skip_value();  // a later version of the format may have more
    if (seen[which]) json.fail_at(key_at, fmt::format("{} appears twice", key));
    seen[which] = true;
    if (which == dtype) {
      result.dtype = json.string();
    } else if (which == shape) {
      json.for_each_item([&] {
        const std::uint64_t extent = json.number();
        if (extent > static_cast<std::uint64_t>(max_elements)) json.fail("this size is too large");
        result.shape.push_back(static_cast<std::int64_t>(extent));
      });
    } else {
      json.expect('[');
      result.begin = json.number();
      json.expect(',');
      result.end = json.number();
      json.expect(']');
    }
  });
  for (std::size_t i = 0; i < keys; ++i)
    if (!seen[i]) json.fail_at(at, fmt::format("this tensor has no {}", key_names[i]));
  return result;
}

/// The texts of __metadata__, which may be null.
std::map<std::string, std::string, std::less<>> metadata_from(JsonReader& json) {
  std::map<std::string, std::string, std::less<>> metadata;
  if (json.accept_null()) return metadata;
  json.for_each_member([&](std::string key, std::size_t at) {
    if (!json.is_next('"'))
      json.fail(
          fmt::format("the value of '{}' in __metadata__ is not a text. The format allows "
                      "texts only: write numbers and lists in quotes",
                      key));
    if (!metadata.emplace(std::move(key), json.string()).second)
      json.fail_at(at, "this key of __metadata__ appears twice");
  });
  return metadata;
}

/// `text` is the file up to the end of the header.
SafetensorsHeader header_from(std::string_view text, const std::string& file) {
  SafetensorsHeader header;
  header.data_at = text.size();
  bool has_metadata = false;
  std::set<std::string, std::less<>> names;
  JsonReader json(text, length_bytes, file);
  if (length_bytes == text.size() || text[length_bytes] != '{')
    json.fail("the header must begin with '{'");
  json.for_each_member([&](std::string name, std::size_t at) {
    if (name == "__metadata__") {
      if (has_metadata) json.fail_at(at, "__metadata__ appears twice");
      has_metadata = true;
      header.metadata = metadata_from(json);
    } else {
      if (!names.insert(name).second) json.fail_at(at, "this name appears twice");
      header.entries.push_back(entry_from(json, std::move(name), at));
    }
  });
  if (!json.is_at_end()) json.fail("there is text after the end of the header's JSON");
  return header;
}

/// Throws unless the tensors, in some order, cover all bytes of the data without gaps or overlaps.
void check_offsets(const SafetensorsHeader& header, std::uint64_t data_bytes,
                   const std::string& file) {
  std::vector<const SafetensorsEntry*> sorted;
  for (const SafetensorsEntry& entry : header.entries) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  std::uint64_t end = 0;
  for (const SafetensorsEntry* entry : sorted) {
    if (entry->begin != end || entry->end < entry->begin)
      fail_at_byte(file, entry->at,
                   fmt::format("the offsets [{}, {}] of this tensor leave a gap, overlap or run "
                               "backwards; the one before it ends at {}",
                               entry->begin, entry->end, end));
    end = entry->end;
  }
  if (end != data_bytes)
    fail_at_byte(
        file, header.data_at + std::min(end, data_bytes),
        fmt::format("the tensors take {} bytes, but the file has {} for them", end, data_bytes));
}

/// Whether these are a zip file or a pickle. Their first bytes may also be the length of a header,
/// which then follows.
bool is_of_torch_save(std::string_view bytes) {
  const bool has_header = bytes.size() > length_bytes && bytes[length_bytes] == '{';
  return !has_header && (bytes.starts_with("PK\x03\x04") || bytes.starts_with("\x80\x02"));
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file) {
  if (is_of_torch_save(bytes))
    fail_at_byte(file, 0,
                 "this is no safetensors file but a zip file or a pickle, as torch.save() and "
                 "numpy.savez() write. In PyTorch, save the model with "
                 "safetensors.torch.save_file(model.state_dict(), path)");
  if (bytes.size() < length_bytes)
    fail_at_byte(file, bytes.size(), "the file ends within the length of the header");
  std::uint64_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  if (length > max_header)
    fail_at_byte(file, 0,
                 fmt::format("a header of {} bytes is longer than {}; is this a safetensors file?",
                             length, max_header));
  if (length > bytes.size() - length_bytes)
    fail_at_byte(file, bytes.size(),
                 fmt::format("the file ends within the header of {} bytes", length));
  const auto size = static_cast<std::size_t>(length);
  SafetensorsHeader header = header_from(bytes.substr(0, length_bytes + size), file);
  check_offsets(header, bytes.size() - header.data_at, file);
  return header;
}

}  // namespace chainrule::nn::detail
