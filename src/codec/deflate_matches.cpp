// SPDX-License-Identifier: MIT
// deflate_matches.cpp — finding text that stood there before.
//
// A table of heads leads from a hash of four octets to the last place where they stood.  At the
// levels normal and best, links lead on from each place to the one before with the same hash: a
// chain of candidates, nearest first.  At the level fast, two heads for each hash are all there is.
// Candidates are only a hint; what counts is the comparison.  So nothing has to be cleared when text
// is forgotten: candidates before `floor` end the search.
//
// A chain may be long at every octet, if the text is made so.  Therefore octets that are done earn
// credit, places that are looked at cost it, and the less there is of it the sooner a search ends:
// it goes far where that is seldom needed, and no text takes much longer than others.
#include <algorithm>
#include <cstring>

#include "src/codec/deflate_gatherer.hpp"

namespace plainsong::detail {

namespace {

using deflate_format::least_match;
using deflate_format::most_match;

// Three octets from further back than this cost about as much as they save.
constexpr unsigned short_reach = 4096;
// Decisions are made with the longest match and what is hashed beyond it in sight, so that they
// don't depend on how the input was cut.
constexpr unsigned sight = most_match + hashed_octets;

// ---- fast ----------------------------------------------------------------------------------------

class fast_gatherer : gatherer {
public:
    explicit fast_gatherer(deflate_state& state)
        : gatherer(state), heads_(state.heads), shift_(state.hash_shift) {}

    /// Gathers up to `end` or until the block is full.
    void run(std::uint32_t end) {
        while (position_ < end && !is_full()) {
            const match found = left() >= hashed_octets ? find() : match{};
            if (found.length == 0) {
                put_literal();
                continue;
            }
            add_some(position_ + 1, position_ + found.length);
            put_match(found);
        }
        hashed_ = position_;
    }

private:
    [[nodiscard]] std::uint16_t* bucket(std::uint32_t octets) const {
        return heads_ + 2 * static_cast<std::size_t>((octets * 0x9e3779b1U) >> shift_);
    }

    /// The longer match of the two candidates, the nearer one if they are equal.
    match find() {
        const std::uint8_t* const here = text_ + position_;
        const std::uint32_t octets = load_32(here);
        std::uint16_t* const heads = bucket(octets);
        const std::uint32_t first = heads[0];
        const std::uint32_t second = heads[1];
        heads[0] = static_cast<std::uint16_t>(position_);
        heads[1] = static_cast<std::uint16_t>(first);
        const std::uint32_t limit = limit_at(position_);
        const unsigned most = std::min(left(), most_match);
        // Both are judged before either is asked for: most often neither fits.
        const auto fits = [&](std::uint32_t place) {
            return static_cast<unsigned>(place > limit) &
                   static_cast<unsigned>(load_32(text_ + place) == octets);
        };
        const unsigned first_fits = fits(first);
        const unsigned second_fits = fits(second);
        if ((first_fits | second_fits) == 0) {
            return {};
        }
        match best;
        if (first_fits != 0) {
            best = {common_length(text_ + first, here, hashed_octets, most), position_ - first};
            if (best.length >= state_.effort.nice_length) {
                return best;
            }
        }
        if (second_fits != 0) {
            const unsigned length = common_length(text_ + second, here, hashed_octets, most);
            if (length > best.length) {
                best = {length, position_ - second};
            }
        }
        return best;
    }

    /// Makes places inside a match known: the first one and the last one are enough to go on from.
    void add_some(std::uint32_t from, std::uint32_t to) {
        to = hash_end(to);
        const std::uint32_t head_end = std::min(from + 1, to);
        for (std::uint32_t at = from; at < head_end; ++at) {
            add(at);
        }
        for (std::uint32_t at = to > head_end + 1 ? to - 1 : head_end; at < to; ++at) {
            add(at);
        }
    }
    void add(std::uint32_t place) {
        std::uint16_t* const heads = bucket(load_32(text_ + place));
        heads[1] = heads[0];
        heads[0] = static_cast<std::uint16_t>(place);
    }

    std::uint16_t* const heads_;
    const std::uint32_t shift_;
};

// ---- normal and best -----------------------------------------------------------------------------

class chain_gatherer : gatherer {
public:
    explicit chain_gatherer(deflate_state& state)
        : gatherer(state),
          heads_(state.heads),
          short_heads_(state.short_heads),
          links_(state.links),
          link_mask_(state.link_mask),
          shift_(state.hash_shift) {}

    void run(std::uint32_t end) {
        while (position_ < end && !is_full()) {
            const std::uint32_t begin = position_;
            gather_one();
            if (state_.credit != most_credit) {
                earn(position_ - begin);
            }
        }
        add_until(position_);
    }

private:
    /// Gathers a literal or a match, and the literals before it.
    void gather_one() {
        match found = find(position_, {}, state_.effort.places);
        if (found.length == 0) {
            put_literal();
            return;
        }
        while (found.length < state_.effort.lazy_length && left() > found.length && !is_full()) {
            const match later = better_later(found);
            if (later.length == 0) {
                break;
            }
            found = later;
        }
        put_match(found);
    }

    void add(std::uint32_t place) {
        const std::uint32_t octets = load_32(text_ + place);
        std::uint16_t& head = heads_[(octets * 0x9e3779b1U) >> shift_];
        links_[place & link_mask_] = head;
        head = static_cast<std::uint16_t>(place);
        short_heads_[short_hash(octets)] = static_cast<std::uint16_t>(place);
    }
    void add_until(std::uint32_t end) {
        end = hash_end(end);
        for (; hashed_ < end; ++hashed_) {
            add(hashed_);
        }
    }
    static std::uint32_t short_hash(std::uint32_t octets) {
        return ((octets << 8) * 0x9e3779b1U) >> 20;
    }

