// SPDX-License-Identifier: MIT
// endpoint.hpp — an engine with all that it needs, which writes down what happens.
//
// Does: feed octets from allocations of exactly their size, write what is to be sent at once, keep
// a log of one line for each event and each frame sent, and note each broken promise of
// ws/connection.hpp in `faults`.  The chunks of a message are joined, so the log says nothing about
// how the octets were cut.
// Does not: decide what is right; a test compares the log.
#ifndef PLAINSONG_TESTS_SUPPORT_ENDPOINT_HPP
#define PLAINSONG_TESTS_SUPPORT_ENDPOINT_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/ws/connection.hpp>
#include <plainsong/ws/message_inflater.hpp>

#include "tests/support/fake_clock.hpp"
#include "tests/support/reference_utf8.hpp"
#include "tests/support/wire.hpp"

namespace plainsong::tests {

// ---- text

/// Beyond it nobody reads them, and a sanitizer takes seconds to write them.
inline constexpr std::size_t most_shown_octets = 1 << 20;

/// Octets as a test reads and writes them: "text", hex 00ff, 126 x "*", 126 x hex fe.
inline std::string shown(std::span<const std::uint8_t> payload) {
    const auto hex = [](std::uint8_t octet) {
        static constexpr char digits[] = "0123456789abcdef";
        return std::string{digits[octet / 16], digits[octet % 16]};
    };
    const bool same =
        payload.size() > 16 &&
        std::adjacent_find(payload.begin(), payload.end(), std::not_equal_to<>{}) == payload.end();
    if (payload.size() > most_shown_octets && !same) {
        std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
        for (const std::uint8_t octet : payload) {
            hash = (hash ^ octet) * 0x100000001b3;
        }
        return std::to_string(payload.size()) + " octets with hash " + std::to_string(hash);
    }
    const bool printable = std::all_of(payload.begin(), payload.end(), [](std::uint8_t octet) {
        return octet >= 0x20 && octet < 0x7f && octet != '"';
    });
    std::string text = same ? std::to_string(payload.size()) + " x " : "";
    const auto part = same ? payload.first(1) : payload;
    if (printable) {
        return text + '"' + std::string(part.begin(), part.end()) + '"';
    }
    text += "hex ";
    for (const std::uint8_t octet : part) {
        text += hex(octet);
    }
    return text;
}

inline std::string shown(const wire_frame& frame) {
    static constexpr const char* names[16] = {
        "continuation", "text", "binary", "3",  "4",  "5",  "6",  "7",
        "close",        "ping", "pong",   "11", "12", "13", "14", "15"};
    std::string text = names[frame.opcode];
    std::span<const std::uint8_t> payload{frame.payload};
    if (!frame.final) {
        text += " more";
    }
    if (frame.opcode != 8) {
        return text + ' ' + shown(payload);
    }
    if (payload.size() >= 2) {
        text += ' ' + std::to_string(payload[0] * 256 + payload[1]);
        payload = payload.subspan(2);
    }
    return payload.empty() ? text : text + ' ' + shown(payload);
}

inline std::string shown(const close_info& how) {
    static constexpr const char* who[] = {"nobody", "local", "peer"};
    std::string text = "closed " + std::to_string(how.code) +
                       (how.clean ? " clean by " : " unclean by ") +
                       who[static_cast<std::size_t>(how.who)];
    if (how.cause) {
        text += std::string(" because ") + facts_of(how.cause.code).name + " at " +
                std::to_string(how.cause.offset);
    }
    return how.reason.empty() ? text : text + " reason " + shown(as_bytes(how.reason));
}

// ---- keys

/// Keys that look random and are the same in each run; it can run dry.
struct key_double {
    std::uint32_t used = 0;
    std::uint32_t left = ~std::uint32_t{0};

    static bool next(void* context, mask_key& key) {
        auto& self = *static_cast<key_double*>(context);
        if (self.left == 0) {
            return false;
        }
        --self.left;
        std::uint32_t mixed = ++self.used * 0x9e3779b9U;
        mixed = (mixed ^ (mixed >> 15)) * 0x85ebca6bU;
        for (std::uint8_t& octet : key.bytes) {
            octet = static_cast<std::uint8_t>(mixed);
            mixed >>= 8;
        }
        return true;
    }
};

// ---- the endpoint

class endpoint {
public:
    explicit endpoint(role self, limits bounds = {}, std::size_t output_bytes = 4096)
        : room_(std::make_unique<room>(output_bytes)),
          config_{.self = self, .bounds = bounds, .keys = {&key_double::next, &keys}},
          checks_(self == role::client),
          engine(config_, clock.now()) {
        engine.attach(*room_);
    }
    endpoint(const endpoint&) = delete;
    endpoint& operator=(const endpoint&) = delete;

