#include "nn/io/safetensors.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "autodiff/autodiff.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;

namespace {

std::string file_of(const std::string& header, const std::string& data = "") {
  std::string length;
  for (int i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return length + header + data;
}

/// The error message for a file with this header and data; empty if it is valid.
std::string fault(const std::string& header, const std::string& data = "") {
  return message_of<FormatError>([&] { nn::parse_safetensors(file_of(header, data), "file"); });
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

/// A header of these entries, which are separated by commas.
std::string header_of(const std::string& entries) { return fmt::format("{{{}}}", entries); }

}  // namespace

TEST_CASE("written tensors are read back") {
  const TemporaryFolder folder;
  const std::string path = folder / "tensors";
  nn::Safetensors out;
  out.arrays.emplace("b", tensor({{1, 2}, {3, -0.0}}).value());
  out.arrays.emplace("a\"\\\n", transpose(tensor({{1, 2}, {3, 4}}, DType::float32)).value());
  out.arrays.emplace("scalar", Array::scalar(DType::float64, NAN));
  out.arrays.emplace("none", zeros({0, 3}).value());
  out.indices.emplace("i", Indices{-1, 1LL << 62});
  out.metadata = {{"format", "pt"}, {"käse", "\t\xf0\x9f\xa7\x80"}};
  nn::write_safetensors(path, out);
  const nn::Safetensors in = nn::read_safetensors(path);
  CHECK(in.metadata == out.metadata);
  CHECK(in.arrays.size() == 4);
  CHECK(in.arrays.at("b").element(2) == 3);
  CHECK(std::signbit(in.arrays.at("b").element(3)));
  CHECK(in.arrays.at("a\"\\\n").dtype() == DType::float32);
  CHECK(in.arrays.at("a\"\\\n").element(1) == 3);
  CHECK(in.arrays.at("scalar").rank() == 0);
  CHECK(std::isnan(in.arrays.at("scalar").element(0)));
  CHECK(Shape(in.arrays.at("none").shape()) == Shape{0, 3});
  CHECK(in.indices.at("i").to_vector() == out.indices.at("i").to_vector());

  const std::string bytes = contents_of(path);
  CHECK(bytes[0] % 8 == 0);
  nn::write_safetensors(path, in);
  CHECK(contents_of(path) == bytes);
}

TEST_CASE("other element types are converted") {
  const std::string data("\x00\x3c\x00\xc2\x80\x3f\x20\xc0\x05\xff\x01\x00", 12);
  const std::string header = header_of(entry("half", "F16", "[2]", "[0,4]") + "," +
                                       entry("brain", "BF16", "[2]", "[4,8]") + "," +
                                       entry("i8", "I8", "[1,2]", "[8,10]") + "," +
                                       entry("bool", "BOOL", "[2]", "[10,12]")) +
                             "   ";
  const nn::Safetensors in = nn::parse_safetensors(file_of(header, data));
  CHECK(in.arrays.at("half").dtype() == DType::float32);
  CHECK(in.arrays.at("half").element(0) == 1.0);
  CHECK(in.arrays.at("half").element(1) == -3.0);
  CHECK(in.arrays.at("brain").element(0) == 1.0);
  CHECK(in.arrays.at("brain").element(1) == -2.5);
  CHECK(in.indices.at("i8").to_vector() == std::vector<std::int64_t>{5, -1});
  CHECK(in.indices.at("bool").to_vector() == std::vector<std::int64_t>{1, 0});
}

TEST_CASE("tensors of unsupported types are listed, and the others are read") {
  const std::string one("\0\0\x80\x3f", 4), two("\0\0\0\x40", 4);
  const std::string most(8, '\xff'), five("\5\0\0\0\0\0\0\0", 8), half("\0\0\0\0\0\0\0\x80", 8);
  const nn::Safetensors in = nn::parse_safetensors(
      file_of(header_of(entry("before", "F32", "[1]", "[0,4]") + "," +
                        entry("small", "F8_E4M3", "[2,2]", "[4,8]") + "," +
                        entry("complex", "C64", "[1]", "[8,16]") + "," +
                        entry("fits", "U64", "[2]", "[16,32]") + "," +
                        entry("large", "U64", "[2]", "[32,48]") + "," +
                        entry("packed", "F4", "[3]", "[48,50]") + "," +  // 4 bits per element
                        entry("after", "F32", "[]", "[50,54]")),
              one + "abcd" + "12345678" + five + five + most + half + "xy" + two));
  CHECK(in.arrays.size() == 2);
  CHECK(in.arrays.at("before").element(0) == 1.0);
  CHECK(in.arrays.at("after").element(0) == 2.0);
  CHECK(in.indices.at("fits").to_vector() == std::vector<std::int64_t>{5, 5});
  REQUIRE(in.unreadable.size() == 4);
  CHECK(in.unreadable.at("small").dtype == "F8_E4M3");
  CHECK(in.unreadable.at("small").shape == Shape{2, 2});
  CHECK(contains(in.unreadable.at("complex").problem, "cannot be read"));
  CHECK(in.unreadable.at("large").problem == "9223372036854775808 is too large for an index");
  CHECK(in.unreadable.contains("packed"));
  CHECK(
      nn::parse_safetensors(file_of(header_of(entry("x", "", "[1]", "[0,0]")))).unreadable.size() ==
      1);
  // Its size is not known, so its shape may be anything.
  const std::string huge = "[281474976710656,281474976710656]";
  CHECK(nn::parse_safetensors(file_of(header_of(entry("x", "f64", huge, "[0,0]"))))
            .unreadable.at("x")
            .dtype == "f64");
}

TEST_CASE("what later versions of the format may add is ignored, as Python's safetensors does") {
  const auto with = [](const std::string& value) {
    return fault(R"({"a":{"new":)" + value + R"(,"dtype":"F32","shape":[],"data_offsets":[0,4]}})",
                 "1234");
  };
  for (const char* const value :
       {"null", "true", "false", "0", "-1.5e+3", "0.25", "\"text\"", "{}", "[]", "[[],{}]",
        " [ 1 , 2 ] ", R"({"a":[1,{"b":null},"]"],"c":{"d":"}"}})", "[1,[2,[3,[4]]],5]"})
    CHECK(with(value) == "");
  CHECK(with(std::string(100'000, '[') + std::string(100'000, ']')) == "");
  for (const char* const value :
       {"",   "nul",  "tru",     "-",       "+1",       "1.",    "1e",  ".5",
        "01", "[1,]", "[,1]",    "{\"a\"}", "{\"a\":}", "{1:2}", "[1}", "{\"a\":1]",
        "[",  "{",    "{\"a\":", "\"",      "1 2",      "[1 2]", "]",   "NaN"}) {
    CAPTURE(value);
    CHECK_FALSE(with(value).empty());
  }
  CHECK_FALSE(with(std::string(100'000, '[')).empty());
  CHECK(fault(R"({"__metadata__":null})").empty());
}

TEST_CASE("everything that the format forbids is an error that names the byte") {
  const std::string eight(8, 'x'), sixteen(16, 'x');
  CHECK(fault(header_of(entry("a", "F64", "[]", "[0,8]")), eight).empty());
  CHECK(fault(header_of(entry("a", "F64", "[0,5]", "[0,0]"))).empty());
  CHECK(fault("{}").empty());
  CHECK(fault(R"({"__metadata__":{}})").empty());

  const auto parse = [](const std::string& bytes) {
    return message_of<FormatError>([&] { nn::parse_safetensors(bytes, "file"); });
  };
  CHECK(contains(parse(""), "file: byte 0"));
  CHECK(contains(parse("1234567"), "file: byte 7"));
  CHECK(contains(parse(std::string("\x05\0\0\0\0\0\0\0{}", 10)), "byte 10"));
  CHECK(contains(parse(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10)), "longer than 100000000"));
  CHECK(contains(parse(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10)), "longer than"));

  CHECK(contains(fault(""), "byte 8"));
  CHECK(contains(fault(" {}"), "must begin with '{'"));
  CHECK(contains(fault("{"), "byte 9"));
  CHECK(contains(fault("{}x"), "byte 10"));
  CHECK(contains(fault("{\"a\""), "':' expected"));
  CHECK(contains(fault("{\"\xff\":"), "byte 10: the header is not UTF-8"));
  CHECK(contains(fault("{\"\xed\xa0\x80\":"), "not UTF-8"));
  CHECK(contains(fault("{\"\xc0\x80\":"), "not UTF-8"));
  CHECK(contains(fault("{\"\\ud800\":"), "surrogate"));
  CHECK(contains(fault("{\"\\ud800\\u0041\":"), "surrogate"));
  CHECK(contains(fault("{\"\\x\":"), "escape"));
  CHECK(contains(fault("{\"\\u00g0\":"), "hexadecimal"));
  CHECK(contains(fault("{\"a\nb\":"), "control character"));
  CHECK(contains(fault(R"({"__metadata__":{"a":1}})"),
                 "byte 29: the value of 'a' in __metadata__ is not a text"));
  CHECK(contains(fault(R"({"__metadata__":[]})"), "'{' expected"));
  CHECK(contains(fault(R"({"__metadata__":{"a":"","a":""}})"), "twice"));
  CHECK(contains(fault(R"({"__metadata__":{},"__metadata__":{}})"), "twice"));
  const std::string a = entry("a", "F64", "[1]", "[0,8]");
  CHECK(contains(fault(header_of(a + "," + a), eight), "this name appears twice"));
  CHECK(contains(fault(header_of(a + ","), eight), "expected"));
  CHECK(contains(fault(R"({"a":{"dtype":"F64","dtype":"F64"}})"), "dtype appears twice"));
  CHECK(contains(fault(R"({"a":{"dtype":"F64","shape":[]}})"), "has no data_offsets"));
  CHECK(contains(fault(R"({"a":{"offsets":[0,8]}})"), "has no dtype"));

  const auto one = [&](const std::string& shape, const std::string& offsets,
                       const std::string& data, const std::string& dtype = "F64") {
    return fault(header_of(entry("a", dtype, shape, offsets)), data);
  };
  CHECK(contains(one("[1]", "[1,9]", "123456789"), "leave a gap"));
  CHECK(contains(one("[1]", "[8,0]", eight), "leave a gap"));
  CHECK(contains(one("[1]", "[0,8]", ""), "the file has 0"));
  CHECK(contains(one("[1]", "[0,8]", sixteen), "the file has 16"));
  CHECK(contains(one("[2]", "[0,8]", eight), "F64 of shape [2] does not fill 8 bytes"));
  CHECK(contains(one("[-1]", "[0,8]", eight), "not negative"));
  CHECK(contains(one("[1.0]", "[0,8]", eight), "expected"));
  CHECK(contains(one("[01]", "[0,8]", eight), "not begin with 0"));
  CHECK(contains(one("[99999999999999999999]", "[0,8]", eight), "too large"));
  CHECK(contains(one("[281474976710656,281474976710656]", "[0,0]", ""), "does not fill"));
  CHECK(contains(one("[0,281474976710656,281474976710656]", "[0,0]", ""), "does not fill"));
  // Bytes that belong to no tensor are an error even if the tensor cannot be read.
  CHECK(contains(one("[1]", "[0,8]", sixteen, "C64"), "the file has 16"));
  CHECK(contains(fault(header_of(a + "," + entry("b", "F64", "[1]", "[4,12]")), "123456789012"),
                 "overlap"));
}

TEST_CASE("a header length in the wrong byte order is an error") {
  std::string bytes = std::string("\x02") + std::string(7, '\0') + "{}";
  CHECK_NOTHROW(nn::parse_safetensors(bytes));
  std::reverse(bytes.begin(), bytes.begin() + 8);
  CHECK(contains(message_of<FormatError>([&] { nn::parse_safetensors(bytes, "file"); }), "file"));
}

TEST_CASE("files of torch.save() are recognised") {
  using namespace std::string_literals;
  const auto fault_of = [](const std::string& bytes) {
    return message_of<FormatError>([&] { nn::parse_safetensors(bytes, "file"); });
  };
  for (const std::string& bytes : {"PK\x03\x04\0\0\x08\x08rest"s, "\x80\x02}q"s, "PK\x03\x04"s})
    CHECK(contains(fault_of(bytes), "safetensors.torch.save_file(model.state_dict(), path)"));
  // The length of a header of 640 bytes begins like a pickle.
  const std::string header = "{}" + std::string(638, ' ');
  CHECK(file_of(header).starts_with("\x80\x02"));
  CHECK(fault(header).empty());
}

TEST_CASE("a file that cannot be written is unchanged") {
  const TemporaryFolder folder;
  const std::string path = folder.write("tensors", "old");
  nn::Safetensors large;
  large.arrays.emplace("x", zeros({10000}).value());
  {
    // A limit on the size of files acts like a full disk.
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    CHECK_THROWS_AS(nn::write_safetensors(path, large), FormatError);
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
  CHECK(contents_of(path) == "old");
  CHECK(folder.files() == 1);
  CHECK_THROWS_AS(nn::write_safetensors(folder / "no/folder", large), FormatError);
  large.indices.emplace("x", Indices{1});
  CHECK_THROWS_AS(nn::write_safetensors(path, large), FormatError);
  nn::Safetensors bad;
  bad.arrays.emplace("__metadata__", zeros({1}).value());
  CHECK_THROWS_AS(nn::write_safetensors(path, bad), FormatError);
  bad.arrays.clear();
  bad.metadata.emplace("\xff", "");
  CHECK_THROWS_AS(nn::write_safetensors(path, bad), FormatError);
  CHECK(contents_of(path) == "old");
}
