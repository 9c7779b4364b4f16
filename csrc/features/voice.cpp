#include "features/voice.hpp"

#include "stages/pitch.hpp"

namespace serfast {

namespace {

template <class T> Built<T> pitch(Plan<T>& plan, const Options& o) {
    const PitchRange range{o.number("sr"), o.integer("frame_length"), o.integer("min_period"),
                           o.integer("max_period")};
    const Framing framing{range.frame_length, o.integer("hop_length"), o.flag("center"), pad_of(o.text("pad_mode")),
                          false};
    Group<T>& group =
        plan.group("pitch " + o.key({"frame_length", "hop_length", "center", "pad_mode"}), framing);
    const std::string key = o.key({"sr", "min_period", "max_period", "trough_threshold"});
    return {&group, group.stage(key, [&] {
                return std::make_unique<PitchStage<T>>(range, o.number("trough_threshold"), plan.kernels().lanes);
            })};
}

}  // namespace

template <class T> Built<T> voiced_f0(Plan<T>& plan, const Options& o) {
    const Built<T> in = pitch(plan, o);
    const std::string key = std::to_string(in.stage) + ">voiced " + o.key({"min_periodicity"});
    return {in.group, in.group->stage(key, [&] {
                return std::make_unique<VoicedStage<T>>(in.stage, o.number("min_periodicity"));
            })};
}

template <class T> Built<T> periodicity(Plan<T>& plan, const Options& o) {
    const Built<T> in = pitch(plan, o);
    const std::string key = std::to_string(in.stage) + ">periodicity";
    return {in.group, in.group->stage(key, [&] { return std::make_unique<PeriodicityStage<T>>(in.stage); })};
}

template Built<float> voiced_f0(Plan<float>&, const Options&);
template Built<double> voiced_f0(Plan<double>&, const Options&);
template Built<float> periodicity(Plan<float>&, const Options&);
template Built<double> periodicity(Plan<double>&, const Options&);

}  // namespace serfast
