// SPDX-License-Identifier: MIT
// cat_talk.cpp — see cat_talk.hpp.
#include "tools/cat_talk.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include <plainsong/net/sys.hpp>

#include "tools/text_forms.hpp"

namespace plainsong::tools {

namespace {

constexpr std::size_t high_mark = 256 << 10;      // more than this waits to be sent: no more input
constexpr std::size_t print_high_mark = 1 << 20;  // more than this waits to be printed: no reading
constexpr std::size_t queue_room = 16 << 20;      // beyond two messages
constexpr std::uint32_t many = 1 << 20;
constexpr duration close_patience = std::chrono::seconds(30);
constexpr std::size_t longest_reason = 123;

bool is_timeout(error_code why) {
    return why == error_code::no_pong || why == error_code::idle_too_long ||
           why == error_code::message_stalled || why == error_code::close_not_answered ||
           why == error_code::write_stalled;
}

int status_of(const close_record& record) {
    if (is_timeout(record.cause.code)) {
        return cat_status::timeout;
    }
    const std::uint16_t code = record.code;
    const bool is_content = code == close_code::normal || code == close_code::going_away ||
                            code == close_code::no_code || code >= 3000 ||
                            (record.who == close_initiator::local && code == record.sent_code);
    return record.clean && !record.cause && is_content ? cat_status::clean : cat_status::abnormal;
}

std::string story_of(const close_record& record) {
    const bool is_ours = record.who == close_initiator::local && record.code == record.sent_code;
    std::string line = is_ours ? "closed" : "closed by the peer";
    if (record.code == close_code::abnormal) {
        line = "connection lost";
    } else if (record.code != close_code::no_code) {
        line += ": " + std::to_string(record.code);
    }
    if (!record.reason.empty()) {
        line += ' ' + quoted(as_bytes(record.reason), longest_reason);
    }
    if (record.cause) {
        const error_facts& facts = facts_of(record.cause.code);
        line += std::string(": ") + facts.name + ", expected that " + facts.text;
        line += *facts.requirement == '\0' ? "" : std::string(" [") + facts.requirement + ']';
        line += facts.answer == 0 ? "" : " (at byte " + std::to_string(record.cause.offset) + ')';
    }
    if (record.system_error != 0 && !record.clean) {
        line += std::string(": ") + std::strerror(record.system_error);
    }
    if (record.messages_unsent != 0) {
        line += "; messages not sent: " + std::to_string(record.messages_unsent);
    }
    return line;
}

double seconds_since_1970() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

cat_talk::cat_talk(loop& its_loop, const cat_options& options,
                   std::vector<recorded_message> replayed, talk_events events)
    : loop_(its_loop),
      options_(options),
      events_(std::move(events)),
      splitter_(options.input, options.max_message),
      console_(its_loop,
               options.replay_file.empty() && options.input != message_form::raw &&
                   options.input != message_form::length,
               {.on_input = [this](byte_view bytes) { take_input(bytes); },
                .on_output_change = [this] { output_changed(); },
                .on_interrupt = [this] { interrupted(); }}),
      ping_clock_(its_loop, [this] { ping(); }),
      replay_clock_(its_loop, [this] { pump(); }),
      replayed_(std::move(replayed)) {}

handlers cat_talk::make_handlers() {
    handlers on;
    on.subprotocols = options_.subprotocols;
    on.on_open = [this](session& s) { opened(s); };
    on.on_message = [this](session& s, const message& m) { received(s, m); };
    on.on_ping = [this](session&, byte_view payload) { received_control(opcode::ping, payload); };
    on.on_pong = [this](session&, byte_view payload) { received_control(opcode::pong, payload); };
    on.on_drain = [this](session&) { pump(); };
    on.on_close = [this](session&, const close_record& record) { closed(record); };
    if (options_.compress) {
        on.compression = permessage_deflate();
        on.compression.parameters = {};  // the peer may ask for anything
        on.compression.least_bytes = 0;
    }
    return on;
}

limits cat_talk::bounds() const {
    const bool is_timed = options_.timeout != duration{};
    limits bounds;
    bounds.frame_bytes = bounds.message_bytes = options_.max_message;
    bounds.message_frames = many;
    bounds.outbox_high_bytes = high_mark;
    bounds.outbox_bytes = 2 * options_.max_message + queue_room;
    bounds.outbox_messages = many;
    // Somebody may look at what was printed for as long as they like, without reading on.
    bounds.message_stall = bounds.ping_after = duration::max();
    bounds.idle_timeout = bounds.write_stall = is_timed ? options_.timeout : duration::max();
    bounds.close_within = is_timed ? options_.timeout : close_patience;
    bounds.handshake_within = is_timed ? options_.timeout : bounds.handshake_within;
    return bounds;
}

// ---- what happens on the connection ----------------------------------------------------------------

void cat_talk::opened(session& s) {
    opened_at_ = sys::now();
    next_replayed_ = 0;
    if (console_.is_edited()) {
        console_.note("connected to " + std::string(s.peer().text()) +
                      (s.subprotocol().empty() ? "" : ", speaking ") +
                      std::string(s.subprotocol()) + "; ctrl-D ends");
    }
    if (options_.stall) {
        s.pause_reading();
    }
    if (options_.ping_interval != duration{}) {
        ping_clock_.set(after(loop_.now(), options_.ping_interval));
    }
    replay_clock_.set(loop_.now());  // pump, but not in the middle of the handshake
}

void cat_talk::received(session& s, const message& m) {
    if (options_.once && has_printed_) {
        return;
    }
    has_printed_ = true;
    if (options_.json) {
        tell(direction::in, m.type, m.payload);
    } else {
        out_.clear();
        append_message(out_, options_.output, m, console_.shows_output());
        console_.print(out_);
    }
    if (console_.output_pending() > print_high_mark && !is_paused_) {
        is_paused_ = true;
        s.pause_reading();
    }
    end_if_once(s);
}

// One message each way, or, if there is no input, one that arrives.
void cat_talk::end_if_once(session& s) {
    const bool has_spoken = has_sent_ || is_input_done_;
    if (options_.once && has_printed_ && has_spoken && s.is_open()) {
        close(s, options_.close_code, options_.close_reason);
    }
}

void cat_talk::received_control(opcode type, byte_view payload) {
    double seconds = -1;
    if (type == opcode::pong && as_text(payload) == std::to_string(pings_)) {
        seconds = std::chrono::duration<double>(sys::now() - ping_sent_).count();
        char line[64];
        std::snprintf(line, sizeof line, "pong %llu after %.3f ms",
                      static_cast<unsigned long long>(pings_), seconds * 1e3);
        console_.note(line);
    }
    if (options_.json) {
        tell(direction::in, type, payload, seconds);
    }
}

void cat_talk::closed(const close_record& record) {
    ping_clock_.stop();
    replay_clock_.stop();
    is_paused_ = false;
    if (options_.json) {
        out_.clear();
        append_event(out_, {.time = seconds_since_1970(),
                            .way = direction::in,
                            .type = opcode::close,
                            .payload = as_bytes(record.reason),
                            .code = record.code,
                            .clean = record.clean,
                            .is_end = true});
        console_.print(out_);
    }
    const int status = status_of(record);
    if (status != cat_status::clean || console_.is_edited() || options_.verbose) {
        console_.note(story_of(record));
    }
    events_.on_closed(status);
}

// ---- sending ---------------------------------------------------------------------------------------

bool cat_talk::is_full(const session& s) const {
    return s.backlog_bytes() > high_mark;  // on_drain will follow
}

// Sends what there is as long as the peer takes it.
void cat_talk::pump() {
    session* const s = events_.find();
    if (s == nullptr || !s->is_open() || is_finished_) {
        console_.want_input(false);
        return;
    }
    if (!options_.replay_file.empty()) {
        replay(*s);
        return;
    }
    const opcode type = options_.sends_binary ? opcode::binary : opcode::text;
    while (s->is_open() && !is_full(*s) && !(options_.once && has_sent_)) {
        std::string_view payload;
        std::string complaint;
        switch (splitter_.next(payload, complaint)) {
            case message_splitter::outcome::message:
                send(*s, type, payload);
                break;
            case message_splitter::outcome::wrong:
                complain(complaint);
                break;
            case message_splitter::outcome::need_more:
                console_.want_input(true);
                return;
            case message_splitter::outcome::ended:
                input_ended();
                return;
        }
    }
    console_.want_input(false);
}

void cat_talk::replay(session& s) {
    while (next_replayed_ < replayed_.size() && s.is_open() && !is_full(s)) {
        const recorded_message& one = replayed_[next_replayed_];
        const double wait = options_.replay_speed > 0 ? one.seconds / options_.replay_speed : 0;
        const time_point due =
            after(opened_at_, std::chrono::duration_cast<duration>(
                                  std::chrono::duration<double>(std::min(wait, 1e9))));
        if (due > sys::now()) {
            replay_clock_.set(due);
            return;
        }
        ++next_replayed_;
        send(s, one.type, one.payload);
    }
    if (next_replayed_ == replayed_.size()) {
        input_ended();
    }
}

void cat_talk::send(session& s, opcode type, std::string_view payload) {
    const send_result result =
        type == opcode::text ? s.send_text(payload) : s.send_binary(as_bytes(payload));
    if (!result) {
        complain(std::string("a message was not sent: expected that ") + facts_of(result.why).text);
        return;
    }
    has_sent_ = true;
    if (options_.json) {
        tell(direction::out, type, as_bytes(payload));
    }
    end_if_once(s);
}

void cat_talk::input_ended() {
    session* const s = events_.find();
    is_input_done_ = true;
    if (s != nullptr) {
        end_if_once(*s);
    }
    if (!options_.once && !options_.no_close && s != nullptr) {
        close(*s, options_.close_code, options_.close_reason);
    }
}

void cat_talk::close(session& s, std::uint16_t code, std::string_view reason) {
    is_finished_ = true;
    console_.want_input(false);
    if (s.close(code, reason) && options_.json) {
        out_.clear();
        append_event(out_, {.time = seconds_since_1970(),
                            .way = direction::out,
                            .type = opcode::close,
                            .payload = as_bytes(reason),
                            .code = code});
        console_.print(out_);
    }
}

void cat_talk::complain(std::string_view about) {
    has_complained_ = true;
    console_.note("plainsong cat: " + std::string(about));
}

void cat_talk::ping() {
    session* const s = events_.find();
    if (s == nullptr || !s->is_open()) {
        return;
    }
    const std::string payload = std::to_string(++pings_);
    ping_sent_ = sys::now();
    if (s->ping(as_bytes(payload)) && options_.json) {
        tell(direction::out, opcode::ping, as_bytes(payload));
    }
    ping_clock_.set(after(loop_.now(), options_.ping_interval));
}

void cat_talk::tell(direction way, opcode type, byte_view payload, double round_trip) {
    out_.clear();
    append_event(out_, {.time = seconds_since_1970(),
                        .way = way,
                        .type = type,
                        .payload = payload,
                        .round_trip = round_trip});
    console_.print(out_);
}

// ---- what happens on the console -------------------------------------------------------------------

void cat_talk::take_input(byte_view bytes) {
    if (bytes.empty()) {
        splitter_.end();
    } else {
        splitter_.feed(bytes);
    }
    pump();
}

void cat_talk::output_changed() {
    if (is_ending_ && console_.output_pending() == 0) {
        loop_.stop();
        return;
    }
    session* const s = events_.find();
    if (console_.output_is_broken()) {  // nobody wants to hear more
        if (console_.output_error() != EPIPE && status_ == cat_status::clean) {
            status_ = cat_status::abnormal;
            console_.note(std::string("plainsong cat: standard output: ") +
                          std::strerror(console_.output_error()));
        }
        is_finished_ = true;
        if (s == nullptr) {
            end(status_);
        } else if (s->is_open()) {
            close(*s, options_.close_code, options_.close_reason);
        }
    }
    if (is_paused_ && s != nullptr && !options_.stall) {
        is_paused_ = false;
        s->resume_reading();
    }
}

void cat_talk::interrupted() {
    is_finished_ = true;
    session* const s = events_.find();
    if (s == nullptr) {
        events_.on_idle_interrupt();
    } else if (s->is_open()) {
        close(*s, options_.close_is_given ? options_.close_code : close_code::going_away,
              options_.close_reason);
    }
}

void cat_talk::end(int status) {
    status_ = std::max(status_, status);
    is_ending_ = true;
    is_finished_ = true;
    console_.want_input(false);
    if (console_.output_pending() == 0) {
        loop_.stop();
    }
}

int cat_talk::status() const {
    return status_ == cat_status::clean && has_complained_ ? cat_status::usage : status_;
}

}  // namespace plainsong::tools
