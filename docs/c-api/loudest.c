/* The loudest frame of a signal, from plain C: a plan, a run, and the plan is freed. */
#include <serfast.h>
#include <stdlib.h>

/* Its number, or a negative code with the reason in `error`. */
int64_t loudest_frame(const serfast_api *api, const float *y, int64_t n, int hop_length, serfast_error *error) {
    const serfast_option options[] = {
        serfast_number("hop_length", hop_length),
        serfast_text("pad_mode", "reflect"),
    };
    int64_t loudest = SERFAST_MEMORY_ERROR;
    serfast_plan *plan = api->plan_create("rms", options, 2, error);
    if (!plan) return error->code;
    const int64_t n_frames = api->n_frames(plan, n, error);
    float *rms = n_frames > 0 ? (float *)malloc(sizeof(float) * (size_t)n_frames) : NULL;
    if (n_frames < 0) loudest = n_frames;
    else if (rms) loudest = api->run(plan, NULL, y, n, rms, error);
    for (int64_t t = 0; loudest >= 0 && t < n_frames; ++t)
        if (rms[t] > rms[loudest]) loudest = t;
    free(rms);
    api->plan_free(plan);
    return loudest;
}
