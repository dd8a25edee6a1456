// SPDX-License-Identifier: MIT
// interop_server.cpp — the server that real clients are let loose on.
//
// Usage: interop-server DIRECTORY
//
// Does: echo, count, stream, ping and close as its paths say; tell on /log?tag=T how the session with
// that tag ended as this side saw it, as soon as it has; tell on /counts how many bytes there were; hand
// out what a browser needs from DIRECTORY.
// Prints the URLs of two servers when they are ready: the first takes pages of every origin, the
// second only its own.  Ends on SIGINT or SIGTERM.
// Used by: run.mjs.
#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include <plainsong/server.hpp>

namespace ws = plainsong;

namespace {

constexpr std::uint64_t large_bytes = 64 << 20;

ws::limits limits_with(std::uint64_t message_bytes) {
    ws::limits bounds;
    bounds.frame_bytes = bounds.message_bytes = message_bytes;
    bounds.outbox_bytes = 2 * large_bytes;
    bounds.outbox_messages = 1 << 20;
    return bounds;
}

// ---- how sessions ended --------------------------------------------------------------------------

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c >= 0 && c < ' ' ? ' ' : c;
    }
    return out + '"';
}

/// What is known about the sessions that came with `?tag=`.
class close_log {
public:
    /// The tag in `query`, kept for as long as this lives; nullptr if there is none.
    const std::string* tag_in(std::string_view query) {
        constexpr std::string_view name = "tag=";
        if (!query.starts_with(name)) {
            return nullptr;
        }
        return &*tags_.emplace(query.substr(name.size())).first;
    }

    void add(const std::string& tag, std::string_view subprotocol, const ws::close_record& record,
             ws::server& its_server) {
        std::string line = "{\"code\": " + std::to_string(record.code) +
                           ", \"reason\": " + quoted(record.reason) +
                           ", \"clean\": " + (record.clean ? "true" : "false") +
                           ", \"sent\": " + std::to_string(record.sent_code) +
                           ", \"subprotocol\": " + quoted(subprotocol) + "}";
        const auto waiting = waiting_.find(tag);
        if (waiting == waiting_.end()) {
            ended_[tag] = std::move(line);
        } else {
            its_server.send_text(waiting->second, line);
            waiting_.erase(waiting);
        }
    }

    /// Tells `listener` about the end of the session with `tag`, now or when it comes.
    void tell(ws::session& listener, const std::string& tag) {
        const auto ended = ended_.find(tag);
        if (ended == ended_.end()) {
            waiting_[tag] = listener.id();
        } else {
            listener.send_text(ended->second);
            ended_.erase(ended);
        }
    }

private:
    std::set<std::string> tags_;
    std::map<std::string, std::string> ended_;
    std::map<std::string, ws::session_id> waiting_;
};

// ---- the paths -----------------------------------------------------------------------------------

void count_up(ws::session& s, ws::message m) {
    unsigned last = 0;
    std::from_chars(m.text().data(), m.text().data() + m.text().size(), last);
    for (unsigned i = 0; i < last && s.send_text(std::to_string(i)); ++i) {
    }
}

// "CODE" or "CODE REASON"
void close_as_told(ws::session& s, ws::message m) {
    const std::string_view text = m.text();
    std::uint16_t code = 0;
    const auto [rest, why] = std::from_chars(text.data(), text.data() + text.size(), code);
    const auto used = static_cast<std::size_t>(rest - text.data());
    s.close(code, text.substr(std::min(text.size(), used + 1)));
}

// "ping PAYLOAD"
void ping_as_told(ws::session& s, ws::message m) {
    constexpr std::string_view command = "ping ";
    if (m.text().starts_with(command)) {
        s.ping(m.payload.subspan(command.size()));
    }
}

// The cuts fall inside of characters as they please.
void answer_in_fragments(ws::session& s, ws::message m) {
    const std::size_t third = m.payload.size() / 3;
    const bool all_taken = s.send_begin(m.type) && s.send_part(m.payload.first(third)) &&
                           s.send_part(m.payload.subspan(third, third)) &&
                           s.send_part(m.payload.subspan(2 * third)) && s.send_end();
    if (!all_taken) {
        s.terminate();
    }
}

void answer_either_way(ws::session& s, ws::message m) {
    if (m.payload.size() % 4 == 3) {
        answer_in_fragments(s, m);
    } else {
        s.send(m);
    }
}

// Of bytes of frames, and of what was left of messages by compression.
void tell_counts(ws::session& s) {
    const ws::metrics_snapshot seen = s.owner().snapshot();
    s.send_text("{\"received\": " + std::to_string(seen.bytes_received) +
                ", \"sent\": " + std::to_string(seen.bytes_sent) +
                ", \"inflated\": " + std::to_string(seen.inflate_bytes_in) +
                ", \"deflated\": " + std::to_string(seen.deflate_bytes_out) + "}");
}

void set_tag(ws::upgrade& u, const std::string* tag) {
    u.set_data(const_cast<std::string*>(tag));
}

