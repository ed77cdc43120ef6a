#include <doctest/doctest.h>

#include <cstddef>
#include <string>

#include "autodiff/core/error.hpp"
#include "nn/io/gzip.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using chainrule::FormatError;
namespace nn = chainrule::nn;

namespace {

const std::string text = "hello, hello, hello\n";

// The same, compressed by gzip.
const std::string packed(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\xd7\x51\xc8\x40\xa2\xb8\x00"
    "\xe7\x42\x6e\x52\x14\x00\x00\x00",
    30);

// 20 MB of zeros, compressed twice.
const std::string bomb(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xdb\x3b\x0e\x01\x01\x14\x05\xd0\x19\xa6\x10"
    "\x05\x7a\x05\x89\x5a\xa1\xd3\x48\x68\xd4\x12\x51\x8b\x05\x58\x03\x89\xa8\x34\x1a\xdb\xc0"
    "\x16\xec\x40\x37\x91\x28\x2c\x40\x14\x12\x2a\xdf\xb1\x0a\x99\x9c\x53\xbd\xfa\x96\x37\xf7"
    "\x55\x16\xb9\x20\x91\xc9\x9e\x77\x61\xf8\x3d\xa6\xcb\xd7\xe6\x92\xcb\x07\x00\x00\x00\x40"
    "\xca\x4d\x0f\xb3\x6c\x52\x06\x04\xd5\x77\xdc\xed\x0d\x00\x00\x00\x80\xb4\x1b\x15\x0b\xd1"
    "\xaf\x14\x78\x0c\xcb\x1d\x71\x00\x00\x00\x40\xea\xcd\x5b\xcd\xd2\x6f\x21\x70\x9d\x8c\x23"
    "\x71\x00\x00\x00\x40\xea\xad\xee\xa7\x65\x52\x05\xb4\xf7\xef\x78\xbd\x0d\x7d\x4d\x00\x00"
    "\xc0\x9f\x3b\x66\x9e\xfd\x5b\x2d\xa8\x37\xc2\x0f\xe1\xa4\x3b\x8f\x09\x4c\x00\x00",
    174);

std::string error_of(const std::string& bytes, std::uint64_t most = 1000) {
  return message_of<FormatError>([&] { nn::gunzip(bytes, most, "data.gz"); });
}

}  // namespace

TEST_CASE("files of very many members are read completely, in linear time" *
          doctest::skip(!nn::has_gzip())) {
  std::string members, texts;
  for (int i = 0; i < 50'000; ++i) {
    members += packed;
    texts += text;
  }
  CHECK(nn::gunzip(members, 10'000'000, "data.gz") == texts);
  CHECK(contains(error_of(members), "more than the 1000 bytes"));
}

TEST_CASE("gzip data is recognised by its first bytes") {
  CHECK(nn::is_gzip(packed));
  CHECK_FALSE(nn::is_gzip(""));
  CHECK_FALSE(nn::is_gzip("\x1f"));
  CHECK_FALSE(nn::is_gzip(text));
}

TEST_CASE("the error of a build without zlib tells what to do") {
  if (nn::has_gzip()) return;
  CHECK(contains(error_of(packed), "zlib1g-dev"));
}

TEST_CASE("gzip data is decompressed up to the given bound" * doctest::skip(!nn::has_gzip())) {
  CHECK(nn::gunzip(packed, 1000, "x") == text);
  CHECK(nn::gunzip(packed, text.size(), "x") == text);
  CHECK(error_of(packed, text.size() - 1) ==
        "data.gz: the gzip data holds more than the 19 bytes that are expected");
  CHECK_FALSE(error_of(packed, 0).empty());
  CHECK(nn::gunzip(packed + packed, 1000, "x") == text + text);

  CHECK(nn::gunzip_head(packed, 5, "x") == "hello");
  CHECK(nn::gunzip_head(packed, 1000, "x") == text);
  CHECK(nn::gunzip_head(packed, 0, "x").empty());
  // The head of a truncated file can be read.
  CHECK(nn::gunzip_head(packed.substr(0, packed.size() - 8), 5, "x") == "hello");

  const TemporaryFolder folder;
  const std::string path = folder.write("t.gz", packed);
  CHECK(nn::read_gzip(path, 100) == text);
  CHECK(contains(message_of<FormatError>([&] { nn::read_gzip(path, 3); }), path));
}

TEST_CASE("zeros after the last member are padding" * doctest::skip(!nn::has_gzip())) {
  for (const std::size_t count : {1, 2, 482, 100'000}) {
    const std::string zeros(count, '\0');
    CHECK(nn::gunzip(packed + zeros, 1000, "x") == text);
    CHECK(nn::gunzip(packed + packed + zeros, 1000, "x") == text + text);
    CHECK(nn::gunzip(packed + zeros, text.size(), "x") == text);
    CHECK(nn::gunzip_head(packed + zeros, 5, "x") == "hello");
    CHECK(nn::gunzip_head(packed + zeros, 1000, "x") == text);
  }
}

TEST_CASE("damaged gzip data is an error" * doctest::skip(!nn::has_gzip())) {
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(error_of(packed.substr(0, size)).empty());
    CHECK_FALSE(error_of(packed + packed.substr(0, size == 0 ? 1 : size)).empty());
  }
  CHECK(contains(error_of(packed.substr(0, 20)), "cut off"));
  CHECK(contains(error_of(packed + "more"), "byte 30: there is data after the end"));
  CHECK(contains(error_of(packed + std::string(3, '\0') + "x"), "byte 33: there is data after"));
  CHECK(contains(error_of(packed + std::string(3, '\0') + packed), "byte 33: there is data after"));
  CHECK_FALSE(error_of(std::string(30, '\0')).empty());
  std::string wrong = packed;
  wrong[packed.size() - 6] ^= 1;  // in the checksum
  CHECK(contains(error_of(wrong), "incorrect data check"));
  wrong = packed;
  wrong[10] = '\xff';  // an invalid block type
  CHECK(contains(error_of(wrong), "damaged: invalid block type"));
  CHECK_FALSE(error_of("plain text").empty());
  CHECK_FALSE(error_of("").empty());
}

TEST_CASE("a decompression bomb takes no more memory than the bound" *
          doctest::skip(!nn::has_gzip())) {
  const std::string inner = nn::gunzip(bomb, 100'000, "bomb");
  CHECK(inner.size() < 100'000);
  CHECK(contains(error_of(inner, 1'000'000), "1000000 bytes"));
  CHECK(nn::gunzip(inner, 20'000'000, "bomb").size() == 20'000'000);
}
