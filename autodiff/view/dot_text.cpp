#include "autodiff/view/dot_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace chainrule::dot_text {
namespace {

/// The length of the UTF-8 sequence at the start of a non-empty text, and its code point; the
/// length is 0 if the sequence is invalid.
struct CodePoint {
  std::size_t length;
  std::uint32_t value;
};
CodePoint front(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {1, byte(0)};
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < length) return {0, byte(0)};
  std::uint32_t value = byte(0) & (0x7fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {0, byte(0)};
    value = value << 6 | (byte(i) & 0x3fu);
  }
  const bool overlong = length == 3 ? value < 0x800 : length == 4 && value < 0x10000;
  const bool none = overlong || value > 0x10ffff || (value >= 0xd800 && value < 0xe000);
  return none ? CodePoint{0, byte(0)} : CodePoint{length, value};
}

/// Whether a code point cannot be shown as itself: control characters, line breaks, marks that
/// change the direction of text, and characters that XML does not allow.
bool is_control(std::uint32_t c) {
  const auto within = [c](std::uint32_t low, std::uint32_t high) { return c >= low && c <= high; };
  return c < 0x20 || within(0x7f, 0x9f) || within(0x200e, 0x200f) || within(0x2028, 0x202e) ||
         within(0x2066, 0x2069) || c == 0xfeff || within(0xfffe, 0xffff);
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint c = front(text);
    const std::size_t length = std::max<std::size_t>(c.length, 1);
    if (c.length > 0 && !is_control(c.value))
      out += text.substr(0, length);
    else if (c.value == '\n' || c.value == '\t' || c.value == '\r')
      out += c.value == '\n' ? "\\n" : c.value == '\t' ? "\\t" : "\\r";
    else
      out +=
          c.value < 0x100 ? fmt::format("\\x{:02x}", c.value) : fmt::format("\\u{:04x}", c.value);
    text.remove_prefix(length);
  }
  return out;
}

std::string shorten(const std::string& text, std::size_t limit, std::size_t tail) {
  const auto is_start = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  const auto count = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_start));
  if (count <= limit) return text;
  const std::size_t head = limit - tail - 1;
  std::string out;
  std::size_t at = 0;  // number of code points so far
  for (const char c : text) {
    if (is_start(c) && ++at == head + 1) out += "…";
    if (at <= head || at > count - tail) out += c;
  }
  return out;
}

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c == '\\' ? "\\\\" : std::string_view(&c, 1);
  }
  return out;
}

std::string tooltip(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "\\\"";
    else if (c == '\n')
      out += "\\n";
    else
      out += c == '\\' ? "\\\\\\\\" : std::string_view(&c, 1);
  }
  return out + '"';
}

}  // namespace chainrule::dot_text
