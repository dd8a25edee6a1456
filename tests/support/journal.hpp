// SPDX-License-Identifier: MIT
// journal.hpp — writes down what a server tells a program, and notes each broken promise of
// app/handlers.hpp: the order of the calls, and that each comes as often as it should.
//
// Does: make the handlers of a route; keep one log for each session.  Uses session::data.
#ifndef PLAINSONG_TESTS_SUPPORT_JOURNAL_HPP
#define PLAINSONG_TESTS_SUPPORT_JOURNAL_HPP

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <plainsong/app/handlers.hpp>
#include <plainsong/app/session.hpp>

#include "tests/support/wire.hpp"

namespace plainsong::tests {

/// What a test does in a callback, after it was written down.
struct reactions {
    std::function<void(upgrade&)> on_upgrade{};
    std::function<void(session&)> on_open{};
    std::function<void(session&, message)> on_message{};
    std::function<void(session&)> on_message_begin{};
    std::function<void(session&, byte_view)> on_message_chunk{};
    std::function<void(session&, byte_view)> on_ping{};
    std::function<void(session&, byte_view)> on_pong{};
    std::function<void(session&)> on_drain{};
    std::function<void(session&, const close_record&)> on_close{};
    bool streams = false;   // messages come by begin, chunk, end
    bool upgrades = false;  // on_upgrade is set even if there is no reaction
};

/// Lines: "open", `text "hello"`, `binary hex 00ff`, `ping "x"`, `pong "x"`, "drain",
/// `close 1000 sent 1000 clean by peer "bye"`, with "because NAME", "errno N" and "lost M of B
/// bytes" where there is such a thing.
class journal {
public:
    struct entry {
        session_id id{};
        std::vector<std::string> lines{};
        bool open = false;
        bool in_message = false;
        octets message{};
        opcode type = opcode::binary;

        [[nodiscard]] std::string text() const;
    };

    journal() = default;
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    handlers record(reactions also = {});

    /// Sessions in the order in which they were opened.
    [[nodiscard]] std::size_t count() const { return entries_.size(); }
    [[nodiscard]] const entry& operator[](std::size_t index) const { return entries_[index]; }
    [[nodiscard]] const entry& last() const { return entries_.back(); }
    /// The lines of the only (or the latest) session, parted by line ends.
    [[nodiscard]] std::string text() const { return entries_.empty() ? "" : last().text(); }
    [[nodiscard]] std::size_t open() const;
    void forget();

    std::vector<std::string> faults;

private:
    entry& of(session& one, const char* what);
    void note(session& one, const std::string& line, const char* what);
    void note_end(session& one);

    std::deque<entry> entries_;
};

std::string shown(const close_record& how);

/// Echo: what most routes of tests do.
inline reactions echo() {
    return {.on_message = [](session& one, message m) { one.send(m); }};
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_JOURNAL_HPP
