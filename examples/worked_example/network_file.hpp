// Reads a network from a file.
#pragma once

#include <string>

#include "worked_example/network.hpp"

namespace worked_example {

/// Reads a text file of lines `name = number`, where name is one of i1, i2, w1 to w8, b1, b2,
/// target_o1, target_o2. `#` starts a comment, empty lines are skipped, and quantities not
/// mentioned keep the tutorial's numbers. Throws chainrule::FormatError, which names the file and
/// the line, if the file cannot be read, a line has no `=`, a name is unknown or repeated, or the
/// value is not a finite number.
Network<double> read_network(const std::string& path);

}  // namespace worked_example
