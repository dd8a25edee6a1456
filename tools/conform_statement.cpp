// SPDX-License-Identifier: MIT
// conform_statement.cpp — the grammar of statements; autobahn/README.md tells it in words.
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_statement.
#include "tools/conform_statement.hpp"

#include <algorithm>
#include <iterator>

namespace plainsong::conform {
namespace {

struct opcode_name {
    std::string_view name;
    std::uint8_t number;
};

constexpr opcode_name opcodes[] = {{"continuation", 0}, {"text", 1}, {"binary", 2},
                                   {"close", 8},        {"ping", 9}, {"pong", 10}};
constexpr std::uint8_t first_control = 8;

class statement {
public:
    statement(std::span<const word> words, conform_case& to, std::string& complaint)
        : words_(words), case_(to), complaint_(complaint) {}

    bool send();
    bool head();
    bool part();
    bool wait();
    bool converse();
    bool expect(std::vector<expected_events>& alternatives);
    bool closed();
    bool patience(patience_end then);
    bool wrong();
    bool rules();
    bool informational();

private:
    bool refuse(std::string why) {
        if (complaint_.empty()) {
            complaint_ = std::move(why);
        }
        return false;
    }
    [[nodiscard]] bool at_end() const { return at_ == words_.size(); }
    [[nodiscard]] bool sees(std::string_view text) const {
        return !at_end() && !words_[at_].is_quoted && words_[at_].text == text;
    }
    bool accept(std::string_view text) {
        const bool is = sees(text);
        at_ += is ? 1 : 0;
        return is;
    }
    /// Takes one word behind `prefix`, which may be empty.
    bool accept_behind(std::string_view prefix, std::string& rest) {
        if (at_end() || words_[at_].is_quoted || !words_[at_].text.starts_with(prefix)) {
            return false;
        }
        rest = words_[at_++].text.substr(prefix.size());
        return true;
    }
    bool must(std::string_view text) {
        return accept(text) || refuse("'" + std::string(text) + "' is missing");
    }
    bool end() { return at_end() || refuse("'" + words_[at_].text + "' is not understood here"); }
    bool take_size(std::uint64_t& into, std::string_view what);
    bool take_number_behind(std::string_view prefix, std::uint64_t most, std::uint64_t& into,
                            bool& found);
    bool take_opcode(step& into);
    bool take_bits(step& into);
    bool take_payload(payload& into);
    bool take_term(payload& into, bool& found);
    bool take_writes(step& into);
    bool take_event(expected_event& into);

