// Tensors in files of NumPy's formats. For the formats themselves, in memory, see values/npy.hpp
// and values/npz.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/graph/tensor.hpp"
#include "autodiff/values/indices.hpp"

namespace chainrule {

// Loaded tensors are constants. Loading throws FormatError, which names the file and the byte, on
// anything that cannot be read; memory is bounded by what the file really holds. Saving replaces a
// file or, on any failure, leaves it as it was, and throws FormatError.

/// An array that numpy.save() or save_npy() wrote. float16 and float32 become float32; float64,
/// integers and booleans float64.
Tensor load_npy(const std::string& path);
/// Integers as they are.
Indices load_npy_indices(const std::string& path);
/// What numpy.load() reads: float32 or float64, row-major.
void save_npy(const std::string& path, const Tensor& x);
/// int64.
void save_npy(const std::string& path, const Indices& x);

/// Tensors and their names, in an order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// All arrays that numpy.savez(), savez_compressed() (if the library was built with zlib) or
/// save_npz() wrote, in the order of the file.
NamedTensors load_npz(const std::string& path);
/// One of them. Throws FormatError, which lists the names, if there is none of that name.
Tensor load_npz(const std::string& path, std::string_view name);
Indices load_npz_indices(const std::string& path, std::string_view name);
/// What numpy.load() reads, not compressed. Throws FormatError if two have one name.
void save_npz(const std::string& path, std::span<const std::pair<std::string, Tensor>> tensors);
void save_npz(const std::string& path,
              std::initializer_list<std::pair<std::string, Tensor>> tensors);

}  // namespace chainrule
