// SPDX-License-Identifier: MIT
// raw_client.hpp — a client over a real socket that waits for what it expects, with a deadline.
//
// Does: say any octets; hear answers and frames; tell an orderly end from a reset.  While it waits
// it turns the loop of a server on the same thread, or just waits if there is none.
#ifndef PLAINSONG_TESTS_SUPPORT_RAW_CLIENT_HPP
#define PLAINSONG_TESTS_SUPPORT_RAW_CLIENT_HPP

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <plainsong/net/address.hpp>
#include <plainsong/net/fd.hpp>
#include <plainsong/net/loop.hpp>

#include "tests/support/client_frames.hpp"

namespace plainsong::tests {

class raw_client {
public:
    /// Connects to `where`; `turned` is the server's loop, nullptr if another thread turns it.
    explicit raw_client(const address& where, loop* turned = nullptr, int receive_buffer = 0);

    /// Sends all of it, waiting if need be.  Returns: false if the connection broke.
    bool say(std::span<const std::uint8_t> bytes);
    bool say(std::string_view text) { return say(as_bytes(text)); }
    /// Sends what fits now.  Returns: how many octets.
    std::size_t try_say(std::span<const std::uint8_t> bytes);

    /// Waits for an HTTP answer.  Returns: "" if none comes.
    std::string answer(bool to_head = false);
    /// Asks for an upgrade.  Returns: whether it was granted.
    bool upgrade(std::string_view path = "/");

    /// Waits for a frame.  Returns: its line; at the end "fin" or "reset"; "nothing" in vain.
    std::string next();
    /// Waits for the payload of a message that comes in one frame.
    octets message();
    /// Waits for the end.  Returns: the lines of all that comes before it, and of the end.
    std::string rest();

    /// Takes some of what has arrived, without waiting.  Returns: whether the end has come.
    bool listen();
    [[nodiscard]] bool has_ended() const { return !ending_.empty(); }

    void half_close();
    void reset();
    void close() { socket_.reset(); }
    [[nodiscard]] int descriptor() const { return socket_.number(); }

    hearing ear;

private:
    void wait(short events);
    std::optional<wire_frame> take_or_listen();
    template <typename Condition>
    bool wait_until(Condition condition);

    loop* turned_;
    fd socket_;
    std::string ending_;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_RAW_CLIENT_HPP
