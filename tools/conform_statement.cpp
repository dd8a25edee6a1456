// SPDX-License-Identifier: MIT
// conform_statement.cpp — the grammar of statements; autobahn/README.md tells it in words.
//
// Used by: tools/conform_case_file.  Depends on: tools/conform_statement, tools/conform_phrase.
#include "tools/conform_statement.hpp"

#include <algorithm>
#include <iterator>

#include "tools/conform_beyond.hpp"
#include "tools/conform_blocks.hpp"
#include "tools/conform_corpus.hpp"
#include "tools/conform_phrase.hpp"

namespace plainsong::conform {
namespace {

constexpr std::uint8_t compressed_rsv = 4;

class statement : private phrase {
public:
    statement(std::span<const word> words, conform_case& to, std::string& complaint)
        : phrase(words, complaint), case_(to) {}

    bool send();
    bool head();
    bool part();
    bool wait();
    bool converse();
    bool expect(std::vector<expected_events>& alternatives, std::vector<std::string>& answers);
    bool closed();
    bool patience(patience_end then);
    bool wrong();
    bool rules();
    bool informational();
    bool offer();
    bool answer();
    bool needs();
    bool must_decline();

private:
    bool take_content(step& into);
    bool take_source(step& into);
    bool take_compressed(step& into);
    bool take_writes(step& into);
    bool take_event(expected_event& into);

