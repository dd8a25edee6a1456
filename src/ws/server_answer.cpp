// SPDX-License-Identifier: MIT
// server_answer.cpp — the two kinds of answer to an opening handshake.
#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/list.hpp>
#include <plainsong/http/text.hpp>
#include <plainsong/http/writer.hpp>
#include <plainsong/ws/accept_key.hpp>
#include <plainsong/ws/extension.hpp>
#include <plainsong/ws/server_handshake.hpp>

#include "src/ws/own_fields.hpp"

namespace plainsong {

namespace {

/// What decides what the answer is.
constexpr std::string_view own_fields[] = {"Upgrade", "Connection", "Content-Length",
                                           "Content-Type", "Transfer-Encoding"};

bool add_fields(http::writer& out, std::span<const http::field> fields) {
    for (const http::field& each : fields) {
        if (is_own_field(each.name, own_fields)) {
            return false;
        }
        out.add(each.name, each.value);
    }
    return true;
}

bool was_asked_for(const upgrade_request& request, std::string_view subprotocol) {
    const std::string_view only[] = {subprotocol};
    return select_protocol(request, only) == subprotocol;
}

bool was_offered(const upgrade_request& request, std::string_view extension) {
    extension_reader offers{request.extensions};
    for (;;) {
        const extension_item item = offers.next();
        if (item.what == extension_item::kind::offer && item.name == extension) {
            return true;
        }
        if (item.what == extension_item::kind::end ||
            item.what == extension_item::kind::malformed) {
            return false;
        }
    }
}

bool all_were_offered(const upgrade_request& request, std::string_view extensions) {
    extension_reader chosen{extensions};
    for (;;) {
        const extension_item item = chosen.next();
        switch (item.what) {
            case extension_item::kind::end:
                return true;
            case extension_item::kind::malformed:
                return false;
            case extension_item::kind::offer:
                if (!was_offered(request, item.name)) {
                    return false;
                }
                break;
            case extension_item::kind::parameter:
                break;
        }
    }
}

std::string_view extra_field_for(std::uint16_t status) {
    return status == 405 ? "Allow" : status == 503 ? "Retry-After" : "";
}

/// What HTTP or RFC 6455 asks an answer with this status to say.
void add_status_fields(http::writer& out, const refusal& answer, std::uint16_t status) {
    const bool names_version = status == 426 || answer.why == error_code::version_missing ||
                               answer.why == error_code::version_malformed;
    if (status == 426) {
        out.add("Upgrade", "websocket");  // [9110-7.8-03]
        out.add("Connection", "Upgrade, close");
    } else {
        out.add("Connection", "close");  // [6455-4.2.1-03]
    }
    if (names_version) {
        out.add("Sec-WebSocket-Version", "13");  // [6455-4.2.2-10] [6455-4.4-02]
    }
    const std::string_view extra = extra_field_for(status);
    if (extra.empty() || http::find(answer.fields, extra) != nullptr) {
        return;
    }
    if (status == 405) {
        out.add(extra, "GET");  // [9110-15.5.6-01]
    } else {
        out.add(extra, answer.retry_after_seconds);
    }
}

/// The default body: status, phrase, and the rule that was broken with its requirement id.
struct explanation {
    std::string_view parts[9];

    explanation(std::string_view digits, std::string_view phrase, error_code why)
        : parts{digits, " ", phrase, {}, {}, {}, {}, {}, "\n"} {
        if (why == error_code::none) {
            return;
        }
        const error_facts& facts = facts_of(why);
        parts[3] = ": ";
        parts[4] = http::text_of(facts.text);
        if (facts.requirement[0] != '\0') {
            parts[5] = " [";
            parts[6] = http::text_of(facts.requirement);
            parts[7] = "]";
        }
    }

    [[nodiscard]] std::size_t size() const {
        std::size_t sum = 0;
        for (const std::string_view part : parts) {
            sum += part.size();
        }
        return sum;
    }

    void write(http::writer& out) const {
        for (const std::string_view part : parts) {
            out.body(as_bytes(part));
        }
    }
};

}  // namespace

bool is_extra_field(const http::field& field) {
    return is_addable_field(field, own_fields);
}

result<std::size_t> write_accept(byte_span into, const upgrade_request& request,
                                 const acceptance& chosen) {
    if (!chosen.subprotocol.empty() && !was_asked_for(request, chosen.subprotocol)) {
        return error{error_code::invalid_argument};  // [6455-4.2.2-12]
    }
    if (!chosen.extensions.empty() && !all_were_offered(request, chosen.extensions)) {
        return error{error_code::invalid_argument};  // [6455-4.2.2-15] [6455-4.2.2-16] [6455-9-03]
    }
    http::writer out{into};
    out.status_line(101, http::reason_phrase(101));  // [6455-4.2.2-17] [6455-4.2.2-18]
    out.add("Upgrade", "websocket");                 // [6455-4.2.2-19]
    out.add("Connection", "Upgrade");                // [6455-4.2.2-20]
    out.add("Sec-WebSocket-Accept", accept_key_for(request.key).text());  // [6455-11.3.3-01]
    if (!chosen.subprotocol.empty()) {  // [6455-4.2.2-13] [6455-4.2.2-14] [6455-4.2.2-22]
        out.add("Sec-WebSocket-Protocol", chosen.subprotocol);  // [6455-11.3.4-02]
    }
    if (!chosen.extensions.empty()) {
        out.add("Sec-WebSocket-Extensions", chosen.extensions);  // [6455-4.2.2-23] [6455-11.3.2-02]
    }
    if (!add_fields(out, chosen.fields)) {
        return error{error_code::field_not_sendable};
    }
    return out.end_head().finish();
}

result<std::size_t> write_refusal(byte_span into, const refusal& answer) {
    const std::uint16_t status = answer.status != 0 ? answer.status : facts_of(answer.why).answer;
    if (status < 200 || status > 599) {
        return error{error_code::invalid_argument};
    }
    const std::string_view phrase =
        answer.reason.empty() ? http::reason_phrase(status) : answer.reason;
    const char digits[3] = {static_cast<char>('0' + status / 100),
                            static_cast<char>('0' + status / 10 % 10),
                            static_cast<char>('0' + status % 10)};
    const explanation usual{{digits, sizeof digits}, phrase, answer.why};
    const bool is_usual = answer.body.empty();
    http::writer out{into};
    out.status_line(status, phrase);
    add_status_fields(out, answer, status);
    if (!add_fields(out, answer.fields)) {
        return error{error_code::field_not_sendable};
    }
    if (status == 204 || status == 304) {
        return out.end_head().finish();  // these two never have content
    }
    out.add("Content-Type", is_usual ? "text/plain; charset=utf-8" : answer.content_type);
    out.add("Content-Length", is_usual ? usual.size() : answer.body.size());
    out.end_head();
    if (!answer.head_request) {
        if (is_usual) {
            usual.write(out);
        } else {
            out.body(as_bytes(answer.body));
        }
    }
    return out.finish();
}

}  // namespace plainsong
