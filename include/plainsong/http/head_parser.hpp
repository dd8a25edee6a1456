// SPDX-License-Identifier: MIT
// head_parser.hpp — finds the end of an HTTP/1.1 head and refuses what the grammar doesn't allow.
//
// Does: judge each octet as early as possible, once, in the order of arrival, so that the verdict
// does not depend on how the octets were cut (RFC 9112, strict reading); then name the parts.
// Does not: keep octets, know WebSocket, or read a body.
// Used by: ws/server_handshake, ws/client_handshake, app.  Depends on: http/field, base.
#ifndef PLAINSONG_HTTP_HEAD_PARSER_HPP
#define PLAINSONG_HTTP_HEAD_PARSER_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/http/field.hpp>

namespace plainsong::http {

/// How much a peer may send before its head is refused.  All of them are finite on purpose.
struct head_limits {
    std::uint32_t start_line_bytes = 8192;    // without CR LF; beyond it 414  [9112-3-03]
    std::uint32_t field_line_bytes = 8192;    // without CR LF, folds included; beyond it 431
    std::uint32_t field_block_bytes = 16384;  // all field lines with their CR LF; beyond it 431
    std::uint16_t fields = max_fields;        // at most max_fields; beyond it 431
    std::uint8_t empty_lines = 1;             // that may precede a start line  [9112-2.2-04]
    bool lenient_fold = false;                // accept obs-fold in a request  [9112-5.2-01]

    /// Returns: a size that no accepted head exceeds.
    [[nodiscard]] constexpr std::size_t longest_head() const {
        return std::size_t{start_line_bytes} + field_block_bytes + std::size_t{2} * empty_lines + 4;
    }
};

enum class head_kind : std::uint8_t { request, response };

/// What is known after the octets that were fed.
struct head_step {
    enum class kind : std::uint8_t { need_more, done, failed };
    kind status = kind::need_more;
    std::size_t size = 0;  // if done: of the head, with its empty line (and any before it)
    violation why;         // if failed: the rule, and the offset of the first octet that breaks it
};

/// One head.  The caller keeps its octets in one piece until the head is done.
class head_parser {
public:
    explicit head_parser(head_kind kind = head_kind::request) : kind_(kind) {}

    /// Judges the octets that were not seen before.
    /// Requires: `all` starts with the octets of the last call; `limits` are those of the last
    /// call. Returns: the verdict; once done or failed it stays what it is. Cost: linear in the new
    /// octets; the start line is looked at once more when it is complete.
    head_step feed(byte_view all, const head_limits& limits);

    /// Returns: how many octets have been judged and found good.
    [[nodiscard]] std::size_t judged() const { return position_; }
    /// Returns: true once the start line is complete and acceptable.  At the deadline such a
    /// request gets 408; before, nobody is known to speak HTTP and the stream is just closed.
    [[nodiscard]] bool start_line_complete() const { return block_start_ != 0; }
    /// Returns: true if `all` begins a HEAD request, whose answer has no body.
    [[nodiscard]] bool is_head_request(byte_view all) const;

private:
    enum class state : std::uint8_t {
        start,
        start_lf,
        method,
        target,
        target_escape,
        version,
        status,
        reason,
        start_line_lf,
        field_start,
        field_name,
        field_value,
        field_lf,
        last_lf,
        done,
        failed
    };

    error_code advance(byte_view all, const head_limits& limits);
    error_code at_start(byte_view all, const head_limits& limits);
    error_code in_method(byte_view all, const head_limits& limits);
    error_code in_target(byte_view all, const head_limits& limits);
    error_code in_version(byte_view all, const head_limits& limits);
    error_code in_status(byte_view all, const head_limits& limits);
    error_code in_reason(byte_view all, const head_limits& limits);
    error_code at_start_line_end(byte_view all);
    error_code at_field_start(byte_view all, const head_limits& limits);
    error_code in_field_name(byte_view all, const head_limits& limits);
    error_code in_field_value(byte_view all, const head_limits& limits);
    error_code expect_lf(byte_view all, state next);
    template <std::uint8_t Wanted>
    bool pass(byte_view all, std::size_t bound);
    [[nodiscard]] std::size_t start_line_bound(const head_limits& limits) const;
    [[nodiscard]] std::size_t field_bound(const head_limits& limits) const;
    [[nodiscard]] error_code field_limit_error(const head_limits& limits) const;

    std::uint32_t position_ = 0;
    std::uint32_t line_start_ = 0;   // of the line that is being read
    std::uint32_t start_line_ = 0;   // behind any empty lines
    std::uint32_t target_ = 0;       // where the target begins
    std::uint32_t block_start_ = 0;  // of the field lines; 0 until the start line is complete
    std::uint16_t fields_ = 0;
    error_code why_ = error_code::none;
    state state_ = state::start;
    head_kind kind_;
    std::uint8_t at_ = 0;  // octets seen of something that has a fixed length
    std::uint8_t empty_lines_ = 0;
    bool in_query_ = false;  // of the target
    std::uint8_t major_ = 0;
    std::uint8_t minor_ = 0;
};

static_assert(sizeof(head_parser) <= 48);

/// A request's head by its parts.  Lifetime: that of the octets it was read from.
struct request_head {
    std::string_view method;
    std::string_view target;
    std::uint8_t minor_version = 1;  // the major version is 1
    field_list fields;
};

/// A response's head by its parts.  Lifetime: that of the octets it was read from.
struct response_head {
    std::uint16_t status = 0;
    std::string_view reason;
    std::uint8_t major_version = 1;
    std::uint8_t minor_version = 1;
    field_list fields;
};

/// Names the parts of a head; a fold is overwritten by blanks.  [9112-5.2-02]
/// Requires: `head` is what a head_parser of that kind found done, from the first octet that was
/// fed, `head_step::size` octets long.
/// Cost: linear.
void read_head(byte_span head, request_head& out);
void read_head(byte_span head, response_head& out);

}  // namespace plainsong::http

#endif  // PLAINSONG_HTTP_HEAD_PARSER_HPP
