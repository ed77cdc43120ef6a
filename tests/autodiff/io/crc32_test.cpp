#include "autodiff/io/crc32.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace chainrule;

TEST_CASE("CRC-32 of the standard's check text, of no bytes, and in parts") {
  CHECK(crc32_of("123456789") == 0xcbf43926u);
  CHECK(crc32_of("") == 0);
  CHECK(crc32_of(std::string(1, '\0')) == 0xd202ef8du);
  const std::string text = "The quick brown fox jumps over the lazy dog";
  CHECK(crc32_of(text) == 0x414fa339u);
  for (std::size_t i = 0; i <= text.size(); ++i)
    CHECK(crc32_of(text.substr(i), crc32_of(text.substr(0, i))) == 0x414fa339u);
}
