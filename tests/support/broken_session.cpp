// SPDX-License-Identifier: MIT
// broken_session.cpp — frame by frame; see broken_session.hpp.
#include "tests/support/broken_session.hpp"

#include <algorithm>
#include <utility>

namespace plainsong::tests {
namespace {

constexpr std::uint64_t most_frames = 20000;
constexpr std::uint64_t most_octets = 5 << 20;

void unmask(std::string& piece, const std::array<std::uint8_t, 4>& key, std::uint64_t phase) {
    for (std::size_t at = 0; at < piece.size(); ++at) {
        piece[at] = static_cast<char>(piece[at] ^ static_cast<char>(key[(phase + at) % 4]));
    }
}

bool is_valid_code(std::uint16_t code) {
    return (code >= 1000 && code < 1015 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code < 5000);
}

}  // namespace

bool broken_session::take_head() {
    const auto octet = [this](std::size_t at) { return static_cast<std::uint8_t>(pending_[at]); };
    const std::size_t width = pending_.size() < 2       ? 0
                              : (octet(1) & 127) == 126 ? 2
                              : (octet(1) & 127) == 127 ? 8
                                                        : 0;
    const bool masked = (octet(1) & 0x80) != 0;
    const std::size_t key_size = masked ? now_.key.size() : 0;
    const std::size_t head = 2 + width + key_size;
    if (pending_.size() < head) {
        return false;
    }
    now_ = {};
    now_.fin = (octet(0) & 0x80) != 0;
    now_.rsv = octet(0) >> 4 & 7;
    now_.opcode = octet(0) & 15;
    now_.size = octet(1) & 127;
    for (std::size_t at = 0; at < width; ++at) {
        now_.size = (at == 0 ? 0 : now_.size << 8) | octet(2 + at);
    }
    std::copy_n(pending_.begin() + static_cast<std::ptrdiff_t>(2 + width), key_size,
                now_.key.begin());
    pending_.erase(0, head);
    if (!masked && !has(defect::takes_unmasked_frames)) {
        fail(1002);
        return false;
    }
    if (now_.size >> 63 != 0 && !has(defect::ignores_the_highest_bit_of_a_length)) {
        fail(1002);
        return false;
    }
    now_.size &= ~std::uint64_t{0} >> 1;
    if (has(defect::reads_lengths_modulo_65536)) {
        now_.size &= 0xffff;
    }
    taken_ = 0;
    in_payload_ = true;
    control_.clear();
    judge_head();
    return !deaf_ && (now_.size > 0 || end_frame());
}

int broken_session::allowed_rsv() const {
    const bool may_compress =
        deflate_.is_agreed() && (now_.opcode == 1 || now_.opcode == 2 ||
                                 (now_.opcode == 0 && has(defect::takes_rsv1_in_continuations)) ||
                                 (now_.opcode >= 8 && has(defect::takes_rsv1_in_control_frames)));
    const int ignored = has(defect::ignores_rsv1)         ? 4
                        : has(defect::ignores_rsv2)       ? 2
                        : has(defect::ignores_rsv3)       ? 1
                        : has(defect::ignores_all_of_rsv) ? 7
                                                          : 0;
    return ignored | (may_compress ? 4 : 0);
}

void broken_session::judge_head() {
    const std::uint8_t op = now_.opcode;
    const bool control = op >= 8;
    const bool data_begins = op > 0 && op < 8;
    if ((now_.rsv & ~allowed_rsv()) != 0 ||
        (op > 2 && op < 8 && !has(defect::takes_reserved_data_opcodes)) ||
        (op > 10 && !has(defect::takes_reserved_control_opcodes)) ||
        (control && !now_.fin && !has(defect::takes_fragmented_control_frames)) ||
        (control && now_.size > 125 && !has(defect::takes_long_control_frames)) ||
        (op == 0 && !in_message_ && !has(defect::takes_continuations_of_nothing)) ||
        (data_begins && in_message_ && !has(defect::takes_messages_inside_messages))) {
        bad_head_ = has(defect::judges_heads_at_the_end_of_a_frame);
        return bad_head_ ? void() : fail(1002);
    }
    if (data_begins) {
        opcode_ = op;
        compressed_ = deflate_.is_agreed() && (now_.rsv & 4) != 0;
        inflated_.clear();
        frames_ = 0;
        message_.clear();
        utf8_.reset();
    }
    if (has(defect::ends_a_message_at_an_empty_fragment) && op == 0 && now_.size == 0) {
        now_.fin = true;
    }
    in_message_ = control ? in_message_ : !now_.fin;
    frames_ += control ? 0 : 1;
    const std::uint64_t room = most_octets - std::min(most_octets, std::uint64_t{message_.size()});
    if ((frames_ > most_frames && !has(defect::takes_any_number_of_fragments)) ||
        (!control && now_.size > room && !has(defect::takes_any_length))) {
        return fail(1009);
    }
    if ((has(defect::takes_only_64_frames) && frames_ > 64) ||
        (has(defect::takes_only_1_MiB) && message_.size() + now_.size > 1 << 20)) {
        fail(1009);
    }
}

bool broken_session::take_payload() {
    std::string piece = pending_.substr(0, now_.size - taken_);
    pending_.erase(0, piece.size());
    const bool anew = has(defect::unmasks_each_piece_from_the_start);
    unmask(piece, now_.key, anew ? 0 : taken_);
    if (has(defect::unmasks_wrongly_from_65536) && taken_ + piece.size() > 65536) {
        piece.back() = static_cast<char>(piece.back() ^ 1);
    }
    taken_ += piece.size();
    if (now_.opcode >= 8) {
        control_ += piece;
    } else {
        message_ += has(defect::drops_a_fragment) && frames_ == 2 ? "" : piece;
        judge_text(piece);
    }
    return !deaf_ && (taken_ < now_.size || end_frame());
}

void broken_session::judge_text(const std::string& piece) {
    if (compressed_) {
        return;  // until it is inflated
    }
    const bool late = (has(defect::judges_utf8_at_the_end_of_a_frame) && taken_ < now_.size) ||
                      has(defect::judges_utf8_at_the_end_of_a_message);
    if (opcode_ == 1 && !late && !has(defect::takes_any_utf8) && !has(defect::takes_surrogates) &&
        !has(defect::judges_utf8_at_the_end_of_a_frame) &&
        utf8_.feed(as_bytes(piece)) != piece.size()) {
        fail(1007);
    } else if (opcode_ == 1 && has(defect::judges_utf8_at_the_end_of_a_frame) && !late) {
        utf8_.reset();
        if (utf8_.feed(as_bytes(message_)) != message_.size()) {
            fail(1007);
        }
    }
}

bool broken_session::is_bad_text() const {
    if (has(defect::takes_any_utf8)) {
        return false;
    }
    if (has(defect::takes_surrogates) && message_.find('\xed') != std::string::npos) {
        return false;
    }
    if (has(defect::refuses_noncharacters) && (message_.find("\xbf\xbe") != std::string::npos ||
                                               message_.find("\xbf\xbf") != std::string::npos)) {
        return true;
    }
    return !is_utf8(as_bytes(message_));
}

bool broken_session::end_frame() {
    in_payload_ = false;
    if (std::exchange(bad_head_, false)) {
        fail(1002);
        return false;
    }
    switch (now_.opcode) {
        case 8:
            end_close();
            break;
        case 9:
            end_ping();
            break;
        case 10:
            if (has(defect::answers_pongs)) {
                reply(10, control_);
            }
            break;
        default:
            if (now_.opcode < 8 && inflate() && now_.fin) {
                end_message();
            }
    }
    return !deaf_;
}

/// Returns: false if a frame ends that can't be inflated.
bool broken_session::inflate() {
    const bool by_frame = has(defect::inflates_frame_by_frame);
    if (compressed_ && (now_.fin || by_frame)) {
        std::string text;
        if (const std::uint16_t code = deflate_.unpack(message_, text); code != 0) {
            fail(code);
            return false;
        }
        inflated_ += text;
        message_.clear();
    }
    if (now_.fin && compressed_) {
        message_ = std::exchange(inflated_, {});
    } else if (now_.fin && has(defect::remembers_plain_messages)) {
        deflate_.remember(message_);
    }
    return true;
}

void broken_session::end_message() {
    if (opcode_ == 1 && is_bad_text()) {
        return fail(1007);
    }
    if (message_.empty() && has(defect::forgets_empty_messages)) {
        return;
    }
    const std::uint8_t op = has(defect::echoes_text_as_binary)   ? std::uint8_t{2}
                            : has(defect::echoes_binary_as_text) ? std::uint8_t{1}
                                                                 : opcode_;
    echo(op, message_);
    if (has(defect::echoes_twice)) {
        echo(op, message_);
    }
    if (has(defect::answers_pings_after_the_message) && !late_pong_.empty()) {
        reply(10, std::exchange(late_pong_, {}));
    }
}

void broken_session::end_ping() {
    if (has(defect::answers_only_the_last_ping)) {
        last_ping_held_ = true;
        held_ = control_;
    } else if (has(defect::answers_pings_after_the_message) && in_message_) {
        late_pong_ = control_;
    } else if (!has(defect::answers_no_ping)) {
        reply(10, has(defect::answers_pings_with_nothing) ? "" : control_);
    }
}

void broken_session::end_close() {
    std::uint16_t code = 1000;
    if (control_.size() >= 2) {
        code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 |
                                          static_cast<std::uint8_t>(control_[1]));
    }
    if (control_.size() == 1 && !has(defect::takes_half_a_close_code)) {
        return fail(1002);
    }
    if ((!is_valid_code(code) && !has(defect::takes_any_close_code)) ||
        (code >= 4000 && has(defect::refuses_private_close_codes))) {
        return fail(1002);
    }
    if (control_.size() > 2 && !is_utf8(as_bytes(control_).subspan(2)) &&
        !has(defect::takes_any_close_reason)) {
        return fail(1007);
    }
    if (in_message_ && opcode_ == 1 && !is_utf8(as_bytes(message_)) &&
        has(defect::judges_an_unfinished_text_at_the_close)) {
        return fail(1007);
    }
    code = has(defect::answers_a_close_with_1005)   ? std::uint16_t{1005}
           : has(defect::answers_a_close_with_1001) ? std::uint16_t{1001}
                                                    : code;
    if (!has(defect::answers_no_close)) {
        send_close(code);
    }
    if (has(defect::answers_a_close_twice)) {
        send_close(code);
    }
    deaf_ = !has(defect::goes_on_after_the_close);
    ending_ = !has(defect::keeps_the_connection) && !has(defect::answers_no_close);
}

