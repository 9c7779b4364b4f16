# cython: language_level=3
"""MFCC from Cython: no Python, and no GIL, between the samples and the coefficients."""

cimport serfast

import numpy as np


cdef class Mfcc:
    """``Mfcc(sr, n_mfcc)(y)`` is ``serfast.mfcc(y=y, sr=sr, n_mfcc=n_mfcc)``."""

    cdef const serfast.serfast_api *api
    cdef serfast.serfast_plan *plan

    def __cinit__(self, double sr, int n_mfcc=20):
        cdef serfast.serfast_option[2] options
        cdef serfast.serfast_error error
        options[0] = serfast.serfast_number("sr", sr)
        options[1] = serfast.serfast_number("n_mfcc", n_mfcc)
        self.api = serfast.serfast_import()
        self.plan = self.api.plan_create("mfcc", options, 2, &error)
        if self.plan is NULL:
            raise ValueError(error.message.decode())

    def __dealloc__(self):
        if self.api is not NULL:
            self.api.plan_free(self.plan)

    def __call__(self, const float[::1] y not None):
        cdef serfast.serfast_error error
        cdef int code
        frames = self.api.n_frames(self.plan, y.shape[0], &error)
        if frames < 0:
            raise ValueError(error.message.decode())
        result = np.empty((self.api.n_rows(self.plan), frames), np.float32)
        cdef float[:, ::1] out = result
        with nogil:
            code = self.api.run(self.plan, NULL, &y[0], y.shape[0], &out[0, 0], &error)
        if code != serfast.SERFAST_OK:
            raise ValueError(error.message.decode())
        return result
