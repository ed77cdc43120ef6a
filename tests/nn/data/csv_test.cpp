#include "nn/data/csv.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "nn/io/gzip.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using chainrule::FormatError;
namespace nn = chainrule::nn;

namespace {

std::string error_of(std::string_view text, const nn::CsvOptions& options = {}) {
  return message_of<FormatError>([&] { nn::parse_csv(text, options, "t.csv"); });
}

std::string option_error_of(const nn::CsvOptions& options) {
  return message_of<chainrule::DomainError>([&] { nn::parse_csv("a", options, "t.csv"); });
}

std::string number_error_of(std::string_view text, const nn::CsvOptions& options = {}) {
  return message_of<FormatError>([&] { nn::parse_csv(text, options, "t.csv").numbers(); });
}

}  // namespace

TEST_CASE("a table has column names, numbers and texts") {
  const nn::Csv table = nn::parse_csv("x,species,y\n1,setosa,-2.5\n 3 ,\"vir, ginica\",4e1\n");
  CHECK(table.names() == std::vector<std::string>{"x", "species", "y"});
  CHECK(table.rows() == 2);
  CHECK(table.columns() == 3);
  CHECK(table.column("y") == 2);
  CHECK(table.has("species"));
  CHECK_FALSE(table.has("z"));
  CHECK(table.text(1, 1) == "vir, ginica");
  CHECK(table.text("species") == std::vector<std::string_view>{"setosa", "vir, ginica"});
  CHECK(table.numbers("y") == std::vector<double>{-2.5, 40});
  const std::vector<std::string> wanted = {"y", "x", "y"};
  CHECK(table.numbers(wanted) == std::vector<double>{-2.5, 1, -2.5, 40, 3, 40});
  CHECK(nn::parse_csv("a,b\n1,2\n3,4\n").numbers() == std::vector<double>{1, 2, 3, 4});
  CHECK(message_of<FormatError>([&] { table.numbers("z"); }) ==
        "CSV text: there is no column 'z'; the columns are x, species, y");
}

TEST_CASE("rows may end with LF, CRLF or CR; the last needs no line end") {
  for (const char* text :
       {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r", "a,b\n1,2\n3,4",
        "\xef\xbb\xbf"
        "a,b\n1,2\n3,4",
        "\n\na,b\n\n1,2\r\n\r\n3,4\n\n\n"}) {
    const nn::Csv table = nn::parse_csv(text);
    CHECK(table.names() == std::vector<std::string>{"a", "b"});
    CHECK(table.numbers() == std::vector<double>{1, 2, 3, 4});
  }
}

TEST_CASE("quoted fields may contain separators, line ends and doubled quotes") {
  const nn::Csv table =
      nn::parse_csv("\"a \"\"b\"\"\",\"\",c\n\"x\r\ny\",\"\"\"\",\"1\"\n\"\",z,\"\"\"\"\"\"\n");
  CHECK(table.names() == std::vector<std::string>{"a \"b\"", "2", "c"});
  CHECK(table.text(0, 0) == "x\r\ny");
  CHECK(table.text(0, 1) == "\"");
  CHECK(table.text(0, 2) == "1");
  CHECK(table.text(1, 0).empty());
  CHECK(table.text(1, 2) == "\"\"");
}

TEST_CASE("other separators, and tables without a header") {
  const nn::Csv table = nn::parse_csv("1;2,5\n3;x\n", {.separator = ';', .header = false});
  CHECK(table.names() == std::vector<std::string>{"1", "2"});
  CHECK(table.rows() == 2);
  CHECK(table.text(0, 1) == "2,5");
  CHECK(table.numbers("1") == std::vector<double>{1, 3});
  CHECK(nn::parse_csv("1\t2", {.separator = '\t', .header = false}).numbers() ==
        std::vector<double>{1, 2});
  for (const char bad : {'"', '\n', '\r', '\0'})
    CHECK(contains(option_error_of({.separator = bad}), "separator"));
}

TEST_CASE("a table may have no rows, or one column with empty fields in quotes") {
  const nn::Csv table = nn::parse_csv("a, b \n");
  CHECK(table.rows() == 0);
  CHECK(table.names() == std::vector<std::string>{"a", "b"});
  CHECK(table.numbers().empty());
  CHECK(nn::parse_csv("a\n\"\"\n\nx\n").text("a") == std::vector<std::string_view>{"", "x"});
}

