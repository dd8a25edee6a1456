// SPDX-License-Identifier: MIT
// load_failures.cpp — counting failures by their cause.
//
// Used by: tools/load*.  Depends on: tools/load_failures.
#include "tools/load_failures.hpp"

#include <algorithm>
#include <cerrno>

namespace plainsong::load {
namespace {

struct named_errno {
    int number;
    const char* name;
};

// Those that sockets are known to fail with.
constexpr named_errno names[] = {
    {EACCES, "EACCES"},
    {EADDRINUSE, "EADDRINUSE"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    {EAFNOSUPPORT, "EAFNOSUPPORT"},
    {EAGAIN, "EAGAIN"},
    {ECONNABORTED, "ECONNABORTED"},
    {ECONNREFUSED, "ECONNREFUSED"},
    {ECONNRESET, "ECONNRESET"},
    {EHOSTUNREACH, "EHOSTUNREACH"},
    {EINVAL, "EINVAL"},
    {EMFILE, "EMFILE"},
    {ENETDOWN, "ENETDOWN"},
    {ENETUNREACH, "ENETUNREACH"},
    {ENFILE, "ENFILE"},
    {ENOBUFS, "ENOBUFS"},
    {ENOENT, "ENOENT"},
    {ENOMEM, "ENOMEM"},
    {ENOTCONN, "ENOTCONN"},
    {EPERM, "EPERM"},
    {EPIPE, "EPIPE"},
    {EPROTOTYPE, "EPROTOTYPE"},
    {ETIMEDOUT, "ETIMEDOUT"},
};

}  // namespace

std::string_view name_of(stage when) {
    switch (when) {
        case stage::connecting:
            return "connecting";
        case stage::upgrading:
            return "upgrading";
        case stage::open:
            return "open";
        default:
            return "closing";
    }
}

std::string name_of_errno(int number) {
    for (const named_errno& each : names) {
        if (each.number == number) {
            return each.name;
        }
    }
    return "errno " + std::to_string(number);
}

void failure_tally::add(stage when, int number, std::string_view text) {
    ++count_;
    const auto same = [&](const failure& each) {
        return each.when == when && each.number == number && each.text == text;
    };
    const auto known = std::find_if(kinds_.begin(), kinds_.end(), same);
    if (known != kinds_.end()) {
        ++known->count;
    } else if (kinds_.size() < most_kinds) {
        kinds_.push_back({when, number, std::string(text), 1});
    } else if (kinds_.size() == most_kinds) {
        kinds_.push_back({when, 0, "other", 1});
    } else {
        ++kinds_.back().count;
    }
}

std::string failure_tally::text() const {
    if (count_ == 0) {
        return "";
    }
    std::string all =
        std::to_string(count_) + (count_ == 1 ? " connection failed: " : " connections failed: ");
    for (const failure& each : kinds_) {
        all += &each == &kinds_.front() ? "" : "; ";
        all += std::to_string(each.count) + " x ";
        all += each.number != 0 ? name_of_errno(each.number) + " (" + each.text + ")" : each.text;
        all += ", " + std::string(name_of(each.when));
    }
    return all;
}

}  // namespace plainsong::load
