// SPDX-License-Identifier: MIT
// written_frame.cpp — see written_frame.hpp.
#include "tests/support/written_frame.hpp"

#include <map>
#include <optional>
#include <stdexcept>

#include <plainsong/base/error.hpp>

namespace plainsong::tests {

namespace {

[[noreturn]] void refuse(const std::string& word) {
    throw std::runtime_error("`" + word + "` means nothing here");
}

char from_hex(const std::string& digits, std::size_t at) {
    if (at + 2 > digits.size()) {
        refuse(digits);
    }
    return static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16));
}

std::string unquoted(const std::string& word) {
    std::string text;
    for (std::size_t i = 1; i + 1 < word.size(); ++i) {
        if (word[i] != '\\') {
            text += word[i];
        } else if (word[++i] == 'x') {
            text += from_hex(word, i + 1);
            i += 2;
        } else {
            text += word[i];
        }
    }
    return text;
}

const std::map<std::string, unsigned> opcodes = {{"cont", 0},  {"text", 1}, {"binary", 2},
                                                 {"close", 8}, {"ping", 9}, {"pong", 10}};

struct draft {
    unsigned first = 0x80;
    std::optional<bool> masked;
    unsigned form = 0;  // of the length: 0 the shortest, else 16 or 64
    std::optional<std::uint64_t> announced;
    std::string payload;
};

std::string length_of(const draft& frame, unsigned mask_bit) {
    const std::uint64_t size = frame.announced.value_or(frame.payload.size());
    const unsigned form = frame.form != 0 ? frame.form : size < 126 ? 7 : size < 65536 ? 16 : 64;
    std::string out(1, static_cast<char>(mask_bit | (form == 7    ? static_cast<unsigned>(size)
                                                     : form == 16 ? 126U
                                                                  : 127U)));
    for (unsigned shift = form == 7 ? 0 : form; shift != 0; shift -= 8) {
        out += static_cast<char>(size >> (shift - 8));
    }
    return out;
}

// Words before the payload that bend one part of the frame.
bool bend(draft& frame, const std::string& word) {
    if (word == "rsv1" || word == "rsv2" || word == "rsv3") {
        frame.first |= 0x80U >> static_cast<unsigned>(word[3] - '0');
    } else if (word == "masked" || word == "unmasked") {
        frame.masked = word == "masked";
    } else if (word == "len16" || word == "len64") {
        frame.form = static_cast<unsigned>(std::stoi(word.substr(3)));
    } else if (word.starts_with("announcing:")) {
        frame.announced = std::stoull(word.substr(11), nullptr, 0);
    } else {
        return false;
    }
    return true;
}

// A Close that names a broken rule carries the text of the list of errors.
std::string text_of_error(const std::string& name) {
    static const std::map<std::string, const char*> texts = {
#define PLAINSONG_TEXT(name, whose, answer, requirement, text) {#name, text},
        PLAINSONG_ERRORS(PLAINSONG_TEXT)
#undef PLAINSONG_TEXT
    };
    const auto found = texts.find(name);
    if (found == texts.end()) {
        refuse(name);
    }
    return found->second;
}

void add_close_code(draft& frame, const std::string& word) {
    const int code = std::stoi(word);
    frame.payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
}

std::string encoded(const draft& frame, const key_bytes* key) {
    static constexpr key_bytes given = {0x37, 0xFA, 0x21, 0x3D};
    if (frame.masked.has_value()) {
        key = *frame.masked ? &given : nullptr;
    }
    std::string bytes(1, static_cast<char>(frame.first));
    bytes += length_of(frame, key != nullptr ? 0x80 : 0);
    if (key != nullptr) {
        bytes.append(key->begin(), key->end());
    }
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
        const unsigned mask = key != nullptr ? (*key)[i % 4] : 0U;
        bytes += static_cast<char>(static_cast<unsigned char>(frame.payload[i]) ^ mask);
    }
    return bytes;
}

std::string raw_bytes(std::span<const std::string> words) {
    std::string bytes;
    for (const std::string& word : words) {
        bytes += word.find('"') != std::string::npos ? payload_of(word)
                                                     : std::string(1, from_hex(word, 0));
    }
    return bytes;
}

// The opcode, and FIN = 0 for a name that ends in "+".  Returns: whether `word` names one.
bool name_frame(draft& frame, std::string word) {
    if (word.ends_with('+')) {
        word.pop_back();
        frame.first &= 0x7FU;
    }
    if (word.starts_with("op:")) {
        frame.first |= static_cast<unsigned>(std::stoi(word.substr(3), nullptr, 16));
        return true;
    }
    const auto found = opcodes.find(word);
    if (found == opcodes.end()) {
        return false;
    }
    frame.first |= found->second;
    return true;
}

}  // namespace

std::string payload_of(const std::string& word) {
    if (word.size() >= 2 && word.front() == '"' && word.back() == '"') {
        return unquoted(word);
    }
    if (word.size() >= 2 && word.front() == '<' && word.back() == '>') {
        std::string bytes;
        for (std::size_t i = 1; i + 1 < word.size(); i += 2) {
            bytes += from_hex(word, i);
        }
        return bytes;
    }
    const std::size_t star = word.find('*');
    if (star == std::string::npos) {
        refuse(word);
    }
    const std::string piece = payload_of(word.substr(star + 1));
    std::string text;
    for (int times = std::stoi(word.substr(0, star)); times > 0; --times) {
        text += piece;
    }
    return text;
}

std::string bytes_of_frame(std::span<const std::string> words, const key_bytes* key) {
    if (!words.empty() && words[0] == "raw") {
        return raw_bytes(words.subspan(1));
    }
    draft frame;
    std::size_t at = 0;
    while (at < words.size() && bend(frame, words[at])) {
        ++at;
    }
    if (at == words.size() || !name_frame(frame, words[at])) {
        refuse(at == words.size() ? "" : words[at]);
    }
    const bool is_close = words[at].starts_with("close");
    for (++at; at < words.size(); ++at) {
        const bool is_number = words[at].find_first_not_of("0123456789") == std::string::npos;
        if (is_close && is_number && frame.payload.empty()) {
            add_close_code(frame, words[at]);
        } else if (words[at] == "because" && at + 1 < words.size()) {
            frame.payload += text_of_error(words[++at]);
        } else {
            frame.payload += payload_of(words[at]);
        }
    }
    return encoded(frame, key);
}

std::string shown(const std::string& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < bytes.size() && i < 40; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        text += {digits[byte >> 4], digits[byte & 15], ' '};
    }
    return text + "(" + std::to_string(bytes.size()) + " bytes)";
}

}  // namespace plainsong::tests
