// SPDX-License-Identifier: MIT
// visit.hpp — a client written down line by line, as one would play it by hand.
//
// Does: own a loop and one client on it; turn the loop until what a line asks for has come, and throw
// a visit_failure where it doesn't come in time or isn't as expected.
// Does not: need GoogleTest; programs use it too.
#ifndef PLAINSONG_TESTS_SUPPORT_VISIT_HPP
#define PLAINSONG_TESTS_SUPPORT_VISIT_HPP

#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/client.hpp>
#include <plainsong/net/sys.hpp>

namespace plainsong::tests {

struct visit_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void expect(bool holds, const std::string& what) {
    if (!holds) {
        throw visit_failure(what);
    }
}

inline void expect_equal(std::string_view actual, std::string_view expected, const char* what) {
    const auto shown = [](std::string_view text) {
        return text.size() > 120 ? std::to_string(text.size()) + " bytes"
                                 : '"' + std::string(text) + '"';
    };
    expect(actual == expected,
           std::string(what) + ": expected " + shown(expected) + ", got " + shown(actual));
}

class visit {
public:
    struct received {
        bool is_text;
        std::string payload;
    };

    static constexpr duration patience = std::chrono::seconds(30);

    explicit visit(client_options options = {}) : client_(its_loop, std::move(options)) {}

    // ---- coming in

    visit& open(const std::string& url, std::string_view subprotocols = {}) {
        begin(url, subprotocols);
        expect(is_open_, url + " failed: " + facts_of(why.code()).name + ", number " +
                             std::to_string(why.number()) + ", status " + std::to_string(status));
        return *this;
    }
    visit& fail(const std::string& url) {
        begin(url, {});
        expect(has_failed_, "it was let in");
        return *this;
    }

    // ---- saying something

    session& connection() { return *client_.current(); }
    void send(const received& m, bool may_compress = true) {
        const opcode type = m.is_text ? opcode::text : opcode::binary;
        taken(client_.send({type, as_bytes(m.payload), may_compress}));
    }
    [[nodiscard]] metrics_snapshot counts() const { return client_.snapshot(); }
    void say(std::string_view text) { taken(client_.send_text(text)); }
    void begin_message(opcode type) { taken(connection().send_begin(type)); }
    void send_part(std::string_view part) { taken(connection().send_part(part)); }
    void end_message() { taken(connection().send_end()); }
    void send_parts(opcode type, const std::vector<std::string_view>& parts) {
        begin_message(type);
        for (const std::string_view part : parts) {
            send_part(part);
        }
        end_message();
    }
    /// Returns: the payload of the next pong.
    std::string ping(std::string_view payload) {
        taken(connection().ping(as_bytes(payload)));
        return first_of(pongs_, "no pong");
    }
    visit& close(std::uint16_t with = close_code::normal, std::string_view reason = {}) {
        taken(client_.close(with, reason));
        return *this;
    }

    // ---- hearing something

    received receive() { return first_of(messages_, "no message"); }
    std::string hear() {
        received m = receive();
        expect(m.is_text, "a text was expected");
        return std::move(m.payload);
    }
    std::string pinged() { return first_of(pings_, "no ping"); }

    // ---- leaving

    /// Returns: the end as this side saw it, "CODE clean REASON" or "CODE unclean REASON".
    std::string end() {
        await([&] { return ends_ > 0; }, "no end");
        expect(its_loop.turn(duration::zero()) == error{} && ends_ == 1, "more than one end");
        expect(client_.state() == client_state::idle, "the client isn't idle");
        return end_;
    }
    void leave() { expect_equal(close().end(), "1000 clean", "our view of the end"); }

    /// Turns until `holds()`.
    template <typename Condition>
    void await(Condition holds, const char* otherwise) {
        const time_point latest = sys::now() + patience;
        while (!holds()) {
            if (sys::now() > latest || its_loop.turn(std::chrono::milliseconds(100))) {
                throw visit_failure(otherwise + (ends_ > 0 ? "; it ended with " + end_ : ""));
            }
        }
    }

    loop its_loop;
    compression_options compression;  // to open with
    std::string protocol;

    // Of a failure to come in:
    error why;
    connect_stage stage = connect_stage::name;
    int status = 0;
    std::string body;
    std::string challenge;
    std::string retry_after;

private:
    void begin(const std::string& url, std::string_view subprotocols) {
        handlers on;
        on.subprotocols = subprotocols;
        on.compression = compression;
        on.on_failure = [this](const connect_failure& failure) { note(failure); };
        on.on_open = [this](session& s) {
            is_open_ = true;
            protocol = std::string(s.subprotocol());
        };
        on.on_message = [this](session&, message m) {
            messages_.push_back({m.is_text(), std::string(m.text())});
        };
        on.on_ping = [this](session&, byte_view payload) { pings_.emplace_back(as_text(payload)); };
        on.on_pong = [this](session&, byte_view payload) { pongs_.emplace_back(as_text(payload)); };
        on.on_close = [this](session&, const close_record& record) {
            ++ends_;
            end_ = std::to_string(record.code) + (record.clean ? " clean" : " unclean") +
                   (record.reason.empty() ? "" : " ") + std::string(record.reason);
        };
        const error refused = client_.connect(url, std::move(on));
        expect(!refused, url + ": " + facts_of(refused.code()).name);
        await([&] { return is_open_ || has_failed_; }, "neither open nor refused");
    }
    void note(const connect_failure& failure) {
        has_failed_ = true;
        why = failure.why;
        stage = failure.stage;
        status = failure.status;
        body = std::string(as_text(failure.body));
        challenge = std::string(failure.field("WWW-Authenticate"));
        retry_after = std::string(failure.field("Retry-After"));
    }
    static void taken(send_result result) {
        expect(static_cast<bool>(result), std::string("not sent: ") + facts_of(result.why).name);
    }
    template <typename Item>
    Item first_of(std::deque<Item>& list, const char* otherwise) {
        await([&] { return !list.empty(); }, otherwise);
        Item first = std::move(list.front());
        list.pop_front();
        return first;
    }

    client client_;
    std::deque<received> messages_;
    std::deque<std::string> pings_;
    std::deque<std::string> pongs_;
    std::string end_;
    int ends_ = 0;
    bool is_open_ = false;
    bool has_failed_ = false;
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_VISIT_HPP
