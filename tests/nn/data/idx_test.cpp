#include "nn/data/idx.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "nn/io/gzip.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using chainrule::FormatError;
namespace nn = chainrule::nn;

namespace {

/// A header with this type and these extents; the rank is their number unless given.
std::string header(int type, const std::vector<std::uint32_t>& shape, int rank = -1) {
  std::string bytes(2, '\0');
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(rank < 0 ? static_cast<int>(shape.size()) : rank);
  for (const std::uint32_t extent : shape)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(extent >> shift);
  return bytes;
}

nn::Idx parse(const std::string& bytes) {
  return nn::parse_idx(std::as_bytes(std::span(bytes)), "t.idx");
}

std::string error_of(const std::string& bytes) {
  return message_of<FormatError>([&] { parse(bytes); });
}

// A gzip-compressed 2 x 2 table of the int16 numbers 1, -2, 300, -32768.
const std::string packed(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x63\x60\xe0\x66\x62\x60\x60\x80\x60\xc6"
    "\xff\xff\x18\x75\x1a\x18\x00\x07\xeb\x4b\x6f\x14\x00\x00\x00",
    35);

// A header for five bytes, followed by a hundred thousand.
const std::string too_much(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\xb1\x0d\x00\x30\x08\xc0\xb0\x30"
    "\x54\xe2\xff\x8b\x79\xa3\x83\xed\xda\xa9\x5e\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\xc0\xb7\x0e\x62\xa9\x43\x28\xa8\x86\x01\x00",
    138);

// Five thousand zeros.
const std::string zeros(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\xb1\x01\x00\x20\x0c\xc0\xa0\x74"
    "\x73\xf7\x69\xcf\xee\x15\x6e\x40\x9d\xa9\xfb\x02\x00\x00\x00\x00\xbe\x5b\x8c\x45"
    "\x52\x67\x90\x13\x00\x00",
    46);

}  // namespace

TEST_CASE("elements of every type are read") {
  const nn::Idx bytes = parse(header(0x08, {2, 3}) + std::string("\x00\x01\x7f\x80\xfe\xff", 6));
  CHECK(bytes.type == nn::IdxType::uint8);
  CHECK(bytes.shape == std::vector<std::int64_t>{2, 3});
  CHECK(bytes.size() == 6);
  CHECK(bytes.bytes[5] == std::byte{255});
  CHECK(bytes.values() == std::vector<double>{0, 1, 127, 128, 254, 255});

  CHECK(parse(header(0x09, {3}) + "\x01\x80\xff").values() == std::vector<double>{1, -128, -1});
  CHECK(parse(header(0x0b, {2}) + "\x01\x02\xff\xfe").values() == std::vector<double>{258, -2});
  CHECK(parse(header(0x0c, {2}) + std::string("\x01\x02\x03\x04\x80\x00\x00\x00", 8)).values() ==
        std::vector<double>{16909060, -2147483648.0});
  CHECK(parse(header(0x0d, {2}) + std::string("\x3f\x80\x00\x00\xc0\x49\x0f\xdb", 8)).values() ==
        std::vector<double>{1.0, static_cast<double>(-3.14159274f)});
  CHECK(parse(header(0x0e, {1}) + "\xc0\x09\x21\xfb\x54\x44\x2d\x18").values() ==
        std::vector<double>{-3.141592653589793});
}

TEST_CASE("ranks from 0 to 8, and extents of 0, are legal") {
  CHECK(parse(header(0x08, {}) + "\x05").values() == std::vector<double>{5});
  CHECK(parse(header(0x08, {}) + "\x05").shape.empty());
  CHECK(parse(header(0x08, {1, 1, 1, 2, 1, 1, 1, 1}) + "ab").size() == 2);
  CHECK(parse(header(0x0e, {0})).size() == 0);
  const nn::Idx none = parse(header(0x0e, {0xffffffff, 0xffffffff, 0xffffffff, 0}));
  CHECK(none.size() == 0);
  CHECK(none.shape[0] == 4294967295);
}

