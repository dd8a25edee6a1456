// SPDX-License-Identifier: MIT
// field.hpp — header fields as views, in an array of fixed capacity.
//
// Does: hold the fields of one head in the order of their arrival; find them by name ignoring the
// case of ASCII letters; walk through the fields that share a name.
// Does not: copy text, or hash names that a peer has chosen (at most a hundred are compared).
// Used by: http, ws, app.  Depends on: codec/ascii.
#ifndef PLAINSONG_HTTP_FIELD_HPP
#define PLAINSONG_HTTP_FIELD_HPP

#include <cstddef>
#include <span>
#include <string_view>

#include <plainsong/codec/ascii.hpp>

namespace plainsong::http {

/// The most fields that one head can have, whatever the configured limit.
inline constexpr std::size_t max_fields = 100;

/// One field; the value has no blanks at its ends.
struct field {
    std::string_view name;
    std::string_view value;
};

/// The values of all fields with one name, in order of arrival.  Small enough to pass by value.
/// Lifetime: that of the fields.
class field_values {
public:
    constexpr field_values() = default;
    constexpr field_values(std::span<const field> fields, std::string_view name)
        : fields_(fields), name_(name) {}

    /// Takes the next value.  Returns: false if there is none left.
    constexpr bool next(std::string_view& value) {
        while (!fields_.empty()) {
            const field& first = fields_.front();
            fields_ = fields_.subspan(1);
            if (equals_ignoring_case(first.name, name_)) {
                value = first.value;
                return true;
            }
        }
        return false;
    }

    /// Returns: how many values are left.
    [[nodiscard]] constexpr std::size_t count() const {
        field_values rest = *this;
        std::string_view value;
        std::size_t found = 0;
        while (rest.next(value)) {
            ++found;
        }
        return found;
    }

    [[nodiscard]] constexpr bool empty() const {
        field_values rest = *this;
        std::string_view value;
        return !rest.next(value);
    }

private:
    std::span<const field> fields_;
    std::string_view name_;
};

/// Returns: the first field called `name`, or null.  [6455-4.1-51]
constexpr const field* find(std::span<const field> fields, std::string_view name) {
    for (const field& each : fields) {
        if (equals_ignoring_case(each.name, name)) {
            return &each;
        }
    }
    return nullptr;
}

/// The fields of one head.  Lifetime: the views are those of the bytes of that head.
class field_list {
public:
    [[nodiscard]] std::span<const field> all() const { return {fields_, count_}; }
    [[nodiscard]] std::size_t size() const { return count_; }

    void clear() { count_ = 0; }
    /// Returns: false if the list is full.
    bool add(const field& one) {
        if (count_ == max_fields) {
            return false;
        }
        fields_[count_++] = one;
        return true;
    }

private:
    field fields_[max_fields];
    std::size_t count_ = 0;
};

}  // namespace plainsong::http

#endif  // PLAINSONG_HTTP_FIELD_HPP