const std::string* tag_of(const ws::session& s) {
    return static_cast<const std::string*>(s.data());
}

/// `served`, with the end of each session noted in `log`.
ws::handlers logged(close_log& log, ws::handlers served) {
    served.on_upgrade = [&log](ws::upgrade& u) { set_tag(u, log.tag_in(u.query())); };
    served.on_close = [&log](ws::session& s, const ws::close_record& record) {
        if (const std::string* tag = tag_of(s)) {
            log.add(*tag, s.subprotocol(), record, s.owner());
        }
    };
    return served;
}

/// A route for all terms that a client may want to be asked for.
void add_compressed_routes(ws::server& to) {
    for (unsigned all = 0; all < 8 * 8 * 4; ++all) {
        ws::compression_options compression = ws::permessage_deflate();
        compression.least_bytes = 64;
        ws::deflate_parameters& terms = compression.parameters;
        terms.server_max_window_bits = static_cast<std::uint8_t>(8 + all % 8);
        terms.client_max_window_bits = static_cast<std::uint8_t>(8 + all / 8 % 8);
        terms.server_no_context_takeover = (all & 64U) != 0;
        terms.client_no_context_takeover = (all & 128U) != 0;
        const auto word = [](bool forgets) { return forgets ? "-forget" : "-keep"; };
        to.route("/deflate/" + std::to_string(terms.server_max_window_bits) + '-' +
                     std::to_string(terms.client_max_window_bits) +
                     word(terms.server_no_context_takeover) +
                     word(terms.client_no_context_takeover),
                 {.on_message = answer_either_way, .compression = compression});
    }
}

void add_routes(ws::server& to, close_log& log) {
    const auto echo = [](ws::session& s, ws::message m) { s.send(m); };
    to.route("/echo", logged(log, {.on_message = echo}));
    to.route("/small", logged(log, {.on_message = echo}), limits_with(1024));
    to.route("/count", logged(log, {.on_message = count_up}));
    to.route("/close", logged(log, {.on_message = close_as_told}));
    to.route("/streamed", logged(log, {.on_message = answer_in_fragments}));
    to.route("/ping", logged(log, {.on_message = ping_as_told,
                                   .on_pong = [](ws::session& s, ws::byte_view payload) {
                                       s.send_text("pong " + std::string(ws::as_text(payload)));
                                   }}));
    to.route("/subprotocol",
             logged(log, {.subprotocols = "superchat",
                          .on_open = [](ws::session& s) { s.send_text(s.subprotocol()); }}));
    to.route("/counts", {.on_open = tell_counts});
    add_compressed_routes(to);
    to.route("/refuse", {.on_upgrade = [](ws::upgrade& u) { u.refuse(401, "Not you.\n"); }});
    to.route("/log", {.on_upgrade = [&log](ws::upgrade& u) { set_tag(u, log.tag_in(u.query())); },
                      .on_open =
                          [&log](ws::session& s) {
                              if (const std::string* tag = tag_of(s)) {
                                  log.tell(s, *tag);
                              }
                          }});
}

/// Returns: whether every file is there.
bool add_files(ws::server& to, const std::string& directory) {
    for (const std::string name :
         {"/clients/browser.html", "/clients/browser.mjs", "/suite.mjs", "/compression.mjs"}) {
        std::ifstream file(directory + name, std::ios::binary);
        std::ostringstream text;
        text << file.rdbuf();
        if (text.view().empty()) {
            std::fprintf(stderr, "interop-server: cannot read %s%s\n", directory.c_str(),
                         name.c_str());
            return false;
        }
        to.page(name, name.ends_with(".html") ? "text/html; charset=utf-8" : "text/javascript",
                text.view());
    }
    return true;
}

// ---- the process ---------------------------------------------------------------------------------

ws::loop* loop_to_stop = nullptr;

void stop_on_signals(ws::loop& its_loop) {
    loop_to_stop = &its_loop;
    struct sigaction action {};
    action.sa_handler = [](int) { loop_to_stop->stop(); };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: interop-server DIRECTORY\n");
        return 2;
    }
    ws::loop loop;
    close_log log;
    ws::server open(loop, {.bounds = limits_with(large_bytes),
                           .origin = {.which = ws::origin_policy::rule::any}});
    ws::server guarded(loop, {.bounds = limits_with(large_bytes)});
    for (ws::server* each : {&open, &guarded}) {
        add_routes(*each, log);
        if (!add_files(*each, argv[1])) {
            return 1;
        }
        if (const auto why = each->listen({})) {
            return ws::report(why);
        }
    }
    stop_on_signals(loop);
    std::printf("listening on ws://127.0.0.1:%u/\nguarded on ws://127.0.0.1:%u/\n",
                static_cast<unsigned>(open.port()), static_cast<unsigned>(guarded.port()));
    std::fflush(stdout);
    const int status = loop.run();
    open.stop(std::chrono::seconds(5));
    guarded.stop(std::chrono::seconds(5));
    return status;
}
