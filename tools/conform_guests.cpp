// SPDX-License-Identifier: MIT
// conform_guests.cpp — a handshake, then a case or a short answer, which is played like a case.
//
// Used by: tools/conform.  Depends on: tools/conform_guests.
#include "tools/conform_guests.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <plainsong/codec/base64.hpp>

#include "tools/conform_json.hpp"
#include "tools/conform_opening.hpp"
#include "tools/conform_report_case.hpp"
#include "tools/conform_words.hpp"

namespace plainsong::conform {
namespace {

constexpr duration opening_time = std::chrono::seconds{5};
constexpr std::size_t longest_head = 16384;
constexpr std::string_view end_of_head = "\r\n\r\n";
constexpr std::uint8_t text_opcode = 1;
constexpr std::uint8_t close_opcode = 8;

/// "a+b%20c" → "a b c"
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string octet;
        if (text[at] == '%' && at + 2 < text.size() && read_hex(text.substr(at + 1, 2), octet) &&
            octet.size() == 1) {
            out += octet;
            at += 2;
        } else {
            out += text[at] == '+' ? ' ' : text[at];
        }
    }
    return out;
}

/// Returns: the value of `name` in "a=1&b=2", "" if it isn't there.
std::string_view parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) {
            return pair.substr(name.size() + 1);
        }
    }
    return {};
}

}  // namespace

std::string answer_with(const std::string& key, std::string response) {
    const std::string right = accept_for(key);
    std::string other_case = right;
    for (char& each : other_case) {
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    }
    std::string other = right;
    other[7] = other[7] == 'A' ? 'B' : 'A';
    std::string nonce(key.size(), ' ');
    auto size = base64_decode(key, {reinterpret_cast<std::uint8_t*>(nonce.data()), nonce.size()});
    nonce.resize(size ? *size : 0);
    const std::pair<std::string_view, std::string> names[] = {{"{ACC}", right},
                                                              {"{acc}", other_case},
                                                              {"{ACC^1}", other},
                                                              {"{ACCRAW}", accept_for(nonce)}};
    for (const auto& [name, value] : names) {
        for (std::size_t at = response.find(name); at != std::string::npos;
             at = response.find(name, at)) {
            response.replace(at, name.size(), value);
        }
    }
    return response;
}

visit read_visit(std::string_view target) {
    struct path {
        std::string_view name;
        visit::kind what;
    };
    constexpr path paths[] = {{"/getCaseCount", visit::kind::count},
                              {"/getCaseInfo", visit::kind::info},
                              {"/getCaseStatus", visit::kind::status},
                              {"/runCase", visit::kind::run},
                              {"/updateReports", visit::kind::update}};
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view query = target.substr(std::min(mark + 1, target.size()));
    visit out;
    for (const path& each : paths) {
        if (target.substr(0, mark) == each.name) {
            out.what = each.what;
        }
    }
    const std::string_view number = parameter(query, "case");
    std::from_chars(number.data(), number.data() + number.size(), out.number);
    out.agent = unescaped(parameter(query, "agent"));
    return out;
}

class guest_house::guest final : private loop_member {
public:
    guest(guest_house& house, stream transport) : house_(house), transport_(std::move(transport)) {
        auto watched = house_.loop_.watch(transport_.descriptor(), interest::read, *this);
        if (watched) {
            token_ = *watched;
            house_.loop_.arm(*this, after(house_.loop_.now(), opening_time));
        } else {
            house_.loop_.bury(*this);
        }
    }
    ~guest() { leave_loop(); }
    guest(const guest&) = delete;
    guest& operator=(const guest&) = delete;

private:
    void on_ready(readiness) override;
    void on_due() override { go(); }
    void on_buried() override { house_.leave(*this); }

    void leave_loop() {
        if (token_) {
            house_.loop_.unwatch(token_);
            token_ = {};
        }
        house_.loop_.cancel(*this);
    }
    void go() {
        leave_loop();
        transport_.close();
        house_.loop_.bury(*this);
    }
    [[nodiscard]] bool answer(std::string_view head);
    void choose_case();
    void begin(std::string_view early);
    void ended(record run);

    guest_house& house_;
    stream transport_;
    watch_token token_;
    std::string request_;
    std::string response_;
    visit asked_;
    deflate_terms terms_;
    const conform_case* case_ = nullptr;
    std::unique_ptr<conform_case> own_case_;  // an answer that is played like a case
    std::unique_ptr<conversation> talk_;
};

void guest_house::guest::on_ready(readiness) {
    const byte_span buffer = house_.loop_.receive_buffer();
    const io_result got = transport_.receive(buffer);
    if (got.status == io_result::kind::would_block) {
        return;
    }
    if (got.status != io_result::kind::done) {
        return go();
    }
    request_ += as_text(buffer.first(got.count));
    const std::size_t end = request_.find(end_of_head);
    if (end == std::string::npos) {
        return request_.size() > longest_head ? go() : void();
    }
    const std::string early = request_.substr(end + end_of_head.size());
    request_.resize(end + end_of_head.size());
    if (!answer(request_)) {
        return go();
    }
    leave_loop();
    begin(early);
}

