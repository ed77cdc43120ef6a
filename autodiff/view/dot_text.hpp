// Text for a DOT picture, safe whatever a name contains.
#pragma once

#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule::dot_text {

/// The text with everything that cannot be shown written as in C: \n, \x07, \u202e.
std::string visible(std::string_view text);

/// At most `most` code points of a text, of which `tail` are the last ones, with … for what is left
/// out.
std::string shorten(const std::string& text, std::size_t most, std::size_t tail);

/// As text in an HTML-like label. Graphviz takes \N and the like for the names of things there,
/// too.
std::string html(std::string_view text);

/// As a tooltip, a quoted string in which Graphviz resolves entities, and backslashes twice.
std::string tooltip(std::string_view text);

}  // namespace chainrule::dot_text
