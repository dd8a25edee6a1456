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
    "usage: plainsong explain [OPTION]... [HEX]...\n"
    "       plainsong explain handshake KEY\n"
    "       plainsong explain close CODE\n"
    "\n"
    "Explains what one end of a WebSocket has sent: draws each frame bit by bit, as RFC 6455 §5.2\n"
    "does; tells what each field means and which rule of the RFC it keeps or BREAKS; unmasks the\n"
    "payload, follows messages through their frames and decodes a Close.  The head of a handshake\n"
    "at the front is explained line by line.  HEX is \"81 05 48\", \"810548\" or \"0x81,0x05\";\n"
    "without it standard input is read: hex, or the octets themselves.\n"
    "\n"
    "  --from client|server  who sent it; else the handshake shows it, or the first frame's mask\n"
    "  --file CAPTURE        explain the octets of this file\n"
    "  --raw                 standard input is no hex, even if it looks like it\n"
    "  --key KEY             the Sec-WebSocket-Key that a server's handshake answers\n"
    "\n"
    "explain handshake KEY shows how Sec-WebSocket-Accept is made of it: GUID, SHA-1, Base64.\n"
    "explain close CODE tells what a Close code means, who may send it, and whether it may "
    "travel.\n"
    "\n"
    "Exit status: 0 every rule is kept, 1 one is broken or the file can't be read, 2 wrong "
    "usage.\n";

struct request {
    explain::sender from = explain::sender::unknown;
    bool raw = false;
    std::string key;
    std::string file;
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

bool read_file(const std::string& name, std::vector<std::uint8_t>& into) {
    std::FILE* file = std::fopen(name.c_str(), "rb");
    if (file != nullptr) {
        const std::string all = read_all(file);
        into.assign(all.begin(), all.end());
    }
    const bool good = file != nullptr && std::ferror(file) == 0;
    if (!good) {
        std::perror(("explain: " + name).c_str());
    }
    if (file != nullptr) {
        std::fclose(file);
    }
    return good;
}

int explain_stream(const request& asked) {
    std::vector<std::uint8_t> octets;
    if (!asked.file.empty()) {
        if (!read_file(asked.file, octets)) {
            return 1;
        }
    } else if (asked.has_hex) {
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
    return print(explain::stream(octets, asked.from, asked.key));
}

/// Takes an option that has a value.  Returns: false if it doesn't fit.
bool take(std::string_view option, std::string_view value, request& into) {
    if (option == "--file") {
        into.file = value;
    } else if (option == "--key") {
        into.key = value;
    } else {
        into.from = value == "client" ? explain::sender::client : explain::sender::server;
        return value == "client" || value == "server";
    }
    return !value.empty();
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
        } else if (argument == "--from" || argument == "--file" || argument == "--key") {
            if (!take(argument, i + 1 < argc ? argv[i + 1] : "", asked)) {
                return misused("a value that doesn't fit", argv[i]);
            }
            ++i;
        } else if (argument.starts_with("--")) {
            return misused("there is no such option", argv[i]);
        } else {
            asked.hex.append(argument).append(" ");
            asked.has_hex = true;
        }
    }
    if (!asked.file.empty() && (asked.has_hex || asked.raw)) {
        return misused("--file excludes hex and --raw", "");
    }
    return explain_stream(asked);
}
