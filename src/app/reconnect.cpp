// SPDX-License-Identifier: MIT
// reconnect.cpp — full jitter, and the two forms of Retry-After.
#include <plainsong/app/reconnect.hpp>

#include <algorithm>

#include <plainsong/codec/ascii.hpp>

namespace plainsong {

namespace {

constexpr std::int64_t longest_retry_seconds = 24 * 60 * 60;

bool read_number(std::string_view digits, std::int64_t& out) {
    if (digits.empty() || digits.size() > 9) {
        return false;
    }
    out = 0;
    for (const char c : digits) {
        if (!is_digit(c)) {
            return false;
        }
        out = out * 10 + (c - '0');
    }
    return true;
}

// Days from 1970-01-01 of a date of the Gregorian calendar.
std::int64_t days_before(std::int64_t year, std::int64_t month, std::int64_t day) {
    // Years that begin in March have the leap day at their end.
    const std::int64_t y = month < 3 ? year - 1 : year;
    const std::int64_t days_of_months = (153 * (month < 3 ? month + 9 : month - 3) + 2) / 5;
    return y * 365 + y / 4 - y / 100 + y / 400 + days_of_months + day - 1 - 719'468;
}

// "Sun, 06 Nov 1994 08:49:37 GMT": the one form that may be sent (RFC 9110 §5.6.7).
bool read_date(std::string_view text, std::int64_t& seconds) {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT" ||
        text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' ||
        text[22] != ':') {
        return false;
    }
    const std::size_t month = months.find(text.substr(8, 3));
    std::int64_t day = 0;
    std::int64_t year = 0;
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    if (month == std::string_view::npos || month % 3 != 0 || !read_number(text.substr(5, 2), day) ||
        !read_number(text.substr(12, 4), year) || !read_number(text.substr(17, 2), hour) ||
        !read_number(text.substr(20, 2), minute) || !read_number(text.substr(23, 2), second)) {
        return false;
    }
    const std::int64_t days = days_before(year, static_cast<std::int64_t>(month / 3 + 1), day);
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

}  // namespace

duration reconnect_delay(const reconnect_options& options, std::uint32_t failures,
                         std::uint64_t random) {
    const duration longest = std::max(options.longest_delay, duration::zero());
    duration bound = std::clamp(options.first_delay, duration::zero(), longest);
    // [6455-7.2.3-04]
    for (std::uint32_t i = 1; i < failures && bound < longest && bound != duration::zero(); ++i) {
        bound = bound > longest / 2 ? longest : bound * 2;
    }
    // From 0 to 1 in steps of 2⁻³¹; of the bound's whole multiples first and then of the rest, so that
    // no product overflows.
    constexpr std::int64_t one = std::int64_t{1} << 31;
    const auto share = static_cast<std::int64_t>(((random >> 32) + 1) >> 1);
    const std::int64_t count = bound.count();
    return duration{count / one * share + count % one * share / one};
}

duration read_retry_after(std::string_view retry_after, std::string_view date) {
    std::int64_t seconds = 0;
    std::int64_t now = 0;
    if (!read_number(retry_after, seconds)) {
        if (!read_date(retry_after, seconds) || !read_date(date, now)) {
            return duration::zero();
        }
        seconds -= now;
    }
    return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, longest_retry_seconds));
}

}  // namespace plainsong
