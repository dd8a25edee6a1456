// SPDX-License-Identifier: MIT
// compression.cpp — deflaters and inflaters for the connections of a loop.
//
// A connection that takes no context over borrows all that it needs: for a message that it sends, a
// deflater of the loop; for one that comes in a single read, the loop's inflater; for one that comes
// in several, an inflater of its own until the message ends.  What is taken over belongs to the
// connection: a deflater for what it sends, the window behind what it receives.
#include <plainsong/app/compression.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "src/app/message_codec.hpp"

namespace plainsong {

namespace {

using octets = std::unique_ptr<std::uint8_t[]>;

/// A deflater with its memory.
struct owned_deflater {
    owned_deflater(unsigned bits, deflate_level its_level)
        : window_bits(bits),
          level(its_level),
          memory(new std::uint8_t[deflate_memory(bits, its_level)]),
          engine({memory.get(), deflate_memory(bits, its_level)}, bits, its_level) {}

    [[nodiscard]] std::size_t bytes() const {
        return sizeof *this + deflate_memory(window_bits, level);
    }

    unsigned window_bits;
    deflate_level level;
    octets memory;
    deflater engine;
};

/// Memory for text to look back at.
struct owned_window {
    explicit owned_window(unsigned bits)
        : size(std::size_t{1} << bits),
          memory(new std::uint8_t[size]),
          window(byte_span{memory.get(), size}) {}

    std::size_t size;
    octets memory;
    inflate_window window;
};

struct deflate_context final : message_context {
    [[nodiscard]] bool is_inflating() const override { return inflater != nullptr; }
    [[nodiscard]] bool is_in_one_room() const override { return in_one_room; }
    [[nodiscard]] std::size_t bytes() const override {
        return sizeof *this + (deflating ? deflating->bytes() : 0) +
               (before ? sizeof *before + before->size : 0) +
               (inflater != nullptr && is_borrowed ? sizeof *inflater : 0);
    }
    /// Returns: whether something has to be kept between messages or calls.
    [[nodiscard]] bool is_needed() const { return deflating || before || inflater != nullptr; }

    std::unique_ptr<owned_deflater> deflating;
    std::unique_ptr<owned_window> before;
    message_inflater* inflater = nullptr;  // of the message that comes in
    bool is_borrowed = false;              // it is one of the loop's budget
    bool takes_over = false;               // `before` outlives the message
    bool in_one_room = false;
};

class deflate_codec final : public message_codec {
public:
    byte_view deflate(context_slot& kept, direction_terms ours, deflate_level level, byte_view text,
                      deflate_piece which) override;
    error_code begin_inflating(context_slot& kept, direction_terms theirs,
                               const intake& how) override;
    inflate_step inflate(context_slot& kept, byte_view in, bool is_last, byte_span room,
                         std::size_t at) override;
    void let_go(context_slot& kept) override;

private:
    static constexpr std::size_t most_spare_inflaters = 4;
    static constexpr std::size_t kept_output_bytes = 64 << 10;

    deflate_context& context_of(context_slot& kept);
    void settle(context_slot& kept);
    owned_deflater& shared_deflater(unsigned window_bits, deflate_level level);
    bool run(deflater& engine, byte_view text, deflate_flush flush, std::size_t most);
    message_inflater* borrow(std::uint32_t most);
    void give_back(deflate_context& own);

