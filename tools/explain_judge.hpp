// SPDX-License-Identifier: MIT
// explain_judge.hpp — what the library says of each line of a handshake by itself.
//
// Does: put the line (or lines) of one name into a handshake that is good otherwise, and ask.  So
// each line gets its own verdict, where an endpoint stops at the first that is wrong.
// Does not: know a rule.
// Used by: tools/explain_head.  Depends on: ws/server_handshake, ws/client_handshake.
#ifndef PLAINSONG_TOOLS_EXPLAIN_JUDGE_HPP
#define PLAINSONG_TOOLS_EXPLAIN_JUDGE_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/error.hpp>
#include <plainsong/http/head_parser.hpp>

#include "tools/explain_page.hpp"

namespace plainsong::explain {

class field_judge {
public:
    /// `head`: complete, with its empty line.  `key`: the client's, "" if it isn't known.
    field_judge(byte_view head, bool is_request, std::string_view key);

    [[nodiscard]] bool is_request() const { return is_request_; }

    /// Returns: the rule that the first line breaks, if any.
    [[nodiscard]] error_code judge_start_line() const;
    /// Returns: the rule that the lines of this name break, or that there is none.
    [[nodiscard]] error_code judge_field(std::string_view name) const;
    /// What more is to be said of a value.
    void explain_value(std::string_view name, page& out) const;

private:
    [[nodiscard]] std::string_view value_of(std::string_view name) const;
    [[nodiscard]] error_code judge_request_with(std::string_view name) const;
    [[nodiscard]] error_code judge_answer_with(std::string_view name) const;

    std::vector<std::uint8_t> head_;
    std::string key_;
    http::request_head request_;
    http::response_head answer_;
    bool is_request_;
};

}  // namespace plainsong::explain

#endif  // PLAINSONG_TOOLS_EXPLAIN_JUDGE_HPP
