// SPDX-License-Identifier: MIT
// client_handshake.cpp — the rules that an answer to a request for an upgrade has to meet.
#include <plainsong/ws/client_handshake.hpp>

#include <plainsong/base/contract.hpp>
#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/list.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/extension.hpp>

namespace plainsong {

namespace {

using http::field_values;
using fields_view = std::span<const http::field>;

/// A rule that is broken, and the text that breaks it; no text at all if something is missing.
struct finding {
    error_code why = error_code::none;
    std::string_view at{};

    explicit operator bool() const { return why != error_code::none; }
};

finding judge_upgrade(fields_view fields) {
    field_values lines{fields, "Upgrade"};
    std::string_view value;
    std::string_view second;
    if (!lines.next(value) || !equals_ignoring_case(value, "websocket")) {
        return {error_code::answer_upgrade_wrong, value};  // [6455-4.1-45]
    }
    return lines.next(second) ? finding{error_code::answer_upgrade_wrong, second} : finding{};
}

finding judge_connection(fields_view fields) {
    const field_values lines{fields, "Connection"};
    if (http::judge_token_list(lines) == http::token_list::valid &&
        http::has_token(lines, "upgrade")) {
        return {};
    }
    field_values first = lines;
    std::string_view value;
    (void)first.next(value);
    return {error_code::answer_connection_wrong, value};  // [6455-4.1-46]
}

finding judge_accept(fields_view fields, const handshake_key& key) {
    field_values lines{fields, "Sec-WebSocket-Accept"};
    std::string_view value;
    std::string_view second;
    if (!lines.next(value)) {
        return {error_code::answer_accept_missing};  // [6455-4.1-47]
    }
    if (lines.next(second)) {
        return {error_code::answer_accept_repeated, second};  // [6455-11.3.3-01] [6455-4.1-50]
    }
    const bool is_right = value == accept_key_for(key.view()).text();
    return is_right ? finding{} : finding{error_code::answer_accept_wrong, value};  // [6455-4.1-47]
}

bool was_offered(std::string_view offered, std::string_view extension) {
    extension_reader offers{offered};
    for (;;) {
        const extension_item item = offers.next();
        if (item.what == extension_item::kind::end ||
            item.what == extension_item::kind::malformed) {
            return false;
        }
        if (item.what == extension_item::kind::offer && item.name == extension) {
            return true;
        }
    }
}

/// Returns: whether the answer fits one of the offers of permessage-deflate, which may be several.
/// [7692-5-02]
bool fits_an_offer(const deflate_terms& answer, std::string_view offered) {
    extension_reader offers{offered};
    extension_item item = offers.next();
    while (item.what == extension_item::kind::offer ||
           item.what == extension_item::kind::parameter) {
        if (item.what == extension_item::kind::parameter || item.name != permessage_deflate_name) {
            item = offers.next();
            continue;
        }
        deflate_terms offer;
        if (read_deflate_terms(offers, deflate_side::offer, offer, item) == error_code::none &&
            fits_offer(answer, offer)) {
            return true;
        }
    }
    return false;
}

/// The extensions of an answer, from left to right.
class extension_judge {
public:
    extension_judge(std::string_view answered, std::string_view offered)
        : items_(answered), answered_(answered), offered_(offered) {}

    finding judge() {
        item_ = items_.next();
        while (item_.what != extension_item::kind::end) {
            if (const finding found = judge_item()) {
                return found;
            }
        }
        return {};
    }

    [[nodiscard]] bool has_deflate() const { return has_deflate_; }
    [[nodiscard]] const deflate_parameters& deflate() const { return deflate_.parameters; }

private:
    /// Judges an item and takes the one that follows.
    finding judge_item() {
        if (item_.what == extension_item::kind::malformed) {
            return {error_code::answer_extensions_malformed, answered_};  // [6455-9.1-02]
        }
        if (item_.what == extension_item::kind::offer) {
            if (!was_offered(offered_, item_.name)) {  // [6455-4.1-48] [7692-5-15]
                return {error_code::answer_extension_unasked, item_.name};
            }
            if (item_.name == permessage_deflate_name) {
                return judge_deflate();
            }
        }
        item_ = items_.next();
        return {};
    }

