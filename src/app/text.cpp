// SPDX-License-Identifier: MIT
// text.cpp — growing text.
#include <plainsong/app/text.hpp>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace plainsong {

text_builder::~text_builder() {
    std::free(bytes_);
}

text_builder& text_builder::add(std::string_view text) {
    if (text.size() > capacity_ - size_) {
        capacity_ = 2 * (size_ + text.size());
        bytes_ = static_cast<char*>(std::realloc(bytes_, capacity_));
        if (bytes_ == nullptr) {
            std::abort();
        }
    }
    if (!text.empty()) {
        std::memcpy(bytes_ + size_, text.data(), text.size());
        size_ += text.size();
    }
    return *this;
}

text_builder& text_builder::add(std::uint64_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return add({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace plainsong
