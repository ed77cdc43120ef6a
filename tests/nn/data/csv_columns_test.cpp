// Datasets from tables: classes, missing values, weights and further columns.
#include "nn/data/csv_columns.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>

#include "nn/data/dataset.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using nn::Dataset;
using nn::Missing;
using Labels = std::vector<std::int64_t>;
using Names = std::vector<std::string>;
using Numbers = std::vector<double>;

namespace {

Dataset read(std::string_view text, const nn::CsvColumns& columns = {}) {
  return Dataset::from_csv(nn::parse_csv(text, columns.csv, "t.csv"), columns);
}

std::string error_of(std::string_view text, const nn::CsvColumns& columns = {}) {
  return message_of<FormatError>([&] { read(text, columns); });
}

std::string option_error_of(const nn::CsvColumns& columns) {
  return message_of<DomainError>([&] { read("a,b,c\n1,2,3\n", columns); });
}

}  // namespace

TEST_CASE("a second file must have integer labels if the first one has") {
  const nn::CsvColumns columns = read("x,c\n1,0\n2,2\n", {.label = "c"}).csv_columns();
  CHECK(columns.integer_labels);
  CHECK(read("x,c\n1,5\n", columns).labels().to_vector() == Labels{5});
  // On their own these would be the classes 0 and 1.
  CHECK(contains(error_of("x,c\n1,2\n2,1.0\n3,2.0\n", columns),
                 "line 3, column 'c': the label '1.0' is not an integer >= 0"));
  CHECK(contains(error_of("x,c\n1,cat\n", columns), "'cat'"));
  nn::CsvColumns restored;
  restored.set_state(columns.state());
  CHECK(restored.integer_labels);
  // Names, also those given later, have precedence.
  CHECK(!read("x,c\n1,a\n2,2\n", {.label = "c"}).csv_columns().integer_labels);
  nn::CsvColumns named = columns;
  named.class_names = {"cat", "0"};
  CHECK(read("x,c\n1,0\n", named).labels().to_vector() == Labels{1});
  // A file without rows does not show what its labels are.
  CHECK(!read("x,c\n", {.label = "c"}).csv_columns().integer_labels);
}

TEST_CASE("a column can be named once for each role") {
  const nn::Csv table = nn::parse_csv("a,b,c\n1,2,3\n4,5,6\n");
  for (const nn::CsvColumns& columns :
       {nn::CsvColumns{.features = {"a", "b", "a"}}, nn::CsvColumns{.targets = {"c", "c"}},
        nn::CsvColumns{.extra = {"b", "b"}}})
    CHECK_THROWS_AS(Dataset::from_csv(table, columns), DomainError);
  const Dataset data = Dataset::from_csv(table, {.targets = {"c"}, .extra = {"c", "b"}});
  CHECK(data.columns().names() == Names{"c", "b"});
  CHECK(data.column("c")[1] == 6);
  CHECK(data.joined(data).column("b").to_vector() == std::vector<std::int64_t>{2, 5, 2, 5});
}

TEST_CASE("a second file takes the numbers of its classes from the training set") {
  const Dataset training = read("x,c\n1,cat\n2,dog\n3,cow\n", {.label = "c"});
  CHECK(training.class_names() == Names{"cat", "cow", "dog"});
  const char* const second = "c,x\ndog,5\ndog,6\ncat,7\n";
  // Read on its own, its classes get other numbers.
  CHECK(read(second, {.label = "c"}).labels().to_vector() == Labels{1, 1, 0});
  for (const Dataset& test : {read(second, {.label = "c", .class_names = training.class_names()}),
                              read(second, training.csv_columns())}) {
    CHECK(test.labels().to_vector() == Labels{2, 2, 0});
    CHECK(test.class_names() == training.class_names());
    CHECK(test.classes() == 3);
    CHECK(to_vector(test.features()) == Numbers{5, 6, 7});
    test.check_like(training, "the test set");
  }
  CHECK(error_of("x,c\n1,cat\n\n2,horse\n", training.csv_columns()) ==
        "t.csv: line 4, column 'c': 'horse' is none of the known classes: cat, cow, dog");
  CHECK(contains(error_of("x,c\n1,Cat\n", training.csv_columns()), "'Cat' is none"));
  CHECK(read("x,c\n", training.csv_columns()).classes() == 3);
  // Any order, and names that no row has.
  CHECK(read("x,c\n1,b\n", {.label = "c", .class_names = {"z", "b"}}).labels()[0] == 1);
  CHECK(read("x,c\n1,1\n", {.label = "c", .class_names = {"1", "0"}}).labels()[0] == 0);
  CHECK(contains(option_error_of({.label = "a", .class_names = {"x", "x"}}), "class name 'x'"));
  CHECK(contains(option_error_of({.label = "a", .class_names = {""}}), "class name ''"));
  CHECK(contains(option_error_of({.targets = {"a"}, .class_names = {"x"}}), "class_names need"));
  CHECK(contains(option_error_of({.features = {"b", "a"}, .label = "a"}), "also one of the"));
  CHECK(read("a,b\n1,2\n", {.features = {"a"}, .targets = {"a"}}).targets().at({0, 0}) == 1);
}

