// SPDX-License-Identifier: MIT
// cat_client.cpp — `plainsong cat URL`.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include <plainsong/client.hpp>
#include <plainsong/http/field.hpp>

#include "tools/cat_connection.hpp"
#include "tools/cat_talk.hpp"
#include "tools/tap_stream.hpp"
#include "tools/text_forms.hpp"

namespace plainsong::tools {

namespace {

constexpr duration usual_open_within = std::chrono::seconds(10);
constexpr std::size_t shown_body = 512;

bool is_timeout(error why) {
    return why.code() == error_code::connect_timeout || why.code() == error_code::handshake_timeout;
}

int status_of(const connect_failure& failure) {
    if (is_timeout(failure.why)) {
        return cat_status::timeout;
    }
    return failure.stage == connect_stage::handshake ? cat_status::refused
                                                     : cat_status::unreachable;
}

std::string reason_of(error why) {
    const error_facts& facts = facts_of(why.code());
    const bool is_name =
        why.code() == error_code::name_not_found || why.code() == error_code::name_lookup_failed;
    if (why.number() != 0 && !is_name) {
        return std::strerror(why.number());
    }
    std::string text = std::string(facts.name) + ", expected that " + facts.text;
    return *facts.requirement == '\0' ? text : text + " [" + facts.requirement + ']';
}

class cat_client {
public:
    cat_client(loop& its_loop, const cat_options& options, wire_report& report,
               std::vector<recorded_message> replayed)
        : loop_(its_loop),
          options_(options),
          report_(report),
          talk_(its_loop, options, std::move(replayed),
                {.find = [this] { return client_ == nullptr ? nullptr : client_->current(); },
                 .on_closed = [this](int status) { closed(status); },
                 .on_idle_interrupt = [this] { talk_.screen().die(); }}) {
        report_.note = [this](std::string_view line) { talk_.note(line); };
        for (const auto& [name, value] : options_.fields) {
            fields_.push_back({name, value});
        }
    }

    int run() {
        client_ = std::make_unique<client>(loop_, make_options());
        handlers on = talk_.make_handlers();
        on.on_failure = [this](const connect_failure& failure) { failed(failure); };
        if (auto why = client_->connect(options_.url, std::move(on))) {
            talk_.note("plainsong cat: " + reason_of(why));
            return cat_status::usage;
        }
        loop_.run();
        client_.reset();
        return talk_.status();
    }

private:
    client_options make_options() {
        client_options made;
        made.bounds = talk_.bounds();
        made.open_within = options_.timeout == duration{} ? usual_open_within : options_.timeout;
        made.origin = options_.origin;
        made.authorization = options_.authorization;
        made.fields = fields_;
        made.unix_path = options_.unix_path;
        made.proxy = options_.proxy;
        made.no_proxy = options_.no_proxy;
        made.reconnect.enabled = options_.reconnect;
        if (report_.is_wanted() || options_.bad.any()) {
            made.wrap = [this](stream plain, std::string_view, bool secure) {
                return secure ? stream() : put_on_top(std::move(plain));
            };
        }
        return made;
    }

    stream put_on_top(stream plain) {
        if (report_.is_wanted()) {
            report_.begin();
            plain = tapped(std::move(plain), std::make_unique<wire_witness>(report_, role::client));
        }
        return options_.bad.any() ? mangled(std::move(plain), options_.bad) : std::move(plain);
    }

    void failed(const connect_failure& failure) {
        std::string line = "plainsong cat: ";
        if (failure.status != 0) {
            line += failure.stage == connect_stage::proxy ? "the proxy answered "
                                                          : "the server answered ";
            line += std::to_string(failure.status) + ' ';
            append_shown(line, failure.reason);
            if (failure.status == 101) {
                line += ": " + reason_of(failure.why);
            }
        } else if (failure.stage == connect_stage::handshake) {
            line += "the handshake failed: " + reason_of(failure.why);
        } else {
            line += "cannot connect to " + options_.url;
            line += failure.stage == connect_stage::proxy ? " through the proxy: " : ": ";
            line += reason_of(failure.why);
        }
        talk_.note(line);
        if (const std::string_view body = as_text(failure.body).substr(0, shown_body);
            !body.empty()) {
            std::string shown;
            append_shown(shown, body, true);
            while (shown.ends_with('\n')) {
                shown.pop_back();
            }
            talk_.note(shown);
        }
        if (failure.will_retry) {
            announce_attempt();
        } else {
            talk_.end(status_of(failure));
        }
    }

    // Whether another connection follows is known when this one has been forgotten.
    void closed(int status) {
        latest_ = status;
        judge_clock_.set(loop_.now());
    }

    void judge() {
        if (client_->state() == client_state::waiting && !talk_.is_finished()) {
            announce_attempt();
            return;
        }
        talk_.end(latest_);
    }

    void announce_attempt() {
        char line[64];
        std::snprintf(line, sizeof line, "connecting again in %.1f s",
                      std::chrono::duration<double>(client_->next_attempt() - loop_.now()).count());
        talk_.note(line);
    }

    loop& loop_;
    const cat_options& options_;
    wire_report& report_;
    cat_talk talk_;
    alarm_clock judge_clock_{loop_, [this] { judge(); }};
    std::vector<http::field> fields_;
    std::unique_ptr<client> client_;
    int latest_ = cat_status::clean;
};

}  // namespace

int run_cat_client(loop& its_loop, const cat_options& options, wire_report& report,
                   std::vector<recorded_message> replayed) {
    return cat_client(its_loop, options, report, std::move(replayed)).run();
}

}  // namespace plainsong::tools
