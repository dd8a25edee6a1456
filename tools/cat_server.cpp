// SPDX-License-Identifier: MIT
// cat_server.cpp — `plainsong cat --listen`.
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <plainsong/net/listener.hpp>
#include <plainsong/server.hpp>

#include "tools/cat_connection.hpp"
#include "tools/cat_talk.hpp"
#include "tools/tap_stream.hpp"
#include "tools/text_forms.hpp"

namespace plainsong::tools {

namespace {

constexpr std::uint16_t busy = 503;

class cat_server {
public:
    cat_server(loop& its_loop, const cat_options& options, wire_report& report,
               std::vector<recorded_message> replayed)
        : loop_(its_loop),
          options_(options),
          report_(report),
          talk_(its_loop, options, std::move(replayed),
                {.find = [this] { return server_.find(peer_); },
                 .on_closed = [this](int status) { closed(status); },
                 .on_idle_interrupt = [this] { talk_.end(cat_status::clean); }}),
          origins_{options.origin},
          server_(its_loop, make_options()),
          listener_(its_loop) {
        report_.note = [this](std::string_view line) { talk_.note(line); };
    }

    int run() {
        handlers on = talk_.make_handlers();
        on.on_upgrade = [this](upgrade& request) { judge(request); };
        auto opened = std::move(on.on_open);
        on.on_open = [this, opened = std::move(opened)](session& s) mutable {
            peer_ = s.id();
            is_busy_ = true;
            opened(s);
        };
        server_.route("*", std::move(on));
        const bool is_path = !options_.listen_path.empty();
        auto where = is_path ? address::unix_path(options_.listen_path)
                             : address::parse(options_.listen_host, options_.listen_port);
        const error why = where ? listener_.listen(*where, {.remove_stale_socket = true},
                                                   [this](stream plain, const address& peer) {
                                                       take(std::move(plain), peer);
                                                   })
                                : where.why();
        if (why) {
            const error_facts& facts = facts_of(why.code());
            talk_.note(std::string("plainsong cat: cannot listen: ") +
                       (why.number() != 0 ? std::strerror(why.number()) : facts.name));
            return cat_status::unreachable;
        }
        const address bound = is_path ? *where : listener_.bound();
        talk_.note((is_path ? "listening on " : "listening on ws://") + std::string(bound.text()) +
                   (is_path ? "" : "/"));
        loop_.run();
        listener_.close();
        return talk_.status();
    }

private:
    server_options make_options() {
        server_options made;
        made.bounds = talk_.bounds();
        made.accept_ws_target = true;
        made.health_path = made.metrics_path = "";
        made.origin.which =
            options_.origin.empty() ? origin_policy::rule::any : origin_policy::rule::list;
        made.origin.allowed =
            options_.origin.empty() ? std::span<const std::string_view>{} : std::span(origins_);
        if (options_.verbose) {
            made.log = [this](const log_record& record) {
                const error_facts& facts = facts_of(record.why.code);
                talk_.note(std::string(record.peer.text()) + ": " + facts.name +
                           ", expected that " + facts.text);
            };
        }
        return made;
    }

    void take(stream plain, const address& peer) {
        if (report_.is_wanted()) {
            report_.begin();
            plain = tapped(std::move(plain), std::make_unique<wire_witness>(report_, role::server));
        }
        if (options_.bad.any()) {
            plain = mangled(std::move(plain), options_.bad);
        }
        if (auto why = server_.adopt(std::move(plain), peer)) {
            talk_.note(std::string("plainsong cat: ") + facts_of(why.code()).name);
        }
    }

    void judge(upgrade& request) {
        if (is_busy_ || talk_.is_finished()) {
            request.refuse(busy, "one peer at a time\n");
            return;
        }
        for (const auto& [name, value] : options_.fields) {
            if (request.add_field(name, value)) {
                talk_.note("plainsong cat: the field " + name + " cannot be sent");
            }
        }
    }

    void closed(int status) {
        is_busy_ = false;
        peer_ = {};
        const bool had_all = talk_.screen().input_has_ended() && !options_.no_close;
        if (talk_.is_finished() || had_all || options_.once || !options_.replay_file.empty()) {
            talk_.end(status);
        }
    }

    loop& loop_;
    const cat_options& options_;
    wire_report& report_;
    cat_talk talk_;
    std::string_view origins_[1];
    session_id peer_{};
    bool is_busy_ = false;
    server server_;  // these two call back to what stands above
    listener listener_;
};

}  // namespace

int run_cat_server(loop& its_loop, const cat_options& options, wire_report& report,
                   std::vector<recorded_message> replayed) {
    return cat_server(its_loop, options, report, std::move(replayed)).run();
}

}  // namespace plainsong::tools
