// SPDX-License-Identifier: MIT
// handshake_server.hpp — a server's side of the opening handshake without a stream.
#ifndef PLAINSONG_TESTS_SUPPORT_HANDSHAKE_SERVER_HPP
#define PLAINSONG_TESTS_SUPPORT_HANDSHAKE_SERVER_HPP

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/base/error.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/server_handshake.hpp>

namespace plainsong::tests {

/// What came of a request.
struct handshake_outcome {
    int status = 0;  // of the answer; 0: the server waits for more
    error_code why = error_code::none;
    std::uint64_t offset = 0;  // of the octet that breaks a rule of the grammar
    std::size_t head_size = 0;
    std::string path{};
    std::string host{};
    std::string answer{};

    bool operator==(const handshake_outcome&) const = default;
};
std::ostream& operator<<(std::ostream& out, const handshake_outcome& outcome);

struct handshake_server {
    http::head_limits limits{};
    handshake_options options{};
    origin_policy origins{.which = origin_policy::rule::any};
    std::vector<std::string_view> subprotocols{};

    /// Feeds `request` in pieces that end at each of `cuts` and at the end.
    [[nodiscard]] handshake_outcome run(std::string_view request,
                                        const std::vector<std::size_t>& cuts = {}) const;
    /// Feeds one octet at a time.
    [[nodiscard]] handshake_outcome run_octet_by_octet(std::string_view request) const;

    [[nodiscard]] handshake_outcome judge(std::string head) const;
};

/// A request that is accepted, with `fields` (each with its CR LF) behind those that are needed.
std::string good_request(std::string_view fields = {}, std::string_view target = "/chat");

/// Returns: the value of the one field called `name` in an answer; "<none>" or "<several>" if there
/// isn't exactly one.
std::string field_of(std::string_view answer, std::string_view name);
/// Returns: what stands behind the empty line of an answer.
std::string body_of(std::string_view answer);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_HANDSHAKE_SERVER_HPP
