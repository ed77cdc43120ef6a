#include "nn/io/model_file.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/io/safetensors.hpp"
#include "tests/support/model_files.hpp"
#include "tests/support/reference_data.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

namespace {

/// The names of the tensors in a file, by another reader of JSON.
Names names_in(const std::string& path) {
  const std::string bytes = contents_of(path);
  std::size_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  Names names;
  const Json header = Json::parse(bytes.substr(8, length));
  for (const auto& [name, entry] : header.items())
    if (name != "__metadata__") names.push_back(name);
  return names;
}

}  // namespace

TEST_CASE("the counter of PyTorch's batch normalisation is ignored, and no other") {
  const TemporaryFolder folder;
  TensorFile file;
  file.floats("module.0.bias", "[2]", {1, 2})
      .floats("module.0.running_mean", "[2]", {3, 4})
      .floats("module.0.running_var", "[2]", {0.25, 4})
      .floats("module.0.weight", "[2]", {2, 1});
  TensorFile counted = file;
  counted.longs("module.0.num_batches_tracked", "[]", {99});
  nn::Sequential model{nn::BatchNorm(2, {.eps = 0.0}), nn::Tanh()};
  const nn::LoadReport report = nn::load_model(folder.write("batch", counted.bytes()), model);
  CHECK(report.is_complete());
  CHECK(report.loaded.size() == 4);
  CHECK(report.ignored == Names{"module.0.num_batches_tracked"});
  model.eval();
  // ([3.5, 2] - [3, 4]) / sqrt([0.25, 4]) * [2, 1] + [1, 2] = [3, 1]
  const Tensor y = model(tensor({{3.5, 2}}));
  CHECK(y.at({0, 0}) == doctest::Approx(std::tanh(3.0)));
  CHECK(y.at({0, 1}) == doctest::Approx(std::tanh(1.0)));

  TensorFile elsewhere = file;
  elsewhere.longs("module.1.num_batches_tracked", "[]", {99});
  CHECK(contains(refusal(folder.write("batch", elsewhere.bytes()), model),
                 "unexpected: module.1.num_batches_tracked"));
  TensorFile other = file;
  other.longs("module.0.steps", "[]", {99});
  CHECK(
      contains(refusal(folder.write("batch", other.bytes()), model), "unexpected: module.0.steps"));
  TensorFile vector = file;
  vector.longs("module.0.num_batches_tracked", "[2]", {1, 2});
  CHECK(contains(refusal(folder.write("batch", vector.bytes()), model), "unexpected"));
  nn::BatchNorm alone(2);
  CHECK(nn::load_model(folder.write("batch", counted.bytes()), alone).prefix == "module.0.");
  CHECK(nn::load_model(folder / "batch", model, {.rename = {{"module.0", "layers.0"}}})
            .ignored.size() == 1);
}

TEST_CASE("a lenient load takes what fits and reports the rest") {
  const TemporaryFolder folder;
  TensorFile file;
  file.floats("0.bias", "[3]", {0.5, -1, 0})
      .floats("0.weight", "[2,3]", {1, 2, 3, 4, 5, -6})  // transposed
      .longs("2.bias", "[1]", {1})
      .add("extra", "C64", "[1]", std::string(8, '\0'))
      .floats("head.weight", "[1]", {1});
  const std::string path = folder.write("part", file.bytes());
  nn::Sequential model = mlp();
  const nn::State before = nn::clone(model).state();
  const std::string message = refusal(path, model);
  const nn::LoadReport report = nn::load_model(path, model, {.strict = false});
  CHECK(report.text() ==
        "1 of 4 tensors of the model fit\n"
        "  missing: layers.2.weight\n"
        "  mismatched: layers.0.weight: [2, 3] in the file, [3, 2] in the model\n"
        "  mismatched: layers.2.bias: integers in the file, but parameters are floating-point\n"
        "  unexpected: extra\n"
        "  unexpected: head.weight");
  CHECK(message == path + ": the file does not fit Sequential: " + report.text() +
                       "\n.prefix and .rename adapt the names in the file; .strict = false loads "
                       "what fits");
  CHECK_FALSE(report.is_complete());
  CHECK(report.loaded == Names{"layers.0.bias"});
  CHECK(report.missing == Names{"layers.2.weight"});
  CHECK(report.mismatched.size() == 2);
  CHECK(report.unexpected == Names{"extra", "head.weight"});
  nn::State wanted = before;
  wanted.arrays["layers.0.bias"] = tensor({0.5, -1, 0}).value();
  CHECK(same_bits(model.state(), wanted));

  // A type that cannot be read, where the model needs it.
  file = TensorFile();
  file.floats("0.bias", "[3]", {1, 2, 3}).add("0.weight", "F8_E4M3", "[3,2]", "123456");
  const nn::LoadReport eight =
      nn::load_model(folder.write("eight", file.bytes()), model, {.strict = false});
  REQUIRE(eight.mismatched.size() == 1);
  CHECK(eight.mismatched[0].name == "layers.0.weight");
  CHECK(contains(eight.mismatched[0].problem, "F8_E4M3 in the file: elements of this type"));

  // Nothing at all is an error, as it is a wrong file.
  file = TensorFile();
  file.floats("x", "[1]", {1});
  CHECK(contains(refusal(folder.write("wrong", file.bytes()), model, {.strict = false}),
                 "0 of 4 tensors"));
  nn::Sequential empty{nn::Tanh()};
  CHECK(nn::load_model(folder / "wrong", empty, {.strict = false}).unexpected == Names{"x"});
  CHECK_FALSE(refusal(folder / "wrong", empty).empty());
}

