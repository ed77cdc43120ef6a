#include "nn/io/json.hpp"

#include <fmt/format.h>

#include "autodiff/core/error.hpp"

namespace chainrule::nn::detail {
namespace {

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

}  // namespace

void fail_at_byte(const std::string& file, std::uint64_t byte, const std::string& what) {
  throw FormatError(fmt::format("{}: byte {}: {}", file, byte, what));
}

void JsonReader::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

bool JsonReader::accept(char c) {
  skip_space();
  if (at_ == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void JsonReader::expect(char c) {
  if (!accept(c)) fail(fmt::format("the header is not JSON of this format: '{}' expected", c));
}

std::string JsonReader::string() {
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

void JsonReader::escape(std::string& text) {
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
std::uint32_t JsonReader::code_unit() {
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

std::uint64_t JsonReader::number() {
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

bool JsonReader::accept_word(std::string_view word) {
  skip_space();
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::accept_null() { return accept_word("null"); }

void JsonReader::skip_number() {
  const std::size_t start = at_;
  const auto digits = [&] {
    const std::size_t first = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    if (at_ == first) fail_at(start, "a value of JSON expected");
  };
  const auto take = [&](std::string_view any) {
    const bool is_there = at_ < text_.size() && any.find(text_[at_]) != any.npos;
    if (is_there) ++at_;
    return is_there;
  };
  take("-");
  const std::size_t first = at_;
  digits();
  if (text_[first] == '0' && at_ > first + 1) fail_at(start, "a number must not begin with 0");
  if (take(".")) digits();
  if (take("eE")) {
    take("+-");
    digits();
  }
}

void JsonReader::skip_value() {
  std::string open;  // the brackets around the value; hostile text could exhaust the call stack
  const auto name = [&] {
    string();
    expect(':');
  };
  while (true) {
    // A value, or the start of one.
    if (accept('{')) {
      open += '}';
      if (!is_next('}')) {
        name();
        continue;
      }
    } else if (accept('[')) {
      open += ']';
      if (!is_next(']')) continue;
    } else if (is_next('"')) {
      string();
    } else if (!accept_word("true") && !accept_word("false") && !accept_null()) {
      skip_number();
    }
    // What follows it.
    while (!open.empty() && accept(open.back())) open.pop_back();
    if (open.empty()) return;
    expect(',');
    if (open.back() == '}') name();
  }
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
