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

Names names_of(const std::string& bytes) {
  Names names;
  for (const NpzMember& member : npz_members(bytes, "")) names.push_back(member.name);
  return names;
}

/// A .npy file with elements of any type.
std::string npy_of(const std::string& type, const std::string& shape, const std::string& data) {
  const std::string text =
      "{'descr': " + type + ", 'fortran_order': False, 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(text.size()) + '\0' + text + data;
}

}  // namespace

TEST_CASE("archives of numpy.savez and savez_compressed") {
  for (const std::string name : {"stored", "deflated"}) {
    if (name == "deflated" && !has_zlib()) continue;
    CAPTURE(name);
    const std::string bytes = file(name);
    CHECK(names_of(bytes) == Names{"weights", "bias", "labels"});
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
  CHECK(names_of(file("others")) == Names{"x", "folder/y"});
  if (!has_zlib()) return;
  CHECK(parse_npz_array(file("streamed"), "x", "").element(1) == 2.0);
  CHECK(parse_npz_array(file("honest_zeros"), "x", "").size() == 20000);
}

TEST_CASE("arrays that cannot be read are listed and do not spoil the others") {
  const std::string weights = npy_of("'<f4'", "(2,)", std::string("\0\0\x80\x3f\0\0\0\x40", 8));
  const std::string objects = npy_of("'|O'", "(3,)", "pickled");
  const std::string texts = npy_of("'<U3'", "(1, 2)", std::string(24, 'x'));
  const std::string complex = npy_of("'<c16'", "()", std::string(16, '\0'));
  const std::string structure =
      npy_of("[('x', '<f8'), ('y]', [('z', '<i4', (2,))])]", "(1,)", std::string(16, '\0'));
  const std::string labels = npy_of("'>u2'", "(2,)", std::string("\0\7\0\x8", 4));
  ZipWriter writer;
  writer.add("weights.npy", weights);
  writer.add("objects.npy", objects);
  writer.add("texts.npy", texts);
  writer.add("complex.npy", complex);
  writer.add("structure.npy", structure);
  writer.add("damaged.npy", "\x93NUMPX");
  writer.add("readme.txt", "no array");
  writer.add("labels.npy", labels);
  const std::string bytes = archive_of(writer);

  const std::vector<NpzMember> members = npz_members(bytes, "a.npz");
  REQUIRE(members.size() == 7);
  const auto is = [&](std::size_t i, const char* name, const char* type, const Shape& shape,
                      const char* problem) {
    CAPTURE(name);
    CHECK(members[i].name == name);
    CHECK(members[i].type == type);
    CHECK(members[i].shape == shape);
    CHECK(members[i].is_readable() == (*problem == '\0'));
    CHECK(contains(members[i].problem, problem));
  };
  is(0, "weights", "<f4", {2}, "");
  is(1, "objects", "|O", {3}, "Python objects");
  is(2, "texts", "<U3", {1, 2}, "texts");
  is(3, "complex", "<c16", {}, "complex numbers. Save x.real and x.imag");
  is(4, "structure", "[('x', '<f8'), ('y]', [('z', '<i4', (2,)", {1}, "structures");
  is(5, "damaged", "", {}, "a.npz, member 'damaged.npy', byte 0");
  is(6, "labels", ">u2", {2}, "");

  CHECK(parse_npz_array(bytes, "weights", "a.npz").element(1) == 2.0);
  CHECK(parse_npz_indices(bytes, "labels", "a.npz").to_vector() == std::vector<std::int64_t>{7, 8});
  const auto fault = [&](const char* name) {
    return message_of<FormatError>([&] { parse_npz_array(bytes, name, "a.npz"); });
  };
  CHECK(contains(fault("objects"), "a.npz, member 'objects.npy', byte 20: elements of type '|O'"));
  CHECK(contains(fault("complex"), "elements of type '<c16': complex numbers"));
  CHECK(contains(fault("structure"), "structures"));

  // Everything at once: without those, but damage is an error.
  CHECK(contains(message_of<FormatError>([&] { parse_npz(bytes, "a.npz"); }), "damaged.npy"));
  ZipWriter good;
  good.add("objects.npy", objects);
  good.add("weights.npy", weights);
  good.add("texts.npy", texts);
  good.add("structure.npy", structure);
  good.add("labels.npy", labels);
  const auto arrays = parse_npz(archive_of(good), "b.npz");
  REQUIRE(arrays.size() == 2);
  CHECK(arrays[0].first == "weights");
  CHECK(arrays[1].first == "labels");
  CHECK(arrays[1].second.element(1) == 8.0);
  CHECK(parse_npz(file("objects"), "objects").empty());
}

TEST_CASE("a file of the other kind names the function that reads it") {
  CHECK(contains(message_of<FormatError>([] { parse_npz(npy_of("'<f4'", "(0,)", ""), "x"); }),
                 "load_npy()"));
  CHECK(contains(message_of<FormatError>([] { parse_npy(file("stored"), "x"); }), "load_npz()"));
}

TEST_CASE("faulty archives are refused with the reason and the position") {
  CHECK(contains(refusal("same_name"), "two members have the name 'x.npy'"));
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
