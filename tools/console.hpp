// SPDX-License-Identifier: MIT
// console.hpp — the person or the pipe on the other side of `plainsong cat`.
//
// Does: standard input, output and error together: with somebody at a terminal, what arrives does not
// tear the line that is being typed.  Turns SIGINT, SIGTERM and ctrl-C into one call.
// Does not: know messages.
// Used by: tools/cat_talk, tools/cat.  Depends on: tools/standard_streams, tools/line_editor,
// tools/terminal.
#ifndef PLAINSONG_TOOLS_CONSOLE_HPP
#define PLAINSONG_TOOLS_CONSOLE_HPP

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <plainsong/net/callback.hpp>
#include <plainsong/net/loop.hpp>
#include <plainsong/net/sys.hpp>

#include "tools/line_editor.hpp"
#include "tools/standard_streams.hpp"

namespace plainsong::tools {

struct console_events {
    callback<void(byte_view)> on_input{};  // nothing: the end
    callback<void()> on_output_change{};   // all is written, or nobody reads it any more
    callback<void()> on_interrupt{};       // the first time; the second one ends the process
};

class console final : private loop_member {
public:
    /// `edits`: lines are typed and edited here, if somebody sits there.
    console(loop& its_loop, bool edits, console_events events);
    ~console();

    [[nodiscard]] bool is_edited() const { return editor_ != nullptr; }
    /// Standard output is a terminal.
    [[nodiscard]] bool shows_output() const { return shows_output_; }

    /// Whether input is wanted.  What is typed is always read.
    void want_input(bool wanted);
    [[nodiscard]] bool input_has_ended() const { return ended_; }

    /// To standard output.
    void print(std::string_view text);
    [[nodiscard]] std::size_t output_pending() const { return output_.pending(); }
    [[nodiscard]] bool output_is_broken() const { return output_.is_broken(); }
    [[nodiscard]] int output_error() const { return output_.error_number(); }

    /// A line for people, to standard error.
    void note(std::string_view line);

    /// Ends the process by the signal that was the interrupt.
    void die();

private:
    void on_ready(readiness) override;
    void take_input(byte_view bytes);
    void take_keys(byte_view bytes);
    void output_changed();
    void interrupt();
    void suspend();
    void show();
    void hide();
    void draw();

    loop& loop_;
    console_events events_;
    std::unique_ptr<line_editor> editor_;
    std::string screen_;
    input_stream input_;
    output_stream output_;
    sys::wake_channel signals_;
    watch_token token_{};
    bool shows_output_;
    bool is_shown_ = false;
    bool in_keys_ = false;
    bool ended_ = false;
    bool interrupted_ = false;
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_CONSOLE_HPP
