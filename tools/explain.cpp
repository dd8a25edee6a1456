// SPDX-License-Identifier: MIT
// explain.cpp — `plainsong explain`: reads octets and says what they mean.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tools/explain.hpp"
#include "tools/explain_text.hpp"
#include "tools/verbs.hpp"

namespace {

namespace explain = plainsong::explain;

constexpr char usage[] =
    "usage: plainsong explain [--from client|server] HEX...\n"
    "       plainsong explain [--from client|server] [--raw] < CAPTURE\n"
    "       plainsong explain handshake KEY\n"
    "       plainsong explain close CODE\n"
    "\n"
    "Draws each frame bit by bit, names its fields, and the rule of the RFC that it breaks, if it\n"
    "does.  HEX is \"81 05 48\", \"810548\" or \"0x81,0x05\".  Without it standard input is read: "
    "hex,\n"
    "or one direction of a connection as it was captured, perhaps with the head of its handshake.\n"
    "\n"
    "  --from client|server   who sent it (a request or a masked frame shows a client)\n"
    "  --raw                  standard input is no hex, even if it looks like it\n"
    "\n"
    "Exit status: 0 every rule is kept, 1 one is broken, 2 wrong usage.\n";

struct request {
    explain::sender from = explain::sender::unknown;
    bool raw = false;
    std::string hex;
    bool has_hex = false;
};

int misused(const char* what, const char* value) {
    std::fprintf(stderr, "explain: %s%s%s; `plainsong explain --help` tells more\n", what,
                 value[0] != '\0' ? ": " : "", value);
    return 2;
}

int print(const explain::explanation& what) {
    std::fputs(what.text.c_str(), stdout);
    return what.keeps_all_rules ? 0 : 1;
}

std::string read_all(std::FILE* from) {
    std::string all;
    char buffer[65536];
    for (;;) {
        const std::size_t count = std::fread(buffer, 1, sizeof buffer, from);
        all.append(buffer, count);
        if (count < sizeof buffer) {
            return all;
        }
    }
}

int explain_close(const char* text) {
    char* end = nullptr;
    const unsigned long code = std::strtoul(text, &end, 10);
    const bool is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && code <= 65535;
    return is_number ? print(explain::close_code(static_cast<std::uint32_t>(code)))
                     : misused("a Close code is a number up to 65535", text);
}

int explain_stream(const request& asked) {
    std::vector<std::uint8_t> octets;
    if (asked.has_hex) {
        if (!explain::read_hex(asked.hex, octets)) {
            return misused("this is no hex", asked.hex.c_str());
        }
    } else {
        const std::string input = read_all(stdin);
        if (asked.raw || !explain::read_hex(input, octets)) {
            octets.assign(input.begin(), input.end());
        }
    }
    if (octets.empty()) {
        return misused("there are no octets to explain", "");
    }
    return print(explain::stream(octets, asked.from));
}

}  // namespace

int explain_main(int argc, char** argv) {
    if (argc == 3 && std::strcmp(argv[1], "handshake") == 0) {
        return print(explain::handshake(argv[2]));
    }
    if (argc == 3 && std::strcmp(argv[1], "close") == 0) {
        return explain_close(argv[2]);
    }
    request asked;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--help" || argument == "-h") {
            std::fputs(usage, stdout);
            return 0;
        }
        if (argument == "--raw") {
            asked.raw = true;
        } else if (argument == "--from") {
            const std::string_view who = i + 1 < argc ? argv[++i] : "";
            if (who != "client" && who != "server") {
                return misused("--from takes client or server", "");
            }
            asked.from = who == "client" ? explain::sender::client : explain::sender::server;
        } else if (argument.starts_with("--")) {
            return misused("there is no such option", argv[i]);
        } else {
            asked.hex.append(argument).append(" ");
            asked.has_hex = true;
        }
    }
    return explain_stream(asked);
}
