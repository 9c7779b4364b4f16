/* serfast's features from compiled code: C99, C++ and Cython.
 *
 * The functions are reached through one table, which the compiled core of the Python package exports:
 * serfast_import() finds it from code that has Python, serfast_get_api (a symbol of the core's file)
 * from code that loads symbols. The functions themselves never touch Python: call them from any
 * thread, without the GIL. See docs/c-api in the repository.
 */
#ifndef SERFAST_H
#define SERFAST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when code that was compiled with an older header would break. */
#define SERFAST_ABI 1

enum {
    SERFAST_OK = 0,
    SERFAST_PARAMETER_ERROR = -1, /* an option, or the signal, is refused */
    SERFAST_MEMORY_ERROR = -2,
    SERFAST_INTERNAL_ERROR = -3
};

/* What went wrong, in words; unchanged where nothing did. */
typedef struct serfast_error {
    int code;
    char message[508];
} serfast_error;

/* An option, by the name that it has in Python, and what it is set to:
 *
 *     serfast_option options[] = {serfast_number("sr", 16000), serfast_text("top_db", "none")};
 */
typedef struct serfast_option {
    const char *name;
    double number;
    const char *text;     /* counts before number */
    const double *values; /* counts before text */
    size_t n_values;
} serfast_option;

/* A number; 0 and 1 for Python's False and True. */
static inline serfast_option serfast_number(const char *name, double number) {
    serfast_option option = {name, number, NULL, NULL, 0};
    return option;
}

/* A choice, such as "reflect"; "none" for Python's None. */
static inline serfast_option serfast_text(const char *name, const char *text) {
    serfast_option option = {name, 0, text, NULL, 0};
    return option;
}

/* The samples of a window. */
static inline serfast_option serfast_values(const char *name, const double *values, size_t n_values) {
    serfast_option option = {name, 0, NULL, values, n_values};
    return option;
}

typedef struct serfast_plan serfast_plan;           /* constant: any number of threads may share it */
typedef struct serfast_workspace serfast_workspace; /* scratch of one thread, for any plans */

typedef struct serfast_api {
    int abi;             /* SERFAST_ABI of the library */
    size_t size;         /* of this table: functions are added at its end */
    const char *version; /* of the package */

    /* The plan of one feature, such as "mfcc", or of several, "mfcc,rms", whose rows are stacked.
     * Options that are not given have librosa's defaults. An option applies to each feature that has
     * it; with a feature's name before it, "mfcc.norm", to that one. NULL where something is refused;
     * here and below, `error` may be NULL. */
    serfast_plan *(*plan_create)(const char *features, const serfast_option *options, size_t n_options,
                                 serfast_error *error);
    void (*plan_free)(serfast_plan *plan);

    int64_t (*n_rows)(const serfast_plan *plan);
    /* Frames of a signal of n samples, 0 to 2^61 - 1, or a negative code. */
    int64_t (*n_frames)(const serfast_plan *plan, int64_t n, serfast_error *error);

    serfast_workspace *(*workspace_create)(void); /* NULL where memory is short */
    void (*workspace_free)(serfast_workspace *workspace);

    /* Features of a signal of n samples, as the function of that name gives them in Python for float32:
     * n_rows rows of n_frames values, row after row. Returns SERFAST_OK or a negative code. A workspace
     * spares later calls the allocations; it may be NULL. */
    int (*run)(const serfast_plan *plan, serfast_workspace *workspace, const float *y, int64_t n, float *out,
               serfast_error *error);
} serfast_api;

/* The table, or NULL where the library's is another ABI than `abi`, the caller's SERFAST_ABI. */
typedef const serfast_api *(*serfast_get_api_function)(int abi);

#ifdef Py_PYTHON_H
/* The table, by importing the package; NULL with a Python exception set where that fails. Needs the
 * GIL; include Python.h before this header. */
static inline const serfast_api *serfast_import(void) {
    const serfast_api *api = (const serfast_api *)PyCapsule_Import("serfast._core._C_API", 0);
    if (api && api->abi != SERFAST_ABI) {
        PyErr_Format(PyExc_ImportError, "compiled for version %d of serfast's C interface; serfast %s has version %d",
                     SERFAST_ABI, api->version, api->abi);
        return NULL;
    }
    return api;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
