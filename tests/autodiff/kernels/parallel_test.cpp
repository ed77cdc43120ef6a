#include "autodiff/kernels/parallel.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "autodiff/core/error.hpp"
#include "autodiff/core/threads.hpp"

using namespace chainrule;

TEST_CASE("ranges cover all indices once, in pieces no smaller than the grain") {
  const int before = thread_count();
  for (const int threads : {1, 2, 5}) {
    set_thread_count(threads);
    for (const std::size_t n : {0, 1, 7, 100}) {
      for (const std::size_t grain : {0, 1, 30, 1000}) {
        std::vector<std::atomic<int>> visits(n);
        std::atomic<int> calls = 0, small = 0;
        parallel_for(n, grain, [&](std::size_t first, std::size_t last) {
          ++calls;
          if (last - first < grain && last - first < n) ++small;
          for (std::size_t i = first; i < last; ++i) ++visits[i];
        });
        for (const auto& count : visits) CHECK(count == 1);
        CHECK(calls <= threads);
        CHECK(small == 0);
        if (n < 2 * grain) CHECK(calls == (n > 0 ? 1 : 0));
      }
    }
  }
  set_thread_count(before);
}

TEST_CASE("an exception of the body leaves the loop") {
  const int before = thread_count();
  set_thread_count(2);
  const auto fail_last = [](std::size_t, std::size_t last) {
    if (last == 10) throw std::runtime_error("the last one");
  };
  CHECK_THROWS_WITH_AS(parallel_for(10, 1, fail_last), "the last one", std::runtime_error);
  set_thread_count(before);
}

TEST_CASE("nested loops run on the calling thread") {
  const int before = thread_count();
  set_thread_count(2);
  std::atomic<int> sum = 0;
  parallel_for(4, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i)
      parallel_for(8, 1,
                   [&](std::size_t from, std::size_t to) { sum += static_cast<int>(to - from); });
  });
  CHECK(sum == 32);
  set_thread_count(before);
}

TEST_CASE("loops of several threads at the same time are all completed") {
  const int before = thread_count();
  set_thread_count(3);
  constexpr std::size_t n = 1000;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller)
    callers.emplace_back([&wrong] {
      std::vector<int> visits(n, 0);  // each by one thread
      for (int round = 1; round <= 200; ++round) {
        parallel_for(n, 10, [&](std::size_t first, std::size_t last) {
          for (std::size_t i = first; i < last; ++i) ++visits[i];
        });
        wrong += visits != std::vector<int>(n, round);
      }
    });
  for (std::thread& caller : callers) caller.join();
  CHECK(wrong == 0);
  set_thread_count(before);
}

TEST_CASE("loops work after a pause that sends the team to sleep, and in a child process") {
  const int before = thread_count();
  set_thread_count(2);
  const auto sum = [] {
    std::atomic<int> total = 0;
    parallel_for(10, 1, [&](std::size_t first, std::size_t last) {
      total += static_cast<int>(last - first);
    });
    return total.load();
  };
  CHECK(sum() == 10);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(sum() == 10);
  // A child process has only this thread. It must not wait for the threads of the parent.
  const pid_t child = ::fork();
  if (child == 0) ::_exit(sum() == 10 ? 0 : 1);
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  set_thread_count(before);
}

TEST_CASE("a thread count below one, or unreasonably large, is an error") {
  CHECK_THROWS_AS(set_thread_count(0), DomainError);
  CHECK_THROWS_AS(set_thread_count(1025), DomainError);
  CHECK(thread_count() >= 1);
}
