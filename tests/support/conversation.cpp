// SPDX-License-Identifier: MIT
// conversation.cpp — see conversation.hpp.
#include "tests/support/conversation.hpp"

#include <algorithm>
#include <cctype>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <plainsong/ws/connection.hpp>

#include "tests/support/written_frame.hpp"

namespace plainsong::tests {

namespace {

using words_view = std::span<const std::string>;

[[noreturn]] void refuse(const std::string& text) {
    throw std::runtime_error(text);
}

// ---- reading ---------------------------------------------------------------------------------

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"' && (i == 0 || text[i - 1] != '\\' || !quoted)) {
            quoted = !quoted;
        }
        if (!quoted && text[i] == '#') {
            break;
        }
        if (!quoted && text[i] == ' ') {
            if (!word.empty()) {
                words.push_back(std::exchange(word, {}));
            }
        } else {
            word += text[i];
        }
    }
    if (!word.empty()) {
        words.push_back(word);
    }
    return words;
}

// ---- playing ---------------------------------------------------------------------------------

/// How the bytes that are received get cut.
struct cutting {
    std::optional<std::size_t> at;  // one cut, at this offset of all bytes received
    bool each_byte = false;
    bool moving = false;  // the engine changes its workspace after each piece

    [[nodiscard]] std::string name() const {
        return at ? "cut at " + std::to_string(*at)
                  : std::string(each_byte ? "byte by byte" : "whole") + (moving ? ", moving" : "");
    }
};

error_code code_of(const std::string& name) {
    static const std::map<std::string, error_code> codes = {
#define PLAINSONG_CODE(name, whose, answer, requirement, text) {#name, error_code::name},
        PLAINSONG_ERRORS(PLAINSONG_CODE)
#undef PLAINSONG_CODE
    };
    const auto found = codes.find(name);
    if (found == codes.end()) {
        refuse("no error is called " + name);
    }
    return found->second;
}

const std::map<std::string, std::function<void(limits&, std::uint64_t)>> limit_setters = {
    {"frame_bytes", [](limits& to, std::uint64_t n) { to.frame_bytes = n; }},
    {"message_bytes", [](limits& to, std::uint64_t n) { to.message_bytes = n; }},
    {"message_frames",
     [](limits& to, std::uint64_t n) { to.message_frames = static_cast<std::uint32_t>(n); }},
    {"drain_bytes", [](limits& to, std::uint64_t n) { to.drain_bytes = n; }},
    {"ping_after",
     [](limits& to, std::uint64_t n) { to.ping_after = std::chrono::milliseconds(n); }},
    {"idle_timeout",
     [](limits& to, std::uint64_t n) { to.idle_timeout = std::chrono::milliseconds(n); }},
};

class player {
public:
    player(const conversation& script, cutting cut) : script_(script), cut_(cut) {
        keys_.next = [](void* context, mask_key& key) {
            key.bytes = static_cast<player*>(context)->key_number(
                static_cast<player*>(context)->keys_drawn_++);
            return true;
        };
        keys_.context = this;
    }

    std::string run() {
        for (const auto& line : script_.lines) {
            try {
                act(line.words);
            } catch (const std::exception& problem) {
                return script_.file + ":" + std::to_string(line.number) + " (" + cut_.name() +
                       "): " + problem.what();
            }
        }
        std::string left;
        for (const std::string& event : events_) {
            left += " " + event;
        }
        if (!sent_.empty()) {
            left += " sent " + shown(sent_);
        }
        return left.empty() ? "" : script_.file + ", " + script_.title + ": left over:" + left;
    }

    [[nodiscard]] std::size_t received() const { return received_; }

private:
    [[nodiscard]] static key_bytes key_number(std::size_t n) {
        const auto low = static_cast<std::uint8_t>(n + 1);
        return {low, 0xA5, 0x5A, static_cast<std::uint8_t>(~low)};
    }

