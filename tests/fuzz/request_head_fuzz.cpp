// SPDX-License-Identifier: MIT
// request_head_fuzz.cpp — heads of requests and responses, cut at a place that the input chooses.
//
// Input: one octet of options, two of the first cut, then the head.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <plainsong/http/head_parser.hpp>

namespace {

using namespace plainsong;
using verdict = http::head_step::kind;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

bool same(const http::head_step& a, const http::head_step& b) {
    return a.status == b.status && a.size == b.size && a.why.code == b.why.code &&
           a.why.offset == b.why.offset;
}

http::head_step feed_octet_by_octet(byte_view all, http::head_kind kind,
                                    const http::head_limits& limits) {
    http::head_parser parser{kind};
    http::head_step step;
    for (std::size_t end = 1; end <= all.size() && step.status == verdict::need_more; ++end) {
        step = parser.feed(all.first(end), limits);
        require(step.status != verdict::need_more || parser.judged() == end);
    }
    return step;
}

void check_parts(std::string_view name, std::string_view value) {
    require(!name.empty());
    for (const char c : name) {
        require(c > ' ' && c != ':');
    }
    for (const char c : value) {
        require(c != '\r' && c != '\n' && c != '\0');
    }
    require(value.empty() || (value.front() != ' ' && value.back() != ' '));
}

template <typename Head>
void check_head(byte_view octets, const http::head_limits& limits) {
    std::string copy{as_text(octets)};
    Head head;
    http::read_head({reinterpret_cast<std::uint8_t*>(copy.data()), copy.size()}, head);
    require(head.fields.size() <= limits.fields && head.fields.size() <= http::max_fields);
    for (const http::field& each : head.fields.all()) {
        check_parts(each.name, each.value);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) {
        return 0;
    }
    const http::head_kind kind =
        (data[0] & 1) != 0 ? http::head_kind::response : http::head_kind::request;
    http::head_limits limits;
    limits.lenient_fold = (data[0] & 2) != 0;
    if ((data[0] & 4) != 0) {
        limits = {64, 48, 128, 5, 2, limits.lenient_fold};
    }
    const byte_view all{data + 3, size - 3};
    const std::size_t cut = (std::size_t{data[1]} * 256 + data[2]) % (all.size() + 1);

    http::head_parser whole{kind};
    const http::head_step step = whole.feed(all, limits);
    http::head_parser halves{kind};
    (void)halves.feed(all.first(cut), limits);
    require(same(halves.feed(all, limits), step));
    require(same(feed_octet_by_octet(all, kind, limits), step));
    require(whole.judged() <= limits.longest_head());
    if (step.status == verdict::done) {
        require(step.size <= all.size() && step.size <= limits.longest_head());
        if (kind == http::head_kind::request) {
            check_head<http::request_head>(all.first(step.size), limits);
        } else {
            check_head<http::response_head>(all.first(step.size), limits);
        }
    }
    return 0;
}
