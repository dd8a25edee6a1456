// SPDX-License-Identifier: MIT
// sliding_window.hpp — a long text of which only two pages can be read at a time.
//
// Does: crash a reader that goes back, or looks far ahead, in a text that it takes from the front.
// A reader that survives does work that is linear in the text: no test needs a clock to know.
#ifndef PLAINSONG_TESTS_SUPPORT_SLIDING_WINDOW_HPP
#define PLAINSONG_TESTS_SUPPORT_SLIDING_WINDOW_HPP

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

namespace plainsong::tests {

class sliding_window {
public:
    explicit sliding_window(std::string_view text)
        : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
          mapped_((text.size() + 2 * page_) / page_ * page_),
          size_(text.size()) {
        void* memory =
            ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            std::abort();
        }
        base_ = static_cast<char*>(memory);
        std::memcpy(base_, text.data(), text.size());
        allow(0, mapped_, PROT_NONE);
        slide_to(base_);
    }
    ~sliding_window() { ::munmap(base_, mapped_); }
    sliding_window(const sliding_window&) = delete;
    sliding_window& operator=(const sliding_window&) = delete;

    [[nodiscard]] std::string_view text() const { return {base_, size_}; }

    /// Makes the page of `at` and the page behind it the ones that can be read.
    void slide_to(const char* at) {
        const std::size_t first = static_cast<std::size_t>(at - base_) / page_ * page_;
        if (first != first_ || !is_open_) {
            allow(first_, 2 * page_, PROT_NONE);
            allow(first, 2 * page_, PROT_READ);
            first_ = first;
            is_open_ = true;
        }
    }

private:
    void allow(std::size_t from, std::size_t size, int protection) {
        size = from + size > mapped_ ? mapped_ - from : size;
        if (::mprotect(base_ + from, size, protection) != 0) {
            std::abort();
        }
    }

    std::size_t page_;
    std::size_t mapped_;
    std::size_t size_;
    std::size_t first_ = 0;
    bool is_open_ = false;
    char* base_ = nullptr;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_SLIDING_WINDOW_HPP
