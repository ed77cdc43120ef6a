// Which tensor of a file is for which parameter.
#include "nn/io/model_file.hpp"

#include <doctest/doctest.h>

#include <map>
#include <stdexcept>

#include "tests/support/model_files.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("a torch.nn.Sequential is loaded without renaming") {
  const TemporaryFolder folder;
  nn::Sequential model = mlp();
  const nn::LoadReport report = nn::load_model(folder.write("mlp", torch_mlp().bytes()), model);
  check_mlp(model);
  CHECK(report.is_complete());
  CHECK(report.loaded ==
        Names{"layers.0.bias", "layers.0.weight", "layers.2.bias", "layers.2.weight"});
  CHECK(report.prefix.empty());
  CHECK(report.text() == "4 of 4 tensors of the model fit");
  CHECK(model.parameters().at("layers.0.weight").dtype() == DType::float64);

  // Half precision and double; the first is exact here.
  TensorFile halves;
  halves.add("0.bias", "F16", "[3]", std::string("\x00\x38\x00\xbc\x00\x00", 6))
      .add("0.weight", "BF16", "[3,2]",
           std::string("\x80\x3f\x00\x40\x40\x40\x80\x40\xa0\x40\xc0\xc0", 12))
      .floats("2.bias", "[1]", {0.25})
      .floats("2.weight", "[1,3]", {1, -1, 2});
  nn::Sequential other = mlp();
  other.to(DType::float32);
  CHECK(nn::load_model(folder.write("halves", halves.bytes()), other).is_complete());
  check_mlp(other, DType::float32);
  CHECK(other.parameters().at("layers.0.bias").dtype() == DType::float32);
}

TEST_CASE("prefixes of wrappers are found") {
  const TemporaryFolder folder;
  for (const std::string prefix :
       {"module.", "model.", "_orig_mod.", "module._orig_mod.", "a.b.c.d.e.f.g.h."}) {
    CAPTURE(prefix);
    nn::Sequential model = mlp();
    const nn::LoadReport report =
        nn::load_model(folder.write("mlp", torch_mlp(prefix).bytes()), model);
    check_mlp(model);
    CHECK(report.prefix == prefix);
    CHECK(contains(report.text(), "with '" + prefix + "' removed"));
    CHECK(report.loaded.size() == 4);
  }
  // With our own names.
  nn::Sequential model = mlp();
  nn::load_model(folder.write("mlp", torch_mlp("model.layers.").bytes()), model);
  check_mlp(model);
  // A prefix is removed only if more names are then those of the model.
  Block block;
  TensorFile file;
  for (const char* const name : {"0", "1"})
    file.floats("layers." + std::string(name) + ".weight", "[2,2]", {1, 2, 3, 4});
  const nn::LoadReport part =
      nn::load_model(folder.write("part", file.bytes()), block, {.strict = false});
  CHECK(part.prefix.empty());
  CHECK(part.loaded == Names{"layers.0.weight", "layers.1.weight"});
  // Of two that fit equally well, the shorter one is removed.
  TensorFile one;
  one.floats("other.weight", "[1,2]", {5, 6});
  Tied ambiguous;
  ambiguous.has_own_weight = true;
  CHECK(nn::load_model(folder.write("one", one.bytes()), ambiguous, {.strict = false}).loaded ==
        Names{"other.weight"});
  // More parts than the wrappers that occur are not removed.
  CHECK(contains(refusal(folder.write("deep", torch_mlp("a.b.c.d.e.f.g.h.i.").bytes()), model),
                 "0 of 4 tensors"));
}

TEST_CASE("a given prefix selects a part of the file") {
  const TemporaryFolder folder;
  TensorFile file = torch_mlp("net.");
  file.floats("criterion.weight", "[2]", {1, 2}).floats("network.0.bias", "[3]", {7, 8, 9});
  const std::string path = folder.write("lightning", file.bytes());
  for (const char* const prefix : {"net", "net."}) {
    nn::Sequential model = mlp();
    const nn::LoadReport report = nn::load_model(path, model, {.prefix = prefix});
    check_mlp(model);
    CHECK(report.is_complete());
    CHECK(report.ignored == Names{"criterion.weight", "network.0.bias"});
    CHECK(report.prefix == "net.");
  }
  nn::Sequential model = mlp();
  CHECK(contains(refusal(path, model), "missing: layers.0.weight"));
  CHECK(contains(refusal(path, model, {.prefix = "mlp"}), "ignored: net.0.weight"));
  // None is removed if the empty one is given.
  CHECK(contains(refusal(folder.write("x", torch_mlp("net.").bytes()), model, {.prefix = ""}),
                 "unexpected: net.0.weight"));
}

