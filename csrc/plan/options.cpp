#include "plan/options.hpp"

#include <cstring>

namespace serfast {

namespace {

void append_bits(std::string& key, double x) {
    char bits[sizeof x];
    std::memcpy(bits, &x, sizeof x);
    key.append(bits, sizeof x);
}

}  // namespace

std::string Options::key(std::initializer_list<const char*> names) const {
    std::string key;
    for (const char* name : names) {
        const Value& value = at(name);
        key += name;
        key += static_cast<char>('0' + value.index());
        if (const auto* b = std::get_if<bool>(&value)) key += *b ? '1' : '0';
        if (const auto* i = std::get_if<int64_t>(&value)) key += std::to_string(*i);
        if (const auto* d = std::get_if<double>(&value)) append_bits(key, *d);
        if (const auto* s = std::get_if<std::string>(&value)) key += *s;
        if (const auto* v = std::get_if<std::vector<double>>(&value))
            for (double x : *v) append_bits(key, x);
        key += ';';
    }
    return key;
}

}  // namespace serfast
