// SPDX-License-Identifier: MIT
// outbox.cpp — a singly linked list of frames.
#include "src/app/outbox.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace plainsong {

namespace {

void* allocate(std::size_t size) {
    void* memory = std::malloc(size);
    if (memory == nullptr) {
        std::abort();
    }
    return memory;
}

}  // namespace

outbox::segment* outbox::make(byte_view bytes, const message_block& block, void* memory,
                              outbox_tag what) {
    return ::new (memory) segment{.next = nullptr,
                                  .data = bytes.data(),
                                  .size = bytes.size(),
                                  .key = what.key,
                                  .block = block,
                                  .is_message = what.is_message,
                                  .begun = what.begun};
}

void outbox::append(segment* one) {
    (last_ == nullptr ? first_ : last_->next) = one;
    last_ = one;
    bytes_ += one->size;
    ++count_;
    messages_ += one->is_message ? 1 : 0;
}

void outbox::push(byte_view head, byte_view payload, outbox_tag what, mask_key key) {
    const std::size_t size = head.size() + payload.size();
    void* const memory = allocate(sizeof(segment) + size);
    auto* const bytes = static_cast<std::uint8_t*>(memory) + sizeof(segment);
    if (!head.empty()) {
        std::memcpy(bytes, head.data(), head.size());
    }
    copy_masked(bytes + head.size(), payload, key);
    append(make({bytes, size}, {}, memory, what));
}

void outbox::push_block(message_block& block, byte_view bytes, outbox_tag what) {
    append(make(bytes, block, allocate(sizeof(segment)), what));
    block = {};
}

void outbox::push_rest(byte_view rest) {
    outbox alone;
    alone.push({}, rest, {.is_message = false, .begun = true});
    segment* const one = alone.first_;
    alone.first_ = alone.last_ = nullptr;
    one->next = first_;
    first_ = one;
    last_ = last_ == nullptr ? one : last_;
    bytes_ += one->size;
    rest_ = one->size;
    ++count_;
}

std::size_t outbox::slices(std::span<io_slice> into, std::size_t skip) const {
    std::size_t used = 0;
    for (segment* one = first_; one != nullptr && used < into.size(); one = one->next) {
        if (skip != 0) {
            --skip;
        } else {
            into[used++] = {const_cast<std::uint8_t*>(one->data), one->size};
        }
    }
    return used;
}

void outbox::consume(std::size_t size, message_cache& cache) {
    rest_ -= std::min(rest_, size);
    while (size != 0) {
        segment* const one = first_;
        if (size < one->size) {
            one->data += size;
            one->size -= size;
            one->begun = true;
            bytes_ -= size;
            return;
        }
        size -= one->size;
        unlink(nullptr);
        cache.release(one->block);
        free(one);
    }
}

// Takes out the segment behind `before`, or the first one.
outbox::segment* outbox::unlink(segment* before) {
    segment* const one = before == nullptr ? first_ : before->next;
    (before == nullptr ? first_ : before->next) = one->next;
    if (last_ == one) {
        last_ = before;
    }
    bytes_ -= one->size;
    --count_;
    messages_ -= one->is_message ? 1 : 0;
    return one;
}

void outbox::free(segment* one) {
    std::free(one->block.memory);
    std::free(one);
}

template <typename Matches>
bool outbox::drop_first(Matches matches) {
    segment* before = nullptr;
    for (segment* one = first_; one != nullptr; before = one, one = one->next) {
        if (!one->begun && one->is_message && matches(*one)) {
            free(unlink(before));
            return true;
        }
    }
    return false;
}

bool outbox::drop_oldest() {
    return drop_first([](const segment&) { return true; });
}

std::size_t outbox::cost_of_key(std::uint64_t key) const {
    for (const segment* one = first_; one != nullptr; one = one->next) {
        if (!one->begun && one->is_message && one->key == key) {
            return cost_of(one->size);
        }
    }
    return 0;
}

bool outbox::drop_key(std::uint64_t key) {
    return drop_first([key](const segment& one) { return one.key == key; });
}

std::uint32_t outbox::drop_unbegun() {
    const std::uint32_t before = messages_;
    segment* const kept = first_is_begun() ? first_ : nullptr;
    while ((kept == nullptr ? first_ : kept->next) != nullptr) {
        free(unlink(kept));
    }
    return before - messages_;
}

void outbox::clear() {
    while (first_ != nullptr) {
        free(unlink(nullptr));
    }
    rest_ = 0;
}

}  // namespace plainsong
