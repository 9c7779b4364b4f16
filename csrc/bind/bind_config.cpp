#include "bind/bind.hpp"
#include "plan/error.hpp"
#include "plan/isa.hpp"

namespace serfast::bind {

namespace {

std::string compiler() {
#if defined(__clang__)
    return std::string("Clang ") + __clang_version__;
#elif defined(__GNUC__)
    return std::string("GCC ") + __VERSION__;
#else
    return "unknown";
#endif
}

void raise_as(const char* name, const char* what) {
    py::set_error(py::module_::import("serfast.errors").attr(name), what);
}

}  // namespace

void register_errors(py::module_&) {
    py::register_exception_translator([](std::exception_ptr failure) {
        try {
            if (failure) std::rethrow_exception(failure);
        } catch (const ParameterError& error) {
            raise_as("ParameterError", error.what());
        } catch (const AudioError& error) {
            raise_as("AudioError", error.what());
        }
    });
}

void register_config(py::module_& m) {
    m.def("version", [] { return SERFAST_VERSION; }, "The version of the package.");
    m.def("compiler", &compiler, "The compiler that built the core.");
    m.def("active_isa", &active_isa, "The instruction set whose kernels run.");
    m.def("built_isas", &built_isas, "The instruction sets that were built, weakest first.");
    m.def("supported_isas", &supported_isas, "Those of the built instruction sets that this CPU runs.");
}

}  // namespace serfast::bind
