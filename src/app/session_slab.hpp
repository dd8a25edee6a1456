// SPDX-License-Identifier: MIT
// session_slab.hpp — memory for sessions, side by side and reused.
//
// Does: place sessions in chunks that never move, without a header for each; walk through them;
// give chunks back that have become empty.
// Does not: give sessions names (their watch tokens do: see session::id).
// Used by: app/server_core.  Depends on: app/session.
#ifndef PLAINSONG_SRC_APP_SESSION_SLAB_HPP
#define PLAINSONG_SRC_APP_SESSION_SLAB_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include <plainsong/app/session.hpp>

namespace plainsong {

class session_slab {
public:
    static constexpr std::size_t sessions_per_chunk = 64;

    session_slab() = default;
    session_slab(const session_slab&) = delete;
    session_slab& operator=(const session_slab&) = delete;
    ~session_slab() = default;

    /// Returns: memory for one session, to be constructed there.
    void* take();
    /// Takes back the memory of a session that was destroyed.  `may_shrink`: an empty chunk may be
    /// given back at once, and the slots behind it move up.
    void put_back(void* memory, bool may_shrink);
    /// Gives back all chunks that are empty.
    void trim();

    [[nodiscard]] std::size_t used() const { return used_; }
    /// Calls `visit(session&)` for those in slots [from, from + count); sessions may be taken and put
    /// back meanwhile.  Returns: the slot to go on with; slots() when all have been visited.
    template <typename Visit>
    std::size_t visit(std::size_t from, std::size_t count, Visit visit) {
        for (; count != 0 && from < slots(); --count, ++from) {
            chunk& one = *chunks_[from / sessions_per_chunk];
            const std::size_t slot = from % sessions_per_chunk;
            if ((one.used >> slot & 1) != 0) {
                visit(*std::launder(reinterpret_cast<session*>(one.memory[slot])));
            }
        }
        return from;
    }
    [[nodiscard]] std::size_t slots() const { return chunks_.size() * sessions_per_chunk; }

private:
    struct chunk {
        std::uint64_t used = 0;  // one bit a slot
        alignas(session) unsigned char memory[sessions_per_chunk][sizeof(session)];
    };

    std::vector<std::unique_ptr<chunk>> chunks_;  // in the order of their addresses
    std::vector<chunk*> with_room_;
    std::size_t used_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_SESSION_SLAB_HPP
