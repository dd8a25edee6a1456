// SPDX-License-Identifier: MIT
// head_reader.cpp — names the parts of a head that head_parser has found good.
//
// Every search below finds what it looks for, because the parser has seen it there.
#include <cstring>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/head_parser.hpp>
#include <plainsong/http/text.hpp>

namespace plainsong::http {

namespace {

/// The octets of a head from left to right.
class head_reader {
public:
    explicit head_reader(byte_span head)
        : at_(reinterpret_cast<char*>(head.data())), end_(at_ + head.size()) {
        while (*at_ == '\r') {
            at_ += 2;
        }
    }

    void skip(std::size_t count) { at_ += count; }
    [[nodiscard]] char front() const { return *at_; }

    /// Takes the text before `stop`, and `stop` itself.
    std::string_view take_until(char stop) {
        char* const found = find(at_, stop);
        const std::string_view text{at_, static_cast<std::size_t>(found - at_)};
        at_ = found + 1;
        return text;
    }

    void take_fields(field_list& into) {
        into.clear();
        while (*at_ != '\r') {
            const std::string_view name = take_until(':');
            (void)into.add({name, trim_ows(take_value())});
        }
    }

private:
    [[nodiscard]] char* find(char* from, char stop) const {
        return static_cast<char*>(std::memchr(from, stop, static_cast<std::size_t>(end_ - from)));
    }

    std::string_view take_value() {
        char* line_end = find(at_, '\r');
        while (is_ows(line_end[2])) {  // [9112-5.2-02]
            line_end[0] = line_end[1] = ' ';
            line_end = find(line_end, '\r');
        }
        const std::string_view value{at_, static_cast<std::size_t>(line_end - at_)};
        at_ = line_end + 2;
        return value;
    }

    char* at_;
    char* end_;
};

std::uint8_t digit(char c) {
    return static_cast<std::uint8_t>(c - '0');
}

}  // namespace

void read_head(byte_span head, request_head& out) {
    head_reader reader{head};
    out.method = reader.take_until(' ');
    out.target = reader.take_until(' ');
    reader.skip(7);  // "HTTP/1."
    out.minor_version = digit(reader.front());
    reader.skip(3);  // the digit, CR LF
    reader.take_fields(out.fields);
}

void read_head(byte_span head, response_head& out) {
    head_reader reader{head};
    std::string_view line = reader.take_until('\r');
    reader.skip(1);
    out.major_version = digit(line[5]);
    out.minor_version = digit(line[7]);
    out.status =
        static_cast<std::uint16_t>(digit(line[9]) * 100 + digit(line[10]) * 10 + digit(line[11]));
    out.reason = line.size() > 13 ? behind(line, 13) : std::string_view{};
    reader.take_fields(out.fields);
}

}  // namespace plainsong::http
