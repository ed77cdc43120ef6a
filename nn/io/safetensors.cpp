#include "nn/io/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "autodiff/arrays.hpp"
#include "autodiff/core/error.hpp"
#include "autodiff/core/files.hpp"
#include "autodiff/core/half.hpp"
#include "nn/io/json.hpp"
#include "nn/io/safetensors_header.hpp"

namespace chainrule::nn {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors has the byte order that x86, ARM and WebAssembly have");

template <class In, class Out, class F>
void convert(std::string_view bytes, Out* out, F f) {
  for (std::size_t i = 0; i < bytes.size() / sizeof(In); ++i) {
    In element;  // copied, since the source need not be aligned
    std::memcpy(&element, bytes.data() + i * sizeof(In), sizeof(In));
    out[i] = f(element);
  }
}

template <class In>
Indices indices_from(std::string_view bytes, const Shape& shape) {
  Indices indices = Indices::uninitialised(shape);
  convert<In>(bytes, indices.mutable_data(), [](In x) { return static_cast<std::int64_t>(x); });
  return indices;
}

/// The least element that indices cannot represent; 0 if there is none.
std::uint64_t too_large(std::string_view bytes) {
  std::uint64_t least = 0;
  for (std::size_t i = 0; i < bytes.size(); i += sizeof least) {
    std::uint64_t x;
    std::memcpy(&x, bytes.data() + i, sizeof x);
    if (x >> 63 != 0 && (least == 0 || x < least)) least = x;
  }
  return least;
}

template <class T>
Array array_from(std::string_view bytes, const Shape& shape) {
  Array array = Array::uninitialised(dtype_of<T>, shape);
  if (!bytes.empty()) std::memcpy(array.mutable_data(), bytes.data(), bytes.size());
  return array;
}

Array array_from_16_bits(std::string_view bytes, const Shape& shape, float (*f)(std::uint16_t)) {
  Array array = Array::uninitialised(DType::float32, shape);
  convert<std::uint16_t>(bytes, array.mutable_data_as<float>(), f);
  return array;
}

/// An element type of the format.
struct Kind {
  std::string_view name;
  std::uint64_t bytes;
  Array (*array)(std::string_view, const Shape&);  // one of the two is set
  Indices (*indices)(std::string_view, const Shape&);
};

constexpr Kind kinds[] = {
    {"F64", 8, array_from<double>, nullptr},
    {"F32", 4, array_from<float>, nullptr},
    {"F16", 2,
     [](std::string_view b, const Shape& s) { return array_from_16_bits(b, s, float_of_half); },
     nullptr},
    {"BF16", 2,
     [](std::string_view b, const Shape& s) { return array_from_16_bits(b, s, float_of_bfloat16); },
     nullptr},
    {"I64", 8, nullptr, indices_from<std::int64_t>},
    {"I32", 4, nullptr, indices_from<std::int32_t>},
    {"I16", 2, nullptr, indices_from<std::int16_t>},
    {"I8", 1, nullptr, indices_from<std::int8_t>},
    {"U64", 8, nullptr, indices_from<std::uint64_t>},
    {"U32", 4, nullptr, indices_from<std::uint32_t>},
    {"U16", 2, nullptr, indices_from<std::uint16_t>},
    {"U8", 1, nullptr, indices_from<std::uint8_t>},
    {"BOOL", 1, nullptr, indices_from<std::uint8_t>},
};

/// The element type of a tensor; null if it cannot be read. Throws if the tensor does not have the
/// bytes that its type and shape imply.
const Kind* kind_of(const detail::SafetensorsEntry& entry, const std::string& file) {
  const auto* const found = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& kind) {
    return kind.name == entry.dtype;
  });
  if (found == std::end(kinds)) return nullptr;
  std::uint64_t bytes = found->bytes;
  bool overflows = false;
  for (const std::int64_t extent : entry.shape)
    overflows =
        __builtin_mul_overflow(bytes, static_cast<std::uint64_t>(extent), &bytes) || overflows;
  // If one extent is 0, the others may be of any size, and their product may overflow.
  constexpr std::uint64_t limit = std::uint64_t{1} << 48;
  std::uint64_t product = 1;
  for (const std::int64_t extent : entry.shape)
    overflows =
        overflows ||
        __builtin_mul_overflow(
            product, std::max<std::uint64_t>(static_cast<std::uint64_t>(extent), 1), &product) ||
        product > limit;
  if (overflows || bytes != entry.end - entry.begin)
    detail::fail_at_byte(file, entry.at,
                         fmt::format("{} of shape [{}] does not fill {} bytes", entry.dtype,
                                     fmt::join(entry.shape, ", "), entry.end - entry.begin));
  return found;
}

