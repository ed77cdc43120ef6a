#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "autodiff/core/error.hpp"
#include "autodiff/io/npy.hpp"

// Source: "NEP 1 - A simple file format for NumPy arrays" and numpy/lib/format.py.
namespace chainrule {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr bool is_little = std::endian::native == std::endian::little;
constexpr std::size_t max_axes = 64;  // NumPy's own limit

/// An element type that can be read, by its two names.
struct NumberType {
  std::string_view code, name;
};
constexpr NumberType number_types[] = {
    {"f2", "float16"}, {"f4", "float32"}, {"f8", "float64"}, {"i1", "int8"},
    {"i2", "int16"},   {"i4", "int32"},   {"i8", "int64"},   {"u1", "uint8"},
    {"u2", "uint16"},  {"u4", "uint32"},  {"u8", "uint64"},  {"b1", "bool"},
};

/// What elements of another type are, by the letter of its code, and what to do with them.
const char* problem_of(std::string_view code) {
  switch (code.empty() ? '\0' : code.front()) {
    case 'O':
      return "Python objects, which only Python can read. Convert them with astype(float)";
    case 'c':
      return "complex numbers. Save x.real and x.imag";
    case 'U':
    case 'S':
    case 'a':
      return "texts. Save numbers that stand for them";
    case 'M':
    case 'm':
      return "times. Convert them with astype(int)";
    case 'V':
      return "structures or raw bytes. Save their fields one by one";
    default:
      return "only f2, f4, f8, i1 to i8, u1 to u8 and b1 can be read. Convert them with "
             "astype(float)";
  }
}

/// The header is the text of a Python dictionary with three keys.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  NpyHeader header() {
    NpyHeader result = parsed();
    if (!problem_.empty())
      fail(type_at_, fmt::format("elements of type '{}': {}", type_, problem_));
    return result;
  }

  NpyDescription description() {
    const NpyHeader header = parsed();
    return {type_, header.shape, problem_};
  }

 private:
  NpyHeader parsed() {
    find_dictionary();
    NpyHeader header{};
    bool has_type = false, has_order = false, has_shape = false;
    expect('{');
    while (!take('}')) {
      const std::size_t key_at = at_;
      const std::string_view key = text();
      expect(':');
      if (key == "descr" && !has_type) {
        has_type = true;
        read_type(header);
      } else if (key == "fortran_order" && !has_order) {
        has_order = true;
        header.is_fortran_order = truth();
      } else if (key == "shape" && !has_shape) {
        has_shape = true;
        header.shape = shape();
      } else {
        fail(key_at, fmt::format("the key '{}' is unknown or repeated", printable(key)));
      }
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != end_) fail(at_, "extra text after the header's dictionary");
    if (!has_type || !has_order || !has_shape)
      fail(at_, "the header lacks 'descr', 'fortran_order' or 'shape'");
    header.data_at = end_;
    header.count = count_of(header.shape);
    return header;
  }

  [[noreturn]] void fail(std::size_t at, const std::string& what) const {
    throw FormatError(fmt::format("{}, byte {}: {}", file_, at, what));
  }

  static std::string printable(std::string_view text) {
    std::string result(text.substr(0, 40));
    for (char& c : result)
      if (c < ' ' || c > '~') c = '?';
    return result;
  }

  void find_dictionary() {
    if (bytes_.substr(0, 2) == "PK")
      fail(0, "this is an archive of arrays. Read it with load_npz()");
    if (bytes_.substr(0, magic.size()) != magic)
      fail(0, "not a .npy file: it does not start with \\x93NUMPY");
    const auto byte = [&](std::size_t i) -> std::size_t {
      if (i >= bytes_.size()) fail(bytes_.size(), "the header is truncated");
      return static_cast<unsigned char>(bytes_[i]);
    };
    const std::size_t major = byte(6), minor = byte(7);
    if (major < 1 || major > 3 || minor != 0)
      fail(6, fmt::format("version {}.{} of the format is not supported; only 1.0, 2.0 and 3.0 are",
                          major, minor));
    std::size_t length = byte(8) | byte(9) << 8;
    at_ = 10;
    if (major > 1) {
      length |= byte(10) << 16 | byte(11) << 24;
      at_ = 12;
    }
    if (length > longest_npy_header)
      fail(8,
           fmt::format("a header of {} bytes exceeds the limit of {}", length, longest_npy_header));
    if (length > bytes_.size() - at_) fail(bytes_.size(), "the header is truncated");
    end_ = at_ + length;
  }

  void skip_space() {
    while (at_ < end_ && (bytes_[at_] == ' ' || bytes_[at_] == '\n' || bytes_[at_] == '\t')) ++at_;
  }
  char ahead() {
    skip_space();
    return at_ < end_ ? bytes_[at_] : '\0';
  }
  bool take(char c) {
    if (ahead() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(at_, fmt::format("the header needs a '{}' here", c));
  }
  bool take_word(std::string_view word) {
    skip_space();
    if (bytes_.substr(at_, std::min(word.size(), end_ - at_)) != word) return false;
    at_ += word.size();
    return true;
  }

  std::string_view text() {
    if (ahead() == 'u') ++at_;  // Python 2 may have written u'descr'
    const char quote = ahead();
    if (quote != '\'' && quote != '"') fail(at_, "the header needs a quoted text here");
    const std::size_t from = ++at_;
    while (at_ < end_ && bytes_[at_] != quote) ++at_;
    if (at_ == end_) fail(from, "a text in the header has no closing quote");
    return bytes_.substr(from, at_++ - from);
  }

  bool truth() {
    if (take_word("True")) return true;
    if (!take_word("False")) fail(at_, "'fortran_order' is neither True nor False");
    return false;
  }

  std::int64_t number() {
    skip_space();
    const std::size_t from = at_;
    std::int64_t value = 0;
    while (at_ < end_ && bytes_[at_] >= '0' && bytes_[at_] <= '9') {
      if (__builtin_mul_overflow(value, 10, &value) ||
          __builtin_add_overflow(value, bytes_[at_] - '0', &value))
        fail(from, "a size of 2^63 or more");
      ++at_;
    }
    if (at_ == from) fail(at_, "the shape needs a number here");
    if (at_ < end_ && bytes_[at_] == 'L') ++at_;  // Python 2 wrote 3L
    return value;
  }

  Shape shape() {
    Shape shape;
    const std::size_t from = at_;
    expect('(');
    while (!take(')')) {
      if (shape.size() == max_axes)
        fail(from, fmt::format("a shape of more than {} axes", max_axes));
      shape.push_back(number());
      if (take(',')) continue;
      if (shape.size() == 1) fail(at_, "a shape with one axis needs a comma: (3,)");
      expect(')');
      break;
    }
    return shape;
  }

  void read_type(NpyHeader& header) {
    skip_space();
    type_at_ = at_;
    if (ahead() == '[' || ahead() == '(') {
      type_ = printable(nested());
      problem_ = problem_of("V");
      return;
    }
    const std::string_view text = this->text();
    type_ = printable(text);
    const char order = text.empty() ? '\0' : text.front();
    const bool has_order = std::string_view("<>|=").find(order) != std::string_view::npos;
    const std::string_view type = text.substr(has_order ? 1 : 0);
    const auto* const found =
        std::find_if(std::begin(number_types), std::end(number_types),
                     [&](const NumberType& x) { return x.code == type || x.name == type; });
    if (found == std::end(number_types)) {
      problem_ = problem_of(type);
      return;
    }
    header.kind = found->code[0];
    header.element_bytes = found->code[1] - '0';
    // Without an order the elements have that of this machine, as in NumPy.
    header.is_swapped = header.element_bytes > 1 && order == (is_little ? '>' : '<');
  }

  /// A list or tuple. Skips what it contains.
  std::string_view nested() {
    const std::size_t from = at_;
    for (std::size_t depth = 0; true;) {
      const char c = ahead();
      if (c == '\'' || c == '"') {
        text();
        continue;
      }
      if (at_ == end_) fail(from, "a list in the header has no closing bracket");
      ++at_;
      if (c == '[' || c == '(') ++depth;
      if ((c == ']' || c == ')') && --depth == 0) return bytes_.substr(from, at_ - from);
    }
  }

  std::uint64_t count_of(const Shape& shape) const {
    try {
      return static_cast<std::uint64_t>(element_count(shape, "shape"));
    } catch (const ShapeError& error) {
      fail(end_, error.what());
    }
  }

  std::string_view bytes_;
  const std::string& file_;
  std::size_t at_ = 0, end_ = 0;  // position in the dictionary, and its end
  std::string type_, problem_;    // as in NpyDescription
  std::size_t type_at_ = 0;
};

std::string head(const char* type, const Shape& shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
  if (shape.size() == 1) sizes += ',';
  std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                 is_little ? '<' : '>', type, sizes);
  // The elements start at a multiple of 64. A header of version 1.0 can have 64 KiB, enough for any
  // shape.
  constexpr std::size_t before = 10, alignment = 64;
  text.append(alignment - (before + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string result(magic);
  result += '\x01';
  result += '\0';
  result += static_cast<char>(text.size() & 0xff);
  result += static_cast<char>(text.size() >> 8 & 0xff);
  return result + text;
}

}  // namespace

NpyHeader parse_npy_header(std::string_view bytes, const std::string& file) {
  return Reader(bytes, file).header();
}

NpyDescription describe_npy(std::string_view bytes, const std::string& file) {
  return Reader(bytes, file).description();
}

std::string npy_head(DType dtype, const Shape& shape) {
  return head(dtype == DType::float32 ? "f4" : "f8", shape);
}

std::string npy_indices_head(const Shape& shape) { return head("i8", shape); }

}  // namespace chainrule
