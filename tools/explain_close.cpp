// SPDX-License-Identifier: MIT
// explain_close.cpp — the table of Close codes for people.
//
// Which of them may travel is asked of ws/close.hpp, not written down again.
//
// Used by: tools/explain.  Depends on: tools/explain_close.
#include "tools/explain_close.hpp"

#include <iterator>
#include <string>

#include <plainsong/ws/close.hpp>

#include "tools/explain.hpp"
#include "tools/explain_page.hpp"
#include "tools/explain_text.hpp"

namespace plainsong::explain {
namespace {

constexpr std::string_view both = "client or server";
constexpr std::string_view nobody = "nobody";
constexpr std::string_view registry = "the IANA registry of WebSocket Close codes";

constexpr close_meaning meanings[] = {
    {0, 999, "unused", "not a Close code", nobody, "6455-7.4.2-01", ""},
    {1000, 1000, "normal closure", "what the connection was for is done", both, "6455-7.4.1-02",
     ""},
    {1001, 1001, "going away", "a server goes down, or a browser leaves the page", both,
     "6455-7.4.1-03", ""},
    {1002, 1002, "protocol error", "the peer broke a rule of the protocol", both, "6455-7.4.1-04",
     ""},
    {1003, 1003, "unsupported data", "a type of data came that this endpoint can't accept", both,
     "6455-7.4.1-05", ""},
    {1004, 1004, "reserved", "has no meaning yet", nobody, "6455-7.4.1-06", ""},
    {1005, 1005, "no status received", "reported locally: the peer's Close had no code", nobody,
     "6455-7.4.1-07", ""},
    {1006, 1006, "abnormal closure", "reported locally: the connection ended without a Close",
     nobody, "6455-7.4.1-08", ""},
    {1007, 1007, "invalid data", "what came doesn't fit its type, as text that isn't UTF-8", both,
     "6455-7.4.1-09", ""},
    {1008, 1008, "policy violation", "what came is against the rules of this endpoint", both,
     "6455-7.4.1-10", ""},
    {1009, 1009, "message too big", "the message is too big to be processed", both, "6455-7.4.1-11",
     ""},
    {1010, 1010, "extension needed",
     "the server didn't agree on an extension that the client needs; the reason lists them",
     "a client alone: a server can refuse the handshake", "6455-7.4.1-14", ""},
    {1011, 1011, "internal error", "something unexpected keeps the server from going on", both,
     "6455-7.4.1-15", ""},
    {1012, 1012, "service restart", "the service restarts; come back after a random delay", both,
     "", registry},
    {1013, 1013, "try again later", "the service is overloaded; come back later, or elsewhere",
     both, "", registry},
    {1014, 1014, "bad gateway", "a gateway got an invalid answer from the server behind it", both,
     "", registry},
    {1015, 1015, "TLS failure", "reported locally: the TLS handshake failed", nobody,
     "6455-7.4.1-16", ""},
    {1016, 2999, "unassigned", "kept for the protocol and its extensions; no meaning yet", nobody,
     "6455-7.4.2-02", ""},
    {3000, 3000, "unauthorized", "the endpoint must authenticate first", both, "", registry},
    {3001, 3002, "library or framework", "registered with IANA by whoever uses it", both,
     "6455-7.4.2-03", ""},
    {3003, 3003, "forbidden", "the endpoint may not do this", both, "", registry},
    {3004, 3007, "library or framework", "registered with IANA by whoever uses it", both,
     "6455-7.4.2-03", ""},
    {3008, 3008, "timeout", "the endpoint took too long to answer", both, "", registry},
    {3009, 3999, "library or framework", "registered with IANA by whoever uses it", both,
     "6455-7.4.2-03", ""},
    {4000, 4999, "private", "means what the two programs have agreed on", both, "6455-7.4.2-04",
     ""},
    {5000, 65535, "outside", "no range is defined for it", nobody, "6455-7.4.2-02", ""},
};

}  // namespace

const close_meaning& meaning_of(std::uint32_t code) {
    for (const close_meaning& each : meanings) {
        if (code >= each.first && code <= each.last) {
            return each;
        }
    }
    return meanings[std::size(meanings) - 1];
}

explanation close_code(std::uint32_t code) {
    const close_meaning& known = meaning_of(code);
    const bool travels = code <= 0xFFFF && is_wire_close_code(static_cast<std::uint16_t>(code));
    page out;
    out.line("Close code " + std::to_string(code) + ": " + std::string(known.name));
    out.line();
    out.field("means", known.meaning, "");
    out.field("sent by", known.sender, "");
    if (travels) {
        const std::uint8_t octets[] = {static_cast<std::uint8_t>(code >> 8),
                                       static_cast<std::uint8_t>(code & 0xFF)};
        out.field("on wire", "may stand in a Close frame: 88 02 " + hex(octets, 2), "");
    } else {
        const error_code why = error_code::close_code_invalid;
        out.field(
            "on wire",
            "never stands in a Close frame; who receives it there answers " + answer_to(why) + ",",
            "");
        out.field("", cited(facts_of(why).requirement), "");
    }
    out.field("defined", known.requirement.empty() ? known.source : cited(known.requirement), "");
    const bool page_may = code == plainsong::close_code::normal || (code >= 3000 && code <= 4999);
    out.field("browser",
              page_may ? "a page may pass it to close()"
                       : "close() of a page refuses it: it takes 1000 and 3000 to 4999",
              "");
    return {out.text(), travels};
}

}  // namespace plainsong::explain
