// SPDX-License-Identifier: MIT
// guard_page.hpp — memory with a page that cannot be touched on either side.
//
// Does: turn a read or write outside a span into a crash, at either end of it.
#ifndef PLAINSONG_TESTS_SUPPORT_GUARD_PAGE_HPP
#define PLAINSONG_TESTS_SUPPORT_GUARD_PAGE_HPP

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace plainsong::tests {

class guarded_memory {
public:
    /// At least `size` usable octets, zeroed.
    explicit guarded_memory(std::size_t size)
        : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
          usable_((size + page_ - 1) / page_ * page_) {
        base_ = ::mmap(nullptr, usable_ + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base_ == MAP_FAILED || ::mprotect(begin(), usable_, PROT_READ | PROT_WRITE) != 0) {
            std::abort();
        }
    }
    ~guarded_memory() { ::munmap(base_, usable_ + 2 * page_); }
    guarded_memory(const guarded_memory&) = delete;
    guarded_memory& operator=(const guarded_memory&) = delete;

    /// `size` octets that begin where the guard before them ends.
    [[nodiscard]] std::span<std::uint8_t> at_begin(std::size_t size) { return {begin(), size}; }
    /// `size` octets that end where the guard after them begins.
    [[nodiscard]] std::span<std::uint8_t> at_end(std::size_t size) {
        return {begin() + usable_ - size, size};
    }

private:
    std::uint8_t* begin() { return static_cast<std::uint8_t*>(base_) + page_; }

    std::size_t page_;
    std::size_t usable_;
    void* base_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_GUARD_PAGE_HPP