    finding judge_deflate() {
        const std::string_view name = item_.name;
        if (has_deflate_) {
            return {error_code::deflate_agreed_twice, name};  // [7692-5-10]
        }
        has_deflate_ = true;
        const error_code why = read_deflate_terms(items_, deflate_side::answer, deflate_, item_);
        if (why != error_code::none) {
            return {why, item_.name};
        }
        if (item_.what != extension_item::kind::malformed && !fits_an_offer(deflate_, offered_)) {
            return {error_code::deflate_answer_unfit, name};  // [7692-7-08]
        }
        return {};
    }

    extension_reader items_;
    extension_item item_;
    std::string_view answered_;
    std::string_view offered_;
    deflate_terms deflate_;
    bool has_deflate_ = false;
};

finding judge_extensions(fields_view fields, std::string_view offered, upgrade_answer& out) {
    field_values lines{fields, "Sec-WebSocket-Extensions"};
    std::string_view value;
    std::string_view second;
    if (!lines.next(value)) {
        return {};  // [7692-5-14]
    }
    if (lines.next(second)) {
        return {error_code::answer_extensions_repeated, second};  // [6455-11.3.2-02]
    }
    extension_judge judge{value, offered};
    if (const finding found = judge.judge()) {
        return found;
    }
    out.extensions = value;  // [6455-4.1-53]
    out.has_deflate = judge.has_deflate();
    out.deflate = judge.deflate();
    return {};
}

finding judge_protocol(fields_view fields, std::string_view offered, std::string_view& out) {
    field_values lines{fields, "Sec-WebSocket-Protocol"};
    std::string_view value;
    std::string_view second;
    if (!lines.next(value)) {
        return {};
    }
    if (lines.next(second)) {
        return {error_code::answer_protocol_repeated, second};  // [6455-11.3.4-02]
    }
    if (!is_token(value)) {
        return {error_code::answer_protocol_malformed, value};  // [6455-4.3-09]
    }
    http::list_reader offers{offered};
    std::string_view each;
    while (offers.next(each)) {
        if (each == value) {
            out = value;  // [6455-4.1-54]
            return {};
        }
    }
    return {error_code::answer_protocol_unasked, value};  // [6455-4.1-49]
}

/// What follows a 1xx answer is never a body; one that says so is not understood.  [6455-4.1-50]
finding judge_coding(fields_view fields) {
    const http::field* coding = http::find(fields, "Transfer-Encoding");
    return coding == nullptr ? finding{} : finding{error_code::answer_has_coding, coding->name};
}

/// Judges a 101.  [6455-4.1-43] [6455-4.1-51]
finding judge_switch(fields_view fields, const upgrade_offer& asked, upgrade_answer& out) {
    if (const finding found = judge_coding(fields)) {
        return found;
    }
    if (const finding found = judge_upgrade(fields)) {
        return found;
    }
    if (const finding found = judge_connection(fields)) {
        return found;
    }
    if (const finding found = judge_accept(fields, asked.key)) {
        return found;
    }
    if (const finding found = judge_extensions(fields, asked.extensions, out)) {
        return found;
    }
    return judge_protocol(fields, asked.protocols, out.protocol);
}

/// Returns: how much of a refusal's body to wait for; without a length that can be relied on, for
/// as much as is kept at all.
std::size_t body_to_wait_for(const http::response_head& head) {
    constexpr std::size_t most = answer_reader::most_body;
    if (head.status == 204 || head.status == 304) {
        return 0;
    }
    field_values lengths{head.fields.all(), "Content-Length"};
    std::string_view length;
    std::string_view second;
    if (http::find(head.fields.all(), "Transfer-Encoding") != nullptr || !lengths.next(length) ||
        lengths.next(second) || !is_digits(length)) {
        return most;
    }
    std::size_t value = 0;
    for (const char digit : length) {
        value = value * 10 + static_cast<std::size_t>(digit - '0');
        if (value >= most) {
            return most;
        }
    }
    return value;
}

}  // namespace

answer_reader::step answer_reader::receive(byte_span all, const upgrade_offer& asked,
                                           const http::head_limits& limits) {
    while (verdict_.status == step::kind::need_more && body_start_ == 0) {
        PLAINSONG_REQUIRE(all.size() >= start_);
        const http::head_step head = parser_.feed(all.subspan(start_), limits);
        if (head.status == http::head_step::kind::need_more) {
            return verdict_;
        }
        if (head.status == http::head_step::kind::failed) {
            fail(head.why.code, start_ + static_cast<std::size_t>(head.why.offset));
        } else {
            take_head(all, head.size, asked, limits);
        }
    }
    if (verdict_.status == step::kind::need_more && all.size() - body_start_ >= body_wanted_) {
        settle_refusal(all);
    }
    return verdict_;
}

answer_reader::step answer_reader::end(byte_span all, const upgrade_offer& asked,
                                       const http::head_limits& limits) {
    if (receive(all, asked, limits).status == step::kind::need_more) {
        if (body_start_ != 0) {
            settle_refusal(all);
        } else {
            fail(error_code::answer_incomplete, all.size());
        }
    }
    return verdict_;
}

void answer_reader::take_head(byte_span all, std::size_t size, const upgrade_offer& asked,
                              const http::head_limits& limits) {
    constexpr std::size_t major_at = 5;
    constexpr std::size_t minor_at = 7;
    constexpr std::size_t status_at = 9;
    http::read_head(all.subspan(start_, size), head_);
    const bool is_interim = head_.status < 200 && head_.status != 101;
    has_head_ = !is_interim;
    if (head_.status < 100) {
        return fail(error_code::status_line_malformed, start_ + status_at);
    }
    if (head_.major_version != 1) {
        return fail(error_code::answer_version_not_1_1, start_ + major_at);
    }
    if (head_.status >= 200) {
        has_head_ = false;  // until the body is there too
        body_start_ = start_ + size;
        body_wanted_ = body_to_wait_for(head_);
        return;
    }
    if (head_.minor_version == 0) {  // [6455-4.1-50]: HTTP/1.0 has neither interim answers nor 101
        return fail(error_code::answer_version_not_1_1, start_ + minor_at);
    }
    const finding found = is_interim ? judge_coding(head_.fields.all())
                                     : judge_switch(head_.fields.all(), asked, answer_);
    if (found) {
        const std::size_t at =
            found.at.data() == nullptr
                ? start_ + size
                : static_cast<std::size_t>(as_bytes(found.at).data() - all.data());
        return fail(found.why, at);
    }
    if (is_interim) {
        return take_interim(size, limits);
    }
    verdict_ = {step::kind::open, start_ + size, {}};  // [6455-4.1-52]
}

void answer_reader::take_interim(std::size_t size, const http::head_limits& limits) {
    start_ += size;
    parser_ = http::head_parser{http::head_kind::response};
    ++interim_;
    if (interim_ > most_interim || start_ > limits.longest_head()) {
        fail(error_code::too_many_interim_answers, start_ - size);
    }
}

/// Names the parts once more, because the octets may have moved since the head was complete.
void answer_reader::settle_refusal(byte_span all) {
    constexpr std::size_t status_at = 9;
    http::read_head(all.subspan(start_, body_start_ - start_), head_);
    const std::size_t there = all.size() - body_start_;
    answer_.body = all.subspan(body_start_, there < body_wanted_ ? there : body_wanted_);
    has_head_ = true;
    fail(error_code::upgrade_refused, start_ + status_at);  // [6455-4.1-44]
}

void answer_reader::fail(error_code why, std::size_t offset) {
    verdict_ = {step::kind::failed, 0, {why, offset}};
}

upgrade_answer answer_reader::answer() const {
    PLAINSONG_REQUIRE(has_head_);
    upgrade_answer all = answer_;
    all.status = head_.status;
    all.reason = head_.reason;
    all.fields = head_.fields.all();  // [6455-4.1-55]
    return all;
}

}  // namespace plainsong
