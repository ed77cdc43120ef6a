// Files with the parameters of a model, of this library and of PyTorch.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "nn/model/module.hpp"

namespace chainrule::nn {

struct SaveModelOptions {
  /// Names as in the state_dict of an equal torch.nn.Sequential, "0.weight" instead of
  /// "layers.0.weight", and the metadata that PyTorch's programs write.
  bool pytorch_names = false;
};

/// Writes the parameters and buffers in the safetensors format, under the names of parameters(),
/// for inference and for other programs. The file is replaced as a whole or not at all. Throws
/// FormatError if it cannot be written, DomainError if two of the names are equal.
///
/// In PyTorch, model.load_state_dict(safetensors.torch.load_file(path)) reads a file that was
/// written with pytorch_names. The counters "num_batches_tracked" of its batch normalisations
/// start at 0 then.
void save_model(const std::string& path, const Module& model, const SaveModelOptions& options = {});

/// The name in the model for a name in a file, by a function or a table:
///
///   {.rename = [](const std::string& name) { return "net." + name; }}
///   {.rename = {{"fc1", "layers.0"}, {"fc2", "layers.2"}, {"head", ""}}}
///
/// An entry of a table replaces a whole name or the start of a name up to a dot; if several fit,
/// the longest one. Other names stay. The name "" leaves the tensor out.
class Rename {
 public:
  using Table = std::map<std::string, std::string, std::less<>>;

  Rename() = default;
  template <class F>
    requires(std::convertible_to<std::invoke_result_t<F&, const std::string&>, std::string>)
  Rename(F f) : function_(std::move(f)) {}
  /// Throws DomainError for an entry that is empty or ends in a dot.
  Rename(Table table);
  Rename(std::initializer_list<Table::value_type> table) : Rename(Table(table)) {}

  explicit operator bool() const { return function_ != nullptr; }
  /// The name itself if neither a function nor a table was given.
  std::string operator()(const std::string& name) const;

 private:
  std::function<std::string(const std::string&)> function_;
};

struct LoadModelOptions {
  /// Whether all parameters and buffers must be in the file, with their shapes, and nothing else.
  /// Otherwise, what fits is loaded, and the report names the rest.
  bool strict = true;
  /// Load only tensors whose names begin with these parts, such as "module" or "model.encoder",
  /// and remove them from the names. By default, parts that all names share are removed if more
  /// names are then those of the model, unless there is a `rename`.
  std::optional<std::string> prefix = {};
  /// Applied to the names of the file, without the prefix.
  Rename rename = {};
};

/// What load_model() did with each tensor.
struct LoadReport {
  struct Mismatch {
    std::string name;  ///< in the model
    std::string problem;
  };
  std::vector<std::string> loaded;   ///< names in the model
  std::vector<std::string> missing;  ///< names in the model that the file lacks
  std::vector<Mismatch> mismatched;  ///< of another shape, or with elements that cannot be loaded
  std::vector<std::string> unexpected;  ///< names in the file that the model lacks
  /// Names in the file that were left out on purpose: by `prefix` or `rename`, the counters
  /// "num_batches_tracked" of PyTorch's batch normalisations, and copies of tied parameters.
  std::vector<std::string> ignored;
  std::string prefix;  ///< that was removed from names in the file, with its last dot

  /// Whether the file and the model have the same tensors, except for ignored ones.
  bool is_complete() const { return missing.empty() && mismatched.empty() && unexpected.empty(); }
  /// All of it as text, at most 20 names of each kind.
  std::string text() const;
};

/// Reads a file of save_model(), the "model" of a checkpoint, or a state_dict of PyTorch in the
/// safetensors format. Values are converted to the element types of the model. Layers of a
/// Sequential are found with and without "layers." in their names, so a torch.nn.Sequential fits
/// the Sequential of the same layers. Random streams stay as they are.
///
/// Throws FormatError, and changes nothing, if the file cannot be read, if two different tensors
/// are for the same parameter, if it is strict and the report is not complete, and if nothing could
/// be loaded. The message has the text of the report.
LoadReport load_model(const std::string& path, Module& model, const LoadModelOptions& options = {});

}  // namespace chainrule::nn