    std::vector<std::unique_ptr<owned_deflater>> shared_;  // one for each size of window in use
    std::unique_ptr<message_inflater> shared_inflater_;
    std::vector<std::unique_ptr<message_inflater>> spare_inflaters_;
    std::uint32_t borrowed_ = 0;
    context_slot spare_context_;
    octets output_;
    std::size_t output_capacity_ = 0;
    std::size_t output_size_ = 0;
};

deflate_context& deflate_codec::context_of(context_slot& kept) {
    if (kept == nullptr) {
        kept = spare_context_ ? std::move(spare_context_) : std::make_unique<deflate_context>();
    }
    return static_cast<deflate_context&>(*kept);
}

void deflate_codec::settle(context_slot& kept) {
    if (!static_cast<deflate_context&>(*kept).is_needed()) {
        spare_context_ = std::move(kept);
    }
}

// ---- what is sent ----------------------------------------------------------------------------------

owned_deflater& deflate_codec::shared_deflater(unsigned window_bits, deflate_level level) {
    for (const auto& one : shared_) {
        if (one->window_bits == window_bits && one->level == level) {
            return *one;
        }
    }
    shared_.push_back(std::make_unique<owned_deflater>(window_bits, level));
    return *shared_.back();
}

// Returns: false if the output would be larger than `most`; it is of no use then.
bool deflate_codec::run(deflater& engine, byte_view text, deflate_flush flush, std::size_t most) {
    const std::size_t wanted = std::min(most, kept_output_bytes);
    if (output_capacity_ < wanted || output_capacity_ > kept_output_bytes) {
        output_.reset(new std::uint8_t[kept_output_bytes]);
        output_capacity_ = kept_output_bytes;
    }
    output_size_ = 0;
    for (;;) {
        const std::size_t room = std::min(output_capacity_, most) - output_size_;
        const deflate_step done = engine.deflate(text, {output_.get() + output_size_, room}, flush);
        text = text.subspan(done.taken);
        output_size_ += done.made;
        if (done.done) {
            return true;
        }
        if (output_size_ >= most) {
            return false;
        }
        if (output_size_ == output_capacity_) {
            const std::size_t larger = std::min(output_capacity_ * 2, most);
            octets grown(new std::uint8_t[larger]);
            std::memcpy(grown.get(), output_.get(), output_size_);
            output_ = std::move(grown);
            output_capacity_ = larger;
        }
    }
}

byte_view deflate_codec::deflate(context_slot& kept, direction_terms ours, deflate_level level,
                                 byte_view text, deflate_piece which) {
    const bool is_whole = which == deflate_piece::whole;
    owned_deflater* engine = nullptr;
    if (ours.takes_over || !is_whole) {
        deflate_context& own = context_of(kept);
        if (own.deflating == nullptr) {
            own.deflating = std::make_unique<owned_deflater>(ours.window_bits, level);
        }
        engine = own.deflating.get();
    } else {
        engine = &shared_deflater(ours.window_bits, level);
    }
    // What doesn't become smaller isn't worth the peer's time.
    const std::size_t most = is_whole ? text.size() : deflate_bound(text.size());
    const deflate_flush flush =
        which == deflate_piece::middle ? deflate_flush::sync : deflate_flush::message;
    const bool fits = run(engine->engine, text, flush, most);
    const bool ends = which != deflate_piece::middle;
    if (!fits || (ends && !ours.takes_over)) {
        // [7692-7.2.1-10] [7692-7.2.1-13].  And what isn't sent is in nobody's window.
        engine->engine.forget();
    }
    if (which == deflate_piece::last && !ours.takes_over) {
        static_cast<deflate_context&>(*kept).deflating.reset();
        settle(kept);
    }
    return fits ? byte_view{output_.get(), output_size_} : byte_view{};
}

// ---- what comes in ---------------------------------------------------------------------------------

message_inflater* deflate_codec::borrow(std::uint32_t most) {
    if (borrowed_ >= most) {
        return nullptr;
    }
    ++borrowed_;
    if (spare_inflaters_.empty()) {
        return new message_inflater;
    }
    message_inflater* const one = spare_inflaters_.back().release();
    spare_inflaters_.pop_back();
    return one;
}

void deflate_codec::give_back(deflate_context& own) {
    message_inflater* const one = std::exchange(own.inflater, nullptr);
    if (one == nullptr || !std::exchange(own.is_borrowed, false)) {
        return;
    }
    --borrowed_;
    std::unique_ptr<message_inflater> spare(one);
    if (spare_inflaters_.size() < most_spare_inflaters) {
        spare_inflaters_.push_back(std::move(spare));
    }
}

error_code deflate_codec::begin_inflating(context_slot& kept, direction_terms theirs,
                                          const intake& how) {
    deflate_context& own = context_of(kept);
    if (how.in_one_read) {
        if (shared_inflater_ == nullptr) {
            shared_inflater_ = std::make_unique<message_inflater>();
        }
        own.inflater = shared_inflater_.get();
    } else {
        own.inflater = borrow(how.most);
        own.is_borrowed = own.inflater != nullptr;
    }
    if (own.inflater == nullptr) {
        settle(kept);
        return error_code::inflaters_exhausted;
    }
    own.takes_over = theirs.takes_over;
    own.in_one_room = how.in_one_room;
    // [7692-7.2.2-03] [7692-7.2.2-05] [7692-7.2.2-06]
    if (own.before == nullptr && (theirs.takes_over || !how.in_one_room)) {
        own.before = std::make_unique<owned_window>(theirs.window_bits);
    }
    // [7692-7.2.2-07] [7692-7.2.2-08] [7692-7.2.2-09] [7692-7.2.2-10]
    own.inflater->begin(how.type, theirs.window_bits, how.bounds);
    return error_code::none;
}

inflate_step deflate_codec::inflate(context_slot& kept, byte_view in, bool is_last, byte_span room,
                                    std::size_t at) {
    deflate_context& own = static_cast<deflate_context&>(*kept);
    const inflate_window nothing;
    const inflate_step done =
        own.inflater->inflate(in, is_last, room, at, own.before ? own.before->window : nothing);
    const bool ends = done.state == inflate_state::ended || done.state == inflate_state::failed;
    // In one room, the text of this message is looked back at where it is; it is remembered for the next.
    if (own.before != nullptr && (ends || !own.in_one_room)) {
        const std::size_t from = own.in_one_room ? 0 : at;
        own.before->window.remember(room.subspan(from, at + done.made - from));
    }
    if (ends) {
        give_back(own);
        if (!own.takes_over) {  // [7692-7.2.2-02] [7692-7.2.2-04]
            own.before.reset();
        }
        settle(kept);
    }
    return done;
}

void deflate_codec::let_go(context_slot& kept) {
    if (kept != nullptr) {
        give_back(static_cast<deflate_context&>(*kept));
        kept.reset();
    }
}

}  // namespace

compression_options permessage_deflate() {
    compression_options on;
    on.make_codec = []() -> message_codec* { return new deflate_codec; };
    return on;
}

}  // namespace plainsong