    // The engine begins to live at the first line that needs it, when role and limits are set.
    connection& engine() {
        if (!engine_) {
            config_.keys = keys_;
            engine_.emplace(config_, now_);
            engine_->attach(rooms_[0]);
        }
        return *engine_;
    }

    void act(words_view words) {
        static const std::map<std::string, void (player::*)(words_view)> verbs = {
            {"role", &player::set_role},      {"limit", &player::set_limit},
            {"receive", &player::receive},    {"do", &player::command},
            {"after", &player::wait},         {"eof", &player::end},
            {"lost", &player::lose},          {"hold", &player::hold},
            {"flush", &player::release},      {"sent", &player::expect_sent},
            {"event", &player::expect_event}, {"closed", &player::expect_closed},
            {"state", &player::expect_state}, {"deadline", &player::expect_deadline},
        };
        const auto found = verbs.find(words[0]);
        if (found == verbs.end()) {
            refuse("no line begins with " + words[0]);
        }
        (this->*found->second)(words.subspan(1));
    }

    // ---- what happens

    void set_role(words_view words) {
        config_.self = words[0] == "client" ? role::client : role::server;
    }

    void set_limit(words_view words) {
        limit_setters.at(words[0])(config_.bounds, std::stoull(words[1]));
    }

    void receive(words_view words) {
        const key_bytes key = {0x37, 0xFA, 0x21, 0x3D};
        const std::string bytes =
            frames(words, [&] { return config_.self == role::server ? &key : nullptr; });
        std::size_t at = 0;
        while (at < bytes.size()) {
            const std::size_t piece = piece_at(bytes.size() - at);
            feed(bytes.substr(at, piece));
            at += piece;
            received_ += piece;
            if (cut_.moving) {
                move();
            }
        }
        flush();
    }

    [[nodiscard]] std::size_t piece_at(std::size_t left) const {
        if (cut_.each_byte) {
            return 1;
        }
        if (cut_.at && received_ < *cut_.at && *cut_.at < received_ + left) {
            return *cut_.at - received_;
        }
        return left;
    }

    // An allocation of exactly this size: a read past its end is seen by AddressSanitizer.
    void feed(const std::string& bytes) {
        const std::unique_ptr<std::uint8_t[]> memory(new std::uint8_t[bytes.size()]);
        std::copy(bytes.begin(), bytes.end(), memory.get());
        byte_span in(memory.get(), bytes.size());
        while (!in.empty()) {
            const step taken = engine().receive(in, now_);
            if (taken.what.kind == event_kind::none && taken.taken != in.size()) {
                refuse("bytes were left without an event");
            }
            in = in.subspan(taken.taken);
            note(taken.what);
        }
    }

    void move() {
        const std::size_t other = engine().attached() == rooms_.data() ? 1 : 0;
        if (!engine().needs_workspace()) {
            engine().detach();
        }
        engine().attach(rooms_[other]);
    }

    void note(const event& what) {
        const std::string payload(as_text(what.payload));
        switch (what.kind) {
            case event_kind::none:
                return;
            case event_kind::data:
                if (what.first == in_message_) {
                    refuse("`first` is not on the first chunk, or on it alone");
                }
                message_ += payload;
                in_message_ = !what.last;
                if (what.last) {
                    events_.push_back((what.type == opcode::text ? "text " : "binary ") +
                                      std::exchange(message_, {}));
                }
                return;
            case event_kind::ping:
            case event_kind::pong:
                events_.push_back((what.kind == event_kind::ping ? "ping " : "pong ") + payload);
                return;
            case event_kind::closed:
                events_.push_back("closed " + description(engine().outcome()));
                return;
        }
    }

    static std::string description(const close_info& how) {
        std::string text = std::to_string(how.code) + (how.clean ? " clean " : " unclean ");
        text += how.who == close_initiator::peer    ? "peer"
                : how.who == close_initiator::local ? "local"
                                                    : "nobody";
        if (how.cause) {
            text += std::string(" because ") + facts_of(how.cause.code).name + " at " +
                    std::to_string(how.cause.offset);
        }
        return how.reason.empty() ? text : text + " " + std::string(how.reason);
    }

