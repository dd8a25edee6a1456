// SPDX-License-Identifier: MIT
// text.hpp — text that grows as it is written, for pages and metrics.
//
// Does: append text and numbers.  Does not: format, or escape.
// Used by: app.  Depends on: nothing.
#ifndef PLAINSONG_APP_TEXT_HPP
#define PLAINSONG_APP_TEXT_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plainsong {

class text_builder {
public:
    text_builder() = default;
    text_builder(text_builder&& other) noexcept
        : bytes_(other.bytes_), size_(other.size_), capacity_(other.capacity_) {
        other.bytes_ = nullptr;
        other.size_ = other.capacity_ = 0;
    }
    text_builder& operator=(text_builder&&) = delete;
    ~text_builder();

    text_builder& add(std::string_view text);
    text_builder& add(std::uint64_t number);
    void clear() { size_ = 0; }

    /// Lifetime: until the next call that adds.
    [[nodiscard]] std::string_view view() const { return {bytes_, size_}; }

private:
    char* bytes_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_TEXT_HPP
