// The files in tests/fuzz/corpus/npz were written by NumPy 1.24 and Python's zipfile; the faulty
// ones were derived from those.
#include "autodiff/io/npz.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/io/zip.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;

namespace {

std::string file(const std::string& name) {
  const std::string path = std::string(CHAINRULE_TEST_DATA) + "/../fuzz/corpus/npz/" + name;
  const std::string bytes = contents_of(path);
  if (bytes.empty()) throw std::runtime_error("cannot read " + path);
  return bytes;
}

std::string refusal(const std::string& name) {
  return message_of<FormatError>([&] { parse_npz(file(name), name); });
}

std::string archive_of(ZipWriter& writer) {
  std::string bytes;
  for (const std::string_view piece : writer.pieces()) bytes += piece;
  return bytes;
}

/// Whether this build can decompress.
bool has_zlib() { return !contains(refusal("deflated"), "which this build cannot read"); }

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("archives of numpy.savez and savez_compressed") {
  for (const std::string name : {"stored", "deflated"}) {
    if (name == "deflated" && !has_zlib()) continue;
    CAPTURE(name);
    const std::string bytes = file(name);
    CHECK(npz_names(bytes, name) == Names{"weights", "bias", "labels"});
    const auto arrays = parse_npz(bytes, name);
    CHECK(arrays[0].second.dtype() == DType::float32);
    CHECK(arrays[0].second.has_shape(Shape{2, 3}));
    CHECK(arrays[0].second.element(5) == 5.0);
    CHECK(parse_npz_array(bytes, "bias", name).element(1) == 2.0);
    CHECK(parse_npz_indices(bytes, "labels", name).to_vector() ==
          std::vector<std::int64_t>{3, 1, 2});
    CHECK(contains(message_of<FormatError>([&] { parse_npz_array(bytes, "bios", name); }),
                   "no array 'bios'; it has: weights, bias, labels"));
  }
}

TEST_CASE("further forms of archives") {
  CHECK(parse_npz(file("none"), "").empty());
  for (const char* name : {"zip64", "comment"})
    CHECK(parse_npz_array(file(name), "x", name).element(1) == 2.0);
  CHECK(npz_names(file("others"), "") == Names{"x", "folder/y"});
  if (!has_zlib()) return;
  CHECK(parse_npz_array(file("streamed"), "x", "").element(1) == 2.0);
  CHECK(parse_npz_array(file("honest_zeros"), "x", "").size() == 20000);
}

TEST_CASE("faulty archives are refused with the reason and the position") {
  CHECK(contains(refusal("same_name"), "two members have the name 'x.npy'"));
  CHECK(contains(refusal("objects"), "objects, member 'x.npy', byte 20"));
  CHECK(contains(refusal("encrypted"), "encrypted"));
  CHECK(contains(refusal("method"), "method 12"));
  CHECK(contains(refusal("crc"), "not 64636261"));
  CHECK(contains(refusal("bit_flip"), "member"));
  CHECK(contains(refusal("size_lie"), "cannot hold 1000000000 bytes in 144"));
  CHECK(contains(refusal("offset_lie"), "does not precede the directory"));
  CHECK(contains(refusal("cut"), "not a ZIP archive"));
  CHECK(contains(refusal("overlap"), "overlap"));
  CHECK(contains(refusal("other_name"), "different name"));
  CHECK(contains(message_of<FormatError>([] { parse_npz("", "nothing"); }), "nothing, byte 0"));
  if (!has_zlib()) return;
  CHECK(contains(refusal("bomb"), "its header implies"));
  CHECK(contains(refusal("deflated_size_lie"), "cannot hold 102400 bytes in 76"));
  CHECK(contains(refusal("deflated_damage"), "damaged"));
}

TEST_CASE("an archive that is truncated or changed anywhere is refused or harmless") {
  for (const char* name : {"stored", "zip64"}) {
    std::string bytes = file(name);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_THROWS_AS(parse_npz(bytes.substr(0, size), name), FormatError);
    for (char& byte : bytes) {
      const char before = byte;
      byte = static_cast<char>(byte ^ 0x10);
      try {
        parse_npz(bytes, name);
      } catch (const FormatError&) {
      }
      byte = before;
    }
    CHECK_NOTHROW(parse_npz(bytes, name));
  }
}

TEST_CASE("written files can be read back") {
  ZipWriter writer;
  const std::string none = archive_of(writer);
  CHECK(zip_entries(none, "").empty());
  writer.add("a", "12", "34");
  writer.add("b", "");
  const std::string bytes = archive_of(writer);
  const std::vector<ZipEntry> entries = zip_entries(bytes, "");
  CHECK(entries.size() == 2);
  CHECK(entries[0].name == "a");
  CHECK(unzip(entries[0], "") == "1234");
  CHECK(unzip_head(entries[0], 3, "") == "123");
  CHECK(unzip(entries[1], "").empty());
  CHECK_THROWS_AS(writer.add("a", ""), FormatError);
  CHECK_THROWS_AS(writer.add("", ""), FormatError);
  CHECK_THROWS_AS(writer.add(std::string(65536, 'x'), ""), FormatError);
  writer.add("c", "5");
  const std::string longer = archive_of(writer);
  CHECK(zip_entries(longer, "").size() == 3);
}
