// SPDX-License-Identifier: MIT
// explain_stream.cpp — all that one endpoint has sent: perhaps its handshake, then frames.
//
// Used by: tools/explain.  Depends on: tools/explain_head, tools/explain_frame.
#include "tools/explain.hpp"
#include "tools/explain_frame.hpp"
#include "tools/explain_head.hpp"
#include "tools/explain_page.hpp"
#include "tools/formatted.hpp"

namespace plainsong::explain {
namespace {

using tools::formatted;

role sender_of(byte_view frames, sender from, page& out) {
    if (from != sender::unknown) {
        return from == sender::client ? role::client : role::server;
    }
    const bool masked = frames.size() > 1 && (frames[1] & frame_bits::mask) != 0;
    out.line(formatted("The first frame is %s, so the sender is taken for a %s (--from tells it).",
                       masked ? "masked" : "not masked", masked ? "client" : "server"));
    out.line();
    return masked ? role::client : role::server;
}

void sum_up(std::size_t frames, page& out) {
    const std::string text =
        frames == 0 ? "" : formatted("%zu frame%s, ", frames, frames == 1 ? "" : "s");
    out.line(text + (out.broken() == 0 ? std::string("no rule broken")
                                       : formatted("%zu rule%s broken", out.broken(),
                                                   out.broken() == 1 ? "" : "s")));
}

}  // namespace

explanation stream(byte_view octets, sender from, std::string_view key) {
    page out;
    std::size_t at = 0;
    if (is_head(octets)) {
        const head_outcome head = explain_head(octets, key, out);
        out.line();
        from = head.sender == role::client ? sender::client : sender::server;
        at = head.size == 0 ? octets.size() : head.size;
    }
    std::size_t frames = 0;
    if (at < octets.size()) {
        frame_explainer explainer(sender_of(octets.subspan(at), from, out));
        for (std::size_t size = 1; size > 0 && at < octets.size(); at += size) {
            size = explainer.explain(octets.subspan(at), at, out);
            out.line();
        }
        explainer.finish(out);
        frames = explainer.frames();
    }
    sum_up(frames, out);
    return {out.text(), out.broken() == 0};
}

}  // namespace plainsong::explain
