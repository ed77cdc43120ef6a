#include "nn/training/interrupt.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

using chainrule::nn::InterruptGuard;

namespace {

volatile std::sig_atomic_t own_calls = 0;
void own_handler(int) { own_calls = own_calls + 1; }

/// Sets the handler of a signal for one test.
class Handler {
 public:
  explicit Handler(void (*handler)(int), int signal = SIGINT)
      : signal_(signal), before_(std::signal(signal, handler)) {}
  ~Handler() { std::signal(signal_, before_); }

 private:
  int signal_;
  void (*before_)(int);
};

/// The status, by waitpid(), of a child process that runs this function.
template <class Action>
int status_of_child(Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    action();
    ::_exit(7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a signal sets a flag, and the previous handlers are restored") {
  for (const int signal : {SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const Handler interrupt(own_handler, SIGINT), termination(own_handler, SIGTERM);
    own_calls = 0;
    {
      const InterruptGuard guard;
      CHECK_FALSE(guard.requested());
      std::raise(signal);
      CHECK(guard.requested());
      CHECK(own_calls == 0);
    }
    std::raise(SIGINT);
    std::raise(SIGTERM);
    CHECK(own_calls == 2);
    {
      const InterruptGuard again;
      CHECK_FALSE(again.requested());
    }
    std::raise(signal);
    CHECK(own_calls == 3);
  }
}

TEST_CASE("nested guards: the outermost installs the handler, all see the signal") {
  const Handler handler(own_handler);
  own_calls = 0;
  {
    const InterruptGuard outer;
    {
      const InterruptGuard inner;
      std::raise(SIGINT);
      CHECK(inner.requested());
    }
    CHECK(outer.requested());
    const InterruptGuard later;
    CHECK(later.requested());
  }
  CHECK(own_calls == 0);
  std::raise(SIGINT);
  CHECK(own_calls == 1);
}

TEST_CASE("a second signal, either of the two, ends the program") {
  for (const int first : {SIGINT, SIGTERM})
    for (const int second : {SIGINT, SIGTERM}) {
      CAPTURE(first);
      CAPTURE(second);
      const int status = status_of_child([=] {
        const InterruptGuard guard;
        std::raise(first);
        if (!guard.requested()) ::_exit(1);
        std::raise(second);
      });
      CHECK(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == second);
    }
  const int polite = status_of_child([] {
    const InterruptGuard guard;
    std::raise(SIGTERM);
  });
  CHECK(WIFEXITED(polite));
  CHECK(WEXITSTATUS(polite) == 7);
}

TEST_CASE("an ignored signal stays ignored, also after the other one") {
  for (const int ignored : {SIGINT, SIGTERM}) {
    const int other = ignored == SIGINT ? SIGTERM : SIGINT;
    const Handler handler(SIG_IGN, ignored), ends(own_handler, other);
    const InterruptGuard guard;
    std::raise(ignored);
    CHECK_FALSE(guard.requested());
    std::raise(other);
    CHECK(guard.requested());
    std::raise(ignored);  // would end the program
  }
}
