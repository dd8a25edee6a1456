// SPDX-License-Identifier: MIT
// cat_options.cpp — reads the command line of `plainsong cat`.
#include "tools/cat_options.hpp"

#include <charconv>
#include <chrono>
#include <initializer_list>
#include <span>

#include <plainsong/app/credentials.hpp>
#include <plainsong/codec/ascii.hpp>
#include <plainsong/http/url.hpp>
#include <plainsong/ws/close.hpp>
#include <plainsong/ws/origin.hpp>

namespace plainsong::tools {

namespace {

constexpr double longest_seconds = 1e8;
constexpr std::size_t largest_message = std::size_t{1} << 30;

template <typename Number>
bool read_number(std::string_view text, Number low, Number high, Number& out) {
    Number value{};
    const auto [end, why] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (why != std::errc{} || end != text.data() + text.size() ||
        !(value >= low && value <= high)) {
        return false;
    }
    out = value;
    return true;
}

bool read_seconds(std::string_view text, duration& out) {
    double seconds = 0;
    if (!read_number(text, 0.001, longest_seconds, seconds)) {
        return false;
    }
    out = std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
    return true;
}

bool read_size(std::string_view text, std::size_t& out) {
    std::size_t unit = 1;
    if (!text.empty()) {
        const char last = text.back();
        unit = last == 'K' ? 1U << 10 : last == 'M' ? 1U << 20 : last == 'G' ? 1U << 30 : 1U;
        text.remove_suffix(unit == 1 ? 0 : 1);
    }
    if (!read_number(text, std::size_t{1}, largest_message / unit, out)) {
        return false;
    }
    out *= unit;
    return true;
}

bool read_field(std::string_view text, cat_options& out) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) {
        return false;
    }
    std::string_view value = text.substr(colon + 1);
    while (value.starts_with(' ')) {
        value.remove_prefix(1);
    }
    out.fields.emplace_back(text.substr(0, colon), value);
    return true;
}

bool read_login(std::string_view text, cat_options& out) {
    constexpr std::string_view bearer = "bearer:";
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    out.authorization = text.starts_with(bearer)
                            ? bearer_authorization(text.substr(bearer.size()))
                            : basic_authorization(text.substr(0, colon), text.substr(colon + 1));
    return true;
}

bool read_place(std::string_view text, cat_options& out) {
    constexpr std::string_view path = "unix:";
    out.is_listening = true;
    if (text.starts_with(path)) {
        out.listen_path = text.substr(path.size());
        return !out.listen_path.empty();
    }
    const std::size_t colon = text.rfind(':');
    out.listen_host = colon == std::string_view::npos ? "127.0.0.1" : text.substr(0, colon);
    text.remove_prefix(colon == std::string_view::npos ? 0 : colon + 1);
    return !out.listen_host.empty() && read_number<std::uint16_t>(text, 0, 65535, out.listen_port);
}

bool read_subprotocol(std::string_view text, cat_options& out) {
    out.subprotocols += (out.subprotocols.empty() ? "" : ", ") + std::string(text);
    return is_token(text);
}

bool read_form(std::string_view text, message_form& out) {
    return message_form_named(text, out);
}

// ---- the options -----------------------------------------------------------------------------------

struct valued_option {
    std::string_view name;
    bool (*apply)(std::string_view value, cat_options& out);
};

