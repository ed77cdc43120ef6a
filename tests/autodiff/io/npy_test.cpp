// The files in tests/fuzz/corpus/npy were written by NumPy 1.24 or, if NumPy would not write them,
// by hand.
#include "autodiff/io/npy.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "autodiff/core/error.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;

namespace {

std::string file(const std::string& name) {
  std::string path = CHAINRULE_TEST_DATA "/../fuzz/corpus/npy/";
  path += name;
  const std::string bytes = contents_of(path);
  if (bytes.empty()) throw std::runtime_error("cannot read " + path);
  return bytes;
}

Array array(const std::string& name) { return parse_npy(file(name), name); }

std::vector<double> elements(const Array& x) {
  std::vector<double> result;
  for (std::int64_t i = 0; i < x.size(); ++i) result.push_back(x.element(i));
  return result;
}

std::string refusal(const std::string& name) {
  return message_of<FormatError>([&] { array(name); });
}

}  // namespace

TEST_CASE("every element type and byte order") {
  for (const std::string type :
       {"le_f2", "be_f2", "le_f4", "be_f4", "le_f8", "be_f8", "i1", "le_i2", "be_i2", "le_i4",
        "le_i8", "be_i8", "u1", "le_u2", "le_u4", "be_u4", "le_u8", "b1"}) {
    CAPTURE(type);
    const Array x = array(type);
    CHECK(x.has_shape(Shape{2, 3}));
    const bool is_single = type.ends_with("f2") || type.ends_with("f4");
    CHECK(x.dtype() == (is_single ? DType::float32 : DType::float64));
    const bool is_unsigned = type.find('u') != type.npos;
    std::vector<double> expected;
    for (int i = 0; i < 6; ++i) expected.push_back(type == "b1" ? i % 2 : is_unsigned ? i : i - 2);
    CHECK(elements(x) == expected);
    if (type.find('f') != type.npos) {
      CHECK_THROWS_AS(parse_npy_indices(file(type), type), FormatError);
    } else {
      const Indices indices = parse_npy_indices(file(type), type);
      CHECK(indices.shape() == Shape{2, 3});
      CHECK(std::equal(expected.begin(), expected.end(), indices.begin(), indices.end()));
    }
  }
}

TEST_CASE("types without a byte order have that of this machine, as in NumPy") {
  const std::string bytes = file("le_f8");
  const auto with_type = [&](const std::string& type, const std::string& data) {
    std::string head = bytes.substr(0, 127);
    head.replace(head.find("<f8"), 3, type);
    head.resize(127, ' ');
    return head + '\n' + data;
  };
  const std::string floats = bytes.substr(128);
  for (const char* const type : {"f8", "=f8", "|f8", "<f8", "float64", "=float64"}) {
    CAPTURE(type);
    CHECK(elements(parse_npy(with_type(type, floats), type)) == elements(array("le_f8")));
    CHECK(describe_npy(with_type(type, floats), type).type == type);
  }
  const std::string longs(48, '\1'), bytes_of_1(6, '\1');
  for (const char* const type : {"i8", "int64", "u8", "uint64", "=i8"})
    CHECK(parse_npy_indices(with_type(type, longs), type)[5] == 0x0101010101010101);
  for (const char* const type : {"|u1", "u1", "uint8", "b1", "|b1", "bool", "int8", "=i1"})
    CHECK(parse_npy_indices(with_type(type, bytes_of_1), type)[5] == 1);
  CHECK(parse_npy(with_type("float16", std::string(12, '\0')), "").dtype() == DType::float32);
  for (const char* const type :
       {"", "<", "f", "8", "f16", "float128", "i3", "b8", "<<f8", "f8 ", "?b1"})
    CHECK_THROWS_AS(parse_npy(with_type(type, floats), type), FormatError);
  CHECK(array("bar_f8").rank() == 0);
}

TEST_CASE("arrays of any type are described") {
  const NpyDescription numbers = describe_npy(file("fortran"), "");
  CHECK(numbers.type == "<f8");
  CHECK(numbers.shape == Shape{2, 3, 4});
  CHECK(numbers.problem.empty());
  CHECK(contains(describe_npy(file("texts"), "").problem, "texts"));
  CHECK_THROWS_AS(describe_npy(file("no_shape"), ""), FormatError);
  for (const char* const name : {"structure", "objects"}) {
    const std::string bytes = file(name);
    for (std::size_t size = 0; size < parse_npy_header(file("le_f8"), "").data_at; ++size)
      CHECK_THROWS_AS(describe_npy(bytes.substr(0, size), name), FormatError);
  }
}

