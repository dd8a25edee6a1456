// SPDX-License-Identifier: MIT
// lent_memory.hpp — memory that a loop lends to whichever session is being served.
//
// Does: hold one of everything that is needed only during a turn, and a store of what a session needs
// only while something is unfinished, so that a quiet session needs none of it.
// Does not: know servers or clients; all of one loop share it.
// Used by: app/session, app/session_core.  Depends on: app/gather, app/session_extras, net/loop,
// net/resolver.
#ifndef PLAINSONG_SRC_APP_LENT_MEMORY_HPP
#define PLAINSONG_SRC_APP_LENT_MEMORY_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <plainsong/net/entropy.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/resolver.hpp>
#include <plainsong/ws/connection.hpp>

#include "src/app/gather.hpp"
#include "src/app/message_block.hpp"
#include "src/app/session_extras.hpp"

namespace plainsong {

class session;
struct session_core;

class lent_memory final : public loop_local {
public:
    static constexpr unsigned most_prompt_pongs =
        16;  // a system call each, in one turn of a session

    /// Returns: that of `its_loop`, made when it is first asked for.
    static lent_memory& of(loop& its_loop);

    ~lent_memory() override;

    session_extras* take_extras();
    void give_extras(session_extras* extras);

    /// A client that is leaving: if the loop ends first, its core goes with it.
    void adopt(session_core& leaving);
    void let_go(session_core& gone);

    /// Where the masking keys of this loop's clients come from.
    [[nodiscard]] mask_source keys();

    /// The compressor of this loop, made when it is first asked for.
    [[nodiscard]] message_codec& codec(const compression_options& options);

    /// The system's resolver, made when it is first asked for.  It is the loop's and not a client's, so
    /// that many clients need few threads, and none of them waits for a lookup when it leaves.
    [[nodiscard]] resolver& names();

    gather out;
    owned_workspace workspace;
    session* reading = nullptr;  // owns `out` and may have `workspace` attached
    bool workspace_is_lent = false;
    unsigned prompt_pongs = 0;      // that may still leave in this turn of `reading`
    std::uint8_t masked[64 << 10];  // what a client is sending, masked
    std::uint8_t text[64 << 10];    // what is being inflated, for those who take it in pieces
    message_cache blocks;
    entropy_buffer entropy;

private:
    explicit lent_memory(loop& its_loop) : loop_(its_loop) {}

    loop& loop_;
    std::unique_ptr<resolver> names_;
    std::unique_ptr<message_codec> codec_;
    session_extras* free_extras_ = nullptr;
    std::size_t free_extras_count_ = 0;
    std::vector<session_core*> leaving_;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_LENT_MEMORY_HPP
