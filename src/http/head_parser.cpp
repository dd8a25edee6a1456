// SPDX-License-Identifier: MIT
// head_parser.cpp — the states of a head, octet by octet.
//
// Each function below handles one state: it takes what it can, and returns the rule that the octet
// at position_ breaks, if it breaks one.  An octet that is both illegal and beyond a limit counts
// as illegal; a CR may stand at a limit, because limits do not count line ends.
#include <plainsong/http/head_parser.hpp>

#include <cstring>

#include <plainsong/base/contract.hpp>
#include <plainsong/http/text.hpp>
#include <plainsong/http/url.hpp>

#include "src/http/octet_class.hpp"

namespace plainsong::http {

namespace {

constexpr std::uint8_t cr = '\r';
constexpr std::uint8_t lf = '\n';

bool is_blank(std::uint8_t octet) {
    return octet == ' ' || octet == '\t';
}

bool is_digit_octet(std::uint8_t octet) {
    return octet >= '0' && octet <= '9';
}

/// The error for an octet that has no place in a line: a control octet is named as such.
error_code misplaced(std::uint8_t octet, error_code otherwise) {
    return is_control(static_cast<char>(octet)) && octet != '\t' && octet != cr
               ? error_code::request_illegal_byte
               : otherwise;
}

/// "HTTP/d.d" at index `at`.
bool fits_version(std::uint8_t octet, std::uint8_t at) {
    constexpr std::string_view literal = "HTTP/";
    if (at < literal.size()) {
        return octet == static_cast<std::uint8_t>(literal[at]);  // [9112-2.3-01]
    }
    return at == 6 ? octet == '.' : is_digit_octet(octet);
}

}  // namespace

// [9112-2.2-01]: octets, whatever they would be as text.
head_step head_parser::feed(byte_view all, const head_limits& limits) {
    PLAINSONG_REQUIRE(all.size() >= position_ || state_ == state::failed);
    while (state_ < state::done && position_ < all.size()) {
        why_ = advance(all, limits);
        if (why_ != error_code::none) {
            state_ = state::failed;
        }
    }
    if (state_ == state::done) {
        return {head_step::kind::done, position_, {}};
    }
    if (state_ == state::failed) {
        return {head_step::kind::failed, 0, {why_, position_}};
    }
    return {};
}

bool head_parser::is_head_request(byte_view all) const {
    return kind_ == head_kind::request && position_ - start_line_ >= 5 &&
           begins_with(behind(as_text(all), start_line_), "HEAD ");
}

error_code head_parser::advance(byte_view all, const head_limits& limits) {
    switch (state_) {
        case state::start:
            return at_start(all, limits);
        case state::start_lf:
            return expect_lf(all, state::start);
        case state::method:
            return in_method(all, limits);
        case state::target:
        case state::target_escape:
            return in_target(all, limits);
        case state::version:
            return in_version(all, limits);
        case state::status:
            return in_status(all, limits);
        case state::reason:
            return in_reason(all, limits);
        case state::start_line_lf:
            return at_start_line_end(all);
        case state::field_start:
            return at_field_start(all, limits);
        case state::field_name:
            return in_field_name(all, limits);
        case state::field_value:
            return in_field_value(all, limits);
        case state::field_lf:
            return expect_lf(all, state::field_start);
        case state::last_lf:
            return expect_lf(all, state::done);
        case state::done:
        case state::failed:
            break;
    }
    return error_code::none;
}

/// Passes the octets that are `wanted`, but not beyond `bound`.
/// Returns: false if that was all there is.
template <std::uint8_t Wanted>
bool head_parser::pass(byte_view all, std::size_t bound) {
    const std::size_t end = bound < all.size() ? bound : all.size();
    std::size_t at = position_;
    if constexpr (Wanted == field_text_octet) {
        std::uint64_t octets = 0;
        while (at + sizeof octets <= end) {
            std::memcpy(&octets, all.data() + at, sizeof octets);
            if (may_hold_control(octets)) {
                break;
            }
            at += sizeof octets;
        }
    }
    while (at < end && belongs(all[at], static_cast<octet_class>(Wanted))) {
        ++at;
    }
    position_ = static_cast<std::uint32_t>(at);
    return at < all.size();
}

error_code head_parser::expect_lf(byte_view all, state next) {
    if (all[position_] != lf) {
        return error_code::line_end_malformed;  // [9112-2.2-03]
    }
    ++position_;
    state_ = next;
    return error_code::none;
}

// ---- the start line

std::size_t head_parser::start_line_bound(const head_limits& limits) const {
    return std::size_t{start_line_} + limits.start_line_bytes;
}

error_code head_parser::at_start(byte_view all, const head_limits& limits) {
    const std::uint8_t octet = all[position_];
    if (octet == cr && kind_ == head_kind::request) {
        if (empty_lines_ == limits.empty_lines) {
            return error_code::too_many_empty_lines;
        }
        ++empty_lines_;
        ++position_;
        state_ = state::start_lf;  // [9112-2.2-04]
        return error_code::none;
    }
    start_line_ = position_;
    if (kind_ == head_kind::response) {
        state_ = state::status;
        return error_code::none;
    }
    if (!belongs(octet, token_octet)) {
        return misplaced(octet, error_code::request_line_malformed);
    }
    state_ = state::method;
    return error_code::none;
}

error_code head_parser::in_method(byte_view all, const head_limits& limits) {
    const std::size_t bound = start_line_bound(limits);
    if (!pass<token_octet>(all, bound)) {
        return error_code::none;
    }
    const std::uint8_t octet = all[position_];
    if (octet != ' ' && !belongs(octet, token_octet)) {
        return misplaced(octet, error_code::request_line_malformed);
    }
    if (position_ >= bound) {
        return error_code::request_line_too_long;  // [9112-3-02]
    }
    target_ = ++position_;
    state_ = state::target;
    return error_code::none;
}

error_code head_parser::in_target(byte_view all, const head_limits& limits) {
    const std::size_t bound = start_line_bound(limits);
    if (state_ == state::target &&
        !(in_query_ ? pass<query_octet>(all, bound) : pass<target_octet>(all, bound))) {
        return error_code::none;
    }
    const std::uint8_t octet = all[position_];
    if (state_ == state::target_escape) {
        if (!is_hex_digit(static_cast<char>(octet))) {
            return error_code::request_target_malformed;
        }
    } else if (octet == cr) {
        return error_code::request_line_malformed;  // no version follows
    } else if (octet != '%' && !(octet == ' ' && position_ != target_) &&
               !belongs(octet, in_query_ ? query_octet : target_octet) && octet != '?') {
        return misplaced(octet, error_code::request_target_malformed);
    }
    if (position_ >= bound) {
        return error_code::request_line_too_long;  // [9112-3-02]
    }
    ++position_;
    if (state_ == state::target_escape) {
        state_ = ++at_ == 2 ? state::target : state::target_escape;
        return error_code::none;
    }
    if (octet == '?') {
        in_query_ = true;
        return error_code::none;
    }
    state_ = octet == '%' ? state::target_escape : state::version;  // [9112-3.2-02]
    at_ = 0;
    return error_code::none;
}

error_code head_parser::in_version(byte_view all, const head_limits& limits) {
    const std::uint8_t octet = all[position_];
    if (at_ == 8) {
        if (octet != cr) {
            return misplaced(octet, error_code::request_line_malformed);
        }
        ++position_;
        state_ = state::start_line_lf;
        return error_code::none;
    }
    if (!fits_version(octet, at_)) {
        return misplaced(octet, error_code::request_line_malformed);  // [9112-2.2-06]
    }
    if (position_ >= start_line_bound(limits)) {
        return error_code::request_line_too_long;
    }
    if (at_ == 5) {
        major_ = static_cast<std::uint8_t>(octet - '0');
    }
    if (at_ == 7) {
        minor_ = static_cast<std::uint8_t>(octet - '0');
    }
    ++at_;
    ++position_;
    return error_code::none;
}

/// "HTTP/d.d 101" of a response; a blank and a reason may follow, or the line's end at once, which
/// the grammar doesn't allow but many servers send.
error_code head_parser::in_status(byte_view all, const head_limits& limits) {
    const std::uint8_t octet = all[position_];
    const bool fits = at_ < 8    ? fits_version(octet, at_)
                      : at_ == 8 ? octet == ' '
                      : at_ < 12 ? is_digit_octet(octet)
                                 : octet == ' ' || octet == cr;
    if (!fits) {
        return misplaced(octet, error_code::status_line_malformed);
    }
    if (octet != cr && position_ >= start_line_bound(limits)) {
        return error_code::status_line_malformed;
    }
    if (at_ == 12) {
        state_ = octet == cr ? state::start_line_lf : state::reason;
    }
    ++at_;
    ++position_;
    return error_code::none;
}

error_code head_parser::in_reason(byte_view all, const head_limits& limits) {
    const std::size_t bound = start_line_bound(limits);
    if (!pass<field_text_octet>(all, bound)) {
        return error_code::none;
    }
    if (all[position_] != cr) {
        return misplaced(all[position_], error_code::status_line_malformed);
    }
    ++position_;
    state_ = state::start_line_lf;
    return error_code::none;
}

error_code head_parser::at_start_line_end(byte_view all) {
    const error_code why = expect_lf(all, state::field_start);
    if (why != error_code::none) {
        return why;
    }
    block_start_ = line_start_ = position_;
    if (kind_ == head_kind::response) {
        return error_code::none;
    }
    constexpr std::uint32_t version_size = 10;  // "HTTP/1.1" CR LF
    if (major_ != 1) {
        block_start_ = 0;
        position_ -= 5;
        return error_code::http_major_unsupported;  // [6455-4.2.1-05]
    }
    if (minor_ == 0) {
        block_start_ = 0;
        position_ -= 3;
        return error_code::http_version_not_1_1;  // [6455-4.2.1-05] [9110-7.8-02]
    }
    const std::string_view line = as_text(all.first(position_ - version_size - 1));
    const std::string_view method = behind(front_of(line, target_ - 1), start_line_);
    request_target target;
    const bool known = parse_request_target(behind(line, target_), target) &&
                       target.scheme != url_scheme::other &&
                       (target.form != target_form::asterisk || method == "OPTIONS") &&
                       (target.form != target_form::authority || method == "CONNECT");
    if (!known) {
        block_start_ = 0;
        position_ = target_;
        return error_code::request_target_malformed;
    }
    return error_code::none;
}

// ---- the fields

std::size_t head_parser::field_bound(const head_limits& limits) const {
    const std::size_t of_line = std::size_t{line_start_} + limits.field_line_bytes;
    const std::size_t line_end = 2;
    const std::size_t of_block = std::size_t{block_start_} + limits.field_block_bytes;
    return of_line + line_end < of_block ? of_line : of_block - line_end;
}

error_code head_parser::field_limit_error(const head_limits& limits) const {
    return position_ - line_start_ >= limits.field_line_bytes ? error_code::field_line_too_long
                                                              : error_code::head_too_long;
}

error_code head_parser::at_field_start(byte_view all, const head_limits& limits) {
    const std::uint8_t octet = all[position_];
    if (octet == cr) {
        ++position_;
        state_ = state::last_lf;
        return error_code::none;
    }
    if (is_blank(octet)) {
        if (fields_ == 0) {
            return error_code::field_malformed;  // [9112-2.2-05]
        }
        if (kind_ == head_kind::request && !limits.lenient_fold) {
            return error_code::field_folded;  // [9112-5.2-01]
        }
        state_ = state::field_value;  // line_start_ stays: a fold does not begin a line of its own
        return error_code::none;
    }
    if (!belongs(octet, token_octet)) {
        return octet == lf ? error_code::line_end_malformed
                           : misplaced(octet, error_code::field_malformed);
    }
    if (fields_ >= limits.fields || fields_ >= max_fields) {
        return error_code::too_many_fields;
    }
    line_start_ = position_;
    ++fields_;
    state_ = state::field_name;
    return in_field_name(all, limits);
}

error_code head_parser::in_field_name(byte_view all, const head_limits& limits) {
    const std::size_t bound = field_bound(limits);
    if (!pass<token_octet>(all, bound)) {
        return error_code::none;
    }
    const std::uint8_t octet = all[position_];
    if (octet != ':' && !belongs(octet, token_octet)) {
        return misplaced(octet, error_code::field_malformed);  // [9112-5.1-01]
    }
    if (position_ >= bound) {
        return field_limit_error(limits);
    }
    ++position_;
    state_ = state::field_value;
    return in_field_value(all, limits);
}

error_code head_parser::in_field_value(byte_view all, const head_limits& limits) {
    const std::size_t bound = field_bound(limits);
    if (!pass<field_text_octet>(all, bound)) {
        return error_code::none;
    }
    const std::uint8_t octet = all[position_];
    if (octet == cr) {
        ++position_;
        state_ = state::field_lf;
        return position_ < all.size() ? expect_lf(all, state::field_start) : error_code::none;
    }
    if (octet == lf) {
        return error_code::line_end_malformed;  // [9112-2.2-02]
    }
    return belongs(octet, field_text_octet) ? field_limit_error(limits)
                                            : error_code::request_illegal_byte;
}

}  // namespace plainsong::http
