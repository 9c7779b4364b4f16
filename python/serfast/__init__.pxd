# cython: language_level=3
"""serfast's features from Cython: see include/serfast.h."""

from libc.stdint cimport int64_t

cdef extern from "serfast.h" nogil:
    int SERFAST_ABI
    int SERFAST_OK
    int SERFAST_PARAMETER_ERROR
    int SERFAST_MEMORY_ERROR
    int SERFAST_INTERNAL_ERROR

    ctypedef struct serfast_error:
        int code
        char message[508]

    ctypedef struct serfast_option:
        pass

    serfast_option serfast_number(const char *name, double number)
    serfast_option serfast_text(const char *name, const char *text)
    serfast_option serfast_values(const char *name, const double *values, size_t n_values)

    ctypedef struct serfast_plan:
        pass

    ctypedef struct serfast_workspace:
        pass

    ctypedef struct serfast_api:
        int abi
        size_t size
        const char *version
        serfast_plan *(*plan_create)(
            const char *features, const serfast_option *options, size_t n_options, serfast_error *error
        ) noexcept nogil
        void (*plan_free)(serfast_plan *plan) noexcept nogil
        int64_t (*n_rows)(const serfast_plan *plan) noexcept nogil
        int64_t (*n_frames)(const serfast_plan *plan, int64_t n, serfast_error *error) noexcept nogil
        serfast_workspace *(*workspace_create)() noexcept nogil
        void (*workspace_free)(serfast_workspace *workspace) noexcept nogil
        int (*run)(
            const serfast_plan *plan, serfast_workspace *workspace, const float *y, int64_t n, float *out,
            serfast_error *error
        ) noexcept nogil

cdef extern from "serfast.h":
    const serfast_api *serfast_import() except NULL
