// The named options of one feature, as the Python door passes them: all of them, already checked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "plan/error.hpp"

namespace serfast {

class Options {
  public:
    using Value = std::variant<std::monostate, bool, int64_t, double, std::string, std::vector<double>>;

    void set(const std::string& name, Value value) { values_[name] = std::move(value); }

    const Value& at(const char* name) const {
        const auto found = values_.find(name);
        if (found == values_.end())
            throw ParameterError("option " + std::string(name) + " is missing");
        return found->second;
    }
    bool is_none(const char* name) const { return std::holds_alternative<std::monostate>(at(name)); }
    bool is_text(const char* name) const { return std::holds_alternative<std::string>(at(name)); }
    bool flag(const char* name) const { return get<bool>(name); }
    const std::string& text(const char* name) const { return get<std::string>(name); }
    const std::vector<double>& array(const char* name) const {
        return get<std::vector<double>>(name);
    }
    double number(const char* name) const {
        if (const auto* whole = std::get_if<int64_t>(&at(name))) return static_cast<double>(*whole);
        return get<double>(name);
    }
    int integer(const char* name) const {
        const int64_t value = get<int64_t>(name);
        if (value < 0 || value > INT32_MAX / 2)
            throw ParameterError(std::string(name) + "=" + std::to_string(value) +
                                 " must lie between 0 and " + std::to_string(INT32_MAX / 2));
        return static_cast<int>(value);
    }

    // A text that is equal for equal values of the named options.
    std::string key(std::initializer_list<const char*> names) const;

  private:
    template <class X> const X& get(const char* name) const {
        const X* value = std::get_if<X>(&at(name));
        if (!value) throw ParameterError("option " + std::string(name) + " has the wrong type");
        return *value;
    }

    std::map<std::string, Value> values_;
};

}  // namespace serfast