constexpr valued_option valued[] = {
    {"--header", read_field},
    {"-H", read_field},
    {"--subprotocol", read_subprotocol},
    {"--origin",
     [](std::string_view value, cat_options& out) {
         out.origin = value;
         return !value.empty();
     }},
    {"--auth", read_login},
    {"--unix",
     [](std::string_view value, cat_options& out) {
         out.unix_path = value;
         return !value.empty();
     }},
    {"--listen", read_place},
    {"--timeout",
     [](std::string_view value, cat_options& out) { return read_seconds(value, out.timeout); }},
    {"--ping-interval", [](std::string_view value,
                           cat_options& out) { return read_seconds(value, out.ping_interval); }},
    {"--binary",
     [](std::string_view value, cat_options& out) {
         const bool is_good = read_form(value, out.input) && value != "text";
         out.output = out.input;
         out.sends_binary = true;
         return is_good;
     }},
    {"--input",
     [](std::string_view value, cat_options& out) {
         out.sends_binary = value != "text";
         return read_form(value, out.input);
     }},
    {"--output",
     [](std::string_view value, cat_options& out) { return read_form(value, out.output); }},
    {"--max-message",
     [](std::string_view value, cat_options& out) { return read_size(value, out.max_message); }},
    {"--record",
     [](std::string_view value, cat_options& out) {
         out.record_file = value;
         return !value.empty();
     }},
    {"--replay",
     [](std::string_view value, cat_options& out) {
         out.replay_file = value;
         return !value.empty();
     }},
    {"--replay-speed",
     [](std::string_view value, cat_options& out) {
         return read_number(value, 0.0, 1e6, out.replay_speed);
     }},
    {"--split",
     [](std::string_view value, cat_options& out) {
         return read_number<std::size_t>(value, 1, largest_message, out.bad.split);
     }},
    {"--rsv", [](std::string_view value,
                 cat_options& out) { return read_number<std::uint8_t>(value, 1, 7, out.bad.rsv); }},
    {"--opcode", [](std::string_view value,
                    cat_options& out) { return read_number(value, 0, 15, out.bad.opcode); }},
};

struct flag_option {
    std::string_view name;
    bool& (*flag)(cat_options& out);
};

constexpr flag_option flags[] = {
    {"--reconnect", [](cat_options& out) -> bool& { return out.reconnect; }},
    {"--compress", [](cat_options& out) -> bool& { return out.compress; }},
    {"--once", [](cat_options& out) -> bool& { return out.once; }},
    {"--no-close", [](cat_options& out) -> bool& { return out.no_close; }},
    {"--json", [](cat_options& out) -> bool& { return out.json; }},
    {"--verbose", [](cat_options& out) -> bool& { return out.verbose; }},
    {"-v", [](cat_options& out) -> bool& { return out.verbose; }},
    {"--frames", [](cat_options& out) -> bool& { return out.frames; }},
    {"--no-pong", [](cat_options& out) -> bool& { return out.bad.no_pong; }},
    {"--no-mask", [](cat_options& out) -> bool& { return out.bad.no_mask; }},
    {"--bad-utf8", [](cat_options& out) -> bool& { return out.bad.bad_utf8; }},
    {"--half-close", [](cat_options& out) -> bool& { return out.bad.half_close; }},
    {"--stall", [](cat_options& out) -> bool& { return out.stall; }},
};

/// The arguments, one after the other.
class reader {
public:
    reader(int argc, char** argv) : arguments_(argv, static_cast<std::size_t>(argc)) {}

    [[nodiscard]] bool is_done() const { return next_ == arguments_.size(); }
    std::string_view take() { return arguments_[next_++]; }
    [[nodiscard]] std::size_t left() const { return arguments_.size() - next_; }

private:
    std::span<char*> arguments_;
    std::size_t next_ = 1;
};

bool read_close(reader& from, cat_options& out, std::string& complaint) {
    if (from.left() < 2) {
        complaint = "--close wants a code and a reason, which may be ''";
        return false;
    }
    const std::string_view code = from.take();
    out.close_reason = from.take();
    out.close_is_given = true;
    close_payload unused;
    if (!read_number<std::uint16_t>(code, 0, 65535, out.close_code) ||
        !is_wire_close_code(out.close_code)) {
        complaint = "'" + std::string(code) + "' is no code that a Close may have";
        return false;
    }
    if (const error why = encode_close(out.close_code, out.close_reason, unused)) {
        complaint = std::string("--close: ") + facts_of(why.code()).text;
        return false;
    }
    return true;
}

// Takes one option.  Returns: false with a complaint if it is none, or wrong.
bool read_option(std::string_view argument, reader& from, bool& has_proxy, cat_options& out,
                 std::string& complaint) {
    for (const flag_option& one : flags) {
        if (argument == one.name) {
            one.flag(out) = true;
            return true;
        }
    }
    if (argument == "--close") {
        return read_close(from, out, complaint);
    }
    const std::size_t equals =
        argument.starts_with("--") ? argument.find('=') : std::string_view::npos;
    const std::string_view name = argument.substr(0, equals);
    const auto apply = [&](auto take_value) {
        if (equals == std::string_view::npos && from.is_done()) {
            complaint = std::string(name) + " wants a value";
            return false;
        }
        const std::string_view value =
            equals == std::string_view::npos ? from.take() : argument.substr(equals + 1);
        if (!take_value(value, out)) {
            complaint = "'" + std::string(value) + "' does not fit " + std::string(name);
            return false;
        }
        return true;
    };
    if (name == "--proxy") {
        has_proxy = true;
        return apply([](std::string_view value, cat_options& into) {
            into.proxy = value;
            return true;
        });
    }
    for (const valued_option& one : valued) {
        if (name == one.name) {
            return apply(one.apply);
        }
    }
    complaint = "there is no option '" + std::string(argument) + "'";
    return false;
}

