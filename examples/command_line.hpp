// Command-line handling shared by the examples that have options.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

/// Parses the arguments and calls run(). Returns the exit code for main(): that of run(), 0 if help
/// was requested, or 2 after printing an error on stderr if the arguments are invalid or run()
/// throws.
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
