"""The tuning of signals with so many peaks that the core does not list them all."""

import numpy as np
import pytest

import serfast

SR = 8000
FRAMES = {"sr": SR, "n_fft": 2048, "hop_length": 64}
MOST_LISTED = 1 << 21  # csrc/stages/chroma.cpp


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).standard_normal(64 * 16000).astype(np.float32)


@pytest.fixture(scope="module")
def expected(noise):
    pitches, heights = serfast.piptrack(y=noise, **FRAMES)
    found = pitches > 0
    assert np.count_nonzero(found) > 1.2 * MOST_LISTED
    return serfast.pitch_tuning(pitches[found & (heights >= np.median(heights[found]))])


@pytest.mark.parametrize("threads", ["1", "3"])
def test_counting_peaks_finds_what_listing_finds(noise, expected, threads, monkeypatch):
    monkeypatch.setenv("SERFAST_NUM_THREADS", threads)
    assert serfast.estimate_tuning(y=noise, **FRAMES) == pytest.approx(expected)


def test_features_in_the_same_pass_are_not_computed_twice(noise):
    options = {"sr": SR, "n_fft": 2048, "hop_length": 64, "pool": ["mean", "std"]}
    together = serfast.Extractor(["melspectrogram", "chroma_stft"], **options)
    alone = serfast.Extractor(["melspectrogram"], **options)
    np.testing.assert_array_equal(together(noise)[: len(alone.names)], alone(noise))


@pytest.mark.parametrize("y", [np.zeros(4000), np.zeros((2, 4000), np.float32)])
def test_silence_has_no_tuning(y):
    with pytest.warns(UserWarning, match="empty frequency set") as caught:
        assert serfast.estimate_tuning(y=y) == 0
    assert caught[0].filename == __file__
