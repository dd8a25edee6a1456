// SPDX-License-Identifier: MIT
// entropy.cpp — see entropy.hpp.
#include <cstring>
#include <new>

#include <plainsong/net/entropy.hpp>
#include <plainsong/net/sys.hpp>

namespace plainsong {

namespace {

constexpr std::size_t page_bytes = 4096;

/// Clears what the compiler would like to leave, seeing that nobody reads it.
void wipe(byte_span bytes) {
    std::memset(bytes.data(), 0, bytes.size());
    asm volatile("" : : "r"(bytes.data()) : "memory");
}

}  // namespace

error fill_random(byte_span into) {
    // [6455-5.3-04] the kernel's generator, or nothing
    error trouble = sys::random_bytes(into);
    if (trouble) {
        wipe(into);
    }
    return trouble;
}

// All zero is the empty state: that is how a fresh page and, where the kernel wipes it, the page of
// a new child begin.
struct entropy_buffer::page {
    std::uint32_t left = 0;    // bytes at the end of `bytes` that nobody has had
    std::int32_t process = 0;  // who drew them
    std::uint8_t bytes[page_bytes - 8] = {};
};

entropy_buffer::entropy_buffer() {
    static_assert(sizeof(page) == page_bytes);
    if (void* memory = sys::map_page(sizeof(page), wiped_on_fork_)) {
        page_ = ::new (memory) page;
    }
}

entropy_buffer::~entropy_buffer() {
    if (page_ != nullptr) {
        wipe(page_->bytes);
        sys::unmap_page(page_, sizeof(page));
    }
}

error entropy_buffer::fill(byte_span into) {
    if (into.empty()) {
        return {};
    }
    if (page_ == nullptr || into.size() > sizeof page_->bytes) {
        return fill_random(into);
    }
    // [6455-5.3-05] what the parent drew is never used by a child
    const bool inherited = !wiped_on_fork_ && page_->process != sys::process_id();
    if (page_->left < into.size() || inherited) {
        page_->left = 0;
        if (auto trouble = fill_random(page_->bytes)) {
            wipe(into);
            return trouble;
        }
        page_->process = wiped_on_fork_ ? 0 : sys::process_id();
        page_->left = sizeof page_->bytes;
    }
    const byte_span piece = byte_span{page_->bytes}.last(page_->left).first(into.size());
    std::memcpy(into.data(), piece.data(), piece.size());
    wipe(piece);
    page_->left -= static_cast<std::uint32_t>(piece.size());
    return {};
}

}  // namespace plainsong
