// SPDX-License-Identifier: MIT
// conform_beyond.cpp — see conform_beyond.hpp; autobahn/README.md tells the grammar in words.
//
// Used by: tools/conform_statement.  Depends on: tools/conform_beyond, tools/conform_phrase.
#include "tools/conform_beyond.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tools/conform_phrase.hpp"

namespace plainsong::conform {
namespace {

class statement : private phrase {
public:
    statement(std::span<const word> words, conform_case& to, std::string& complaint)
        : phrase(words, complaint), case_(to) {}

    bool end_sending() { return must("sending") && add(step_kind::end); }
    bool reset() { return add(step_kind::reset); }
    bool stop_reading() { return must("reading") && add(step_kind::stop_reading); }
    bool read_on() { return must("on") && add(step_kind::read_on); }
    bool flood();
    bool once();
    bool measure();
    bool request() { return take_octets(case_.request); }
    bool response() { return take_octets(case_.response); }
    bool reply();
    bool keeps();
    bool without_reset();
    bool linger() { return take_duration(case_.linger) && end(); }
    bool tested();
    bool runs();

private:
    bool add(step_kind what);
    bool take_octets(std::string& into);
    template <typename Kind, std::size_t Size>
    bool take_kind(const std::string_view (&names)[Size], Kind& into, const std::string& complaint);

    conform_case& case_;
};

bool statement::add(step_kind what) {
    step made;
    made.what = what;
    case_.steps.push_back(std::move(made));
    return end();
}

/// A text in which there are \r, \n, \t, \xHH and {{text*N}}: the text N times.
bool statement::take_octets(std::string& into) {
    std::string text;
    if (!accept_text(text)) {
        return refuse("its octets are missing");
    }
    return read_octets(text, into) ? end() : refuse("an escape there has no meaning");
}

bool statement::flood() {
    step made;
    made.what = step_kind::flood;
    if (!take_size(made.times, "the number of frames") || !take_opcode(made) || !take_bits(made) ||
        !take_payload(made.body)) {
        return false;
    }
    case_.steps.push_back(std::move(made));
    return end();
}

/// A flood of nothing.
bool statement::once() {
    step made;
    made.what = step_kind::flood;
    made.times = 0;
    if (!must("sent") || !must("note") || !accept_behind("", made.note)) {
        return refuse("once sent note NAME");
    }
    case_.steps.push_back(std::move(made));
    return end();
}

bool statement::measure() {
    case_.measures = true;
    return must("the") && must("fault") && end();
}

/// By its name, in the order of the enumeration.
template <typename Kind, std::size_t Size>
bool statement::take_kind(const std::string_view (&names)[Size], Kind& into,
                          const std::string& complaint) {
    for (std::size_t at = 0; at < Size; ++at) {
        if (accept(names[at])) {
            into = static_cast<Kind>(at);
            return true;
        }
    }
    return refuse(complaint);
}

bool statement::reply() {
    return take_kind({"close", "end", "nothing", "reset"}, case_.reply,
                     "the reply to a Close is close, end, nothing or reset") &&
           end();
}

bool statement::keeps() {
    return take_kind({"passes", "told", "tolerated", "fails"}, case_.keeps,
                     "keeping passes, is told, tolerated, or fails") &&
           end();
}

bool statement::without_reset() {
    case_.without_reset = true;
    return must("reset") && end();
}

/// Who is tested by the case, if not both.
bool statement::tested() {
    const bool server = accept("servers");
    if (!server && !must("clients")) {
        return false;
    }
    case_.tests = server ? testee::server : testee::client;
    return end();
}

bool statement::runs() {
    case_.apart = true;
    return must("apart") && end();
}

template <bool (statement::*Read)()>
bool read_by(std::span<const word> words, conform_case& to, std::string& complaint) {
    return (statement(words, to, complaint).*Read)();
}

constexpr beyond_verb verbs[] = {
    {"end", false, read_by<&statement::end_sending>},
    {"reset", false, read_by<&statement::reset>},
    {"stop", false, read_by<&statement::stop_reading>},
    {"read", false, read_by<&statement::read_on>},
    {"flood", false, read_by<&statement::flood>},
    {"once", false, read_by<&statement::once>},
    {"request", false, read_by<&statement::request>},
    {"response", false, read_by<&statement::response>},
    {"measure", true, read_by<&statement::measure>},
    {"reply", true, read_by<&statement::reply>},
    {"keeping", true, read_by<&statement::keeps>},
    {"without", true, read_by<&statement::without_reset>},
    {"linger", true, read_by<&statement::linger>},
    {"for", true, read_by<&statement::tested>},
    {"runs", true, read_by<&statement::runs>},
};

}  // namespace

const beyond_verb* find_beyond_verb(const word& first) {
    const auto* const found = std::find_if(
        std::begin(verbs), std::end(verbs),
        [&](const beyond_verb& each) { return !first.is_quoted && each.name == first.text; });
    return found == std::end(verbs) ? nullptr : found;
}

}  // namespace plainsong::conform
