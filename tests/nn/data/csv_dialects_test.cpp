// Tables as spreadsheets and other programs write them.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "nn/data/csv.hpp"
#include "tests/support/message_of.hpp"

using chainrule::DomainError;
using chainrule::FormatError;
namespace nn = chainrule::nn;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

namespace {

std::string error_of(std::string_view text, const nn::CsvOptions& options = {}) {
  return message_of<FormatError>([&] { nn::parse_csv(text, options, "t.csv").numbers(); });
}

std::string option_error_of(const nn::CsvOptions& options) {
  return message_of<DomainError>([&] { nn::parse_csv("a", options, "t.csv"); });
}

}  // namespace

TEST_CASE("lines before the table and comments are skipped, and still count as lines") {
  const nn::CsvOptions options{.skip_lines = 2, .comment = '#'};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "Report, \"1\" of 2" + end + end + "# a, b, c" + end + "a,b" + end +
                             "1,2" + end + "#3,4" + end + end + "5,6" + end + "#";
    const nn::Csv table = nn::parse_csv(text, options);
    CHECK(table.names() == Names{"a", "b"});
    CHECK(table.numbers() == Numbers{1, 2, 5, 6});
    CHECK(contains(error_of(text + end + "x,7", options), "line 10, column 'a'"));
  }
  // Only whole lines are comments, and not within quotes.
  CHECK(nn::parse_csv("a,b\n1,#2\n\"x\n#y\",3\n\"#\",4", {.comment = '#'}).text("a") ==
        std::vector<std::string_view>{"1", "x\n#y", "#"});
  CHECK(nn::parse_csv("\xef\xbb\xbf#\na\n1", {.comment = '#'}).numbers() == Numbers{1});
  CHECK(error_of("a\nb", {.skip_lines = 2}) == "t.csv: it is empty");
  CHECK(error_of("a\nb", {.skip_lines = INT64_MAX}) == "t.csv: it is empty");
  CHECK(error_of("#", {.comment = '#'}) == "t.csv: it is empty");
  CHECK(contains(option_error_of({.skip_lines = -1}), "skip_lines"));
  CHECK(contains(option_error_of({.comment = ','}), "separator and the start of a comment"));
  CHECK(contains(option_error_of({.comment = '"'}), "comment"));
  CHECK(contains(option_error_of({.comment = '\n'}), "comment"));
}

TEST_CASE("a first line names the separator, as Excel writes and reads it") {
  for (const char* text :
       {"sep=;\na;b\n1;2\n", "\xef\xbb\xbfsep=;\r\na;b\r\n1;2\r\n", "# x\n\nsep=;\ra;b\r1;2"}) {
    const nn::Csv table = nn::parse_csv(text, {.comment = '#'});
    CHECK(table.names() == Names{"a", "b"});
    CHECK(table.numbers() == Numbers{1, 2});
    CHECK(table.options().separator == ';');
  }
  CHECK(contains(error_of("sep=;\na;b\n1;x\n"), "line 3, column 'b'"));
  CHECK(nn::parse_csv("sep=\t\na\tb\n1\t2").columns() == 2);
  // These are names of columns.
  CHECK(nn::parse_csv("sep=").names() == Names{"sep="});
  CHECK(nn::parse_csv("sep=;;\n").names() == Names{"sep=;;"});
  CHECK(nn::parse_csv("\"sep=;\"\n").names() == Names{"sep=;"});
  CHECK(nn::parse_csv("a\nsep=;\n").text("a")[0] == "sep=;");
  CHECK(contains(error_of("sep=,\na\n", {.separator = ';', .decimal = ','}),
                 "line 1: ',' is both the separator and the decimal sign"));
}