TEST_CASE("a broken header is an error with file and byte") {
  const std::string good = header(0x0b, {2, 1}) + "abcd";
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    const std::string message = error_of(good.substr(0, size));
    CHECK(contains(message, "t.idx: byte " + std::to_string(size) + ": "));
    CHECK(contains(message, size < 12 ? "ends within the header" : "takes 4 bytes of data"));
  }
  CHECK(error_of("PK\x03\x04") ==
        "t.idx: byte 0: this is not an IDX file, which begins with two zero bytes");
  for (const int type : {0x00, 0x07, 0x0a, 0x0f, 0xff})
    CHECK(contains(error_of(header(type, {1}) + "a"), "byte 2: 0x"));
  CHECK(contains(error_of(header(0x08, {}, 9) + std::string(100, '\0')), "byte 3: rank 9"));
  CHECK(contains(error_of(header(0x08, {}, 255)), "byte 3: rank 255"));
}

TEST_CASE("the size must match the header") {
  CHECK(error_of(header(0x08, {2, 2}) + "abc") ==
        "t.idx: byte 15: the shape [2, 2] takes 4 bytes of data but there are 3");
  CHECK(error_of(header(0x08, {2, 2}) + "abcde") ==
        "t.idx: byte 16: the shape [2, 2] takes 4 bytes of data but there are 5");
  CHECK(contains(error_of(header(0x08, {0}) + "a"), "takes 0 bytes of data but there are 1"));
  // Sizes of 2 and 3 in the other byte order.
  CHECK(contains(error_of(header(0x08, {0x02000000, 0x03000000}) + "abcdef"),
                 "t.idx: byte 18: the shape [33554432, 50331648] takes 1688849860263936 bytes"));
  // The sizes in the header alone must not cause an allocation.
  CHECK(contains(error_of(header(0x08, {0xffffffff, 0x7fffffff}) + "a"), "but there are 1"));
  CHECK(contains(error_of(header(0x0e, {0xffffffff, 0xffffffff}) + "a"), "can be counted"));
  CHECK(contains(error_of(header(0x08, {0x80000000, 0x80000000, 4}) + "a"), "can be counted"));
}

TEST_CASE("files are read, compressed or not") {
  const TemporaryFolder folder;
  const std::string plain = folder.write("plain", header(0x08, {3}) + "abc");
  CHECK(nn::read_idx(plain).values() == std::vector<double>{97, 98, 99});
  CHECK_THROWS_AS(nn::read_idx(plain, 10), FormatError);
  CHECK(contains(message_of<FormatError>([&] { nn::read_idx(folder / "none"); }), "No such file"));

  const std::string gz = folder.write("some.gz", packed);
  if (!nn::has_gzip()) {
    CHECK(contains(message_of<FormatError>([&] { nn::read_idx(gz); }), "zlib1g-dev"));
    return;
  }
  const nn::Idx idx = nn::read_idx(gz);
  CHECK(idx.type == nn::IdxType::int16);
  CHECK(idx.shape == std::vector<std::int64_t>{2, 2});
  CHECK(idx.values() == std::vector<double>{1, -2, 300, -32768});

  const std::string many = folder.write("many.gz", zeros);
  CHECK(nn::read_idx(many, 5008).size() == 5000);
  CHECK(
      contains(message_of<FormatError>([&] { nn::read_idx(many, 5007); }),
               "many.gz: byte 4: the shape [5000] makes a file of 5008 bytes, more than the 5007"));

  const std::string over = folder.write("over.gz", too_much);
  CHECK(contains(message_of<FormatError>([&] { nn::read_idx(over); }),
                 "more than the 13 bytes that are expected"));
  const std::string damaged = folder.write("damaged.gz", packed.substr(0, packed.size() - 9));
  CHECK(contains(message_of<FormatError>([&] { nn::read_idx(damaged); }), damaged));
}