    conform_case& case_;
};

/// "of 64 from json compressed", or a payload
bool statement::take_source(step& into) {
    if (!accept("of")) {
        return take_payload(into.body) && take_compressed(into);
    }
    if (!take_size(into.message_bytes, "what follows of") || !must("from") ||
        !accept_behind("", into.corpus)) {
        return refuse("of SIZE from CORPUS");
    }
    if (corpus(into.corpus).empty()) {
        return refuse("there is no corpus '" + into.corpus + "'");
    }
    if (into.message_bytes == 0 || corpus_size % into.message_bytes != 0) {
        return refuse("a corpus can't be cut into messages of that size");
    }
    return take_compressed(into);
}

bool statement::take_content(step& into) {
    if (!accept("blocks")) {
        return take_payload(into.body) && take_compressed(into);
    }
    std::string octets;
    const bool fine = take_blocks(*this, octets);
    into.rsv |= compressed_rsv;
    into.body.repeat(std::move(octets), 1);
    return fine;
}

bool statement::take_compressed(step& into) {
    into.compressed = accept("compressed");
    return !into.compressed || (into.opcode < first_control && into.fin && into.rsv == 0) ||
           refuse("only whole messages are compressed");
}

bool statement::take_writes(step& into) {
    while (accept("in")) {
        if (accept("one")) {
            if (!must("frame")) {
                return false;
            }
            continue;
        }
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
        if (!frames && accept("every") && !take_duration(into.pause)) {
            return false;
        }
    }
    into.alone = accept("alone");
    return true;
}

bool statement::send() {
    step made;
    if (!take_opcode(made) || !take_bits(made) || !take_content(made) || !take_writes(made)) {
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
        !take_number_behind("length=", ~std::uint64_t{0}, made.announced, found)) {
        return false;
    }
    if (!found) {
        return refuse("length=N is missing");
    }
    made.unfinished = accept("unfinished");
    if (!take_writes(made)) {
        return false;
    }
    case_.steps.push_back(std::move(made));
    return end();
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
    if (!take_duration(made.pause)) {
        return false;
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
        !take_source(made) || !take_writes(made)) {
        return false;
    }
    if (made.times == 0 || made.opcode == 0 || made.opcode >= first_control) {
        return refuse("a conversation is of one text or binary message or more");
    }
    case_.steps.push_back(std::move(made));
    return end();
}

bool statement::take_event(expected_event& into) {
    if (sees_number() && !take_size(into.times, "the number of messages")) {
        return false;
    }
    for (const event_kind kind : {event_kind::text, event_kind::binary, event_kind::pong,
                                  event_kind::noted, event_kind::echo}) {
        if (!accept(name_of(kind))) {
            continue;
        }
        into.what = kind;
        if (kind == event_kind::echo) {
            return true;
        }
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
    return refuse("what is expected is text, binary, echo, pong, noted or nothing");
}

bool statement::expect(std::vector<expected_events>& alternatives,
                       std::vector<std::string>& answers) {
    if (accept("answer")) {
        for (std::string each; accept_behind("", each);) {
            answers.push_back(each);
        }
        return answers.empty() ? refuse("which answers?") : end();
    }
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
    case_.closed_by_either = accept("either");
    case_.closed_by_tester = case_.closed_by_either || accept("tester");
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
    case_.then = then;
    if (then == patience_end::give_up && !must("up")) {
        return false;
    }
    return must("after") && take_duration(case_.patience) && end();
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
    for (std::string rule; accept_behind("", rule);) {
        case_.rules.push_back(rule);
    }
    return case_.rules.empty() ? refuse("which rules?") : end();
}

bool statement::informational() {
    case_.informational = true;
    return end();
}

bool statement::offer() {
    case_.compression.offer.clear();
    std::string one;
    do {
        if (!accept_text(one)) {
            return refuse("offer \"EXTENSION\", \"EXTENSION\" …");
        }
        std::string& all = case_.compression.offer;
        all += (all.empty() ? "" : ", ") + one;
    } while (accept(","));
    return end();
}

bool statement::answer() {
    deflate_plan& plan = case_.compression;
    if (accept("exactly")) {
        return (accept_text(plan.exact_answer) || refuse("answer exactly \"EXTENSIONS\"")) && end();
    }
    plan.answers.clear();
    do {
        if (!accept_text(plan.answers.emplace_back())) {
            return refuse("answer \"PARAMETERS\", \"PARAMETERS\" …");
        }
    } while (accept(","));
    return end();
}

/// What the tester's own compression needs.
bool statement::needs() {
    deflate_plan& plan = case_.compression;
    if (accept("window")) {
        std::uint64_t least = 0;
        std::uint64_t most = 0;
        if (!take_size(least, "the least window") || !must("to") ||
            !take_size(most, "the largest window")) {
            return false;
        }
        plan.least_bits = static_cast<unsigned>(least);
        plan.most_bits = static_cast<unsigned>(most);
        return end();
    }
    plan.forgets = accept("no");
    return must("takeover") && end();
}

bool statement::must_decline() {
    case_.compression.must_decline = true;
    return must("decline") && end();
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
    {"expect", false,
     [](statement& s, conform_case& to) { return s.expect(to.accepted, to.answers); }},
    {"mention", false,
     [](statement& s, conform_case& to) { return s.expect(to.mentioned, to.tolerable_answers); }},
    {"tolerate", false,
     [](statement& s, conform_case& to) { return s.expect(to.tolerated, to.tolerable_answers); }},
    {"closed", true, [](statement& s, conform_case&) { return s.closed(); }},
    {"give", true, [](statement& s, conform_case&) { return s.patience(patience_end::give_up); }},
    {"close", true, [](statement& s, conform_case&) { return s.patience(patience_end::close); }},
    {"fail", true, [](statement& s, conform_case&) { return s.patience(patience_end::fail); }},
    {"wrong", true, [](statement& s, conform_case&) { return s.wrong(); }},
    {"rules", true, [](statement& s, conform_case&) { return s.rules(); }},
    {"informational", true, [](statement& s, conform_case&) { return s.informational(); }},
    {"offer", true, [](statement& s, conform_case&) { return s.offer(); }},
    {"answer", true, [](statement& s, conform_case&) { return s.answer(); }},
    {"needs", true, [](statement& s, conform_case&) { return s.needs(); }},
    {"must", true, [](statement& s, conform_case&) { return s.must_decline(); }},
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
    const beyond_verb* const other = find_beyond_verb(first);
    return (found != nullptr && found->setting) || (other != nullptr && other->setting);
}

bool add_statement(std::span<const word> words, conform_case& to, std::string& complaint) {
    complaint.clear();
    if (const beyond_verb* const other = find_beyond_verb(words.front())) {
        return other->read(words, to, complaint);
    }
    const verb* const found = find_verb(words.front());
    if (found == nullptr) {
        complaint = "there is no statement '" + words.front().text + "'";
        return false;
    }
    statement one(words, to, complaint);
    return found->read(one, to);
}

}  // namespace plainsong::conform
