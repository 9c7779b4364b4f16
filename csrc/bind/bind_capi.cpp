#include <serfast.h>

#include "bind/bind.hpp"

extern "C" const serfast_api* serfast_get_api(int abi);

namespace serfast::bind {

void register_capi(py::module_& m) {
    m.attr("_C_API") = py::capsule(serfast_get_api(SERFAST_ABI), "serfast._core._C_API");
}

}  // namespace serfast::bind