void broken_session::fail(std::uint16_t code) {
    if (!has(defect::fails_without_a_close)) {
        send_close(has(defect::fails_with_1000) ? std::uint16_t{1000} : code);
    }
    deaf_ = !has(defect::goes_on_after_failing);
    ending_ = !has(defect::keeps_the_connection);
}

void broken_session::send_close(std::uint16_t code) {
    reply(8, {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)});
}

void broken_session::echo(std::uint8_t opcode, const std::string& payload) {
    if (!deflate_.is_agreed()) {
        return reply(opcode, payload);
    }
    if (has(defect::sets_rsv1_without_compressing)) {
        return write(opcode, 4, true, payload);
    }
    const std::string packed = deflate_.packed(payload);
    if (has(defect::sets_rsv1_in_each_fragment)) {
        write(opcode, 4, false, packed.substr(0, 1));
        return write(0, 4, true, packed.substr(1));
    }
    write(opcode, has(defect::compresses_without_rsv1) ? 0 : 4, true, packed);
}

void broken_session::reply(std::uint8_t opcode, const std::string& payload) {
    if (has(defect::compresses_control_frames) && deflate_.is_agreed()) {
        return write(opcode, 4, true, deflate_.packed(payload));
    }
    const bool fin = !(opcode == 10 && has(defect::fragments_pongs));
    write(opcode, has(defect::sets_rsv) ? 4 : 0, fin, payload);
}

void broken_session::write(std::uint8_t opcode, int rsv, bool fin, const std::string& payload) {
    const int masked = has(defect::masks_its_frames) ? 0x80 : 0;
    const bool long_form = has(defect::writes_long_lengths) && opcode < 8;
    const std::uint64_t size = payload.size();
    const int width = size > 65535 || long_form ? 8 : size > 125 ? 2 : 0;
    if (has(defect::drops_answers_that_nobody_fetches) && out_.size() > most_waiting) {
        return;
    }
    out_ += static_cast<char>((fin ? 0x80 : 0) | rsv << 4 | opcode);
    out_ += static_cast<char>(masked | (width == 0   ? static_cast<int>(size)
                                        : width == 2 ? 126
                                                     : 127));
    for (int at = width - 1; at >= 0; --at) {
        out_ += static_cast<char>(size >> (8 * at) & 0xff);
    }
    out_ += std::string(masked != 0 ? 4 : 0, '\0');  // a key that changes nothing
    out_ += payload;
}

}  // namespace plainsong::tests
