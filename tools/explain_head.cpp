// SPDX-License-Identifier: MIT
// explain_head.cpp — lines of a head, and what they mean.
//
// Used by: tools/explain_stream.  Depends on: tools/explain_head, tools/explain_judge.
#include "tools/explain_head.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/head_parser.hpp>

#include "tools/explain_judge.hpp"
#include "tools/explain_text.hpp"
#include "tools/formatted.hpp"

namespace plainsong::explain {
namespace {

using tools::formatted;

constexpr std::size_t line_shown = 200;

struct field_meaning {
    std::string_view name;
    std::string_view meaning;
    std::string_view requirement;
};

constexpr field_meaning of_request[] = {
    {"Host", "the host that is asked: a server may be several", "6455-4.2.1-07"},
    {"Upgrade", "asks to go on in this protocol", "6455-4.2.1-08"},
    {"Connection", "names the fields that are for the next hop alone, Upgrade among them",
     "6455-4.2.1-09"},
    {"Sec-WebSocket-Key", "16 random octets in Base64, which the answer must prove to have read",
     "6455-4.2.1-10"},
    {"Sec-WebSocket-Version", "the version of the protocol; that of RFC 6455 is 13",
     "6455-4.2.1-11"},
    {"Sec-WebSocket-Protocol", "subprotocols that the client speaks, the preferred one first",
     "6455-4.2.1-14"},
    {"Sec-WebSocket-Extensions", "extensions that the client offers, the preferred one first",
     "6455-4.3-03"},
    {"Origin", "the page that asks; browsers send it, and a server may judge by it",
     "6455-4.2.1-12"},
    {"Content-Length", "announces a body, which an upgrade has none of", "9112-6.3-01"},
    {"Transfer-Encoding", "announces a body, which an upgrade has none of", "9112-7.1-01"},
};

constexpr field_meaning of_answer[] = {
    {"Upgrade", "goes on in this protocol", "6455-4.2.2-19"},
    {"Connection", "names the fields that are for the next hop alone, Upgrade among them",
     "6455-4.2.2-20"},
    {"Sec-WebSocket-Accept", "proves that the server has read the key", "6455-4.2.2-21"},
    {"Sec-WebSocket-Protocol", "the subprotocol that the server has chosen", "6455-4.2.2-22"},
    {"Sec-WebSocket-Extensions", "the extensions that the server has accepted", "6455-4.2.2-23"},
};

constexpr std::string_view needed_in_request[] = {"Host", "Upgrade", "Connection",
                                                  "Sec-WebSocket-Key", "Sec-WebSocket-Version"};
constexpr std::string_view needed_in_answer[] = {"Upgrade", "Connection", "Sec-WebSocket-Accept"};

bool starts_with(byte_view in, std::string_view text) {
    return as_text(in.first(std::min(in.size(), text.size()))) == text;
}

/// As it is, but for octets that a terminal should not get.
std::string shown_line(std::string_view line) {
    const std::string text = quoted(as_bytes(line), line_shown);
    const bool as_it_is = text == '"' + std::string(line) + '"';
    return as_it_is ? std::string(line) : text;
}

/// The head while it is explained.
class explainer {
public:
    explainer(byte_view head, const field_judge& judge, page& out)
        : text_(as_text(head)), judge_(judge), out_(out) {}

    void explain();

private:
    [[nodiscard]] const field_meaning* find(std::string_view name) const;
    void explain_start_line(std::string_view line);
    void explain_field(std::string_view line);
    void explain_missing();
    bool is_first(std::string_view name);

