// SPDX-License-Identifier: MIT
// result.hpp — a value, or the error that stood in its way.
//
// Does: carry either of the two without exceptions and without the heap.
// Does not: hold references or void (return `error` itself for "done or why not").
// Used by: http, net, app.  Depends on: base/error.
#ifndef PLAINSONG_BASE_RESULT_HPP
#define PLAINSONG_BASE_RESULT_HPP

#include <new>
#include <utility>

#include <plainsong/base/contract.hpp>
#include <plainsong/base/error.hpp>

namespace plainsong {

template <typename Value>
class [[nodiscard]] result {
public:
    result(Value value) : has_value_(true) { ::new (&storage_) Value(std::move(value)); }
    result(error why) : error_(why) { PLAINSONG_REQUIRE(why); }

    result(result&& other) noexcept : error_(other.error_), has_value_(other.has_value_) {
        if (has_value_) {
            ::new (&storage_) Value(std::move(other.storage_));
        }
    }
    result& operator=(result&& other) noexcept {
        if (this != &other) {
            this->~result();
            ::new (this) result(std::move(other));
        }
        return *this;
    }
    ~result() {
        if (has_value_) {
            storage_.~Value();
        }
    }

    explicit operator bool() const { return has_value_; }

    /// Requires: a value is there.
    Value& operator*() & {
        PLAINSONG_REQUIRE(has_value_);
        return storage_;
    }
    Value operator*() && {
        PLAINSONG_REQUIRE(has_value_);
        return std::move(storage_);
    }
    Value* operator->() {
        PLAINSONG_REQUIRE(has_value_);
        return &storage_;
    }

    /// Returns: why there is no value; falsy if there is one.
    [[nodiscard]] error why() const { return error_; }

private:
    union {
        Value storage_;
    };
    error error_;
    bool has_value_ = false;
};

}  // namespace plainsong

#endif  // PLAINSONG_BASE_RESULT_HPP