TEST_CASE("long reports are shortened") {
  const TemporaryFolder folder;
  TensorFile file = torch_mlp();
  for (int i = 100; i < 150; ++i)
    file.floats(std::string("x").append(std::to_string(i)), "[0]", {});
  nn::Sequential model = mlp();
  const std::string text =
      nn::load_model(folder.write("x", file.bytes()), model, {.strict = false}).text();
  CHECK(contains(text, "unexpected: x119\n  unexpected: 30 more"));
  CHECK_FALSE(contains(text, "x120"));
}

TEST_CASE("names of nested modules in PyTorch") {
  const TemporaryFolder folder;
  const std::string path = folder / "block";
  const Block block;
  nn::save_model(path, block, {.pytorch_names = true});
  CHECK(names_in(path) == Names{"body.0.bias", "body.0.weight", "body.1.1.bias", "body.1.1.weight",
                                "layers.0.bias", "layers.0.weight", "layers.1.bias",
                                "layers.1.weight"});
  CHECK(nn::read_safetensors(path).metadata.at("format") == "pt");
  for (const bool pytorch_names : {true, false}) {
    nn::save_model(path, block, {.pytorch_names = pytorch_names});
    Block other;
    CHECK(nn::load_model(path, other).is_complete());
    CHECK(same_bits(other.state(), block.state()));
  }
  CHECK(names_in(path)[0] == "body.layers.0.bias");
}

TEST_CASE("a model for PyTorch has the names, shapes and bytes of its state_dict") {
  const TemporaryFolder folder;
  nn::Sequential model = mlp();
  nn::load_model(folder.write("from", torch_mlp().bytes()), model);
  model.to(DType::float32);
  nn::save_model(folder / "to", model, {.pytorch_names = true});
  CHECK(contents_of(folder / "to") == contents_of(folder / "from"));
}

TEST_CASE("a tied parameter may be in the file once or several times") {
  const TemporaryFolder folder;
  const auto file_of = [&](const Names& names, float last = 4) {
    TensorFile file;
    file.floats("other.weight", "[1,2]", {5, 6});
    for (const std::string& name : names)
      file.floats(name, "[2]", {3, name == "encoder" ? last : 4.0f});
    return folder.write("tied", file.bytes());
  };
  for (const Names& names : {Names{"encoder"}, Names{"decoder"}, Names{"decoder", "encoder"}}) {
    Tied model;
    const nn::LoadReport report = nn::load_model(file_of(names), model);
    CHECK(report.is_complete());
    CHECK(report.loaded == Names{"encoder", "other.weight"});
    CHECK(report.ignored.size() == names.size() - 1);
    CHECK(model.copy.value().element(1) == 4.0);
  }
  Tied model;
  CHECK(contains(refusal(file_of({"decoder", "encoder"}, 5), model, {.strict = false}),
                 "decoder and encoder are both for encoder, but differ"));
  nn::save_model(folder / "out", model, {.pytorch_names = true});
  CHECK(names_in(folder / "out") == Names{"encoder", "other.weight"});
}

TEST_CASE("a saved model is converted to the element type of the model; mismatches are named") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  const nn::Sequential model = classifier(1, true);
  nn::save_model(path, model);
  CHECK(nn::read_safetensors(path).arrays.contains("layers.0.weight"));
  nn::Sequential other = classifier(2, true);
  other.to(DType::float32);
  nn::load_model(path, other);
  const Array& weight = other.parameters().at("layers.0.weight").value();
  CHECK(weight.dtype() == DType::float32);
  const Array wanted = model.parameters().at("layers.0.weight").value();
  for (std::int64_t i = 0; i < weight.size(); ++i)
    CHECK(weight.element(i) == static_cast<double>(static_cast<float>(wanted.element(i))));

  nn::Sequential smaller = classifier(3);
  const nn::State before = nn::clone(smaller).state();
  const std::string message = message_of<FormatError>([&] { nn::load_model(path, smaller); });
  CHECK(contains(message, path));
  CHECK(contains(message, "layers.1.running_var"));  // unexpected
  CHECK(contains(message, "layers.2.weight"));       // missing
  CHECK(same_bits(smaller.state(), before));
}

TEST_CASE("a model is loaded from a checkpoint, with any names") {
  const TemporaryFolder folder;
  const nn::Sequential model = classifier(1, true);
  nn::Adam optimizer(model.parameters());
  const std::string path = folder / "run";
  nn::save_checkpoint(path, {{"model", model.state()}, {"optimizer", optimizer.state()}});
  nn::Sequential other = classifier(2, true);
  CHECK(nn::load_model(path, other).is_complete());
  CHECK(same_bits(nn::State{other.state().arrays, {}, {}}, {model.state().arrays, {}, {}}));
  nn::save_checkpoint(path, {{"optimizer", optimizer.state()}});
  CHECK(contains(refusal(path, other), "no state 'model'"));
}
