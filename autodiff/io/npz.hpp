// NumPy's .npz format in memory: ZIP archives of .npy files, as numpy.savez() makes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/io/npy.hpp"

namespace chainrule {

// `file` is what messages call the archive. All throw FormatError as parse_npy() and zip_entries()
// do. What a compressed member may grow to is what its own header says, and at most 1032 times its
// packed bytes. Members whose names do not end in .npy are left out; names are given without it.

/// The names in their order.
std::vector<std::string> npz_names(std::string_view bytes, const std::string& file);
/// All arrays in their order.
std::vector<std::pair<std::string, Array>> parse_npz(std::string_view bytes,
                                                     const std::string& file);
/// The array of one name. Throws FormatError, which lists the names, if there is none.
Array parse_npz_array(std::string_view bytes, std::string_view name, const std::string& file);
Indices parse_npz_indices(std::string_view bytes, std::string_view name, const std::string& file);

}  // namespace chainrule
