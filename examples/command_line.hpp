// How the examples that have options start and end.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

/// Reads the arguments, then runs. Returns what main() shall: run()'s word, 0 where help was asked
/// for, or 2 after saying on stderr what is wrong with the arguments or what run() has thrown.
template <class Run>
int run_program(CLI::App& app, const char* name, int argc, char** argv, const Run& run) {
  try {
    app.parse(argc, argv);
    return run();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return 2;
  }
}
