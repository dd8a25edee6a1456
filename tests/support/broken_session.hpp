// SPDX-License-Identifier: MIT
// broken_session.hpp — one connection of the echo server with a defect (see broken_echo.hpp).
//
// Does: the connection and its handshake (broken_echo.cpp), the frames (broken_session.cpp).
#ifndef PLAINSONG_TESTS_SUPPORT_BROKEN_SESSION_HPP
#define PLAINSONG_TESTS_SUPPORT_BROKEN_SESSION_HPP

#include <array>
#include <cstdint>
#include <string>

#include <plainsong/codec/utf8.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/stream.hpp>

#include "tests/support/broken_deflate.hpp"
#include "tests/support/broken_echo.hpp"

namespace plainsong::tests {

class broken_session final : public loop_member {
public:
    struct frame_seen {
        std::uint8_t opcode = 0;
        std::uint8_t rsv = 0;
        bool fin = true;
        std::array<std::uint8_t, 4> key{};
        std::uint64_t size = 0;
    };

    /// `stunned`: the server's; whoever comes then gets no answer.
    static constexpr std::size_t most_waiting = 64 << 10;  // of what was not fetched yet

    broken_session(loop& its_loop, stream transport, defect what, bool& stunned);
    ~broken_session() { end(); }
    broken_session(const broken_session&) = delete;
    broken_session& operator=(const broken_session&) = delete;

private:
    [[nodiscard]] bool has(defect one) const { return defect_ == one; }

    void on_ready(readiness) override;
    void end();
    void lose();
    [[nodiscard]] bool is_crowded() const;
    void flush();
    /// Takes the next part of what came.  Returns: false if there is none.
    bool go_on();
    bool shake_hands();

    bool take_head();
    void judge_head();
    bool take_payload();
    void judge_text(const std::string& piece);
    [[nodiscard]] bool is_bad_text() const;
    bool end_frame();
    void end_message();
    void end_ping();
    void end_close();
    void fail(std::uint16_t code);
    void send_close(std::uint16_t code);
    void reply(std::uint8_t opcode, const std::string& payload);
    void echo(std::uint8_t opcode, const std::string& payload);
    void write(std::uint8_t opcode, int rsv, bool fin, const std::string& payload);
    [[nodiscard]] int allowed_rsv() const;
    bool inflate();

    loop& loop_;
    stream transport_;
    defect defect_;
    broken_deflate deflate_;
    bool& stunned_;
    watch_token token_;
    std::string pending_;
    std::string out_;
    std::string message_;
    std::string control_;
    std::string held_;
    std::string late_pong_;
    frame_seen now_;
    std::uint64_t taken_ = 0;
    std::uint64_t frames_ = 0;
    std::uint8_t opcode_ = 0;
    bool compressed_ = false;  // the message
    std::string inflated_;     // of it, frame by frame
    utf8_validator utf8_;
    bool open_ = false;
    bool in_payload_ = false;
    bool bad_head_ = false;
    bool in_message_ = false;
    bool last_ping_held_ = false;
    bool deaf_;
    bool ending_ = false;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_BROKEN_SESSION_HPP
