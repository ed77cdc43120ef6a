// NumPy's .npz format in memory: ZIP archives of .npy files, as written by numpy.savez().
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/io/npy.hpp"

namespace chainrule {

// In messages, the archive is called `file`. All functions throw FormatError like parse_npy() and
// zip_entries(). A compressed member may unpack to the size given by its own header, and to at most
// 1032 times its packed size. Members whose names do not end in .npy are skipped; the names are
// returned without that ending.

/// The names, in the order of the archive.
std::vector<std::string> npz_names(std::string_view bytes, const std::string& file);
/// All arrays, in the order of the archive.
std::vector<std::pair<std::string, Array>> parse_npz(std::string_view bytes,
                                                     const std::string& file);
/// The array with this name. Throws FormatError, which lists the names, if there is none.
Array parse_npz_array(std::string_view bytes, std::string_view name, const std::string& file);
Indices parse_npz_indices(std::string_view bytes, std::string_view name, const std::string& file);

}  // namespace chainrule