TEST_CASE("labels that are numbers are ordered as numbers") {
  const auto classes_of = [](const char* text, const nn::CsvColumns& columns = {.label = "c"}) {
    return read(text, columns).class_names();
  };
  CHECK(classes_of("x,c\n1,10\n1,2\n1,-1\n") == Names{"-1", "2", "10"});
  CHECK(classes_of("x,c\n1,10\n1,2.5\n1,1e1000\n1,9\n") == Names{"2.5", "9", "10", "1e1000"});
  CHECK(classes_of("x,c\n1,b\n1,10\n1,a\n1,9\n1,nan\n") == Names{"9", "10", "a", "b", "nan"});
  CHECK(classes_of("x,c\n1,12345678901\n1,2\n") == Names{"2", "12345678901"});
  CHECK(classes_of("x;c\n1;10,5\n1;9,5\n",
                   {.label = "c", .csv = {.separator = ';', .decimal = ','}}) ==
        Names{"9,5", "10,5"});
  CHECK(classes_of("x,c\n1,10\n1,2\n").empty());
  CHECK(read("x,c\n1,10\n1,2\n", {.label = "c"}).labels().to_vector() == Labels{10, 2});
  CHECK(read("x,c\n1,1\n1,-1\n", {.label = "c"}).labels().to_vector() == Labels{1, 0});
  CHECK(error_of("x,c\n1,-1\n1,1\n1,1.0\n", {.label = "c"}) ==
        "t.csv: line 4, column 'c': the labels '1' and '1.0' are the same number, written "
        "differently");
}

TEST_CASE("missing features are errors, numbers, means, or leave out their rows") {
  const char* const text = "x,z,y\n1,10,7\nNA,20,8\n3,,9\n8,30,6\n";
  nn::CsvColumns columns{.targets = {"y"}, .csv = {.missing = {"NA"}}};
  CHECK(error_of(text, columns) ==
        "t.csv: line 3, column 'x': a number is missing; CsvColumns::missing can fill it in or "
        "drop the row");
  columns.missing = Missing::mean;
  const Dataset means = read(text, columns);
  CHECK(to_vector(means.features()) == Numbers{1, 10, 4, 20, 3, 20, 8, 30});
  CHECK(means.dropped_rows() == 0);
  CHECK(means.csv_columns().fill == Numbers{4, 20});

  // A second file gets the means of the first one, even for columns that missed nothing there.
  const Dataset second = read("y,z,x\n1,,\n", means.csv_columns());
  CHECK(to_vector(second.features()) == Numbers{4, 20});
  CHECK(read("x,z,y\n3,5,1\n,5,1\n", read("x,z,y\n1,2,0\n", columns).csv_columns())
            .features()
            .at({1, 0}) == 1);

  columns.missing = Missing::fill;
  columns.fill = {-1};
  CHECK(to_vector(read(text, columns).features()) == Numbers{1, 10, -1, 20, 3, -1, 8, 30});
  columns.fill = {-1, 0.5};
  CHECK(to_vector(read(text, columns).features()) == Numbers{1, 10, -1, 20, 3, 0.5, 8, 30});

  columns.missing = Missing::drop;
  columns.fill = {};
  const Dataset dropped = read(text, columns);
  CHECK(to_vector(dropped.features()) == Numbers{1, 10, 8, 30});
  CHECK(to_vector(dropped.targets()) == Numbers{7, 6});
  CHECK(dropped.dropped_rows() == 2);
  CHECK(dropped.origin().to_vector() == Labels{0, 3});
  Random random(1);
  CHECK(dropped.rows(1, 1).shuffled(random).origin().to_vector() == Labels{3});
  CHECK(dropped.rows(1, 1).dropped_rows() == 2);
  CHECK(read("x,y\n,1\n,2\n", columns).empty());

  columns.missing = Missing::mean;
  CHECK(error_of("x,y\nNA,1\n,2\n", columns) ==
        "t.csv: column 'x' has no mean, because all its numbers are missing");
  columns.csv.accept_non_finite = true;
  CHECK(contains(error_of("x,y\n1,1\ninf,2\n", columns), "'x' has no mean, because it has"));
  CHECK(read("x,y\n", columns).empty());
  CHECK(read("x,y\n1e308,1\n1.5e308,1\n,1\n", columns).features().at({2, 0}) ==
        doctest::Approx(1.25e308));
  CHECK(error_of("x,y\n1,1\n,2\nz,3\n", columns) ==
        "t.csv: line 4, column 'x': 'z' is not a number, or is too large");

  CHECK(contains(option_error_of({.targets = {"a"}, .fill = {1}}), "only used with"));
  CHECK(contains(option_error_of({.targets = {"a"}, .missing = Missing::fill}), "needs a number"));
  CHECK(contains(option_error_of({.missing = Missing::fill, .fill = {NAN}}), "finite"));
  CHECK(contains(option_error_of({.missing = Missing::fill, .fill = {1, 2}}),
                 "fill has 2 numbers for 3 features"));
}