    /// Takes compressed messages, whose sender looks back 2^window_bits octets, and into earlier ones.
    void inflate_messages(unsigned window_bits) {
        engine.allow_compression();
        inflating_ = std::make_unique<inflating>(window_bits);
    }
    /// Moves to other memory between all calls from now on, and wipes what it left.
    void be_restless() { restless_ = true; }
    /// Writes no output until it is told to.
    void hold_output() { holds_output_ = true; }
    void release_output() {
        holds_output_ = false;
        after_call();
    }

    [[nodiscard]] role self() const { return config_.self; }

    // ---- what happens to it

    /// The peer's octets, in one read.
    void feed(std::span<const std::uint8_t> piece) {
        const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[piece.size()]);
        std::copy(piece.begin(), piece.end(), exact.get());
        byte_span in{exact.get(), piece.size()};
        while (!in.empty()) {
            const step done = engine.receive(in, clock.now());
            ++steps;
            if (done.taken > in.size() || done.taken == 0 ||
                (done.what.kind == event_kind::none && done.taken != in.size())) {
                faults.push_back("receive took " + std::to_string(done.taken) + " of " +
                                 std::to_string(in.size()));
                return;
            }
            note(done.what);
            in = in.subspan(done.taken);
            after_call();
        }
    }
    void feed(const wire_frame& frame) { feed(on_wire(frame)); }

    void end() { act(engine.receive_eof(clock.now())); }
    void lose(error_code why) { act(engine.lost(why, clock.now())); }
    void wait(duration span) {
        clock.advance(span);
        act(engine.on_deadline(clock.now()));
    }

    error send(opcode type, std::span<const std::uint8_t> payload, bool last = true) {
        return done(engine.send(type, payload, last));
    }
    error ping(std::span<const std::uint8_t> payload) { return done(engine.ping(payload)); }
    error pong(std::span<const std::uint8_t> payload) { return done(engine.pong(payload)); }
    error close(std::uint16_t code, std::string_view reason = {}) {
        return done(engine.close(code, reason, clock.now()));
    }
    void fail(error_code why) {
        engine.fail(why, clock.now());
        after_call();
    }

    // ---- what its peer would say

    /// A frame as this end's peer sends it: masked if this end is the server.
    [[nodiscard]] wire_frame from_peer(unsigned op, octets payload = {}, bool final = true) const {
        return {.opcode = op,
                .payload = std::move(payload),
                .final = final,
                .masked = config_.self == role::server,
                .key = {0x37, 0xfa, 0x21, 0x3d}};
    }
    [[nodiscard]] wire_frame from_peer(unsigned op, std::string_view text,
                                       bool final = true) const {
        return from_peer(op, octets_of(text), final);
    }
    [[nodiscard]] wire_frame close_from_peer(unsigned code, std::string_view reason = {}) const {
        octets body = {static_cast<std::uint8_t>(code / 256), static_cast<std::uint8_t>(code)};
        return from_peer(8, append(body, as_bytes(reason)));
    }

    std::vector<std::string> log;
    std::vector<std::string> faults;
    octets sent;            // all octets written
    std::size_t steps = 0;  // calls of receive
    fake_clock clock;
    key_double keys;

private:
    error done(error why) {
        after_call();
        return why;
    }
    void act(const event& what) {
        note(what);
        after_call();
    }

    void note(const event& what) {
        if (what.kind == event_kind::none) {
            return;
        }
        if (ended_) {
            faults.push_back("an event follows `closed`");
        }
        switch (what.kind) {
            case event_kind::data:
                note_data(what);
                break;
            case event_kind::ping:
                log.push_back("ping " + shown(what.payload));
                break;
            case event_kind::pong:
                log.push_back("pong " + shown(what.payload));
                break;
            case event_kind::closed:
                ended_ = true;
                log.push_back(shown(outcome()));
                break;
            case event_kind::none:
                break;
        }
    }

