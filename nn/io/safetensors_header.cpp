#include "nn/io/safetensors_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "autodiff/core/error.hpp"

namespace chainrule::nn::detail {

void fail_at_byte(const std::string& file, std::uint64_t byte, const std::string& what) {
  throw FormatError(fmt::format("{}: byte {}: {}", file, byte, what));
}

namespace {

constexpr std::uint64_t max_header = 100'000'000;
constexpr std::size_t length_bytes = 8;
constexpr std::int64_t max_elements = std::int64_t{1} << 48;

/// The size in bytes of the character at the start of the text; 0 if it is not UTF-8 (RFC 3629).
std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (size == 0 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  // Overlong forms, halves of surrogate pairs and code points beyond U+10FFFF are invalid.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return 0;
  if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return 0;
  return size;
}

void append_utf8(std::string& text, std::uint32_t c) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xc0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xe0 | c >> 12);
    } else {
      put(0xf0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3f));
    }
    put(0x80 | (c >> 6 & 0x3f));
  }
  put(0x80 | (c & 0x3f));
}

/// A parser of the subset of JSON that the header uses. The format fixes the depth of nesting, so
/// there is no recursion.
class HeaderParser {
 public:
  /// `text` is the file up to the end of the header.
  HeaderParser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  SafetensorsHeader run() {
    SafetensorsHeader header;
    header.data_at = text_.size();
    bool has_metadata = false;
    std::set<std::string, std::less<>> names;
    if (at_ == text_.size() || text_[at_] != '{') fail("the header must begin with '{'");
    for_each_member([&](std::string name, std::size_t at) {
      if (name == "__metadata__") {
        if (has_metadata) fail_at(at, "__metadata__ appears twice");
        has_metadata = true;
        for_each_member([&](std::string key, std::size_t key_at) {
          skip_space();
          if (!header.metadata.emplace(std::move(key), string()).second)
            fail_at(key_at, "this key of __metadata__ appears twice");
        });
      } else {
        if (!names.insert(name).second) fail_at(at, "this name appears twice");
        header.entries.push_back(entry(std::move(name), at));
      }
    });
    skip_space();
    if (at_ != text_.size()) fail("there is text after the end of the header's JSON");
    return header;
  }

 private:
  [[noreturn]] void fail_at(std::size_t at, const std::string& what) const {
    fail_at_byte(file_, at, what);
  }
  [[noreturn]] void fail(const std::string& what) const { fail_at(at_, what); }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(fmt::format("the header is not JSON of this format: '{}' expected", c));
  }

  /// Calls f(name, position of the name) for each member of an object; f parses the value.
  template <class F>
  void for_each_member(F f) {
    expect('{');
    if (accept('}')) return;
    do {
      skip_space();
      const std::size_t at = at_;
      std::string name = string();
      expect(':');
      f(std::move(name), at);
    } while (accept(','));
    expect('}');
  }
  /// Calls f() for each item of an array; f parses it.
  template <class F>
  void for_each_item(F f) {
    expect('[');
    if (accept(']')) return;
    do f();
    while (accept(','));
    expect(']');
  }

  std::string string() {
    expect('"');
    std::string text;
    while (true) {
      if (at_ == text_.size()) fail("the header ends within a text");
      const char c = text_[at_];
      if (c == '"') break;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character within a text");
      if (c == '\\') {
        escape(text);
        continue;
      }
      const std::size_t size = utf8_size(text_.substr(at_));
      if (size == 0) fail("the header is not UTF-8");
      text += text_.substr(at_, size);
      at_ += size;
    }
    ++at_;
    return text;
  }

  void escape(std::string& text) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    ++at_;  // the backslash
    if (at_ == text_.size()) fail("the header ends within a text");
    const std::size_t which = letters.find(text_[at_]);
    if (which != letters.npos) {
      ++at_;
      text += meanings[which];
      return;
    }
    std::uint32_t c = code_unit();
    if (c >= 0xdc00 && c < 0xe000) fail("half of a surrogate pair");
    if (c >= 0xd800 && c < 0xdc00) {
      if (at_ == text_.size() || text_[at_] != '\\') fail("half of a surrogate pair");
      ++at_;
      const std::uint32_t low = code_unit();
      if (low < 0xdc00 || low >= 0xe000) fail("half of a surrogate pair");
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(text, c);
  }

  /// Parses the letter u and the four hexadecimal digits of a JSON escape.
  std::uint32_t code_unit() {
    if (at_ == text_.size() || text_[at_] != 'u') fail("JSON has no such escape");
    ++at_;
    std::uint32_t c = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      constexpr std::string_view digits = "0123456789abcdef";
      const char lower = at_ < text_.size() ? static_cast<char>(text_[at_] | 0x20) : ' ';
      const std::size_t digit = at_ < text_.size() ? digits.find(lower) : digits.npos;
      if (digit == digits.npos || text_[at_] < '0') fail("four hexadecimal digits expected");
      c = 16 * c + static_cast<std::uint32_t>(digit);
    }
    return c;
  }

  std::uint64_t number() {
    skip_space();
    const std::size_t start = at_;
    std::uint64_t value = 0;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
          __builtin_add_overflow(value, static_cast<std::uint64_t>(text_[at_] - '0'), &value))
        fail_at(start, "this number is too large");
    if (at_ == start) fail("expected an integer that is not negative");
    if (text_[start] == '0' && at_ > start + 1) fail_at(start, "a number must not begin with 0");
    return value;
  }

  SafetensorsEntry entry(std::string name, std::size_t at) {
    SafetensorsEntry result;
    result.name = std::move(name);
    result.at = at;
    enum Key { dtype, shape, data_offsets, keys };
    constexpr std::string_view key_names[keys] = {"dtype", "shape", "data_offsets"};
    bool seen[keys] = {};
    for_each_member([&](const std::string& key, std::size_t key_at) {
      const auto which = static_cast<std::size_t>(std::find(key_names, key_names + keys, key) -
                                                  static_cast<const std::string_view*>(key_names));
      if (which == keys) fail_at(key_at, "a tensor has no key of this name");
      if (seen[which]) fail_at(key_at, fmt::format("{} appears twice", key));
      seen[which] = true;
      if (which == dtype) {
        skip_space();
        result.dtype = string();
      } else if (which == shape) {
        for_each_item([&] {
          const std::uint64_t extent = number();
          if (extent > static_cast<std::uint64_t>(max_elements)) fail("this size is too large");
          result.shape.push_back(static_cast<std::int64_t>(extent));
        });
      } else {
        expect('[');
        result.begin = number();
        expect(',');
        result.end = number();
        expect(']');
      }
    });
    for (std::size_t i = 0; i < keys; ++i)
      if (!seen[i]) fail_at(at, fmt::format("this tensor has no {}", key_names[i]));
    return result;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = length_bytes;
};

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

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file) {
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
  SafetensorsHeader header = HeaderParser(bytes.substr(0, length_bytes + size), file).run();
  check_offsets(header, bytes.size() - header.data_at, file);
  return header;
}

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t size = utf8_size(text.substr(i));
    if (size == 0)
      throw FormatError(fmt::format("safetensors: a text is not UTF-8 at its byte {}", i));
    const char c = text[i];
    if (c == '"' || c == '\\')
      result += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20)
      result += fmt::format("\\u{:04x}", static_cast<int>(c));
    else
      result += text.substr(i, size);
    i += size;
  }
  return result + '"';
}

}  // namespace chainrule::nn::detail