    std::span<const word> words_;
    conform_case& case_;
    std::string& complaint_;
    std::size_t at_ = 1;  // behind the verb
};

bool statement::take_size(std::uint64_t& into, std::string_view what) {
    std::string text;
    return (accept_behind("", text) && read_size(text, into)) ||
           refuse(std::string(what) + " is no size");
}

bool statement::take_number_behind(std::string_view prefix, std::uint64_t most, std::uint64_t& into,
                                   bool& found) {
    std::string text;
    found = accept_behind(prefix, text);
    return !found || (read_size(text, into) && into <= most) ||
           refuse(std::string(prefix) + " takes a number up to " + std::to_string(most));
}

bool statement::take_opcode(step& into) {
    for (const opcode_name& each : opcodes) {
        if (accept(each.name)) {
            into.opcode = each.number;
            return true;
        }
    }
    std::uint64_t number = 0;
    bool found = false;
    if (!take_number_behind("opcode=", 15, number, found)) {
        return false;
    }
    into.opcode = static_cast<std::uint8_t>(number);
    return found || refuse(
                        "no opcode: one of text, binary, continuation, close, ping, pong, "
                        "opcode=N");
}

bool statement::take_bits(step& into) {
    std::uint64_t fin = 1, rsv = 0;
    bool found = false;  // either may be missing
    const bool fine =
        take_number_behind("fin=", 1, fin, found) && take_number_behind("rsv=", 7, rsv, found);
    into.fin = fin == 1;
    into.rsv = static_cast<std::uint8_t>(rsv);
    return fine;
}

bool statement::take_term(payload& into, bool& found) {
    std::string octets;
    std::string text;
    std::uint64_t number = 0;
    found = true;
    if (!at_end() && words_[at_].is_quoted) {
        octets = words_[at_++].text;
    } else if (accept_behind("hex:", text)) {
        if (!read_hex(text, octets)) {
            return refuse("hex: wants pairs of digits");
        }
    } else if (accept_behind("code:", text)) {
        if (!read_size(text, number) || number > 65535) {
            return refuse("code: wants a number up to 65535");
        }
        octets = {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
    } else {
        found = false;
        return true;
    }
    number = octets.size();
    if (accept("x")) {
        if (!take_size(number, "what follows x")) {
            return false;
        }
        number *= octets.size();
    } else if (accept("up")) {
        if (!must("to") || !take_size(number, "what follows up to")) {
            return false;
        }
    }
    if (octets.empty() && number > 0) {
        return refuse("nothing can't be repeated");
    }
    into.fill(std::move(octets), number);
    return true;
}

bool statement::take_payload(payload& into) {
    for (bool more = true; more;) {
        if (!take_term(into, more)) {
            return false;
        }
    }
    return true;
}

bool statement::take_writes(step& into) {
    while (sees("in")) {
        at_ += 1;
        const bool frames = accept("frames");
        if (!frames && !accept("chops")) {
            return refuse("in frames of N, or in chops of N");
        }
        std::uint64_t& size = frames ? into.frame_bytes : into.chop_bytes;
        if (!must("of") || !take_size(size, "what follows of")) {
            return false;
        }
        if (size == 0 || (frames && into.opcode >= first_control)) {
            return refuse("that can't be cut so");
        }
    }
    into.alone = accept("alone");
    return true;
}

bool statement::send() {
    step made;
    if (!take_opcode(made) || !take_bits(made) || !take_payload(made.body) || !take_writes(made)) {
        return false;
    }
    case_.steps.push_back(std::move(made));
    return end();
}

bool statement::head() {
    step made;
    made.what = step_kind::head;
    bool found = false;
    if (!take_opcode(made) || !take_bits(made) ||
        !take_number_behind("length=", std::uint64_t{1} << 30, made.announced, found)) {
        return false;
    }
    case_.steps.push_back(std::move(made));
    return found ? end() : refuse("length=N is missing");
}

bool statement::part() {
    step made;
    made.what = step_kind::part;
    if (!take_payload(made.body)) {
        return false;
    }
    case_.steps.push_back(std::move(made));
    return end();
}

bool statement::wait() {
    step made;
    made.what = step_kind::wait;
    std::string text;
    if (!accept_behind("", text) || !read_duration(text, made.pause)) {
        return refuse("wait wants a duration, such as 500ms or 1s");
    }
    if (accept("then") && (!must("note") || !accept_behind("", made.note))) {
        return refuse("then note NAME");
    }
    case_.steps.push_back(std::move(made));
    return end();
}

bool statement::converse() {
    step made;
    made.what = step_kind::converse;
    if (!take_size(made.times, "the number of messages") || !take_opcode(made) ||
        !take_payload(made.body) || !take_writes(made)) {
        return false;
    }
    if (made.times == 0 || made.opcode == 0 || made.opcode >= first_control) {
        return refuse("a conversation is of one text or binary message or more");
    }
    case_.steps.push_back(std::move(made));
    return end();
}

bool statement::take_event(expected_event& into) {
    if (!at_end() && !words_[at_].text.empty() && words_[at_].text[0] >= '0' &&
        words_[at_].text[0] <= '9' && !take_size(into.times, "the number of messages")) {
        return false;
    }
    for (const event_kind kind :
         {event_kind::text, event_kind::binary, event_kind::pong, event_kind::noted}) {
        if (!accept(name_of(kind))) {
            continue;
        }
        into.what = kind;
        if (kind == event_kind::noted) {
            return accept_behind("", into.note) || refuse("noted NAME");
        }
        if (!accept("of")) {
            return take_payload(into.body);
        }
        std::uint64_t size = 0;
        into.only_size = true;
        if (!take_size(size, "what follows of")) {
            return false;
        }
        into.body.fill("*", size);
        return true;
    }
    return refuse("what is expected is text, binary, pong, noted or nothing");
}

bool statement::expect(std::vector<expected_events>& alternatives) {
    expected_events made;
    if (!accept("nothing")) {
        do {
            made.emplace_back();
            if (!take_event(made.back())) {
                return false;
            }
        } while (accept(","));
    }
    alternatives.push_back(std::move(made));
    return end();
}

bool statement::closed() {
    if (!must("by")) {
        return false;
    }
    case_.closed_by_tester = accept("tester");
    if (!case_.closed_by_tester && !must("peer")) {
        return false;
    }
    if (!must("with")) {
        return false;
    }
    case_.codes.clear();
    case_.cleanly = false;
    while (!at_end() && !(case_.cleanly = accept("cleanly"))) {
        std::uint64_t code = 0;
        if (!take_size(code, "a code") || code > 65535) {
            return refuse("a code is a number up to 65535");
        }
        case_.codes.push_back(static_cast<std::uint16_t>(code));
    }
    return case_.codes.empty() ? refuse("with which codes?") : end();
}

bool statement::patience(patience_end then) {
    std::string text;
    case_.then = then;
    if (then == patience_end::give_up && !must("up")) {
        return false;
    }
    if (!must("after")) {
        return false;
    }
    return (accept_behind("", text) && read_duration(text, case_.patience) &&
            case_.patience.count() > 0)
               ? end()
               : refuse("after wants a duration, such as 500ms or 1s");
}

bool statement::wrong() {
    const bool side = accept("side");
    if (!side && !must("code")) {
        return false;
    }
    (side ? case_.wrong_side_fails : case_.wrong_code_fails) = true;
    return must("fails") && end();
}

bool statement::rules() {
    case_.rules.clear();
    for (; !at_end(); ++at_) {
        case_.rules.push_back(words_[at_].text);
    }
    return !case_.rules.empty() || refuse("which rules?");
}

bool statement::informational() {
    case_.informational = true;
    return end();
}

struct verb {
    std::string_view name;
    bool setting;
    bool (*read)(statement&, conform_case&);
};

constexpr verb verbs[] = {
    {"send", false, [](statement& s, conform_case&) { return s.send(); }},
    {"head", false, [](statement& s, conform_case&) { return s.head(); }},
    {"part", false, [](statement& s, conform_case&) { return s.part(); }},
    {"wait", false, [](statement& s, conform_case&) { return s.wait(); }},
    {"converse", false, [](statement& s, conform_case&) { return s.converse(); }},
    {"expect", false, [](statement& s, conform_case& to) { return s.expect(to.accepted); }},
    {"tolerate", false, [](statement& s, conform_case& to) { return s.expect(to.tolerated); }},
    {"closed", true, [](statement& s, conform_case&) { return s.closed(); }},
    {"give", true, [](statement& s, conform_case&) { return s.patience(patience_end::give_up); }},
    {"close", true, [](statement& s, conform_case&) { return s.patience(patience_end::close); }},
    {"fail", true, [](statement& s, conform_case&) { return s.patience(patience_end::fail); }},
    {"wrong", true, [](statement& s, conform_case&) { return s.wrong(); }},
    {"rules", true, [](statement& s, conform_case&) { return s.rules(); }},
    {"informational", true, [](statement& s, conform_case&) { return s.informational(); }},
};

const verb* find_verb(const word& first) {
    const auto* const found = std::find_if(std::begin(verbs), std::end(verbs), [&](const verb& v) {
        return !first.is_quoted && v.name == first.text;
    });
    return found == std::end(verbs) ? nullptr : found;
}

}  // namespace

bool is_setting(const word& first) {
    const verb* const found = find_verb(first);
    return found != nullptr && found->setting;
}

bool add_statement(std::span<const word> words, conform_case& to, std::string& complaint) {
    complaint.clear();
    const verb* const found = find_verb(words.front());
    if (found == nullptr) {
        complaint = "there is no statement '" + words.front().text + "'";
        return false;
    }
    statement one(words, to, complaint);
    return found->read(one, to);
}

}  // namespace plainsong::conform
