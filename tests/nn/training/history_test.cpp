#include "nn/training/history.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autodiff/core/error.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/temporary_folder.hpp"

using chainrule::DomainError;
using chainrule::FormatError;
using chainrule::nn::History;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
}

TEST_CASE("columns grow epoch by epoch, with NaN for missing values") {
  History history;
  CHECK(history.size() == 0);
  history.append({{"loss", 1.0}, {"seconds", 0.5}});
  history.append({{"val_loss", 2.0}, {"loss", 0.75}});
  history.append({});
  CHECK(history.size() == 3);
  CHECK(history.names() == std::vector<std::string>{"loss", "seconds", "val_loss"});
  CHECK(history["loss"][0] == 1.0);
  CHECK(history["loss"][1] == 0.75);
  CHECK(std::isnan(history["loss"][2]));
  CHECK(std::isnan(history["val_loss"][0]));
  CHECK(history["val_loss"][1] == 2.0);
  CHECK(std::isnan(history["seconds"][1]));
  CHECK(history.has("loss"));
  CHECK_FALSE(history.has("accuracy"));
  CHECK(contains(message_of<DomainError>([&] { history["accuracy"]; }),
                 "'accuracy'; the columns are: loss, seconds, val_loss"));
}

TEST_CASE("a row with an empty or repeated name is an error that changes nothing") {
  History history;
  history.append({{"loss", 1.0}});
  CHECK_THROWS_AS(history.append({{"accuracy", 1.0}, {"accuracy", 2.0}}), DomainError);
  CHECK_THROWS_AS(history.append({{"", 1.0}}), DomainError);
  CHECK(history.size() == 1);
  CHECK(history.names().size() == 1);
}

TEST_CASE("a history is read back from CSV bit for bit") {
  History history;
  history.append({{"loss", 0.1}, {"a,\"b\"", 1.0 / 3}});
  history.append({{"loss", infinity}, {"tiny", 5e-324}});
  history.append({{"loss", -NAN}, {"tiny", -1.7976931348623157e308}});
  CHECK(history.csv() ==
        "epoch,loss,\"a,\"\"b\"\"\",tiny\n"
        "1,0.1,0.3333333333333333,nan\n"
        "2,inf,nan,5e-324\n"
        "3,nan,nan,-1.7976931348623157e+308\n");

  const TemporaryFolder folder;
  const std::string path = folder / "history.csv";
  history.write_csv(path);
  CHECK(contents_of(path) == history.csv());
  const History read = History::read_csv(path);
  CHECK(read.names() == history.names());
  CHECK(read.size() == 3);
  CHECK(read.csv() == history.csv());
  CHECK(folder.files() == 1);

  CHECK(contains(message_of<FormatError>([&] { history.write_csv(folder / "no/file"); }),
                 folder / "no/file"));
  folder.write("bad.csv", "loss\n1\nx\n");
  CHECK(contains(message_of<FormatError>([&] { History::read_csv(folder / "bad.csv"); }),
                 "bad.csv: line 3, column 'loss'"));
}

TEST_CASE("an empty history has a CSV header and an empty picture") {
  const History history;
  CHECK(history.csv() == "epoch\n");
  CHECK(contains(history.svg(), "</svg>"));
}

TEST_CASE("the picture has a panel per measurement, shared by training and validation") {
  History history;
  for (int epoch = 0; epoch < 10; ++epoch) {
    const double loss = std::pow(0.5, epoch);
    history.append({{"loss", loss},
                    {"val_loss", 2 * loss},
                    {"accuracy", 1 - loss / 2},
                    {"learning_rate", 0.1 / (epoch + 1)},
                    {"seconds", 1.0}});
  }
  const std::string svg = history.svg();
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(contains(svg, ">loss</text>"));
  CHECK(contains(svg, ">accuracy</text>"));
  CHECK(contains(svg, ">learning rate</text>"));
  CHECK_FALSE(contains(svg, "seconds"));
  CHECK(contains(svg, ">training</text>"));
  CHECK(contains(svg, ">validation</text>"));
  CHECK(contains(svg, ">epoch</text>"));
  CHECK(contains(svg, ">0.01</text>"));  // the loss spans a factor of 1000

  const TemporaryFolder folder;
  history.plot(folder / "curves.svg");
  CHECK(contents_of(folder / "curves.svg") == svg);
  CHECK_THROWS_AS(history.plot(folder / "no/file.svg"), FormatError);
}

TEST_CASE("a constant learning rate has no panel") {
  History history;
  for (const double rate : {0.1, 0.1, 0.1})
    history.append({{"loss", 1.0}, {"learning_rate", rate}});
  CHECK(contains(history.svg(), ">loss</text>"));
  CHECK_FALSE(contains(history.svg(), ">learning rate</text>"));
  history.append({{"loss", 1.0}, {"learning_rate", 0.01}});
  CHECK(contains(history.svg(), ">learning rate</text>"));
}