    void command(words_view words) {
        std::string expected = "none";
        if (words.size() > 2 && words[words.size() - 2] == "->") {
            expected = words.back();
            words = words.first(words.size() - 2);
        }
        judge_command(obey(words), expected);
    }

    error obey(words_view words) {
        const bool last = !words[0].ends_with('+');
        const std::string name = last ? words[0] : words[0].substr(0, words[0].size() - 1);
        if (name == "fail") {
            engine().fail(code_of(words[1]), now_);
            return {};
        }
        if (name == "close") {
            const std::string reason = words.size() > 2 ? payload_of(words[2]) : "";
            return engine().close(static_cast<std::uint16_t>(std::stoul(words[1])), reason, now_);
        }
        const std::string payload = words.size() > 1 ? payload_of(words[1]) : "";
        if (name == "ping") {
            return engine().ping(as_bytes(payload));
        }
        if (name == "pong") {
            return engine().pong(as_bytes(payload));
        }
        return engine().send(name == "text"     ? opcode::text
                             : name == "binary" ? opcode::binary
                                                : opcode::continuation,
                             as_bytes(payload), last);
    }

    void judge_command(error why, const std::string& expected) {
        if (facts_of(why.code()).name != expected) {
            refuse(std::string("the answer is ") + facts_of(why.code()).name);
        }
        flush();
    }

    void wait(words_view words) {
        engine();  // lives before the time passes
        now_ += std::chrono::milliseconds(std::stoll(words[0]));
        note(engine().on_deadline(now_));
        flush();
    }
    void end(words_view) { note(engine().receive_eof(now_)); }
    void lose(words_view words) { note(engine().lost(code_of(words[0]), now_)); }
    void hold(words_view) { held_ = true; }
    void release(words_view words) {
        held_ = !words.empty();
        held_ ? take_output(std::stoul(words[0])) : flush();
    }
    void flush() {
        if (!held_) {
            take_output(engine().output().size());
        }
    }
    void take_output(std::size_t most) {
        const byte_view waiting = engine().output();
        const byte_view taken = waiting.first(std::min(most, waiting.size()));
        if (!taken.empty()) {
            sent_ += as_text(taken);
            engine().output_sent(taken.size(), now_);
        }
    }

    // ---- what is expected

    template <typename NextKey>
    static std::string frames(words_view words, NextKey next_key) {
        std::string bytes;
        while (!words.empty()) {
            const auto bar = std::find(words.begin(), words.end(), "|");
            const auto count = static_cast<std::size_t>(bar - words.begin());
            bytes += bytes_of_frame(words.first(count), next_key());
            words = words.subspan(std::min(words.size(), count + 1));
        }
        return bytes;
    }

    void expect_sent(words_view words) {
        if (words[0] == "nothing") {
            return sent_.empty() ? void() : refuse("sent is " + shown(sent_));
        }
        key_bytes key;
        const std::string expected = frames(words, [&]() -> const key_bytes* {
            if (config_.self == role::server) {
                return nullptr;
            }
            key = key_number(keys_expected_++);
            return &key;
        });
        if (!sent_.starts_with(expected)) {
            refuse("sent is " + shown(sent_) + ", expected " + shown(expected));
        }
        sent_.erase(0, expected.size());
    }

    void expect_event(words_view words) {
        if (words[0] == "nothing") {
            return events_.empty() ? void() : refuse("the event is " + events_.front());
        }
        std::string expected = words[0] + " ";
        for (const std::string& word : words.subspan(1)) {
            expected += payload_of(word);
        }
        take_event(expected);
    }

    void expect_closed(words_view words) {
        std::string expected = "closed";
        for (const std::string& word : words) {
            expected += " " + (word.find('"') == std::string::npos ? word : payload_of(word));
        }
        take_event(expected);
        if (!engine().finished()) {
            refuse("`closed` was reported, but the engine is not finished");
        }
    }

