#include "nn/training/interrupt.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using chainrule::nn::InterruptGuard;

namespace {

volatile std::sig_atomic_t own_calls = 0;
void own_handler(int) { own_calls = own_calls + 1; }

/// Sets the handler of SIGINT for one test.
class Handler {
 public:
  explicit Handler(void (*handler)(int)) : before_(std::signal(SIGINT, handler)) {}
  ~Handler() { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

/// The status, by waitpid(), of a child process that runs this function.
template <class Action>
int status_of_child(Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    action();
    ::_exit(7);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("Ctrl-C sets a flag, and the previous handler is restored") {
  const Handler handler(own_handler);
  own_calls = 0;
  {
    const InterruptGuard guard;
    CHECK_FALSE(guard.requested());
    std::raise(SIGINT);
    CHECK(guard.requested());
    CHECK(own_calls == 0);
  }
  std::raise(SIGINT);
  CHECK(own_calls == 1);
  {
    const InterruptGuard again;
    CHECK_FALSE(again.requested());
  }
  std::raise(SIGINT);
  CHECK(own_calls == 2);
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

TEST_CASE("the second Ctrl-C ends the program") {
  const int status = status_of_child([] {
    const InterruptGuard guard;
    std::raise(SIGINT);
    if (!guard.requested()) ::_exit(1);
    std::raise(SIGINT);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
  const int polite = status_of_child([] {
    const InterruptGuard guard;
    std::raise(SIGINT);
  });
  CHECK(WIFEXITED(polite));
  CHECK(WEXITSTATUS(polite) == 7);
}

TEST_CASE("an ignored SIGINT stays ignored") {
  const Handler handler(SIG_IGN);
  const InterruptGuard guard;
  std::raise(SIGINT);
  CHECK_FALSE(guard.requested());
}