TEST_CASE("a missing target or label is an error, or leaves out its row") {
  const char* const text = "x,y\n1,?\n2,5\n3,\n4,6\n";
  const nn::CsvOptions csv{.missing = {"?"}};
  CHECK(error_of(text, {.targets = {"y"}, .csv = csv}) ==
        "t.csv: line 2, column 'y': the target is missing; drop_unlabelled leaves out such rows");
  CHECK(error_of(text, {.label = "y", .csv = csv}) ==
        "t.csv: line 2, column 'y': the label is missing; drop_unlabelled leaves out such rows");
  const Dataset targets = read(text, {.targets = {"y"}, .drop_unlabelled = true, .csv = csv});
  CHECK(to_vector(targets.targets()) == Numbers{5, 6});
  CHECK(to_vector(targets.features()) == Numbers{2, 4});
  CHECK(targets.dropped_rows() == 2);
  const Dataset labels = read(text, {.label = "y", .drop_unlabelled = true, .csv = csv});
  CHECK(labels.labels().to_vector() == Labels{5, 6});
  CHECK(labels.origin().to_vector() == Labels{1, 3});
  // Means are those of the rows that are left.
  CHECK(to_vector(read("x,z,y\n1,1,1\n100,1,\n,1,3\n",
                       {.targets = {"y"}, .missing = Missing::mean, .drop_unlabelled = true})
                      .features()) == Numbers{1, 1, 1, 1});
}