    void earn(std::uint32_t octets) {
        state_.credit = std::min(state_.credit + octets * state_.effort.income, most_credit);
    }
    void spend(std::uint32_t cost) {
        state_.credit -= std::min(state_.credit, cost);
        state_.spent += cost;
    }

    /// The longest match at `place` that is longer than `known`, or none.
    match find(std::uint32_t place, match known, unsigned places) {
        add_until(place);
        const unsigned most = std::min(state_.fill - place, most_match);
        if (most < hashed_octets) {
            return {};
        }
        const std::uint32_t octets = load_32(text_ + place);
        const std::uint32_t limit = limit_at(place);
        const std::uint32_t candidate = heads_[(octets * 0x9e3779b1U) >> shift_];
        match best{std::max(known.length, least_match), 0};
        if (known.length < least_match) {
            const std::uint32_t near = short_heads_[short_hash(octets)];
            if (near > limit && place - near <= short_reach &&
                ((load_32(text_ + near) ^ octets) & 0xffffff) == 0) {
                best.distance = place - near;
            }
        }
        if (candidate > limit) {
            best = find_longer({candidate, limit}, place, most, best, places);
        }
        return best.distance == 0 ? match{} : best;
    }

    /// Where a chain begins, and behind which place its text may not lie.
    struct chain {
        std::uint32_t candidate;
        std::uint32_t limit;
    };

    /// Not inlined: at most places of a short message there is no chain to follow, and there it would
    /// only be in the way.
    [[gnu::noinline]] match find_longer(chain along, std::uint32_t place, unsigned most, match best,
                                        unsigned places) {
        places = std::min(places, 4 + state_.credit / 4);
        const std::uint8_t* const here = text_ + place;
        const std::uint32_t octets = load_32(here);
        const unsigned nice = std::min<unsigned>(state_.effort.nice_length, most);
        std::uint32_t cost = places;
        for (; along.candidate > along.limit && places != 0 && best.length < most; --places) {
            const std::uint8_t* const there = text_ + along.candidate;
            // Only what agrees where the best match ends can be longer than it.
            if (load_32(there + best.length - 3) == load_32(here + best.length - 3) &&
                load_32(there) == octets) {
                const unsigned length = common_length(there, here, hashed_octets, most);
                cost += 1 + length / 32;
                if (length > best.length) {
                    best = {length, place - along.candidate};
                    if (length >= nice) {
                        break;
                    }
                }
            }
            along.candidate = links_[along.candidate & link_mask_];
        }
        spend(cost - places);
        return best;
    }

    /// If the match one octet on (at the level best: or two) is better, writes the octets before it.
    match better_later(match found) {
        const unsigned places = found.length >= state_.effort.good_length
                                    ? state_.effort.places / 4U
                                    : state_.effort.places / 2U;
        const match next = find(position_ + 1, found, places);
        if (is_worth(next, found, 2)) {
            put_literal();
            return next;
        }
        if (!state_.effort.waits_twice || left() < found.length + 2) {
            return {};
        }
        const match second = find(position_ + 2, found, places / 2);
        if (!is_worth(second, found, 6)) {
            return {};
        }
        put_literal();
        put_literal();
        return second;
    }

    /// A longer match has to save more than the literals before it, and the bits that a longer
    /// distance takes, cost.
    static bool is_worth(match later, match now, int price) {
        if (later.length <= now.length) {
            return false;
        }
        const int gain = 4 * static_cast<int>(later.length - now.length) +
                         (__builtin_clz(later.distance) - __builtin_clz(now.distance));
        return gain > price;
    }

    std::uint16_t* const heads_;
    std::uint16_t* const short_heads_;
    std::uint16_t* const links_;
    const std::uint32_t link_mask_;
    const std::uint32_t shift_;
};

void gather_until(deflate_state& state, std::uint32_t end) {
    switch (state.level) {
        case deflate_level::stored:
            state.position = end;
            break;
        case deflate_level::fast:
            fast_gatherer(state).run(end);
            break;
        default:
            chain_gatherer(state).run(end);
    }
}

void move_down(std::uint16_t* places, std::size_t count, std::uint32_t by) {
    const auto step = static_cast<std::uint16_t>(by);
    for (std::size_t i = 0; i < count; ++i) {
        places[i] = static_cast<std::uint16_t>(places[i] > step ? places[i] - step : 0);
    }
}

/// Makes room for more text.
void slide(deflate_state& state) {
    const std::uint32_t by = state.slide;
    std::memmove(state.text, state.text + by, state.fill - by);
    // Heads, short heads and links lie one behind the other.
    move_down(state.heads, static_cast<std::size_t>(state.block_tokens - state.heads), by);
    state.fill -= by;
    state.position -= by;
    state.hashed -= by;
    state.floor = state.floor > by ? state.floor - by : 0;
    state.block_begin -= static_cast<std::int32_t>(by);
}

}  // namespace

gathered gather(deflate_state& state, bool is_flushing) {
    if (state.level == deflate_level::stored) {
        state.position = state.fill;
        return state.fill == state.text_capacity ? gathered::block_is_full : gathered::needs_input;
    }
    const std::uint32_t slide_at = state.kept + state.slide;
    for (;;) {
        const std::uint32_t left = state.fill - state.position;
        const std::uint32_t end = is_flushing    ? state.fill
                                  : left > sight ? state.fill - sight
                                                 : state.position;
        gather_until(state, std::min(end, slide_at));
        if (state.token_count + 4 >= state.token_capacity) {
            return gathered::block_is_full;
        }
        if (state.position < slide_at) {
            return gathered::needs_input;
        }
        slide(state);
    }
}

}  // namespace plainsong::detail
