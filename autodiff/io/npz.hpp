// NumPy's .npz format in memory: ZIP archives of .npy files, as written by numpy.savez().
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autodiff/io/npy.hpp"
#include "autodiff/io/npz_member.hpp"

namespace chainrule {

// In messages, the archive is called `file`. All functions throw FormatError like parse_npy() and
// zip_entries(). A compressed member may unpack to the size given by its own header, and to at most
// 1032 times its packed size. Members whose names do not end in .npy are skipped; the names are
// returned without that ending.

/// All arrays, in the order of the archive, those that cannot be read included. Reads their headers
/// only: an array whose elements are damaged or missing is listed as readable.
std::vector<NpzMember> npz_members(std::string_view bytes, const std::string& file);
/// All arrays of numbers, in the order of the archive. Skips those of objects, structures, texts,
/// times and complex numbers, which npz_members() lists with a problem.
std::vector<std::pair<std::string, Array>> parse_npz(std::string_view bytes,
                                                     const std::string& file);
/// The array with this name. Throws FormatError, which lists the names, if there is none.
Array parse_npz_array(std::string_view bytes, std::string_view name, const std::string& file);
Indices parse_npz_indices(std::string_view bytes, std::string_view name, const std::string& file);

}  // namespace chainrule