TEST_CASE("a separator at the end of every line makes no column") {
  const nn::Csv table = nn::parse_csv("a;b;\n1;2;\n3;4;", {.separator = ';'});
  CHECK(table.names() == Names{"a", "b"});
  CHECK(table.numbers() == Numbers{1, 2, 3, 4});
  CHECK(table.text(1, 0) == "3");
  CHECK(nn::parse_csv("a,b,\n").names() == Names{"a", "b"});
  CHECK(nn::parse_csv("1,2,\n3,4,\n", {.header = false}).numbers() == Numbers{1, 2, 3, 4});
  CHECK(nn::parse_csv("a,,\n1,,\n").names() == Names{"a", "2"});
  CHECK(nn::parse_csv(",\n").names() == Names{"1"});
  // Not every line, or a column that has a name, or a field in quotes.
  CHECK(nn::parse_csv("a,b,\n1,2,\n3,4,5\n").names() == Names{"a", "b", "3"});
  CHECK(nn::parse_csv("a,b,c\n1,2,\n").names() == Names{"a", "b", "c"});
  CHECK(nn::parse_csv("a,b,\"\"\n1,2,\n").columns() == 3);
  CHECK(nn::parse_csv("a,b,\n1,2,\"\"\n").columns() == 3);
  CHECK(nn::parse_csv("1,2,\n", {.header = false, .names = {"a", "b", "c"}}).columns() == 3);
  CHECK(nn::parse_csv("1,2,\n", {.header = false, .names = {"a", "b"}}).columns() == 2);
  CHECK(contains(error_of("a,b\n1,2,\n"), "line 2: 3 fields where there must be 2"));
}

TEST_CASE("decimal commas") {
  const nn::CsvOptions options{.separator = ';', .decimal = ','};
  CHECK(nn::parse_csv("a;b\n1,5;-2,25e1\n3;,5\n", options).numbers() ==
        Numbers{1.5, -22.5, 3, 0.5});
  CHECK(error_of("a;b\n1,5;2.5\n", options) ==
        "t.csv: line 2, column 'b': '2.5' is not a number, or is too large; the decimal sign is "
        "',': see CsvOptions::decimal");
  CHECK(contains(error_of("a;b\n1,5;1.234,5\n", options), "'1.234,5' is not a number"));
  CHECK(contains(error_of("a;b\n1,5,5;1\n", options), "'1,5,5' is not a number"));
  CHECK(contains(error_of("a;b\n1,5;2\n", {.separator = ';'}), "the decimal sign is '.'"));
  CHECK(contains(option_error_of({.decimal = ','}), "both the separator and the decimal sign"));
  CHECK(contains(option_error_of({.decimal = ';'}), "the decimal sign must be '.' or ','"));
}

TEST_CASE("names of columns: given, duplicate, and rows that look like data") {
  CHECK(nn::parse_csv("1,2\n", {.header = false, .names = {"x", "y"}}).numbers("y") == Numbers{2});
  CHECK(nn::parse_csv("a,b\n1,2\n", {.names = {"x", "y"}}).numbers("y") == Numbers{2});
  CHECK(error_of("1,2\n", {.header = false, .names = {"x"}}) ==
        "t.csv: the options name 1 columns, but there are 2");
  CHECK(contains(error_of("1,2\n", {.header = false, .names = {"x", "x"}}),
                 "two columns, 1 and 2, have the name 'x'"));
  CHECK(nn::parse_csv("1,2\n", {.header = false, .names = {"x", ""}}).names() == Names{"x", "2"});
  CHECK(nn::parse_csv("a,a\n1,2\n", {.names = {"x", "y"}}).columns() == 2);

  // The names that pandas 2 gives.
  const nn::CsvOptions rename{.rename_duplicates = true};
  CHECK(nn::parse_csv("x,x,y,x\n", rename).names() == Names{"x", "x.1", "y", "x.2"});
  CHECK(nn::parse_csv("x,x.1,x\n", rename).names() == Names{"x", "x.1", "x.2"});
  CHECK(nn::parse_csv("x,x,x.1\n", rename).numbers().empty());
  CHECK(nn::parse_csv("x,x\n1,2\n", rename).numbers("x.1") == Numbers{2});

  CHECK(
      error_of("5.1,3\n4.9,3\n") ==
      "t.csv: line 1: all names of columns are numbers, such as '5.1'. If the file has no header, "
      "set header = false; else accept_numeric_names");
  CHECK(contains(error_of("# x\n1,-3\n", {.comment = '#'}), "line 2: all names"));
  CHECK(contains(error_of("1,5;2\n", {.separator = ';', .decimal = ','}), "such as '1,5'"));
  CHECK(nn::parse_csv("0.5,0.9\n1,2\n", {.accept_numeric_names = true}).numbers("0.9") ==
        Numbers{2});
  CHECK(nn::parse_csv("0,1,2\n5,6,7\n").numbers("1") == Numbers{6});
  CHECK(nn::parse_csv("2019,2020\n5,6\n").columns() == 2);
  CHECK(nn::parse_csv("x,0.5\n5,6\n").columns() == 2);
  CHECK(contains(error_of("1,1\n5,6\n"), "If the file has no header, set header = false"));
  const nn::Csv table = nn::parse_csv("5.1,setosa\n", {}, "t.csv");
  CHECK(message_of<FormatError>([&] { table.column("species"); }) ==
        "t.csv: there is no column 'species'; the columns are 5.1, setosa. If the file has no "
        "header, set header = false");
  const Names wanted = {"a", "setosa", "b"};
  CHECK(contains(message_of<FormatError>([&] { table.column(wanted); }),
                 "there are no columns 'a, b'"));
}

