// SPDX-License-Identifier: MIT
// conform_conversation.cpp — the script, and sending.  (Receiving: conform_receive.cpp.)
//
// Used by: tools/conform_run.  Depends on: tools/conform_conversation.
#include "tools/conform_conversation.hpp"

#include <algorithm>
#include <utility>

#include "tools/conform_corpus.hpp"

namespace plainsong::conform {
namespace {

constexpr std::uint8_t continuation = 0;
constexpr std::uint8_t close_opcode = 8;
constexpr std::uint8_t compressed_rsv = 4;
constexpr std::uint16_t normal = 1000;
constexpr std::uint16_t no_code = 1005;
constexpr std::size_t most_log_lines = 400;
constexpr std::size_t most_log_octets = 64;  // of each payload

milliseconds as_milliseconds(duration span) {
    return std::chrono::duration_cast<milliseconds>(span);
}

std::string close_body(std::uint16_t code) {
    return code == no_code
               ? std::string{}
               : std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

}  // namespace

conversation::conversation(loop& its_loop, const conform_case& asked,
                           const conversation_options& options)
    : loop_(its_loop),
      case_(asked),
      options_(options),
      grace_(options.is_busy),
      judge_(!options.is_client),
      keys_(options.how.seed),
      out_(options.how) {}

conversation::~conversation() {
    if (!over_ && transport_) {
        loop_.unwatch(token_);
        loop_.cancel(*this);
    }
}

void conversation::agree(const deflate_terms& terms) {
    terms_ = terms;
    if (terms.agreed) {
        packer_.emplace(terms);
        judge_.agree(terms);
    }
}

void conversation::start(stream transport, std::string_view early, callback<void(record)> done) {
    done_ = std::move(done);
    transport_ = std::move(transport);
    opened_ = loop_.now();
    run_.is_open = true;
    auto watched = loop_.watch(transport_.descriptor(), interest::both, *this);
    if (!watched) {
        run_.is_open = false;
        run_.obstacle = "the connection can't be watched";
        return finish();
    }
    token_ = *watched;
    if (!case_.compression.is_met_by(terms_)) {
        run_.declined = true;
        remark("the peer doesn't take the extension");
        at_ = case_.steps.size();
        send_close(normal);
    }
    play();
    take(early);
    pump();
    set_timer();
}

void conversation::on_ready(readiness) {
    if (reads_) {
        receive();
    }
    pump();
    set_timer();
}

void conversation::on_buried() {
    run_.duration = as_milliseconds(loop_.now() - opened_);
    callback<void(record)> done = std::move(done_);
    done(std::move(run_));
}

/// Plays the script up to the next wait, or to its end.
void conversation::play() {
    while (!is_closing() && !is_over() && !is_held() && at_ < case_.steps.size()) {
        play_step(case_.steps[at_++]);
    }
    // What follows a Close in the same script is sent too: that is what such a case is about.
    while (run_.ours.there && !run_.theirs.there && !deaf_ && !is_over() && !is_held() &&
           at_ < case_.steps.size()) {
        play_step(case_.steps[at_++]);
    }
    if (!is_held() && !run_.theirs.there && !deaf_ && !ending_) {
        patience_ = in(patience());
    }
}

void conversation::play_step(const step& one) {
    switch (one.what) {
        case step_kind::send:
            return send_message(one);
        case step_kind::head:
            begun_ = {};
            begun_.opcode = one.opcode;
            begun_.rsv = one.rsv;
            begun_.fin = one.fin;
            begun_.size = one.announced;
            phase_ = 0;
            return send_frame(begun_, one);
        case step_kind::part: {
            std::string octets = one.body.octets();
            remark("a part of " + std::to_string(octets.size()) + " octets is sent");
            if (begun_.masked) {
                mask(octets.data(), octets.size(), begun_.key, phase_);
            }
            phase_ += octets.size();
            return out_.add(std::move(octets), one.chop_bytes, one.alone, one.pause);
        }
        case step_kind::wait:
            resume_ = in(one.pause);
            return;
        case step_kind::converse:
            replies_ = one.times - 1;
            if (!one.corpus.empty()) {
                reel_.emplace(corpus(one.corpus), one.message_bytes);
            }
            return send_message(one);
        case step_kind::reset:
            resetting_ = true;
            return end_sending();
        case step_kind::end:
            return end_sending();
        case step_kind::flood:
            return begin_flood(one);
        case step_kind::stop_reading:
        case step_kind::read_on:
            reads_ = one.what == step_kind::read_on;
            return;
    }
}

std::string conversation::payload_of(const step& one) {
    if (one.corpus.empty()) {
        return one.compressed ? packer_->pack(one.body.octets()) : one.body.octets();
    }
    return one.compressed ? reel_->packed(*packer_) : std::string(reel_->text());
}

/// One frame, or the fragments that the step asks for.
void conversation::send_message(const step& one) {
    frame made;
    made.opcode = one.opcode;
    made.rsv = one.rsv | (one.compressed ? compressed_rsv : std::uint8_t{0});
    made.fin = one.fin;
    made.payload = payload_of(one);
    if (packer_ && !one.compressed && (made.rsv & compressed_rsv) != 0) {
        packer_->forget();  // a message that it didn't see comes between its own
    }
    if (one.frame_bytes == 0) {
        if (begins_closing(one)) {
            const std::string& body = made.payload;
            const auto octet = [&body](std::size_t at) {
                return static_cast<unsigned char>(body[at]);
            };
            begin_closing(
                body.size() < 2 ? no_code : static_cast<std::uint16_t>(octet(0) << 8 | octet(1)),
                body.size() < 2 ? std::string_view{} : std::string_view(body).substr(2));
        }
        return send_frame(std::move(made), one);
    }
    const std::string all = std::move(made.payload);
    for (std::size_t at = 0; at <= all.size(); at += one.frame_bytes) {
        frame fragment = made;
        fragment.opcode = at == 0 ? made.opcode : continuation;
        fragment.rsv = at == 0 ? made.rsv : std::uint8_t{0};
        fragment.payload = all.substr(at, one.frame_bytes);
        fragment.fin = all.size() - at < one.frame_bytes;
        send_frame(std::move(fragment), one);
    }
}

void conversation::send_frame(frame one, const step& how) {
    if (how.what != step_kind::head) {
        one.size = one.payload.size();
    }
    one.masked = how.masked.value_or(options_.is_client);
    one.key = one.masked ? keys_.next() : mask_key{};
    log_frame(log_line::kind::sent, one);
    ++run_.frames_sent[one.opcode];
    std::string octets;
    append_frame(octets, one);
    if (case_.measures) {
        note_fault(one, octets.size() - one.payload.size());
    }
    if (how.what == step_kind::head) {
        begun_ = one;
    }
    out_.add(std::move(octets), how.chop_bytes, how.alone, how.pause);
}

/// Takes note of a Close that is about to be sent.
void conversation::begin_closing(std::uint16_t code, std::string_view reason) {
    if (run_.ours.there) {
        return;
    }
    run_.ours = {true, code, std::string(reason)};
    run_.tester_closed_first = !run_.theirs.there;
    if (run_.tester_closed_first) {
        close_by_ = in(closing_time());
    }
}

void conversation::send_close(std::uint16_t code) {
    begin_closing(code, "");
    frame made;
    made.opcode = close_opcode;
    made.payload = close_body(code);
    send_frame(std::move(made), {});
}

void conversation::pump() {
    feed_flood();
    while (!is_over() && !mute_ && !out_.is_empty() && write_at_ == never) {
        const std::string_view octets = out_.next();
        const bool paced = out_.is_paced();
        const io_slice slice{const_cast<char*>(octets.data()), octets.size()};
        const bool with_end = ending_ && !resetting_ && out_.is_last(octets.size());
        const io_result put = transport_.send({&slice, 1}, with_end);
        if (put.status == io_result::kind::would_block) {
            break;
        }
        if (put.status != io_result::kind::done) {
            mute_ = true;  // there may still be something to read
            end_by_ = std::min(end_by_, in(closing_time()));
            remark("nothing can be sent any more");
            break;
        }
        ++run_.octets_sent[put.count];
        write_at_ = out_.pause().count() > 0 ? in(out_.pause()) : never;
        out_.sent(put.count);
        if (write_at_ == never) {
            note_sent();
        }
        feed_flood();
        if (paced) {
            break;
        }
    }
    if (is_over()) {
        return;
    }
    if (run_.theirs.there) {
        end_if_both_closed();
    }
    if (ending_) {
        finish_sending();
    }
    if (is_over()) {
        return;
    }
    const bool more = !mute_ && !out_.is_empty() && write_at_ == never;
    if (loop_.change(token_, more && reads_ ? interest::both
                             : more         ? interest::write
                             : reads_       ? interest::read
                                            : interest::none)) {
        finish();
    }
}

void conversation::finish() {
    if (over_) {
        return;
    }
    over_ = true;
    if (token_) {
        loop_.unwatch(token_);
    }
    loop_.cancel(*this);
    transport_.close();
    loop_.bury(*this);
}

void conversation::log_frame(log_line::kind what, const frame& one) {
    // The Close behind a thousand fragments is what one looks for.
    const bool is_close = one.opcode == close_opcode;
    if (run_.log.size() >= most_log_lines && !is_close) {
        ++run_.log_left_out;
        return;
    }
    log_line line;
    line.what = what;
    line.at = as_milliseconds(loop_.now() - opened_);
    line.one = one;
    line.one.payload.resize(std::min(one.payload.size(), most_log_octets));
    run_.log.push_back(std::move(line));
}

/// Remarks are few, and the last ones matter most.
void conversation::remark(std::string text) {
    log_line line;
    line.at = as_milliseconds(loop_.now() - opened_);
    line.remark = std::move(text);
    run_.log.push_back(std::move(line));
}

}  // namespace plainsong::conform
