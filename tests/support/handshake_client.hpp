// SPDX-License-Identifier: MIT
// handshake_client.hpp — a client's side of the opening handshake without a stream.
//
// Each piece is judged in memory of its own that ends where the octets end and is gone afterwards.
#ifndef PLAINSONG_TESTS_SUPPORT_HANDSHAKE_CLIENT_HPP
#define PLAINSONG_TESTS_SUPPORT_HANDSHAKE_CLIENT_HPP

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/base/error.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/ws/client_handshake.hpp>

namespace plainsong::tests {

/// What came of an answer.
struct answer_outcome {
    answer_reader::step::kind status = answer_reader::step::kind::need_more;
    error_code why = error_code::none;
    std::uint64_t offset = 0;   // of the octet that breaks a rule
    std::size_t head_size = 0;  // if open
    bool has_head = false;      // the rest is there
    int answered = 0;
    std::string reason{};
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string body{};
    std::string protocol{};
    std::string extensions{};
    bool has_deflate = false;
    deflate_parameters deflate{};

    [[nodiscard]] bool is_open() const { return status == answer_reader::step::kind::open; }
    [[nodiscard]] bool has_failed() const { return status == answer_reader::step::kind::failed; }
    [[nodiscard]] bool waits() const { return status == answer_reader::step::kind::need_more; }

    bool operator==(const answer_outcome&) const = default;
};
std::ostream& operator<<(std::ostream& out, const answer_outcome& outcome);

struct handshake_client {
    http::head_limits limits{};
    upgrade_offer offer = example_offer();
    bool ends = false;  // the stream ends behind the answer

    /// Feeds `answer` in pieces that end at each of `cuts` and at the end.
    [[nodiscard]] answer_outcome run(std::string_view answer,
                                     const std::vector<std::size_t>& cuts = {}) const;
    /// Feeds one octet at a time.
    [[nodiscard]] answer_outcome run_octet_by_octet(std::string_view answer) const;

    /// The key of RFC 6455 §1.3, and nothing that isn't needed.
    static upgrade_offer example_offer();
};

/// The Sec-WebSocket-Accept for example_offer.
inline constexpr std::string_view example_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// An answer that opens example_offer, with `fields` (each with its CR LF) behind those needed.
std::string good_answer(std::string_view fields = {});

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_HANDSHAKE_CLIENT_HPP
