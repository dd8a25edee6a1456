// SPDX-License-Identifier: MIT
// cat_talk.hpp — what `plainsong cat` says and hears on a connection, whichever end it is.
//
// Does: send what the console gives, print what arrives, each no faster than the other side takes it;
// ping; replay; say how it ended.
// Does not: connect or listen.
// Used by: tools/cat_client, tools/cat_server.  Depends on: app/session, tools/console.
#ifndef PLAINSONG_TOOLS_CAT_TALK_HPP
#define PLAINSONG_TOOLS_CAT_TALK_HPP

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/app/session.hpp>
#include <plainsong/ws/limits.hpp>

#include "tools/cat_options.hpp"
#include "tools/console.hpp"
#include "tools/message_printer.hpp"
#include "tools/recording.hpp"

namespace plainsong::tools {

/// Calls a function when a time has come.
class alarm_clock final : public loop_member {
public:
    alarm_clock(loop& its_loop, callback<void()> ring) : loop_(its_loop), ring_(std::move(ring)) {}
    ~alarm_clock() { loop_.cancel(*this); }
    void set(time_point due) { loop_.arm(*this, due); }
    void stop() { loop_.cancel(*this); }

private:
    void on_due() override { ring_(); }

    loop& loop_;
    callback<void()> ring_;
};

/// The ends of a talk that concern whoever made the connection.
struct talk_events {
    callback<session*()> find{};             // the connection, nullptr if there is none
    callback<void(int status)> on_closed{};  // how the connection has ended
    callback<void()> on_idle_interrupt{};    // an interrupt without a connection
};

class cat_talk {
public:
    cat_talk(loop& its_loop, const cat_options& options, std::vector<recorded_message> replayed,
             talk_events events);

    /// The handlers of the connection.  Lifetime of what they refer to: that of the talk.
    handlers make_handlers();
    [[nodiscard]] limits bounds() const;

    /// Nothing will be sent any more: another connection would be of no use.
    [[nodiscard]] bool is_finished() const { return is_finished_; }
    /// Ends the loop with `status` as soon as all is printed.
    void end(int status);
    [[nodiscard]] int status() const;

    void note(std::string_view line) { console_.note(line); }
    console& screen() { return console_; }

private:
    void opened(session& s);
    void received(session& s, const message& m);
    void received_control(opcode type, byte_view payload);
    void closed(const close_record& record);

    void pump();
    void replay(session& s);
    void send(session& s, opcode type, std::string_view payload);
    void input_ended();
    void end_if_once(session& s);
    void close(session& s, std::uint16_t code, std::string_view reason);
    void complain(std::string_view about);

    void take_input(byte_view bytes);
    void output_changed();
    void interrupted();
    void ping();
    void tell(direction way, opcode type, byte_view payload, double round_trip = -1);
    [[nodiscard]] bool is_full(const session& s) const;

    loop& loop_;
    const cat_options& options_;
    talk_events events_;
    message_splitter splitter_;
    console console_;
    alarm_clock ping_clock_;
    alarm_clock replay_clock_;

    std::vector<recorded_message> replayed_;
    std::size_t next_replayed_ = 0;
    time_point opened_at_{};

    std::uint64_t pings_ = 0;
    time_point ping_sent_{};

    std::string out_;  // what is being printed
    int status_ = cat_status::clean;
    bool has_complained_ = false;
    bool has_sent_ = false;
    bool has_printed_ = false;
    bool is_input_done_ = false;  // all of it has been sent
    bool is_finished_ = false;
    bool is_ending_ = false;
    bool is_paused_ = false;  // not read, because nobody reads what would be printed
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_CAT_TALK_HPP
