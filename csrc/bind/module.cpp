#include "bind/bind.hpp"

PYBIND11_MODULE(_core, m, pybind11::mod_gil_not_used()) {
    using namespace serfast::bind;
    m.doc() = "The compiled core of serfast. Not a public interface: use the package's functions.";
    register_errors(m);
    register_config(m);
    register_filters(m);
    register_arrays(m);
    register_stft(m);
    register_f0(m);
    register_response(m);
    register_gemaps(m);
    register_plan(m);
    register_separation(m);
    register_vocoder(m);
    register_batch(m);
    register_stream(m);
    register_audio(m);
    register_capi(m);
}