    void note_data(const event& what) {
        if (what.first == in_message_ || (!what.first && what.type != type_)) {
            faults.push_back("a chunk does not continue what came before");
        }
        if (what.first) {
            message_.clear();
            type_ = what.type;
        }
        in_message_ = !what.last;
        if (!what.compressed) {
            append(message_, what.payload);
        } else if (!inflate(what)) {
            in_message_ = false;
            return;
        }
        if (!what.last) {
            if (what.payload.empty()) {
                faults.push_back("an empty chunk was reported");
            }
            return;
        }
        if (type_ == opcode::text &&
            reference_utf8(message_) != reference_verdict{message_.size(), true}) {
            faults.push_back("a text was delivered that is not UTF-8");
        }
        log.push_back((type_ == opcode::text ? "text " : "binary ") + shown(message_));
    }

    // Returns: false if the message, and the connection with it, has failed.
    bool inflate(const event& what) {
        if (inflating_ == nullptr) {
            faults.push_back("a compressed message was reported, and none was agreed on");
            return true;
        }
        inflating& self = *inflating_;
        if (what.first) {
            self.engine.begin(what.type, self.window_bits,
                              {.message_bytes = config_.bounds.message_bytes});
        }
        byte_view in = what.payload;
        inflate_step done;
        do {
            const std::size_t before = message_.size();
            message_.resize(before + 100);
            done = self.engine.inflate(in, what.last, message_, before, self.before);
            message_.resize(before + done.made);
            in = in.subspan(done.taken);
        } while (done.state == inflate_state::more_room);
        if (done.state == inflate_state::failed) {
            is_place_known_ = done.code != error_code::invalid_utf8;
            engine.fail(done.code, clock.now(), in.size() + done.ahead);
            return false;
        }
        if (done.state == inflate_state::ended) {
            self.before.remember(message_);
        }
        return true;
    }

    [[nodiscard]] close_info outcome() const {
        close_info how = engine.outcome();
        how.cause.offset = is_place_known_ ? how.cause.offset : 0;
        return how;
    }

    void after_call() {
        if (!holds_output_) {
            while (!engine.output().empty()) {
                append(sent, engine.output());
                engine.output_sent(engine.output().size(), clock.now());
            }
            note_sent();
        }
        if (engine.wants_shutdown() && !fin_) {
            fin_ = true;
            log.push_back("> fin");
        }
        if (engine.finished() != ended_) {
            faults.push_back("finished() and `closed` disagree");
        }
        if (restless_) {
            move();
        }
    }

    void note_sent() {
        std::span<const std::uint8_t> rest{sent};
        rest = rest.subspan(judged_);
        while (const auto frame = take_frame(rest)) {
            judged_ = sent.size() - rest.size();
            log.push_back("> " + shown(*frame));
            if (const std::string_view wrong = checks_.judge(*frame); !wrong.empty()) {
                faults.push_back("sent: " + std::string(wrong));
            }
        }
        if (!rest.empty()) {
            faults.push_back("part of a frame was sent");
        }
    }

    void move() {
        auto other = std::make_unique<room>(room_->memory.size());
        engine.attach(*other);
        std::fill(room_->memory.begin(), room_->memory.end(), std::uint8_t{0xdd});
        room_ = std::move(other);
        if (!engine.needs_workspace()) {
            engine.detach();
            engine.attach(*room_);
        }
    }

    struct room : workspace {
        explicit room(std::size_t output_bytes) : workspace({}), memory(output_bytes) {
            output = memory;
        }
        octets memory;
    };

    struct inflating {
        explicit inflating(unsigned bits)
            : window_bits(bits), memory(std::size_t{1} << bits), before(memory) {}

        unsigned window_bits;
        octets memory;
        inflate_window before;
        message_inflater engine;
    };

    std::unique_ptr<room> room_;
    std::unique_ptr<inflating> inflating_;
    connection_config config_;
    sender_check checks_;
    std::size_t judged_ = 0;
    octets message_;
    opcode type_ = opcode::binary;
    bool in_message_ = false;
    bool ended_ = false;
    bool fin_ = false;
    bool restless_ = false;
    bool is_place_known_ = true;  // of wrong text, only if it was not compressed
    bool holds_output_ = false;

public:
    connection engine;  // last: it is made of what stands above
};

/// Lines of a log, for messages of tests.
inline std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + '\n';
    }
    return text;
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_ENDPOINT_HPP