TEST_CASE("names are mapped by a function or a table") {
  const TemporaryFolder folder;
  TensorFile file;
  file.floats("fc1.bias", "[3]", {0.5, -1, 0})
      .floats("fc1.weight", "[3,2]", {1, 2, 3, 4, 5, -6})
      .floats("head.b", "[1]", {0.25})
      .floats("head.weight", "[1,3]", {1, -1, 2})
      .floats("fc10.weight", "[1]", {9})
      .longs("steps", "[]", {12});
  const std::string path = folder.write("custom", file.bytes());
  const auto loads = [&](const nn::LoadModelOptions& options) {
    nn::Sequential model = mlp();
    const nn::LoadReport report = nn::load_model(path, model, options);
    check_mlp(model);
    CHECK(report.ignored == Names{"fc10.weight", "steps"});
  };
  loads({.rename = {{"fc1", "layers.0"},
                    {"head", "2"},
                    {"head.b", "layers.2.bias"},  // longer than "head"
                    {"fc10.weight", ""},
                    {"steps", ""}}});
  loads({.rename = [](const std::string& name) -> std::string {
    if (name.starts_with("fc1.")) return "0." + name.substr(4);
    if (name.starts_with("head.")) return name == "head.b" ? "2.bias" : "2.weight";
    return "";
  }});

  nn::Sequential model = mlp();
  // Two for one.
  CHECK(contains(refusal(path, model, {.rename = [](const std::string&) { return "0.bias"; }}),
                 path + ": fc1.bias and fc1.weight are both for layers.0.bias, but differ"));
  // Prefixes are not searched for: the function sees the names of the file.
  CHECK(contains(refusal(folder.write("wrapped", torch_mlp("module.").bytes()), model,
                         {.rename = [](const std::string& name) { return name; }}),
                 "unexpected: module.0.bias"));
  // The name that the function sees lacks the given prefix.
  const nn::LoadReport report =
      nn::load_model(folder.write("wrapped", torch_mlp("module.").bytes()), model,
                     {.prefix = "module", .rename = [](const std::string& name) {
                        CHECK(name.size() == (name.ends_with("t") ? 8 : 6));
                        return "layers." + name;
                      }});
  CHECK(report.is_complete());
  check_mlp(model);
  // A function that is not given for all names fails as it likes, and nothing changes.
  CHECK_THROWS_AS(nn::load_model(path, model,
                                 {.rename =
                                      [](const std::string& name) {
                                        const std::map<std::string, std::string> table;
                                        return table.at(name);
                                      }}),
                  std::out_of_range);
  check_mlp(model);
  CHECK_THROWS_AS(nn::Rename({{"fc1.", "layers.0"}}), DomainError);
  CHECK_THROWS_AS(nn::Rename({{"fc1", "layers."}}), DomainError);
  CHECK_THROWS_AS(nn::Rename({{"", "layers"}}), DomainError);
  CHECK(nn::Rename({{"a.b", "x"}})("a.bc.d") == "a.bc.d");
  CHECK(nn::Rename({{"a.b", "x"}, {"a", "y"}})(".a") == ".a");
  CHECK(nn::Rename({{"a", "x"}})("") == "");
  CHECK(nn::Rename()("a") == "a");
}

TEST_CASE("hostile names take no time") {
  const TemporaryFolder folder;
  std::string dots;
  for (int i = 0; i < 100'000; ++i) dots += "a.";
  TensorFile file;
  file.floats(dots + "x", "[1]", {1}).floats(dots + "y", "[1]", {1}).floats(dots, "[0]", {});
  const std::string path = folder.write("dots", file.bytes());
  nn::Sequential model = mlp();
  CHECK_FALSE(refusal(path, model).empty());
  CHECK_FALSE(refusal(path, model, {.rename = {{"b", "c"}}}).empty());
}