TEST_CASE("weights and further columns of a table") {
  const char* const text = "id,x,w,group,y\n900719925474099267,1,0.5,-3,1\n8,2,0,4.0,2\n";
  const nn::CsvColumns columns{
      .targets = {"y"}, .weights = "w", .extra = {"id", "group"}, .dtype = DType::float32};
  const Dataset data = read(text, columns);
  CHECK(data.feature_names() == Names{"x"});
  CHECK(data.target_names() == Names{"y"});
  CHECK(to_vector(data.weights()) == Numbers{0.5, 0});
  CHECK(data.weights().dtype() == DType::float32);
  CHECK(data.weights().shape() == Shape{2});
  CHECK(data.column("id").to_vector() == Labels{900719925474099267, 8});
  CHECK(data.column("group").to_vector() == Labels{-3, 4});
  const Dataset wide = read("x,w\n1,2\n3,0.5\n4,0.25\n", {.weights = "w"});
  CHECK(to_vector(wide.weights() * 1.0) == Numbers{2, 0.5, 0.25});
  // Rows that are left out have none.
  nn::CsvColumns drop = columns;
  drop.missing = Missing::drop;
  const Dataset left = read("id,x,w,group,y\nz,,,,1\n8,2,3,4,2\n", drop);
  CHECK(left.column("id").to_vector() == Labels{8});
  CHECK(to_vector(left.weights()) == Numbers{3});

  const auto error_with = [&](const char* row) {
    return error_of(std::string("id,x,w,group,y\n1,1,1,1,1\n") + row + "\n", columns);
  };
  CHECK(error_with("1.5,1,1,1,1") ==
        "t.csv: line 3, column 'id': '1.5' is not a whole number of 64 bits");
  CHECK(contains(error_with("9223372036854775808,1,1,1,1"), "'id': '9223372036854775808' is not"));
  CHECK(contains(error_with("abc,1,1,1,1"), "'id': 'abc' is not"));
  CHECK(contains(error_with("1,1,1,,1"), "'group': a whole number is missing"));
  CHECK(contains(error_with("1,1,-1,1,1"), "line 3, column 'w': the weight is -1"));
  CHECK(contains(error_with("1,1,,1,1"), "line 3, column 'w': the weight is missing"));
  CHECK(contains(error_with("1,1,x,1,1"), "line 3, column 'w': 'x' is not a number"));
  CHECK(contains(error_of("x,w\n1,0\n1,0\n", {.weights = "w"}), "column 'w': all weights are 0"));
  CHECK(contains(error_of("x,w\n1,1e-300\n", {.weights = "w", .dtype = DType::float32}),
                 "all weights are 0"));
  CHECK(contains(error_of("x,w\n1,1\n", {.weights = "W"}), "no column 'W'"));
  CHECK(contains(error_of("x,w\n1,1\n", {.extra = {"a", "x", "b"}}), "no columns 'a, b'"));
  CHECK(read("x,w\n", {.weights = "w"}).has_weights());
}

TEST_CASE("tables of features only, to predict their targets or labels") {
  const Dataset training =
      read("id,a,b,c,w\n1,1,2,x,1\n2,,4,y,1\n",
           {.label = "c", .weights = "w", .extra = {"id"}, .missing = Missing::mean});
  const Dataset rows =
      read("b,extra,a\n5,text,6\n7,text,\n", training.csv_columns().features_only());
  CHECK(to_vector(rows.features()) == Numbers{6, 5, 1, 7});
  CHECK_FALSE(rows.has_labels());
  CHECK_FALSE(rows.has_weights());
  CHECK(rows.columns().empty());
  CHECK(rows.class_names() == training.class_names());
  CHECK(rows.feature_names() == Names{"a", "b"});
  CHECK(contains(error_of("b\n5\n", training.csv_columns().features_only()), "no column 'a'"));
  CHECK(read("a,b\n1,2\n").features().shape() == Shape{1, 2});
  CHECK(contains(error_of("c\nx\n", {.label = "c"}), "no column is left for the features"));
  CHECK_THROWS_AS(Dataset(zeros({2, 1})).csv_columns(), DomainError);
  CHECK(error_of("x\n1e300\n", {.dtype = DType::float32}) ==
        "t.csv: line 2, column 'x': 1e+300 is too large for float32");
}

TEST_CASE("a second file is read as the first one, from its path or as a table") {
  const TemporaryFolder folder;
  const std::string first = folder.write("1.csv", "sep=;\nx;y\n1,5;2\n"),
                    second = folder.write("2.csv", "y;x\n2,5;-\n");
  const nn::CsvOptions csv{.separator = ';', .decimal = ',', .missing = {"-"}};
  const nn::CsvColumns columns{.targets = {"y"}, .missing = Missing::mean};
  const Dataset training = Dataset::from_csv(nn::read_csv(first, csv), columns);
  CHECK(to_vector(Dataset::from_csv(second, training.csv_columns()).features()) == Numbers{1.5});
}