/// Returns: false if that is no request for a WebSocket.
bool guest_house::guest::answer(std::string_view head) {
    const std::string_view line = head.substr(0, head.find('\r'));
    const std::size_t target = line.find(' ') + 1;
    const std::size_t end = line.find(' ', target);
    const std::string key = field_of(head, "sec-websocket-key");
    if (!line.starts_with("GET ") || end == std::string_view::npos || key.empty()) {
        response_ =
            "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\n"
            "Content-Length: 0\r\n\r\n";
    } else {
        asked_ = read_visit(line.substr(target, end - target));
        choose_case();
        const deflate_plan& plan = case_->compression;
        const std::string offers = field_of(head, "sec-websocket-extensions");
        const std::string extensions = plan.exact_answer.empty()
                                           ? answer_offers(offers, plan.answers, terms_)
                                           : plan.exact_answer;
        response_ =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
            accept_for(key) +
            (extensions.empty() ? "" : "\r\nSec-WebSocket-Extensions: " + extensions) + "\r\n\r\n";
    }
    if (case_ != nullptr && !case_->response.empty()) {
        response_ = answer_with(key, case_->response);
        return true;  // it goes out with what follows it
    }
    // An empty socket takes so little at once.
    const io_slice slice{response_.data(), response_.size()};
    const io_result put = transport_.send({&slice, 1});
    return put.status == io_result::kind::done && put.count == response_.size() && !key.empty();
}

void guest_house::guest::choose_case() {
    const bool runs = asked_.what == visit::kind::run && asked_.number >= 1 &&
                      asked_.number <= house_.cases_.size();
    if (runs) {
        case_ = house_.cases_[asked_.number - 1];
    } else {
        own_case_ = house_.answer_to(asked_);
        case_ = own_case_.get();
    }
}

void guest_house::guest::begin(std::string_view early) {
    conversation_options options = house_.options_;
    options.is_client = false;
    talk_ = std::make_unique<conversation>(house_.loop_, *case_, options);
    talk_->agree(terms_);
    if (!case_->response.empty()) {
        talk_->preface(response_);
    }
    talk_->start(std::move(transport_), early, [this](record run) { ended(std::move(run)); });
}

void guest_house::guest::ended(record run) {
    if (own_case_ == nullptr) {
        run.request = request_;
        run.response = response_;
        run.started = utc_now();
        if (!case_->response.empty() && run.octets_received.empty() &&
            run.end != connection_end::none) {
            run.answer = "refused";
        }
        house_.status_[{asked_.agent, asked_.number}] =
            house_.handlers_.on_result(asked_.agent, *case_, run);
    } else if (asked_.what == visit::kind::update) {
        house_.handlers_.on_update(asked_.agent);
    }
    house_.loop_.bury(*this);
}

guest_house::guest_house(loop& its_loop, std::vector<const conform_case*> cases,
                         const conversation_options& options, host_handlers handlers)
    : loop_(its_loop),
      cases_(std::move(cases)),
      options_(options),
      handlers_(std::move(handlers)),
      door_(its_loop) {}

guest_house::~guest_house() = default;

error guest_house::listen(const address& where) {
    return door_.listen(
        where, {}, [this](stream transport, const address&) { welcome(std::move(transport)); });
}

void guest_house::welcome(stream transport) {
    guests_.push_back(std::make_unique<guest>(*this, std::move(transport)));
}

void guest_house::leave(guest& gone) {
    std::erase_if(guests_, [&gone](const auto& each) { return each.get() == &gone; });
}

/// A text, if there is one to be told, and a Close.
std::unique_ptr<conform_case> guest_house::answer_to(const visit& asked) {
    std::string text;
    const bool is_case = asked.number >= 1 && asked.number <= cases_.size();
    if (asked.what == visit::kind::count) {
        text = std::to_string(cases_.size());
    } else if (asked.what == visit::kind::info && is_case) {
        const conform_case& one = *cases_[asked.number - 1];
        text = "{\"id\": " + json_string(one.id) + ", \"description\": " + json_string(one.title) +
               "}";
    } else if (asked.what == visit::kind::status && is_case) {
        const auto known = status_.find({asked.agent, asked.number});
        text = known == status_.end() ? "" : "{\"behavior\": " + json_string(known->second) + "}";
    }
    auto made = std::make_unique<conform_case>();
    made->accepted.emplace_back();
    made->codes = {1000};
    made->patience = milliseconds(1000);
    step one;
    if (!text.empty()) {
        one.opcode = text_opcode;
        one.body.fill(text, text.size());
        made->steps.push_back(one);
    }
    step last;
    last.opcode = close_opcode;
    last.body.fill("\x03\xe8", 2);
    made->steps.push_back(last);
    return made;
}

}  // namespace plainsong::conform
