// Reading and writing the JSON of safetensors headers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule::nn::detail {

[[noreturn]] void fail_at_byte(const std::string& file, std::uint64_t byte,
                               const std::string& what);

/// Reads JSON from a text, piece by piece, as the caller expects it. Throws FormatError, which
/// names the byte, if the text is not JSON, or not what is expected.
class JsonReader {
 public:
  /// Reads `text` from position `at`. Both must live as long as the reader.
  JsonReader(std::string_view text, std::size_t at, const std::string& file)
      : text_(text), file_(file), at_(at) {}

  /// The position of the next byte that is not a space.
  std::size_t position() {
    skip_space();
    return at_;
  }
  bool is_at_end() { return position() == text_.size(); }
  /// Whether the next character is this one.
  bool is_next(char c) { return !is_at_end() && text_[at_] == c; }

  std::string string();
  std::uint64_t number();
  void expect(char c);
  /// Reads `null`, if that is next. Returns whether it is.
  bool accept_null();
  /// Reads a value of any kind and forgets it.
  void skip_value();
  /// Calls f(name, position of the name) for each member of an object; f reads the value.
  template <class F>
  void for_each_member(F f);
  /// Calls f() for each item of an array; f reads it.
  template <class F>
  void for_each_item(F f);

  [[noreturn]] void fail_at(std::size_t at, const std::string& what) const {
    fail_at_byte(file_, at, what);
  }
  [[noreturn]] void fail(const std::string& what) const { fail_at(at_, what); }

 private:
  void skip_space();
  bool accept(char c);
  bool accept_word(std::string_view word);
  void skip_number();
  void escape(std::string& text);
  std::uint32_t code_unit();

  std::string_view text_;
  const std::string& file_;
  std::size_t at_;
};

/// The text as a JSON string, with quotes and escapes. Throws FormatError if it is not UTF-8.
std::string json_string(std::string_view text);

template <class F>
void JsonReader::for_each_member(F f) {
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

template <class F>
void JsonReader::for_each_item(F f) {
  expect('[');
  if (accept(']')) return;
  do f();
  while (accept(','));
  expect(']');
}

}  // namespace chainrule::nn::detail
