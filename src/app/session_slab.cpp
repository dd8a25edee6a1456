// SPDX-License-Identifier: MIT
// session_slab.cpp — chunks of 64 with a bit for each slot.
#include "src/app/session_slab.hpp"

#include <algorithm>
#include <bit>

namespace plainsong {

namespace {

constexpr std::uint64_t all_used = ~std::uint64_t{0};

}  // namespace

void* session_slab::take() {
    if (with_room_.empty()) {
        std::unique_ptr<chunk> fresh(new chunk);
        with_room_.push_back(fresh.get());
        const auto place = std::lower_bound(
            chunks_.begin(), chunks_.end(), fresh.get(),
            [](const std::unique_ptr<chunk>& one, chunk* other) { return one.get() < other; });
        chunks_.insert(place, std::move(fresh));
    }
    chunk& one = *with_room_.back();
    const auto slot = static_cast<std::size_t>(std::countr_one(one.used));
    one.used |= std::uint64_t{1} << slot;
    if (one.used == all_used) {
        with_room_.pop_back();
    }
    ++used_;
    return one.memory[slot];
}

void session_slab::put_back(void* memory, bool may_shrink) {
    auto* const byte = static_cast<unsigned char*>(memory);
    const auto next = std::upper_bound(
        chunks_.begin(), chunks_.end(), byte,
        [](unsigned char* at, const std::unique_ptr<chunk>& one) { return at < one->memory[0]; });
    const auto place = next - 1;
    chunk& one = **place;
    const auto slot = static_cast<std::size_t>(byte - one.memory[0]) / sizeof(session);
    if (one.used == all_used) {
        with_room_.push_back(&one);
    }
    one.used &= ~(std::uint64_t{1} << slot);
    --used_;
    if (may_shrink && one.used == 0 && with_room_.size() > 1) {
        with_room_.erase(std::find(with_room_.begin(), with_room_.end(), &one));
        chunks_.erase(place);
    }
}

void session_slab::trim() {
    std::erase_if(with_room_, [](const chunk* one) { return one->used == 0; });
    std::erase_if(chunks_, [](const std::unique_ptr<chunk>& one) { return one->used == 0; });
}

}  // namespace plainsong