    void take_event(const std::string& expected) {
        if (events_.empty()) {
            refuse("there is no event");
        }
        if (events_.front() != expected) {
            refuse("the event is `" + events_.front().substr(0, 200) + "`, expected `" +
                   expected.substr(0, 200) + "`");
        }
        events_.pop_front();
    }

    void expect_state(words_view words) {
        if (name_of(engine().state()) != words[0]) {
            refuse("the state is " + std::string(name_of(engine().state())));
        }
        if (engine().wants_shutdown() != (words[0] == "draining")) {
            refuse("wants_shutdown does not fit the state");
        }
    }

    void expect_deadline(words_view words) {
        const time_point expected = now_ + std::chrono::milliseconds(std::stoll(words[0]));
        if (engine().next_deadline() != expected) {
            refuse("the deadline is off by " +
                   std::to_string((engine().next_deadline() - expected).count()) + " ns");
        }
    }

    const conversation& script_;
    cutting cut_;
    connection_config config_;
    mask_source keys_;
    std::vector<std::uint8_t> memory_[2] = {std::vector<std::uint8_t>(1 << 18),
                                            std::vector<std::uint8_t>(1 << 18)};
    std::array<workspace, 2> rooms_ = {workspace(memory_[0]), workspace(memory_[1])};
    std::optional<connection> engine_;
    time_point now_{std::chrono::hours(1)};
    std::size_t received_ = 0;
    std::size_t keys_drawn_ = 0;
    std::size_t keys_expected_ = 0;
    std::deque<std::string> events_;
    std::string message_;
    std::string sent_;
    bool in_message_ = false;
    bool held_ = false;
};

// The offsets worth a run of their own: all of a short conversation, both ends of a long one.
bool worth_cutting(std::size_t at, std::size_t of) {
    const std::size_t each_end = of > 4096 ? 32 : 160;
    return at < each_end || at + each_end > of;
}

}  // namespace

std::string conversation::test_name() const {
    std::string name;
    bool begins = true;
    for (const char c : title) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            name += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        }
        begins = c == ' ';
    }
    return name;
}

std::vector<conversation> read_conversations(const std::string& file) {
    std::ifstream in(file);
    if (!in) {
        refuse(file + " cannot be read");
    }
    std::vector<conversation> all;
    std::string text;
    for (std::size_t number = 1; std::getline(in, text); ++number) {
        if (text.starts_with("## ")) {
            all.push_back({.file = file, .title = text.substr(3), .proven = "", .lines = {}});
            continue;
        }
        std::vector<std::string> words = words_of(text);
        if (words.empty()) {
            continue;
        }
        if (all.empty()) {
            refuse(file + ":" + std::to_string(number) + ": no conversation has begun");
        }
        if (words[0] == "proves") {
            for (std::size_t i = 1; i < words.size(); ++i) {
                all.back().proven += (all.back().proven.empty() ? "" : " ") + words[i];
            }
        } else {
            all.back().lines.push_back({number, std::move(words)});
        }
    }
    return all;
}

std::string play(const conversation& script) {
    player whole(script, {});
    if (std::string problem = whole.run(); !problem.empty()) {
        return problem;
    }
    for (const bool moving : {false, true}) {
        if (std::string problem =
                player(script, {.at = {}, .each_byte = true, .moving = moving}).run();
            !problem.empty()) {
            return problem;
        }
    }
    for (std::size_t at = 1; at < whole.received(); ++at) {
        if (!worth_cutting(at, whole.received())) {
            continue;
        }
        for (const bool moving : {false, true}) {
            if (std::string problem =
                    player(script, {.at = at, .each_byte = false, .moving = moving}).run();
                !problem.empty()) {
                return problem;
            }
        }
    }
    return "";
}

}  // namespace plainsong::tests