TEST_CASE("Fortran order, versions, ranks") {
  const Array x = array("fortran");
  CHECK(x.has_shape(Shape{2, 3, 4}));
  for (int i = 0; i < 24; ++i) CHECK(x.element(i) == i);
  CHECK(parse_npy_indices(file("fortran_i4"), "").to_vector() ==
        std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
  CHECK(elements(array("version2")) == elements(array("version3")));
  CHECK(array("scalar").rank() == 0);
  CHECK(array("scalar").element(0) == 2.5);
  CHECK(array("empty").has_shape(Shape{0, 3}));
  const Array special = array("one_axis");
  CHECK(special.element(0) == 1.5);
  CHECK(std::isnan(special.element(1)));
  CHECK(std::isinf(special.element(2)));
  CHECK(std::signbit(special.element(3)));
  CHECK(array("python2").has_shape(Shape{2, 1}));
  CHECK(array("double_quotes").element(0) == 3.0);
}

TEST_CASE("half precision") {
  const std::vector<double> x = elements(array("halves"));
  CHECK(x[0] == 0.0);
  CHECK((x[1] == 0.0 && std::signbit(x[1])));
  CHECK((x[2] == 1.0 && x[3] == -2.5 && x[4] == 65504.0));
  CHECK(x[5] == std::ldexp(1.0, -24));  // the smallest
  CHECK(x[6] == 1000.0 * std::ldexp(1.0, -24));
  CHECK((std::isinf(x[7]) && x[8] == -x[7] && std::isnan(x[9])));
}

TEST_CASE("integers that float64 cannot hold are refused, not rounded") {
  CHECK(contains(refusal("large_integers"),
                 "byte 128: float64 cannot represent the integer 9007199254740993"));
  CHECK(parse_npy_indices(file("large_integers"), "")[0] == 9007199254740993);
  CHECK(contains(refusal("largest_unsigned"), "18446744073709551615"));
  CHECK(contains(message_of<FormatError>([] { parse_npy_indices(file("largest_unsigned"), "f"); }),
                 "too large"));
  CHECK(elements(array("exact_integers")) == std::vector<double>{-0x1p63, 0x1p53, -0x1p53, 0x1p62});
}

TEST_CASE("files that cannot be read are refused with the reason and the position") {
  CHECK(contains(refusal("objects"), "objects, byte 20: elements of type '|O': Python objects"));
  CHECK(contains(refusal("structure"), "structures"));
  CHECK(contains(refusal("texts"), "'<U3'"));
  CHECK(contains(refusal("complex"), "'<c16'"));
  CHECK(contains(refusal("f3"), "'<f3'"));
  CHECK(contains(refusal("complex"), "complex numbers"));
  CHECK(contains(refusal("structure"), "elements of type '[('a', '<f4'), ('b', '<i4')]'"));
  CHECK(contains(refusal("huge"), "2^48"));
  CHECK(contains(refusal("empty_times_huge"), "2^48"));
  CHECK(contains(refusal("beyond_int64"), "2^63"));
  CHECK(contains(refusal("large_claim"), "truncated: 1000000000000 elements of 8 bytes"));
  CHECK(contains(refusal("negative"), "needs a number"));
  CHECK(contains(refusal("huge_header"), "byte 8: a header of 4294967295 bytes"));
  CHECK(contains(refusal("long_header"), "the header is truncated"));
  CHECK(contains(refusal("many_axes"), "64 axes"));
  CHECK(contains(refusal("no_shape"), "lacks"));
  CHECK(contains(refusal("twice"), "'descr'"));
  CHECK(contains(refusal("behind"), "after the header"));
  CHECK(contains(refusal("no_comma"), "comma"));
  CHECK(contains(refusal("cut"), "byte 175: the file is truncated"));
  CHECK(contains(refusal("more"), "byte 176: the file has extra data"));
  CHECK(contains(refusal("version4"), "byte 6: version 4.0"));
  CHECK(contains(refusal("other_format"), "byte 0: this is an archive"));
  CHECK(contains(message_of<FormatError>([] { parse_npy("P6 no npy", "x"); }),
                 "byte 0: not a .npy file"));
}

TEST_CASE("a file truncated at any position is refused") {
  for (const char* name : {"fortran", "version3", "le_i8"}) {
    const std::string bytes = file(name);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_THROWS_AS(parse_npy(bytes.substr(0, size), name), FormatError);
  }
}

TEST_CASE("headers are written as NumPy writes them") {
  const auto head_of = [](const std::string& name) {
    const std::string bytes = file(name);
    return bytes.substr(0, parse_npy_header(bytes, name).data_at);
  };
  CHECK(npy_head(DType::float32, {2, 3}) == head_of("le_f4"));
  CHECK(npy_head(DType::float64, {4}) == head_of("one_axis"));
  CHECK(npy_head(DType::float64, {}) == head_of("scalar"));
  CHECK(npy_indices_head({2, 3}) == head_of("le_i8"));
  for (std::size_t rank = 0; rank <= 64; ++rank) {
    const Shape shape = Shape::filled(rank, 1);
    const NpyHeader header = parse_npy_header(npy_head(DType::float64, shape), "");
    CHECK((header.shape == shape && header.data_at % 64 == 0 && !header.is_fortran_order));
  }
}
