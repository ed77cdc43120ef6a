// Tensors in files of NumPy's formats. For the formats in memory, see io/npy.hpp and io/npz.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/graph/tensor.hpp"
#include "autodiff/io/npz_member.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

// Loaded tensors are constants. Loading throws FormatError, which names the file and the byte, if
// the file cannot be read; the memory used is bounded by the actual contents of the file. Saving
// replaces a file; on failure it leaves the file unchanged and throws FormatError.

/// Loads an array written by numpy.save() or save_npy(). float16 and float32 become float32;
/// float64, integers and booleans become float64.
Tensor load_npy(const std::string& path);
/// Loads integers without conversion.
Indices load_npy_indices(const std::string& path);
/// Saves a file that numpy.load() reads: float32 or float64, row-major.
void save_npy(const std::string& path, const Tensor& x);
/// Saves int64.
void save_npy(const std::string& path, const Indices& x);

/// Tensors with names, in order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// The arrays in a .npz file, in their order, with element types and shapes. Also lists those that
/// cannot be loaded and says why. Reads headers only.
std::vector<NpzMember> list_npz(const std::string& path);
/// Loads all arrays written by numpy.savez(), savez_compressed() (if the library was built with
/// zlib) or save_npz(), in the order of the file. Leaves out arrays that do not consist of real
/// numbers, such as objects, texts and complex numbers; list_npz() names them.
NamedTensors load_npz(const std::string& path);
/// Loads the array with this name. Throws FormatError, which lists the names, if there is none, and
/// if its elements are not real numbers. Other arrays of the file do not matter.
Tensor load_npz(const std::string& path, std::string_view name);
Indices load_npz_indices(const std::string& path, std::string_view name);
/// Saves a file that numpy.load() reads, uncompressed. Throws FormatError if two tensors have the
/// same name.
void save_npz(const std::string& path, std::span<const std::pair<std::string, Tensor>> tensors);
void save_npz(const std::string& path,
              std::initializer_list<std::pair<std::string, Tensor>> tensors);

}  // namespace chainrule