    std::string_view text_;
    const field_judge& judge_;
    page& out_;
    std::vector<std::string> seen_;
};

const field_meaning* explainer::find(std::string_view name) const {
    const auto search = [name](auto& table) -> const field_meaning* {
        for (const field_meaning& each : table) {
            if (equals_ignoring_case(each.name, name)) {
                return &each;
            }
        }
        return nullptr;
    };
    return judge_.is_request() ? search(of_request) : search(of_answer);
}

bool explainer::is_first(std::string_view name) {
    const bool known = std::any_of(seen_.begin(), seen_.end(), [name](const std::string& each) {
        return equals_ignoring_case(each, name);
    });
    if (!known) {
        seen_.emplace_back(name);
    }
    return !known;
}

void explainer::explain_start_line(std::string_view line) {
    out_.line("  " + shown_line(line));
    const error_code why = judge_.judge_start_line();
    if (judge_.is_request()) {
        out_.note("GET, a resource, and HTTP/1.1 or higher");
    } else {
        out_.note(why == error_code::none ? "101: the server goes over to WebSocket"
                                          : "any status but 101: this stays HTTP");
    }
    if (why != error_code::none) {
        out_.breaks(why);
    } else {
        out_.keeps(judge_.is_request() ? "6455-4.2.1-05" : "6455-4.2.2-18");
    }
}

void explainer::explain_field(std::string_view line) {
    const std::string_view name = line.substr(0, line.find(':'));
    out_.line("  " + shown_line(line));
    const field_meaning* known = find(name);
    if (known == nullptr) {
        out_.note("not the handshake's concern");
        return;
    }
    out_.note(known->meaning);
    if (!is_first(name)) {
        return out_.note("(judged together with the line of the same name)");
    }
    const error_code why = judge_.judge_field(known->name);
    why != error_code::none ? out_.breaks(why) : out_.keeps(known->requirement);
    judge_.explain_value(known->name, out_);
}

void explainer::explain_missing() {
    const auto look = [this](auto& names) {
        for (const std::string_view each : names) {
            if (is_first(each)) {
                out_.line("  (no " + std::string(each) + ")");
                const error_code why = judge_.judge_field(each);
                if (why != error_code::none) {
                    out_.breaks(why);
                }
            }
        }
    };
    judge_.is_request() ? look(needed_in_request) : look(needed_in_answer);
}

void explainer::explain() {
    bool is_start = true;
    std::string_view rest = text_;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 2);
        if (line.empty()) {
            continue;  // before the start line, or at the end
        }
        is_start ? explain_start_line(line) : explain_field(line);
        is_start = false;
    }
    explain_missing();
}

/// The parser has refused it, or waits for more of it.
void explain_unfinished(byte_view in, const http::head_step& step, page& out) {
    if (step.status == http::head_step::kind::need_more) {
        out.line("The octets end inside of this head.");
        return;
    }
    const auto at = static_cast<std::size_t>(step.why.offset);
    const std::size_t begin = at - std::min<std::size_t>(at, 20);
    out.line(
        formatted("  octet %zu is wrong, behind %s: %s", at,
                  quoted(in.subspan(begin, at - begin), 40).c_str(),
                  quoted(in.subspan(at, std::min<std::size_t>(in.size() - at, 20)), 20).c_str()));
    out.breaks(step.why.code);
}

}  // namespace

bool is_head(byte_view in) {
    if (starts_with(in, "HTTP/")) {
        return true;
    }
    const std::string_view text = as_text(in.first(std::min<std::size_t>(in.size(), 16)));
    const std::size_t blank = text.find(' ');
    return blank != std::string_view::npos && blank > 0 &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(blank), is_upper);
}

head_outcome explain_head(byte_view in, std::string_view key, page& out) {
    head_outcome made;
    made.sender = starts_with(in, "HTTP/") ? role::server : role::client;
    const bool is_request = made.sender == role::client;
    http::head_parser parser(is_request ? http::head_kind::request : http::head_kind::response);
    const http::head_step step = parser.feed(in, http::head_limits{});
    const char* what = is_request ? "request" : "answer";
    if (step.status != http::head_step::kind::done) {
        out.line(formatted("Head of the %s, from octet 0", what));
        out.line();
        explain_unfinished(in, step, out);
        made.is_cut = step.status == http::head_step::kind::need_more;
        return made;
    }
    out.line(formatted("Head of the %s, octets 0 to %zu", what, step.size - 1));
    out.line();
    const byte_view head = in.first(step.size);
    const field_judge judge(head, is_request, key);
    explainer(head, judge, out).explain();
    made.size = step.size;
    return made;
}

}  // namespace plainsong::explain
