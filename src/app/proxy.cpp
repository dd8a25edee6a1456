// SPDX-License-Identifier: MIT
// proxy.cpp — the two dialogs.
//
// Each octet is judged when it comes, so that no verdict depends on how the answer was cut.
#include <iterator>

#include <plainsong/app/credentials.hpp>
#include <plainsong/base/contract.hpp>
#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/url.hpp>
#include <plainsong/http/writer.hpp>
#include <plainsong/net/address.hpp>

#include "src/app/proxy.hpp"

namespace plainsong {

namespace {

constexpr std::uint8_t most_interim_answers = 8;

// SOCKS: octets with a meaning (RFC 1928, RFC 1929).
constexpr std::uint8_t socks_version = 5;
constexpr std::uint8_t login_version = 1;
constexpr std::uint8_t no_login = 0;
constexpr std::uint8_t login_by_password = 2;
constexpr std::uint8_t no_acceptable_method = 0xFF;
constexpr std::uint8_t command_connect = 1;
constexpr std::uint8_t address_is_ipv4 = 1;
constexpr std::uint8_t address_is_name = 3;
constexpr std::uint8_t address_is_ipv6 = 4;
constexpr std::size_t longest_text = 255;  // its length is one octet

char as_char(std::size_t octet) {
    return static_cast<char>(static_cast<std::uint8_t>(octet));
}

/// A number, or the only name that net/address takes for one.
result<address> literal_address(std::string_view host) {
    return host == "localhost" ? result<address>{error{error_code::no_such_address}}
                               : address::parse(host, 0);
}

/// RFC 7617 §2: a colon in the user's name would end it.
bool are_credentials(std::string_view user, std::string_view password) {
    const auto has_control = [](std::string_view text) {
        for (const char c : text) {
            if (is_control(c)) {
                return true;
            }
        }
        return false;
    };
    return user.find(':') == std::string_view::npos && !has_control(user) && !has_control(password);
}

/// Port, and host by its type.  Returns: "" for a host that has no form.
std::string socks_address(proxy_target target) {
    std::string out;
    auto literal = literal_address(target.host);
    if (literal) {
        const std::string_view octets = as_text(literal->host_bytes());
        out += as_char(octets.size() == 4 ? address_is_ipv4 : address_is_ipv6);
        out += octets;
    } else if (!target.host.empty() && target.host.size() <= longest_text) {
        out += as_char(address_is_name);
        out += as_char(target.host.size());
        out += target.host;
    } else {
        return out;
    }
    out += as_char(target.port >> 8);
    out += as_char(target.port & 0xFF);
    return out;
}

error_code error_of_reply(std::uint8_t reply) {
    constexpr error_code errors[] = {error_code::none,
                                     error_code::socks_general_failure,
                                     error_code::socks_not_allowed,
                                     error_code::socks_network_unreachable,
                                     error_code::socks_host_unreachable,
                                     error_code::socks_connection_refused,
                                     error_code::socks_ttl_expired,
                                     error_code::socks_command_unknown,
                                     error_code::socks_address_unknown};
    return reply < std::size(errors) ? errors[reply] : error_code::socks_general_failure;
}

}  // namespace

proxy_dialog::proxy_dialog(proxy_kind kind, proxy_target target, std::string_view user,
                           std::string_view password) {
    switch (kind) {
        case proxy_kind::none:
            return;
        case proxy_kind::http:
            ask_http(target, user, password);
            return;
        case proxy_kind::socks5:
            ask_socks(target, user, password);
            return;
    }
}

void proxy_dialog::output_sent(std::size_t count) {
    PLAINSONG_REQUIRE(count <= output_.size() - sent_);
    sent_ += count;
}

proxy_dialog::step proxy_dialog::receive(byte_view in) {
    std::size_t taken = 0;
    while (state_ < state::open && taken < in.size()) {
        if (state_ == state::http_head) {
            taken += take_http(in.subspan(taken));
        } else {
            take_socks(in[taken++]);
        }
    }
    if (state_ == state::open && taken < in.size()) {
        fail(error_code::proxy_spoke_first);
    }
    return told(taken);
}

proxy_dialog::step proxy_dialog::end() {
    if (state_ < state::open) {
        fail(error_code::proxy_ended);
    }
    return told(0);
}

proxy_dialog::step proxy_dialog::told(std::size_t taken) const {
    const step::kind status = state_ == state::open     ? step::kind::open
                              : state_ == state::failed ? step::kind::failed
                                                        : step::kind::need_more;
    return {status, taken, why_, status_code_};
}

void proxy_dialog::send(std::string_view octets) {
    output_.erase(0, sent_);
    sent_ = 0;
    output_ += octets;
}

void proxy_dialog::move_to(state next) {
    state_ = next;
    at_ = 0;
}

void proxy_dialog::fail(error_code why) {
    state_ = state::failed;
    why_ = why;
    output_.clear();
    sent_ = 0;
}

// ---- HTTP CONNECT (RFC 9110 §9.3.6)

void proxy_dialog::ask_http(proxy_target target, std::string_view user, std::string_view password) {
    const bool is_ipv6 = target.host.find(':') != std::string_view::npos;
    std::string authority =
        is_ipv6 ? '[' + std::string(target.host) + ']' : std::string(target.host);
    authority += ':' + std::to_string(target.port);
    http::authority parts;
    if (!http::parse_authority(authority, parts) || !are_credentials(user, password)) {
        return fail(error_code::proxy_target_not_sendable);
    }
    const std::string credentials = user.empty() ? "" : basic_authorization(user, password);
    constexpr std::size_t around = 100;  // more than all other parts of the request together
    output_.resize(2 * authority.size() + credentials.size() + around);
    http::writer out{{reinterpret_cast<std::uint8_t*>(output_.data()), output_.size()}};
    out.request_line("CONNECT", authority).add("Host", authority);
    if (!user.empty()) {
        out.add("Proxy-Authorization", credentials);
    }
    auto size = out.end_head().finish();
    if (!size) {
        return fail(error_code::proxy_target_not_sendable);
    }
    output_.resize(*size);
    move_to(state::http_head);
}

/// Returns: how much was taken, at least one octet.
std::size_t proxy_dialog::take_http(byte_view in) {
    const std::size_t before = input_.size();
    input_ += as_text(in);
    const http::head_step head = parser_.feed(as_bytes(input_), {});
    switch (head.status) {
        case http::head_step::kind::need_more:
            return in.size();
        case http::head_step::kind::failed:
            fail(error_code::proxy_answer_malformed);
            return in.size();
        case http::head_step::kind::done:
            break;
    }
    input_.resize(head.size);
    take_http_head();
    return head.size - before;
}

void proxy_dialog::take_http_head() {
    http::response_head head;
    http::read_head({reinterpret_cast<std::uint8_t*>(input_.data()), input_.size()}, head);
    status_code_ = head.status;
    if (head.major_version != 1 || head.status < 100) {
        return fail(error_code::proxy_answer_malformed);
    }
    if (head.status < 200 && head.status != 101) {
        input_.clear();
        parser_ = http::head_parser{http::head_kind::response};
        if (++interim_ > most_interim_answers) {
            fail(error_code::proxy_answer_malformed);
        }
        return;
    }
    if (head.status == 407) {
        return fail(error_code::proxy_wants_login);
    }
    if (head.status < 200 || head.status > 299) {
        return fail(error_code::proxy_refused);
    }
    // RFC 9110 would have both fields ignored here; a proxy that then sends what they announce would
    // be taken for the server, so it is refused before that.
    const http::field* length = http::find(head.fields.all(), "Content-Length");
    if (http::find(head.fields.all(), "Transfer-Encoding") != nullptr ||
        (length != nullptr && length->value != "0")) {
        return fail(error_code::proxy_spoke_first);
    }
    input_.clear();
    move_to(state::open);
}

// ---- SOCKS5

void proxy_dialog::ask_socks(proxy_target target, std::string_view user,
                             std::string_view password) {
    const std::string where = socks_address(target);
    const bool logs_in = !user.empty();
    if (where.empty() || user.size() > longest_text || password.size() > longest_text) {
        return fail(error_code::proxy_target_not_sendable);
    }
    connect_ = {as_char(socks_version), as_char(command_connect), '\0'};
    connect_ += where;
    output_ = {as_char(socks_version), as_char(logs_in ? 2 : 1), as_char(no_login)};
    if (logs_in) {
        output_ += as_char(login_by_password);
        login_ = {as_char(login_version), as_char(user.size())};
        login_ += user;
        login_ += as_char(password.size());
        login_ += password;
    }
    move_to(state::socks_method);
}

void proxy_dialog::take_socks(std::uint8_t octet) {
    switch (state_) {
        case state::socks_method:
            return take_socks_method(octet);
        case state::socks_login:
            return take_socks_login(octet);
        case state::socks_reply:
            return take_socks_reply(octet);
        case state::socks_address:
            if (--missing_ == 0) {
                move_to(state::open);
            }
            return;
        case state::http_head:
        case state::open:
        case state::failed:
            return;
    }
}

/// version, method
void proxy_dialog::take_socks_method(std::uint8_t octet) {
    if (at_++ == 0) {
        if (octet != socks_version) {
            fail(error_code::proxy_answer_malformed);
        }
        return;
    }
    if (octet == no_login) {
        send(connect_);
        return move_to(state::socks_reply);
    }
    if (octet == login_by_password && !login_.empty()) {
        send(login_);
        return move_to(state::socks_login);
    }
    if (octet == no_acceptable_method) {
        return fail(login_.empty() ? error_code::proxy_wants_login : error_code::socks_no_method);
    }
    fail(error_code::proxy_answer_malformed);
}

/// version, status
void proxy_dialog::take_socks_login(std::uint8_t octet) {
    if (at_++ == 0) {
        if (octet != login_version) {
            fail(error_code::proxy_answer_malformed);
        }
        return;
    }
    if (octet != 0) {
        return fail(error_code::socks_login_failed);
    }
    send(connect_);
    move_to(state::socks_reply);
}

/// version, reply, reserved, type of the bound address, then (of a name) its length
void proxy_dialog::take_socks_reply(std::uint8_t octet) {
    constexpr std::uint16_t port_bytes = 2;
    const std::uint8_t at = at_++;
    if (at == 0 && octet != socks_version) {
        return fail(error_code::proxy_answer_malformed);
    }
    if (at == 1 && octet != 0) {
        return fail(error_of_reply(octet));
    }
    if (at == 2 && octet != 0) {
        return fail(error_code::proxy_answer_malformed);
    }
    if (at < 3 || (at == 3 && octet == address_is_name)) {
        return;
    }
    if (at == 4) {
        missing_ = static_cast<std::uint16_t>(octet + port_bytes);
    } else if (octet == address_is_ipv4) {
        missing_ = 4 + port_bytes;
    } else if (octet == address_is_ipv6) {
        missing_ = 16 + port_bytes;
    } else {
        return fail(error_code::proxy_answer_malformed);
    }
    move_to(state::socks_address);
}

}  // namespace plainsong
