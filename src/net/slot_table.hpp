// SPDX-License-Identifier: MIT
// slot_table.hpp — who watches which descriptor, found by a token in constant time.
//
// Does: keep 16 bytes for each watched descriptor in chunks that never move, and count a generation
// for each slot, so that a token of the past finds nothing.
// Does not: watch; see net/poller.
// Used by: net/loop.  Depends on: net/loop's plain types.
#ifndef PLAINSONG_NET_SLOT_TABLE_HPP
#define PLAINSONG_NET_SLOT_TABLE_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <plainsong/base/contract.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong {

struct watch_slot {
    union {
        loop_member* member = nullptr;
        std::uint64_t next_free;  // index of the next free slot, if this one is free
    };
    std::uint32_t generation = 1;  // 0 is the token of nothing
    std::uint32_t descriptor : 29 = 0;
    std::uint32_t what : 3 = 0;  // an interest

    [[nodiscard]] int number() const { return static_cast<int>(descriptor); }
    [[nodiscard]] interest wanted() const { return static_cast<interest>(what); }
    void want(interest fresh) { what = static_cast<std::uint32_t>(fresh) & 7U; }
};

static_assert(sizeof(watch_slot) == 16);

class slot_table {
public:
    watch_token insert(int descriptor, interest what, loop_member& member) {
        PLAINSONG_REQUIRE(descriptor >= 0 && descriptor < 1 << 29);
        if (first_free_ == none) {
            grow();
        }
        const auto index = static_cast<std::uint32_t>(first_free_);
        watch_slot& slot = at(index);
        first_free_ = slot.next_free;
        slot.member = &member;
        slot.descriptor = static_cast<std::uint32_t>(descriptor) & 0x1fff'ffffU;
        slot.want(what);
        return {index, slot.generation};
    }

    /// Returns: the slot that `token` names, nullptr if it has been erased.
    [[nodiscard]] watch_slot* find(watch_token token) const {
        if (token.index / chunk_slots >= chunks_.size()) {
            return nullptr;
        }
        watch_slot& slot = at(token.index);
        return slot.generation == token.generation ? &slot : nullptr;
    }

    /// Requires: find(token) isn't nullptr.
    void erase(watch_token token) {
        watch_slot& slot = at(token.index);
        // A free slot has the generation of its next use, which no token carries yet.
        slot.generation += slot.generation == UINT32_MAX ? 2 : 1;
        slot.next_free = first_free_;
        first_free_ = token.index;
    }

private:
    static constexpr std::size_t chunk_slots = 1024;
    static constexpr std::uint64_t none = UINT64_MAX;

    [[nodiscard]] watch_slot& at(std::uint32_t index) const {
        return chunks_[index / chunk_slots][index % chunk_slots];
    }

    void grow() {
        const std::uint64_t base = chunks_.size() * chunk_slots;
        chunks_.push_back(std::make_unique<watch_slot[]>(chunk_slots));
        for (std::uint64_t i = chunk_slots; i-- > 0;) {
            chunks_.back()[i].next_free = first_free_;
            first_free_ = base + i;
        }
    }

    std::vector<std::unique_ptr<watch_slot[]>> chunks_;
    std::uint64_t first_free_ = none;
};

}  // namespace plainsong

#endif  // PLAINSONG_NET_SLOT_TABLE_HPP