/// A tensor to write.
struct Item {
  const std::string* name;
  const char* dtype;
  std::size_t element_bytes;
  Shape shape;
  std::string_view bytes;
};

std::string header_of(const std::vector<Item>& items, const Safetensors& contents) {
  std::string text = "{";
  const auto add = [&](const std::string& name, const std::string& value) {
    text += fmt::format("{}{}:{}", text.size() > 1 ? "," : "", detail::json_string(name), value);
  };
  if (!contents.metadata.empty()) {
    std::string pairs;
    for (const auto& [key, value] : contents.metadata)
      pairs += fmt::format("{}{}:{}", pairs.empty() ? "" : ",", detail::json_string(key),
                           detail::json_string(value));
    add("__metadata__", fmt::format("{{{}}}", pairs));
  }
  std::size_t begin = 0;
  for (const Item& item : items) {
    const std::size_t end = begin + item.bytes.size();
    add(*item.name, fmt::format(R"({{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                                item.dtype, fmt::join(item.shape, ","), begin, end));
    begin = end;
  }
  text += '}';
  while (text.size() % 8 != 0) text += ' ';  // aligns the elements
  return text;
}

/// A file to write: what precedes the elements, and the tensors in their order.
struct Layout {
  std::string head;
  std::vector<Item> items;
  std::vector<Array> flat;  // owns the bytes that the items refer to
};

Layout layout_of(const std::string& path, const Safetensors& contents) {
  Layout layout;
  std::vector<Item>& items = layout.items;
  const auto bytes_at = [](const void* data, std::size_t size) {
    return std::string_view(static_cast<const char*>(data), size);
  };
  for (const auto& [name, array] : contents.arrays) {
    const Array& x = layout.flat.emplace_back(contiguous(array));
    const std::size_t size = size_of(x.dtype());
    items.push_back({&name, x.dtype() == DType::float32 ? "F32" : "F64", size, Shape(x.shape()),
                     bytes_at(x.data(), static_cast<std::size_t>(x.size()) * size)});
  }
  for (const auto& [name, x] : contents.indices) {
    if (contents.arrays.contains(name))
      throw FormatError(fmt::format("{}: two tensors are named {}", path, name));
    items.push_back(
        {&name, "I64", sizeof(std::int64_t), x.shape(),
         bytes_at(x.data(), static_cast<std::size_t>(x.size()) * sizeof(std::int64_t))});
  }
  for (const Item& item : items)
    if (*item.name == "__metadata__")
      throw FormatError(fmt::format("{}: no tensor can be named __metadata__", path));
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    if (a.element_bytes != b.element_bytes) return a.element_bytes > b.element_bytes;
    return *a.name < *b.name;
  });

  const std::string header = header_of(items, contents);
  for (int i = 0; i < 8; ++i)
    layout.head += static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i) & 0xff);
  layout.head += header;
  return layout;
}

}  // namespace

Safetensors parse_safetensors(std::string_view bytes, const std::string& name) {
  detail::SafetensorsHeader header = detail::parse_safetensors_header(bytes, name);
  for (const detail::SafetensorsEntry& entry : header.entries) kind_of(entry, name);
  Safetensors contents;
  contents.metadata = std::move(header.metadata);
  for (const detail::SafetensorsEntry& entry : header.entries) {
    const Kind* const kind = kind_of(entry, name);
    const std::string_view part = bytes.substr(header.data_at + entry.begin,
                                               static_cast<std::size_t>(entry.end - entry.begin));
    const Shape shape{std::span<const std::int64_t>(entry.shape)};
    const auto leave_out = [&](const std::string& problem) {
      contents.unreadable.emplace(entry.name, UnreadableTensor{entry.dtype, shape, problem});
    };
    if (kind == nullptr) {
      leave_out(
          "elements of this type cannot be read; F64, F32, F16, BF16, I8 to I64, U8 to U64 "
          "and BOOL can");
    } else if (kind->array != nullptr) {
      contents.arrays.emplace(entry.name, kind->array(part, shape));
    } else {
      const std::uint64_t large = kind->name == "U64" ? too_large(part) : 0;
      if (large == 0)
        contents.indices.emplace(entry.name, kind->indices(part, shape));
      else
        leave_out(fmt::format("{} is too large for an index", large));
    }
  }
  return contents;
}

Safetensors read_safetensors(const std::string& path) {
  return parse_safetensors(read_file(path), path);
}

void write_safetensors(const std::string& path, const Safetensors& contents) {
  const Layout layout = layout_of(path, contents);
  std::vector<std::string_view> pieces = {layout.head};
  for (const Item& item : layout.items) pieces.push_back(item.bytes);
  write_file_atomically(path, pieces);
}

void check_can_write_safetensors(const std::string& path, const Safetensors& contents) {
  layout_of(path, contents);
  check_can_write(path);
}

}  // namespace chainrule::nn
