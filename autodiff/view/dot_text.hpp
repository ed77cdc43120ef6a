// Escapes text for a DOT picture, so that any name is safe.
#pragma once

#include <string>
#include <string_view>

#include "autodiff/core/language.hpp"

namespace chainrule::dot_text {

/// The text with unprintable characters escaped as in C: \n, \x07, \u202e.
std::string visible(std::string_view text);

/// At most `limit` code points of a text: the first ones and the last `tail`, with … in place of
/// those in between.
std::string shorten(const std::string& text, std::size_t limit, std::size_t tail);

/// Escapes text for an HTML-like label, including \N and similar escapes, which Graphviz would
/// replace by the names of objects.
std::string html(std::string_view text);

/// Escapes text for a tooltip: a quoted string in which Graphviz resolves entities, and resolves
/// backslashes twice.
std::string tooltip(std::string_view text);

}  // namespace chainrule::dot_text
