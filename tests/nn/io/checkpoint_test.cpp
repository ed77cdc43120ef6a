#include "nn/io/checkpoint.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "nn/io/safetensors.hpp"
#include "tests/support/message_of.hpp"
#include "tests/support/small_training.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace chainrule;
using namespace chainrule::testing;

TEST_CASE("states are read back bit for bit: arrays, numbers, texts and empty ones") {
  const TemporaryFolder folder;
  const std::string path = folder / "states";
  nn::State state;
  state.arrays["a.b.c"] = Array::filled(DType::float32, Shape{2, 3}, 0.1);
  state.arrays["none"] = Array::filled(DType::float64, Shape{0, 3}, 0.0);
  state.arrays["scalar"] = Array::scalar(DType::float64, -0.0);
  state.arrays["special"] = tensor({double(INFINITY), double(NAN), 5e-324}).value();
  state.numbers = {{"tenth", 0.1},
                   {"least", std::numeric_limits<double>::denorm_min()},
                   {"most", std::numeric_limits<double>::max()},
                   {"infinite", -INFINITY},
                   {"with.dot", 1.0 / 3.0}};
  state.texts = {{"line", "two\nlines, \"quoted\" \\ and \xc3\xa4"}, {"empty", ""}};
  nn::save_checkpoint(path, {{"first", state}, {"nothing", {}}});
  const nn::Checkpoint read = nn::load_checkpoint(path);
  REQUIRE(read.size() == 2);
  CHECK(same_bits(nn::state_in(read, "first"), state));
  CHECK(same_bits(nn::state_in(read, "nothing"), nn::State()));
  CHECK(nn::load_checkpoint((nn::save_checkpoint(path, {}), path)).empty());
}

TEST_CASE("a missing state is named, with those that exist") {
  CHECK(message_of<FormatError>([] {
          nn::state_in({{"model", {}}, {"optimizer", {}}}, "training");
        }) == "the checkpoint has no state 'training'; it has: model, optimizer");
  const TemporaryFolder folder;
  for (const char* const name : {"", "a.b", "a,b"})
    CHECK_THROWS_AS(nn::save_checkpoint(folder / "x", {{name, {}}}), DomainError);
  CHECK(folder.files() == 0);
  CHECK_THROWS_AS(nn::load_checkpoint(folder / "x"), FormatError);
}

TEST_CASE("what would prevent saving is found before, and nothing is written") {
  const TemporaryFolder folder;
  const nn::Sequential model = classifier();
  const nn::Checkpoint good = {{"model", model.state()}};
  const auto fault = [&](const std::string& path, const nn::Checkpoint& checkpoint) {
    const std::string found = message_of<Error>([&] { nn::check_can_save(path, checkpoint); });
    CHECK(found.empty() ==
          message_of<Error>([&] { nn::save_checkpoint(path, checkpoint); }).empty());
    return found;
  };
  nn::check_can_save(folder / "x", good);
  nn::check_can_save(folder / "x");
  CHECK(folder.files() == 0);
  CHECK(contains(fault(folder / "runs/x", good), "there is no folder " + (folder / "runs")));
  CHECK(contains(fault(folder / ".", good), "Is a directory"));
  CHECK(contains(fault("", good), "cannot write ''"));
  CHECK(contains(fault(folder / std::string(250, 'x'), good), "too long"));
  CHECK(contains(fault(folder / "x", {{"a.b", {}}}), "'a.b' cannot be the name of a state"));
  nn::State odd;
  odd.texts["key"] = "\xff";
  CHECK(contains(fault(folder / "x", {{"odd", odd}}), "not UTF-8"));
  CHECK(folder.files() == 0);

  const std::string old = folder.write("old", "old contents");
  nn::check_can_save(old, good);
  CHECK(contents_of(old) == "old contents");
  CHECK(folder.files() == 1);
  CHECK(fault(old, good).empty());  // and saves it
}

TEST_CASE("either both model and optimiser are restored, or neither") {
  nn::Sequential model = classifier(), other = classifier(2);
  nn::Adam adam(model.parameters());
  nn::Sgd sgd(other.parameters());
  const nn::Checkpoint checkpoint = {{"model", nn::clone(model).state()},
                                     {"optimizer", adam.state()}};
  const nn::State before = nn::clone(other).state();
  CHECK_THROWS_AS(nn::restore(checkpoint, other, sgd), FormatError);
  CHECK(same_bits(other.state(), before));
  nn::Adam fitting(other.parameters(), {.learning_rate = 1.0});
  nn::restore(checkpoint, other, fitting);
  CHECK(same_bits(other.state(), model.state()));
  CHECK(fitting.learning_rate() == adam.learning_rate());

  // The same from a file, which messages name.
  const TemporaryFolder folder;
  const std::string path = folder / "run";
  nn::save_checkpoint(path, checkpoint);
  nn::Sequential third = classifier(3), unlike{nn::Linear(2, 2)};
  nn::Adam for_third(third.parameters()), for_unlike(unlike.parameters());
  nn::restore(path, third, for_third);
  CHECK(same_bits(third.state(), model.state()));
  const nn::State old = nn::clone(unlike).state();
  const std::string message =
      message_of<FormatError>([&] { nn::restore(path, unlike, for_unlike); });
  CHECK(contains(message, path + ": Sequential: the state does not fit"));
  CHECK(contains(message, "Build model and optimiser as they were"));
  CHECK(same_bits(unlike.state(), old));
  nn::save_checkpoint(path, {{"model", model.state()}});
  CHECK(contains(message_of<FormatError>([&] { nn::restore(path, third, for_third); }),
                 path + ": the checkpoint has no state 'optimizer'; it has: model"));
}

TEST_CASE("a checkpoint with inconsistent names is an error") {
  const TemporaryFolder folder;
  const std::string path = folder / "odd";
  const auto refused = [&](nn::Safetensors contents) {
    nn::write_safetensors(path, contents);
    return message_of<FormatError>([&] { nn::load_checkpoint(path); });
  };
  nn::save_checkpoint(path, {{"model", {}}});
  const nn::Safetensors good = nn::read_safetensors(path);
  CHECK(refused(good).empty());
  nn::Safetensors odd = good;
  odd.arrays.emplace("other.weight", Array::filled(DType::float64, Shape{1}, 0.0));
  CHECK(contains(refused(odd), "'other.weight' belongs to none of the checkpoint's states"));
  odd = good;
  odd.metadata["number:model.x"] = std::string("one");
  CHECK(contains(refused(odd), "number:model.x is not a number"));
  odd = good;
  odd.metadata["text:nodot"] = std::string("x");
  CHECK(contains(refused(odd), "nodot"));
  odd = good;
  odd.indices.emplace("model.labels", Indices{1, 2});
  CHECK(contains(refused(odd), "model.labels"));
  odd = good;
  odd.arrays.emplace("model.x", Array::filled(DType::float64, Shape{1}, 0.0));
  CHECK(refused(odd).empty());
  std::string bytes = contents_of(path);
  bytes.replace(bytes.find("F64"), 3, "C64");
  CHECK(contains(message_of<FormatError>([&] { nn::load_checkpoint(folder.write("odd", bytes)); }),
                 "'model.x' of type C64: elements of this type cannot be read"));
  odd = good;
  for (auto& [name, text] : odd.metadata) text += " 2";
  CHECK(contains(refused(odd), "not a checkpoint"));
  CHECK(contains(refused(odd), "load_model() reads files with a model only"));
}
