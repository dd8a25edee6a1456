// SPDX-License-Identifier: MIT
// fd.hpp — an owned file descriptor.
//
// Does: close its number exactly once.  Does not: know what the number means.
// Used by: net.  Depends on: nothing.
#ifndef PLAINSONG_NET_FD_HPP
#define PLAINSONG_NET_FD_HPP

#include <utility>

namespace plainsong {

class fd {
public:
    fd() = default;
    explicit fd(int number) : number_(number) {}
    fd(fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    fd& operator=(fd&& other) noexcept {
        if (this != &other) {
            reset();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~fd() { reset(); }

    explicit operator bool() const { return number_ >= 0; }
    [[nodiscard]] int number() const { return number_; }

    /// Gives the number up without closing it.
    int release() { return std::exchange(number_, -1); }
    /// Closes it, if there is one.
    void reset();

private:
    int number_ = -1;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_FD_HPP
