// SPDX-License-Identifier: MIT
// flat_json.cpp — a reader by recursive descent.
#include "tests/support/flat_json.hpp"

#include <algorithm>

namespace plainsong::tests {
namespace {

class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool read_all() {
        const bool good = read_value("");
        skip_blanks();
        return good && rest_.empty();
    }

    flat_values values;

private:
    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    }
    bool take(char wanted) {
        skip_blanks();
        if (rest_.empty() || rest_.front() != wanted) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    static std::string below(const std::string& path, const std::string& name) {
        return path.empty() ? name : path + "." + name;
    }

    bool read_string(std::string& into) {
        if (!take('"')) {
            return false;
        }
        while (!rest_.empty() && rest_.front() != '"') {
            if (static_cast<unsigned char>(rest_.front()) < 0x20) {
                return false;
            }
            if (rest_.front() == '\\') {
                if (rest_.size() < 2 ||
                    std::string_view("\"\\/bfnrtu").find(rest_[1]) == std::string_view::npos) {
                    return false;
                }
                into += rest_.front();
                rest_.remove_prefix(1);
            }
            into += rest_.front();
            rest_.remove_prefix(1);
        }
        return take('"');
    }

    bool read_word(std::string& into) {
        const std::size_t size = std::min(
            rest_.find_first_not_of("+-.0123456789abcdefghijklmnopqrstuvwxyzE"), rest_.size());
        into = rest_.substr(0, size);
        rest_.remove_prefix(size);
        if (into == "true" || into == "false" || into == "null") {
            return true;
        }
        const bool is_number = into.find_first_not_of("+-.0123456789eE") == std::string::npos;
        const std::size_t digit = into.find_first_of("0123456789");
        return is_number && digit <= 1 && (digit == 0 || into[0] == '-') && into.back() >= '0' &&
               into.back() <= '9' &&
               (into[digit] != '0' || into.size() == digit + 1 || into[digit + 1] == '.');
    }

    bool read_members(const std::string& path, char end, bool named) {
        if (take(end)) {
            return true;
        }
        for (int number = 0;; ++number) {
            std::string name = named ? "" : std::to_string(number);
            if (named && (!read_string(name) || !take(':'))) {
                return false;
            }
            if (!read_value(below(path, name))) {
                return false;
            }
            if (take(end)) {
                return true;
            }
            if (!take(',')) {
                return false;
            }
        }
    }

    bool read_value(const std::string& path) {
        if (take('{')) {
            return read_members(path, '}', true);
        }
        if (take('[')) {
            return read_members(path, ']', false);
        }
        std::string value;
        const bool is_text = !rest_.empty() && rest_.front() == '"';
        const bool good = is_text ? read_string(value) : read_word(value);
        return good && values.emplace(path, value).second;  // no name comes twice
    }

    std::string_view rest_;
};

}  // namespace

std::optional<flat_values> flat_json(std::string_view text) {
    reader one(text);
    if (!one.read_all()) {
        return std::nullopt;
    }
    return one.values;
}

}  // namespace plainsong::tests
