// SPDX-License-Identifier: MIT
// standard_streams.hpp — standard input and output on a loop, without holding it up.
//
// Does: read when there is something and somebody wants it; write what the other end takes and keep
// the rest; work with what a poller refuses (files, /dev/null), too.
// Does not: make the descriptors non-blocking: they are shared with other processes.  A read after
// the kernel's word that there is something, and a write of at most PIPE_BUF octets, do not block.
// Used by: tools/console.  Depends on: net/loop.
#ifndef PLAINSONG_TOOLS_STANDARD_STREAMS_HPP
#define PLAINSONG_TOOLS_STANDARD_STREAMS_HPP

#include <cstddef>
#include <string>
#include <string_view>

#include <plainsong/net/callback.hpp>
#include <plainsong/net/loop.hpp>

namespace plainsong::tools {

class input_stream final : private loop_member {
public:
    /// `on_bytes` is called with what one read gave; with nothing at the end.
    input_stream(loop& its_loop, int descriptor, callback<void(byte_view)> on_bytes);
    ~input_stream();

    /// Whether to read.  At first it doesn't.
    void want(bool wanted);
    [[nodiscard]] bool has_ended() const { return has_ended_; }

private:
    void on_ready(readiness) override { read(); }
    void on_due() override { read(); }
    void read();
    void schedule();

    loop& loop_;
    callback<void(byte_view)> on_bytes_;
    watch_token token_{};
    int descriptor_;
    bool is_wanted_ = false;
    bool has_ended_ = false;
};

class output_stream final : private loop_member {
public:
    /// `on_change` is called when all has been written, and when nobody will read any more.
    output_stream(loop& its_loop, int descriptor, callback<void()> on_change);
    ~output_stream();

    /// Writes, or keeps it until there is room.
    void write(std::string_view text);
    [[nodiscard]] std::size_t pending() const { return pending_.size() - begin_; }
    /// The reader has gone, or the disk is full; what is written then is dropped.
    [[nodiscard]] bool is_broken() const { return error_ != 0; }
    [[nodiscard]] int error_number() const { return error_; }

private:
    void on_ready(readiness ready) override;
    std::size_t write_some(std::string_view text);
    [[nodiscard]] bool has_room() const;
    void break_off(int number);

    loop& loop_;
    callback<void()> on_change_;
    std::string pending_;
    std::size_t begin_ = 0;
    watch_token token_{};
    int descriptor_;
    int error_ = 0;
};

}  // namespace plainsong::tools

#endif  // PLAINSONG_TOOLS_STANDARD_STREAMS_HPP