TEST_CASE("missing values: empty fields, and the texts of the options") {
  const nn::Csv table = nn::parse_csv("a,b\n,NA\n ? ,\"\"\n1,NAN\n", {.missing = {"NA", "?"}});
  CHECK(table.is_missing(0, 0));
  CHECK(table.is_missing(0, 1));
  CHECK(table.is_missing(1, 0));
  CHECK(table.is_missing(1, 1));
  CHECK_FALSE(table.is_missing(2, 0));
  CHECK_FALSE(table.is_missing(2, 1));
  CHECK_FALSE(table.number(1, 0));
  CHECK(table.number(2, 0) == 1.0);
  CHECK(contains(message_of<FormatError>([&] { table.numbers("b"); }),
                 "line 2, column 'b': a number is missing"));
  CHECK(contains(error_of("a\nNA\n"), "CsvOptions::missing may list it"));
  CHECK(nn::parse_csv("a\n-999\n", {.missing = {"-999"}}).is_missing(0, 0));
  CHECK_FALSE(nn::parse_csv("a\n-999\n", {.missing = {"-999"}}).number(0, 0));
  const nn::Csv nans = nn::parse_csv("a\nnan\n", {.missing = {"nan"}, .accept_non_finite = true});
  CHECK(nans.is_missing(0, 0));
}

TEST_CASE("lines are counted by each kind of line end, also within quotes") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text =
        "a,b" + end + "\"1" + end + end + "\",2" + end + "\"" + end + "\",x" + end + "3";
    CHECK(contains(error_of(text), "line 7: 1 field where"));
    CHECK(contains(error_of(text + ",4"), "line 2, column 'a'"));
    const nn::Csv table = nn::parse_csv(text + ",4", {}, "t.csv");
    CHECK(contains(message_of<FormatError>([&] { table.numbers("b"); }), "line 6, column 'b'"));
    CHECK(contains(error_of("a" + end + "\"" + end + "\"\"" + end + "\"x"), "line 4: there is"));
  }
}

TEST_CASE("a table of very many columns is read and searched quickly") {
  // Quadratic time would take minutes.
  constexpr int count = 200000;
  std::string text = "c0";
  Names names = {"c0"};
  for (int i = 1; i < count; ++i) {
    names.push_back("c" + std::to_string(i));
    text += "," + names.back();
  }
  text += '\n';
  for (int i = 0; i < count; ++i) text += (i > 0 ? "," : "") + std::to_string(i);
  const nn::Csv table = nn::parse_csv(text);
  const Numbers numbers = table.numbers(names);
  CHECK(numbers.size() == count);
  CHECK(numbers.back() == count - 1);
  CHECK(message_of<FormatError>([&] { table.column("d"); }).size() < 200);
  std::string same = "x";
  for (int i = 1; i < count; ++i) same += ",x";
  CHECK(nn::parse_csv(same, {.rename_duplicates = true}).names().back() ==
        "x." + std::to_string(count - 1));
}
