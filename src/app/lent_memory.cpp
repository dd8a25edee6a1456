// SPDX-License-Identifier: MIT
// lent_memory.cpp — the store of extras, and where masking keys and addresses come from.
#include "src/app/lent_memory.hpp"

#include "src/app/session_core.hpp"

namespace plainsong {

namespace {

constexpr std::size_t most_free_extras = 64;

}  // namespace

lent_memory& lent_memory::of(loop& its_loop) {
    if (its_loop.local() == nullptr) {
        its_loop.set_local(new lent_memory(its_loop));
    }
    return static_cast<lent_memory&>(*its_loop.local());
}

lent_memory::~lent_memory() {
    while (!leaving_.empty()) {
        leaving_.back()->drop();
    }
    while (free_extras_ != nullptr) {
        session_extras* const next = free_extras_->next_free;
        delete free_extras_;
        free_extras_ = next;
    }
}

session_extras* lent_memory::take_extras() {
    session_extras* const one = free_extras_;
    if (one == nullptr) {
        return new session_extras;
    }
    free_extras_ = one->next_free;
    --free_extras_count_;
    return one;
}

void lent_memory::give_extras(session_extras* extras) {
    if (extras->head.memory != nullptr) {
        blocks.release(extras->head);
    }
    if (extras->incoming.memory != nullptr) {
        blocks.release(extras->incoming);
    }
    if (free_extras_count_ == most_free_extras) {
        delete extras;
        return;
    }
    extras->queue.clear();
    extras->parser = http::head_parser{};
    extras->drain_until = extras->blocked_since = extras->retry_at = extras->slow_since = never;
    extras->bytes_unsent = extras->messages_unsent = 0;
    extras->peer = {};
    extras->text_sent.reset();
    extras->workspace.room.clear();
    extras->next_free = free_extras_;
    free_extras_ = extras;
    ++free_extras_count_;
}

void lent_memory::adopt(session_core& leaving) {
    leaving_.push_back(&leaving);
}

void lent_memory::let_go(session_core& gone) {
    std::erase(leaving_, &gone);
}

mask_source lent_memory::keys() {
    return {.next =
                [](void* context, mask_key& key) {
                    return !static_cast<entropy_buffer*>(context)->fill(key.bytes);
                },
            .context = &entropy};
}

message_codec& lent_memory::codec(const compression_options& options) {
    if (codec_ == nullptr) {
        codec_.reset(options.make_codec());
    }
    return *codec_;
}

resolver& lent_memory::names() {
    if (names_ == nullptr) {
        names_ = std::make_unique<system_resolver>(loop_);
    }
    return *names_;
}

}  // namespace plainsong
