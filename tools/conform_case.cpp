// SPDX-License-Identifier: MIT
// conform_case.cpp — payloads that are said shorter than they are; patterns of case numbers.
//
// Used by: tools/conform_*.  Depends on: tools/conform_case.
#include "tools/conform_case.hpp"

#include <algorithm>

namespace plainsong::conform {
namespace {

constexpr std::uint8_t close_opcode = 8;

/// Copies what it has written already, so that a few long copies do instead of many of one octet.
void append_filled(std::string& to, const std::string& octets, std::uint64_t size) {
    const std::size_t begin = to.size();
    to.append(octets, 0, size);
    while (to.size() - begin < size) {
        const std::uint64_t whole = to.size() - begin;  // a multiple of octets.size()
        to.append(to, begin, std::min(whole, size - whole));
    }
}

}  // namespace

void payload::repeat(std::string octets, std::uint64_t times) {
    const std::uint64_t size = octets.size() * times;
    fill(std::move(octets), size);
}

void payload::fill(std::string octets, std::uint64_t size) {
    terms_.push_back({std::move(octets), size});
}

std::uint64_t payload::size() const {
    std::uint64_t sum = 0;
    for (const term& each : terms_) {
        sum += each.size;
    }
    return sum;
}

std::string payload::octets() const {
    std::string all;
    all.reserve(size());
    for (const term& each : terms_) {
        append_filled(all, each.octets, each.size);
    }
    return all;
}

bool payload::is(std::string_view candidate) const {
    return candidate.size() == size() && candidate == octets();
}

bool begins_closing(const step& each) {
    return each.what == step_kind::send && each.opcode == close_opcode && each.rsv == 0 &&
           each.fin && !each.masked.has_value();
}

bool conform_case::awaits(std::string_view note) const {
    for (const auto* const those : {&accepted, &tolerated, &mentioned}) {
        for (const expected_events& events : *those) {
            for (const expected_event& each : events) {
                if (each.what == event_kind::noted && each.note == note) {
                    return true;
                }
            }
        }
    }
    return false;
}

bool conform_case::closes_itself() const {
    return std::any_of(steps.begin(), steps.end(), begins_closing);
}

bool matches_pattern(std::string_view pattern, std::string_view id) {
    if (pattern.empty()) {
        return id.empty();
    }
    if (pattern[0] == '*') {
        return matches_pattern(pattern.substr(1), id) ||
               (!id.empty() && matches_pattern(pattern, id.substr(1)));
    }
    return !id.empty() && pattern[0] == id[0] && matches_pattern(pattern.substr(1), id.substr(1));
}

std::string_view name_of(event_kind what) {
    switch (what) {
        case event_kind::text:
            return "text";
        case event_kind::binary:
            return "binary";
        case event_kind::pong:
            return "pong";
        case event_kind::noted:
            return "noted";
        case event_kind::echo:
            return "echo";
    }
    return "";
}

}  // namespace plainsong::conform