TEST_CASE("what reading has found can be saved with a model and restored") {
  const Dataset training =
      read("a,\"b,\"\"\",c\n1,2,x\n,4,\"y\nz\"\n", {.label = "c", .missing = Missing::mean});
  const nn::State state = training.csv_columns().state();
  nn::CsvColumns restored{.dtype = DType::float32};
  restored.set_state(state);
  CHECK(restored.features == Names{"a", "b,\""});
  CHECK(restored.class_names == Names{"x", "y\nz"});
  CHECK(restored.label == "c");
  CHECK(restored.targets.empty());
  CHECK(restored.missing == Missing::fill);
  CHECK(restored.fill == Numbers{1, 3});
  CHECK(restored.dtype == DType::float32);
  nn::CsvColumns empty{.features = {"x"}};
  empty.set_state(nn::CsvColumns().state());
  CHECK(empty.features.empty());
  CHECK(empty.fill.empty());

  for (const auto& spoil : std::vector<std::function<void(nn::State&)>>{
           [](nn::State& s) { s.texts.erase("label"); },
           [](nn::State& s) { s.arrays.erase("fill"); },
           [](nn::State& s) { s.arrays["fill"] = Array::scalar(DType::float64, 1); },
           [](nn::State& s) { s.numbers["missing"] = 9; },
           [](nn::State& s) { s.numbers["missing"] = NAN; },
           [](nn::State& s) { s.numbers["header"] = 2; },
           [](nn::State& s) { s.numbers["skip_lines"] = -1; },
           [](nn::State& s) { s.texts["separator"] = ",,"; },
           [](nn::State& s) { s.numbers["integer_labels"] = 2; },
           [](nn::State& s) { s.texts["features"] = "a\nb"; },
           [](nn::State& s) { s.texts["class_names"] = "\"a"; },
           [](nn::State& s) { s.texts["another"] = ""; }}) {
    nn::State bad = state;
    spoil(bad);
    CHECK_THROWS_AS(restored.set_state(bad), FormatError);
    CHECK(restored.label == "c");
    CHECK(restored.fill == Numbers{1, 3});
  }
}

TEST_CASE("the options of the table are saved with the columns") {
  const nn::CsvOptions csv{.separator = ';',
                           .header = false,
                           .names = {"a", "b c"},
                           .rename_duplicates = true,
                           .accept_numeric_names = true,
                           .skip_lines = 2,
                           .comment = '#',
                           .decimal = ',',
                           .missing = {"NA", "", "?;"},
                           .accept_non_finite = true};
  nn::CsvColumns restored;
  restored.set_state(nn::CsvColumns{.csv = csv}.state());
  CHECK(restored.csv.separator == ';');
  CHECK(!restored.csv.header);
  CHECK(restored.csv.names == Names{"a", "b c"});
  CHECK(restored.csv.rename_duplicates);
  CHECK(restored.csv.accept_numeric_names);
  CHECK(restored.csv.skip_lines == 2);
  CHECK(restored.csv.comment == '#');
  CHECK(restored.csv.decimal == ',');
  CHECK(restored.csv.missing == Names{"NA", "", "?;"});
  CHECK(restored.csv.accept_non_finite);
  restored.set_state(nn::CsvColumns().state());
  CHECK(restored.csv.separator == ',');
  CHECK(restored.csv.header);
  CHECK(restored.csv.comment == '\0');
  CHECK(restored.csv.missing.empty());
}

TEST_CASE("a file that is read with the columns of a renumbered dataset has its labels") {
  const std::string_view text = "x,c\n1,cat\n2,dog\n";
  const Dataset renumbered = read(text, {.label = "c"}).renumbered({"dog", "cow", "cat"});
  CHECK(renumbered.labels().to_vector() == Labels{2, 0});
  CHECK(renumbered.csv_columns().class_names == Names{"dog", "cow", "cat"});
  CHECK(read(text, renumbered.csv_columns()).labels().to_vector() == Labels{2, 0});

  // Names that are not the texts of the file.
  const Dataset named = read(text, {.label = "c"}).with_class_names({"Felis", "Canis", "Bos"});
  CHECK(read(text, named.csv_columns()).labels().to_vector() == Labels{0, 1});
  const Dataset again = named.renumbered({"Bos", "Canis", "Felis"});
  CHECK(again.labels().to_vector() == Labels{2, 1});
  CHECK(read(text, again.csv_columns()).labels().to_vector() == Labels{2, 1});

  const std::string_view numbers = "x,c\n1,0\n2,1\n";
  const Dataset swapped =
      read(numbers, {.label = "c"}).with_class_names({"cat", "dog"}).renumbered({"dog", "cat"});
  CHECK(read(numbers, swapped.csv_columns()).labels().to_vector() == Labels{1, 0});
}
