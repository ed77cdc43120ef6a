// expect: deleted
// A parameter enters a graph only through a call.
#include "nn/model/parameter.hpp"

chainrule::Tensor entered(const chainrule::nn::Parameter& weight) {
#ifdef CHAINRULE_MUST_FAIL
  return weight;
#else
  return weight();
#endif
}