TEST_CASE("errors in the structure of a table name file and line") {
  CHECK(error_of("") == "t.csv: it is empty");
  CHECK(error_of("\r\n\n") == "t.csv: it is empty");
  CHECK(error_of("a,b\n1,2\n\n3\n") ==
        "t.csv: line 4: 1 field where there must be 2, as in the first row");
  CHECK(error_of("a,b\r\n1,2,3\r\n") ==
        "t.csv: line 2: 3 fields where there must be 2, as in the first row");
  CHECK(error_of("a,b\n1,2\n3,4,\n") ==
        "t.csv: line 3: 3 fields where there must be 2, as in the first row");
  CHECK(contains(error_of("a,b\n\"1\n2\",3,4\n"), "line 2: 3 fields"));
  CHECK(contains(error_of("a\n1\n\"2\n\n"), "line 3: the quote that opens a field here is never"));
  CHECK(contains(error_of("a\n1\"2\n"), "line 2: a quote within a field"));
  CHECK(contains(error_of("a\n\"1\"2\n"), "line 2: there is text after the closing quote"));
  CHECK(contains(error_of("a\n\"1\n\"2\n"), "line 3: there is text after the closing quote"));
  CHECK(error_of("a,b,a\n") ==
        "t.csv: two columns, 1 and 3, have the name 'a'; rename_duplicates makes it 'a.1'");
  CHECK(
      contains(error_of("2,,,\n"),
               "two columns, 1 and 2, have the name '2'; rename_duplicates makes it '2.1'. If the "
               "file has no header, set header = false"));
  CHECK(contains(error_of(std::string_view("a\n\0", 3)), "not plain text"));
  CHECK(contains(error_of("\xff\xfe"
                          "a"),
                 "UTF-16"));
}

TEST_CASE("a field that is not a number is an error that names file, line and column") {
  CHECK(number_error_of("a,b\n1,2\n3,\n") == "t.csv: line 3, column 'b': a number is missing");
  CHECK(number_error_of("a,b\n1,2\n3,  \n") == "t.csv: line 3, column 'b': a number is missing");
  CHECK(number_error_of("a,b\n1,2\n\nx,4\n") ==
        "t.csv: line 4, column 'a': 'x' is not a number, or is too large");
  CHECK(contains(number_error_of("a,b\n1,1e999\n"), "too large"));
  // The line of the field itself, after line ends within earlier fields.
  const nn::Csv table = nn::parse_csv("a,b\n\"1\n\n\",y\n", {}, "t.csv");
  CHECK(contains(message_of<FormatError>([&] { table.numbers("b"); }), "line 4, column 'b'"));
  // Messages shorten long fields and omit control characters.
  const std::string message = number_error_of("a\n\"" + std::string(1000, 'x') + "\n\"\n");
  CHECK(message.size() < 120);
}

TEST_CASE("infinities and NaN are errors unless the options accept them") {
  const std::string text = "a,b\n1,nan\n-inf,2\n";
  CHECK(number_error_of(text) ==
        "t.csv: line 2, column 'b': 'nan' is not finite; accept_non_finite takes such numbers, and "
        "CsvOptions::missing may list it as a missing value");
  const std::vector<double> numbers = nn::parse_csv(text, {.accept_non_finite = true}).numbers();
  CHECK(std::isnan(numbers[1]));
  CHECK(numbers[2] == -std::numeric_limits<double>::infinity());
  CHECK(contains(number_error_of("a\n1e999\n", {.accept_non_finite = true}), "too large"));
}

TEST_CASE("written fields are read back unchanged") {
  for (const char* text : {"", "plain", "a,b", "\"", "a\"b", "line\nend", "cr\rlf\n", " spaces ",
                           "\xef\xbb\xbf"
                           "mark",
                           "\xff\xfe"}) {
    const std::string line = nn::csv_field(text) + ",1\n";
    CHECK(nn::parse_csv(line, {.header = false}).text(0, 0) == text);
  }
  CHECK(nn::csv_field("sep=;") == "\"sep=;\"");
  CHECK(nn::csv_field("a,b", ';') == "a,b");
  CHECK(nn::csv_field("a;b", ';') == "\"a;b\"");
}

TEST_CASE("files are read, and messages name them") {
  const TemporaryFolder folder;
  const std::string path = folder.write("data.csv", "a,b\n1,2\n3,x\n");
  const nn::Csv table = nn::read_csv(path);
  CHECK(table.numbers("a") == std::vector<double>{1, 3});
  CHECK(contains(message_of<FormatError>([&] { table.numbers(); }), path + ": line 3, column 'b'"));
  CHECK_THROWS_AS(nn::read_csv(folder / "none.csv"), FormatError);
  CHECK_THROWS_AS(nn::read_csv(path, {}, 5), FormatError);
  if (!nn::has_gzip()) return;
  const std::string packed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xd4\x49\xe2\x32\xd4\x31\xe2\x02\x00"
      "\x7b\x07\x97\x0a\x08\x00\x00\x00",
      28);
  CHECK(nn::read_csv(folder.write("data.csv.gz", packed)).numbers() == std::vector<double>{1, 2});
  CHECK_THROWS_AS(nn::read_csv(folder.write("data.csv.gz", packed), {}, 7), FormatError);
}
