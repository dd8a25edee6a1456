// SPDX-License-Identifier: MIT
// conform_record.hpp — all that happened in one run of one case.
//
// Used by: tools/conform_*.  Depends on: tools/conform_case, tools/conform_wire.
#ifndef PLAINSONG_TOOLS_CONFORM_RECORD_HPP
#define PLAINSONG_TOOLS_CONFORM_RECORD_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tools/conform_case.hpp"
#include "tools/conform_wire.hpp"

namespace plainsong::conform {

struct seen_event {
    event_kind what = event_kind::text;
    std::string octets;  // the note, if that was noted
};

/// One line of the wire log.
struct log_line {
    enum class kind : std::uint8_t { received, sent, remark };
    kind what = kind::remark;
    milliseconds at{0};  // since the connection was open
    frame one;           // its payload is cut; its size is the whole
    std::string remark;
};

using frame_counts = std::map<std::uint8_t, std::uint64_t>;   // by opcode
using octet_counts = std::map<std::uint64_t, std::uint64_t>;  // by the size of one transfer

struct close_seen {
    bool there = false;
    std::uint16_t code = 1005;
    std::string reason;
};

/// How the peer ended the connection.
enum class connection_end : std::uint8_t { none, fin, reset };

struct record {
    bool is_open = false;  // it was
    std::string obstacle;  // why it wasn't
    std::string answer;    // to an opening that is tested: a status, "end", "silence", "refused"
    std::string lacks;     // what that answer should have had
    std::string request;   // the heads of the opening handshake
    std::string response;
    std::string started;  // ISO 8601, UTC
    milliseconds duration{0};
    std::vector<seen_event> events;
    std::string violation;  // of the peer
    bool declined = false;  // the peer doesn't speak the extension that the case is about
    close_seen ours;
    close_seen theirs;
    bool tester_closed_first = false;
    bool tester_dropped = false;   // it had to end the connection itself
    bool no_close_reply = false;   // in time
    bool no_end = false;           // of the connection in time, after both Closes
    bool ran_out_of_time = false;  // and that fails the case
    connection_end end = connection_end::none;
    bool peer_ended_first = false;
    bool was_reset = false;                   // by the tester
    std::optional<std::uint64_t> past_fault;  // octets sent behind it until the peer's Close came
    std::string next_obstacle;                // why the peer served nobody after that
    std::vector<log_line> log;
    std::uint64_t log_left_out = 0;  // lines, beyond the limit
    frame_counts frames_received;
    frame_counts frames_sent;
    octet_counts octets_received;
    octet_counts octets_sent;

    [[nodiscard]] bool is_clean() const {
        return ours.there && theirs.there && !no_end && violation.empty();
    }
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_RECORD_HPP
