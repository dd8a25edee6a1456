// SPDX-License-Identifier: MIT
// writer.cpp — every text is judged before it is copied.
#include <plainsong/http/writer.hpp>

#include <cstring>

#include <plainsong/codec/ascii.hpp>

#include "src/http/octet_class.hpp"

namespace plainsong::http {

std::string_view reason_phrase(std::uint16_t status) {
    switch (status) {
#define PLAINSONG_PHRASE(number, phrase) \
    case number:                         \
        return phrase;
        PLAINSONG_PHRASE(101, "Switching Protocols")
        PLAINSONG_PHRASE(200, "OK")
        PLAINSONG_PHRASE(204, "No Content")
        PLAINSONG_PHRASE(301, "Moved Permanently")
        PLAINSONG_PHRASE(302, "Found")
        PLAINSONG_PHRASE(303, "See Other")
        PLAINSONG_PHRASE(304, "Not Modified")
        PLAINSONG_PHRASE(307, "Temporary Redirect")
        PLAINSONG_PHRASE(308, "Permanent Redirect")
        PLAINSONG_PHRASE(400, "Bad Request")
        PLAINSONG_PHRASE(401, "Unauthorized")
        PLAINSONG_PHRASE(403, "Forbidden")
        PLAINSONG_PHRASE(404, "Not Found")
        PLAINSONG_PHRASE(405, "Method Not Allowed")
        PLAINSONG_PHRASE(408, "Request Timeout")
        PLAINSONG_PHRASE(409, "Conflict")
        PLAINSONG_PHRASE(410, "Gone")
        PLAINSONG_PHRASE(413, "Content Too Large")
        PLAINSONG_PHRASE(414, "URI Too Long")
        PLAINSONG_PHRASE(415, "Unsupported Media Type")
        PLAINSONG_PHRASE(417, "Expectation Failed")
        PLAINSONG_PHRASE(421, "Misdirected Request")
        PLAINSONG_PHRASE(426, "Upgrade Required")
        PLAINSONG_PHRASE(429, "Too Many Requests")
        PLAINSONG_PHRASE(431, "Request Header Fields Too Large")
        PLAINSONG_PHRASE(500, "Internal Server Error")
        PLAINSONG_PHRASE(501, "Not Implemented")
        PLAINSONG_PHRASE(502, "Bad Gateway")
        PLAINSONG_PHRASE(503, "Service Unavailable")
        PLAINSONG_PHRASE(504, "Gateway Timeout")
        PLAINSONG_PHRASE(505, "HTTP Version Not Supported")
#undef PLAINSONG_PHRASE
        default:
            return "Status";
    }
}

writer& writer::request_line(std::string_view method, std::string_view target) {
    if (!is_token(method) || target.empty()) {
        fail(error_code::field_not_sendable);
    }
    for (const char c : target) {
        if (!is_visible(c)) {
            fail(error_code::field_not_sendable);
        }
    }
    put(method);
    put(" ");
    put(target);
    put(" HTTP/1.1\r\n");
    return *this;
}

writer& writer::status_line(std::uint16_t status, std::string_view reason) {
    if (status < 100 || status > 999 || !all_belong(reason, field_text_octet)) {
        fail(error_code::field_not_sendable);
    }
    put("HTTP/1.1 ");
    put_number(status);
    put(" ");
    put(reason);
    put("\r\n");
    return *this;
}

writer& writer::add(std::string_view name, std::string_view value) {
    if (!is_token(name) || !all_belong(value, field_text_octet)) {
        fail(error_code::field_not_sendable);
    }
    put(name);
    put(": ");
    put(value);
    put("\r\n");
    return *this;
}

writer& writer::add(std::string_view name, std::uint64_t value) {
    if (!is_token(name)) {
        fail(error_code::field_not_sendable);
    }
    put(name);
    put(": ");
    put_number(value);
    put("\r\n");
    return *this;
}

writer& writer::end_head() {
    put("\r\n");
    return *this;
}

writer& writer::body(byte_view octets) {
    put(as_text(octets));
    return *this;
}

result<std::size_t> writer::finish() const {
    if (why_ != error_code::none) {
        return error{why_};
    }
    return size_;
}

void writer::put(std::string_view text) {
    if (text.size() > into_.size() - size_) {
        fail(error_code::output_full);
    }
    if (why_ != error_code::none || text.empty()) {
        return;
    }
    std::memcpy(into_.data() + size_, text.data(), text.size());
    size_ += text.size();
}

void writer::put_number(std::uint64_t number) {
    char digits[20];
    std::size_t at = sizeof digits;
    do {
        digits[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    put({digits + at, sizeof digits - at});
}

void writer::fail(error_code why) {
    if (why_ == error_code::none) {
        why_ = why;
    }
}

}  // namespace plainsong::http
