// Handwritten digits: a network with one hidden layer learns MNIST from its IDX files, which are
// not part of this project.
//
//   mnist --data FOLDER --out results
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "autodiff/core/files.hpp"
#include "command_line.hpp"
#include "nn/nn.hpp"

namespace {

using namespace chainrule;
namespace fs = std::filesystem;

struct Options {
  fs::path data = "data/mnist", out;
  std::int64_t epochs = 10;
  std::uint64_t seed = 1;
  bool bfloat16 = false;
};

/// Images and labels of the part "train" or "t10k", compressed or not; nothing if the files are
/// missing.
std::optional<nn::Dataset> read_part(const fs::path& folder, const std::string& part) {
  for (const char* const ending : {".gz", ""}) {
    const fs::path images = folder / (part + "-images-idx3-ubyte" + ending);
    const fs::path labels = folder / (part + "-labels-idx1-ubyte" + ending);
    if (!fs::exists(images) || !fs::exists(labels)) continue;
    const nn::Dataset data = nn::Dataset::from_idx(images.string(), labels.string());
    return data.with_features(reshape(data.features(), {data.size(), -1}));
  }
  return {};
}

void explain_what_is_missing(const fs::path& folder) {
  fmt::print(
      stderr,
      "mnist: the MNIST database of handwritten digits is not in the folder {}.\n"
      "Many sites have its IDX files, under these names, with or without .gz:\n"
      "  t10k-images-idx3-ubyte.gz   t10k-labels-idx1-ubyte.gz\n"
      "  train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz\n"
      "The first two are enough: 8,000 of their images are then used for training, 2,000 for "
      "testing.\n"
      "Put them into a folder and run: mnist --data FOLDER\n",
      folder.string());
}

double megabytes_at_most() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return static_cast<double>(usage.ru_maxrss) / 1e6;  // in bytes; other systems use kilobytes
#else
  return static_cast<double>(usage.ru_maxrss) / 1e3;
#endif
}

int run(const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  std::optional<nn::Dataset> test = read_part(options.data, "t10k");
  if (!test) {
    explain_what_is_missing(options.data);
    return 2;
  }
  std::optional<nn::Dataset> training = read_part(options.data, "train");
  if (!training) {
    training = test->rows(0, 8000);
    test = test->rows(8000, 2000);
  }
  fmt::print("{} images for training, {} for testing\n", training->size(), test->size());

  nn::seed(options.seed);
  const nn::LinearOptions float32{.dtype = DType::float32};
  nn::Sequential model{nn::Linear(784, 128, float32), nn::Relu(), nn::Linear(128, 10, float32)};
  nn::Sgd optimizer(model.parameters(), {.learning_rate = 0.1, .momentum = 0.9});
  // Read when products are recorded, so it must live while the model trains.
  const ProductPrecision precision(options.bfloat16 ? Precision::bfloat16 : Precision::full);
  const nn::TrainResult result =
      nn::train(model, nn::cross_entropy, optimizer, *training,
                {.epochs = options.epochs,
                 .batch_size = 64,
                 .seed = options.seed,
                 .validation = *test,  // for observation only: it does not influence the training
                 .metrics = {{"accuracy", nn::accuracy}},
                 .epoch_schedule = nn::Cosine(options.epochs)});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  const nn::ConfusionMatrix confusion(nn::predict(model, test->features()), test->labels());
  if (!options.out.empty()) {
    fs::create_directories(options.out);
    result.history.plot((options.out / "curves.svg").string());
    write_file_atomically((options.out / "confusion.txt").string(), confusion.text());
    nn::save_model((options.out / "model.safetensors").string(), model);
    fmt::print("in {}: curves.svg, confusion.txt, model.safetensors\n", options.out.string());
  }
  fmt::print("test accuracy {:.4f}\n", confusion.accuracy());
  fmt::print("{} products, {:.1f} s, at most {:.0f} MB\n",
             options.bfloat16 ? "bfloat16" : "float32", seconds.count(), megabytes_at_most());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Learns the handwritten digits of MNIST."};
  app.add_option("--data", options.data, "folder with the IDX files")->capture_default_str();
  app.add_option("--out", options.out, "folder for curves, confusion matrix and the model");
  app.add_option("--epochs", options.epochs)->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_flag("--bfloat16", options.bfloat16, "products of matrices from rounded factors");
  return run_program(app, "mnist", argc, argv, [&] { return run(options); });
}