// ---- what fits together ----------------------------------------------------------------------------

std::string judge_server(const cat_options& out, bool has_proxy) {
    const std::pair<bool, std::string_view> misplaced[] = {
        {!out.url.empty(), "a URL"},
        {!out.unix_path.empty(), "--unix (but --listen unix:PATH)"},
        {!out.authorization.empty(), "--auth"},
        {has_proxy, "--proxy"},
        {out.reconnect, "--reconnect"},
        {out.bad.no_mask, "--no-mask"},
    };
    for (const auto& [is_given, what] : misplaced) {
        if (is_given) {
            return "--listen goes without " + std::string(what);
        }
    }
    parsed_origin unused;
    if (!out.origin.empty() && !parse_origin(out.origin, unused)) {
        return "'" + out.origin + "' does not fit --origin";
    }
    return {};
}

std::string judge_client(const cat_options& out) {
    if (out.url.empty()) {
        return "where to? give a URL, or --listen";
    }
    http::url parts;
    if (const error why = http::parse_url(out.url, parts)) {
        return "'" + out.url + "': " + facts_of(why.code()).text;
    }
    if (parts.secure) {
        return "wss:// needs TLS, which is not included: put a TLS proxy such as socat or stunnel "
               "in "
               "between";
    }
    return {};
}

std::string judge(const cat_options& out, bool has_proxy) {
    const std::string wrong = out.is_listening ? judge_server(out, has_proxy) : judge_client(out);
    if (!wrong.empty()) {
        return wrong;
    }
    if (out.json && out.output != message_form::text) {
        return "--json goes without another form of output";
    }
    if (out.compress && !out.record_file.empty()) {
        return "--record goes without --compress: a recording has the text of messages";
    }
    if (out.is_listening && out.close_code == close_code::extension_needed) {
        return "a server does not close with 1010";
    }
    return {};
}

// As curl: lower case first; ws is taken for http.
void read_environment(const char* (*environment)(const char*), bool has_proxy, cat_options& out) {
    const auto first_of = [&](std::initializer_list<const char*> names) -> std::string {
        for (const char* const name : names) {
            const char* const value = environment(name);
            if (value != nullptr && *value != '\0') {
                return value;
            }
        }
        return {};
    };
    out.no_proxy = first_of({"no_proxy", "NO_PROXY"});
    if (has_proxy) {
        out.no_proxy.clear();  // what is asked for here is meant
    } else if (out.unix_path.empty()) {
        out.proxy = first_of({"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"});
        if (!out.proxy.empty() && out.proxy.find("://") == std::string::npos) {
            out.proxy.insert(0, "http://");
        }
    }
}

}  // namespace

parse_result read_cat_options(int argc, char** argv, const char* (*environment)(const char*),
                              cat_options& out, std::string& complaint) {
    bool has_proxy = false;
    bool has_options = true;
    reader arguments(argc, argv);
    while (!arguments.is_done()) {
        const std::string_view argument = arguments.take();
        if (has_options && (argument == "--help" || argument == "-h")) {
            return parse_result::help;
        }
        if (has_options && argument == "--") {
            has_options = false;
        } else if (has_options && argument.size() > 1 && argument.starts_with('-')) {
            if (!read_option(argument, arguments, has_proxy, out, complaint)) {
                return parse_result::wrong;
            }
        } else if (out.url.empty()) {
            out.url = argument;
        } else {
            complaint = "'" + std::string(argument) + "': there is a URL already";
            return parse_result::wrong;
        }
    }
    complaint = judge(out, has_proxy);
    if (!complaint.empty()) {
        return parse_result::wrong;
    }
    if (!out.is_listening) {
        read_environment(environment, has_proxy, out);
    }
    return parse_result::go;
}

}  // namespace plainsong::tools
