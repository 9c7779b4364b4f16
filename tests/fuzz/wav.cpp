// Any bytes as a WAV file: read from memory and from a file, whole and in part, with equal results.
#include <algorithm>
#include <cstring>
#include <vector>

#include "audio/content.hpp"
#include "audio/wav.hpp"
#include "scratch.hpp"

namespace {

using namespace serfast::audio;
using fuzz::expect;

bool same(const ReadResult& a, const ReadResult& b) { return a.status == b.status && a.message == b.message; }

template <class Sample> bool same(const std::vector<Sample>& a, const std::vector<Sample>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(Sample)) == 0);
}

// In memory of just the right size, so that a sanitizer sees what is written past it.
template <class Sample> std::vector<Sample> samples(WavReader& reader, FrameRange range, bool mono) {
    std::vector<Sample> out(static_cast<size_t>(range.count * (mono ? 1 : reader.info().channels)));
    const ReadResult result = mono ? reader.read_mono(range, out.data()) : reader.read_planar(range, out.data());
    expect(bool(result), "a file that does not change is read to its end");
    return out;
}

template <class Sample> void compare(WavReader& memory, WavReader& file, double offset, double duration) {
    const WavInfo& info = memory.info();
    const FrameRange part = frames_between(info, offset, duration);
    expect(part.first >= 0 && part.count >= 0 && part.first + part.count <= info.frames, "a part lies in the whole");
    const auto whole = samples<Sample>(memory, {0, info.frames}, true);
    for (const bool mono : {true, false}) {
        const auto some = samples<Sample>(memory, part, mono);
        expect(same(some, samples<Sample>(file, part, mono)), "memory and file have equal samples");
        if (mono)
            expect(same(some, {whole.begin() + part.first, whole.begin() + part.first + part.count}),
                   "a part has the whole's samples");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto count = static_cast<int64_t>(size);
    std::vector<uint8_t> bytes(data, data + size);
    bytes.resize(size + WavReader::bytes_beyond);
    const std::filesystem::path path = fuzz::Scratch::one().holding({data, data + size});
    FileContent content;
    expect(bool(hash_file(path, content)) && content.hash == content_hash(bytes.data(), count),
           "memory and file have equal hashes");
    expect(content.id_size == std::min<int64_t>(count, 4) && std::equal(content.id, content.id + content.id_size, data),
           "a file begins as it does");

    WavReader memory, file;
    const ReadResult opened = memory.open(bytes.data(), count);
    expect(same(opened, file.open(path)), "memory and file are opened alike");
    if (!opened) return 0;
    const WavInfo &info = memory.info(), &other = file.info();
    expect(info.sample_rate == other.sample_rate && info.channels == other.channels && info.frames == other.frames &&
               info.encoding == other.encoding,
           "memory and file have equal headers");
    expect(info.sample_rate >= 1 && info.channels >= 1 && info.channels <= 1024 && info.frames >= 0 &&
               info.frames * info.channels <= count,
           "no more samples than bytes");
    // Any times: the hash is as good as chance, and small ones lie in the file.
    double any[2];
    uint64_t hash = content.hash;
    std::memcpy(any, &hash, sizeof hash);
    hash = content_hash(reinterpret_cast<const uint8_t*>(&hash), sizeof hash);
    std::memcpy(any + 1, &hash, sizeof hash);
    compare<float>(memory, file, any[0], any[1]);
    const double seconds = static_cast<double>(info.frames) / info.sample_rate;
    compare<double>(memory, file, seconds * static_cast<double>(hash % 1000) / 1000, seconds / 3);
    std::vector<float> all;
    expect(bool(file.read_all(all)) && static_cast<int64_t>(all.size()) == info.frames, "all is read");
    return 0;
}
