// SPDX-License-Identifier: MIT
// sample_texts.hpp — what WebSocket messages look like: chat in JSON, HTML, log lines, market ticks;
// and what they don't: noise, runs, and texts made to make a compressor search long.
#ifndef PLAINSONG_TESTS_SUPPORT_SAMPLE_TEXTS_HPP
#define PLAINSONG_TESTS_SUPPORT_SAMPLE_TEXTS_HPP

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace plainsong::tests {

/// Makes texts.  The same seed gives the same ones everywhere.
class sample_texts {
public:
    explicit sample_texts(std::uint32_t seed) : random_(seed) {}

    static constexpr std::string_view kinds[] = {"chat", "html", "log", "ticks"};
    static constexpr std::string_view odd_kinds[] = {"noise",  "zeros",     "digits", "runs",
                                                     "binary", "fibonacci", "steps",  "pairs"};

    /// A text of exactly `size` octets of one of the kinds above.
    std::vector<std::uint8_t> make(std::string_view kind, std::size_t size) {
        text_.clear();
        while (text_.size() < size) {
            add(kind, size);
        }
        text_.resize(size);
        return {text_.begin(), text_.end()};
    }

    std::uint32_t up_to(std::uint32_t most) {
        return static_cast<std::uint32_t>(random_() % (most + std::uint64_t{1}));
    }

private:
    void add(std::string_view kind, std::size_t size) {
        if (kind == "chat") {
            chat();
        } else if (kind == "html") {
            html();
        } else if (kind == "log") {
            log();
        } else if (kind == "ticks") {
            ticks();
        } else {
            odd(kind, size);
        }
    }

    [[gnu::format(printf, 2, 3)]] void print(const char* format, ...) {
        char line[512];
        va_list values;
        va_start(values, format);
        const int size = std::vsnprintf(line, sizeof line, format, values);
        va_end(values);
        text_.append(line, static_cast<std::size_t>(size));
    }

    // Words follow Zipf's law, as in any language.
    const char* word() {
        static constexpr const char* words[] = {
            "the",        "to",       "and",     "a",       "of",       "I",        "is",
            "in",         "it",       "you",     "that",    "for",      "on",       "we",
            "this",       "have",     "with",    "be",      "are",      "not",      "at",
            "can",        "so",       "but",     "was",     "my",       "do",       "will",
            "if",         "just",     "there",   "what",    "all",      "about",    "me",
            "from",       "when",     "they",    "time",    "would",    "know",     "think",
            "good",       "like",     "going",   "people",  "right",    "really",   "server",
            "message",    "today",    "meeting", "before",  "question", "deploy",   "release",
            "because",    "another",  "update",  "problem", "thanks",   "tomorrow", "working",
            "connection", "window",   "morning", "coffee",  "branch",   "merge",    "review",
            "ticket",     "customer", "please",  "waiting", "finally",  "schedule", "looking",
            "wonderful",  "strange",  "latency"};
        const double place = std::pow(static_cast<double>(std::size(words)) + 1,
                                      static_cast<double>(random_() % 100000) / 100000.0);
        return words[std::min<std::size_t>(static_cast<std::size_t>(place) - 1,
                                           std::size(words) - 1)];
    }
    void sentence(unsigned most) {
        for (unsigned i = up_to(most) + 3; i > 0; --i) {
            text_ += word();
            text_ += i > 1 ? ' ' : '.';
        }
    }

    void chat() {
        static constexpr const char* names[] = {"alice", "bob",   "carol", "dave",   "erin",
                                                "frank", "grace", "heidi", "ivan",   "judy",
                                                "oscar", "peggy", "trent", "victor", "walter"};
        id_ += up_to(40) + 1;
        time_ += up_to(90000);
        print(R"({"type":"message","id":"%08x-%04x","room":"%s-%u","user":{"id":%u,"name":"%s"},)",
              id_ * 2654435761U, up_to(65535), word(), up_to(20), 10000 + up_to(900),
              names[up_to(14)]);
        print(R"("ts":%llu,"text":")", 1700000000000ULL + time_);
        sentence(18);
        print(R"(","edited":%s,"reactions":[)", up_to(9) == 0 ? "true" : "false");
        for (unsigned i = up_to(5) < 4 ? 0 : up_to(3); i > 0; --i) {
            print(R"({"emoji":":%s:","count":%u}%s)", word(), up_to(12) + 1, i > 1 ? "," : "");
        }
        text_ += "]}\n";
    }

    void html() {
        static constexpr const char* tags[] = {"div", "span",    "p",  "li",
                                               "td",  "section", "h3", "a"};
        const char* tag = tags[up_to(7)];
        print("<%s class=\"%s-%s\"", tag, word(), word());
        if (up_to(2) == 0) {
            print(" id=\"n%u\" style=\"width:%upx;color:#%06x\"", up_to(9999), up_to(900),
                  up_to(0xffffff));
        }
        if (up_to(3) == 0) {
            print(" href=\"/%s/%s?page=%u\"", word(), word(), up_to(300));
        }
        text_ += '>';
        sentence(20);
        print("</%s>\n", tag);
    }

    void log() {
        static constexpr const char* levels[] = {"INFO ", "INFO ", "INFO ",
                                                 "DEBUG", "WARN ", "ERROR"};
        static constexpr const char* paths[] = {"/api/v1/users",  "/api/v1/orders",
                                                "/healthz",       "/ws/feed",
                                                "/api/v2/search", "/static/app.js"};
        time_ += up_to(3000);
        print("2026-03-%02u %02u:%02u:%02u.%03u %s [worker-%u] ",
              1 + static_cast<unsigned>(time_ / 86400000 % 28),
              static_cast<unsigned>(time_ / 3600000 % 24),
              static_cast<unsigned>(time_ / 60000 % 60), static_cast<unsigned>(time_ / 1000 % 60),
              static_cast<unsigned>(time_ % 1000), levels[up_to(5)], up_to(15));
        if (up_to(2) != 0) {
            print("10.%u.%u.%u GET %s?id=%u HTTP/1.1 %u %u %u.%03ums\n", up_to(3), up_to(255),
                  up_to(255), paths[up_to(5)], up_to(99999), up_to(9) == 0 ? 404 : 200,
                  up_to(40000), up_to(90), up_to(999));
        } else {
            sentence(12);
            print(" request_id=%08x%08x\n", static_cast<unsigned>(random_()),
                  static_cast<unsigned>(random_()));
        }
    }

    void ticks() {
        static constexpr const char* symbols[] = {"BTC-USD", "ETH-USD", "SOL-USD", "EUR-USD",
                                                  "AAPL",    "MSFT",    "GOOG",    "AMZN"};
        const unsigned which = up_to(7);
        time_ += up_to(50);
        prices_[which] += static_cast<int>(up_to(40)) - 20;
        const int price = prices_[which];
        print(R"({"s":"%s","b":%d.%02d,"a":%d.%02d,"bs":%u,"as":%u,"t":%llu,"q":%u})"
              "\n",
              symbols[which], price / 100, price % 100, (price + 3) / 100, (price + 3) % 100,
              up_to(500) + 1, up_to(500) + 1, 1700000000000ULL + time_, ++id_);
    }

    void odd(std::string_view kind, std::size_t size) {
        if (kind == "noise") {
            for (int i = 0; i < 64; ++i) {
                text_ += static_cast<char>(random_());
            }
        } else if (kind == "zeros") {
            text_.append(size, '\0');
        } else if (kind == "digits") {
            for (int i = 0; i < 64; ++i) {
                text_ += static_cast<char>('0' + up_to(9));
            }
        } else if (kind == "runs") {
            text_.append(up_to(600) + 1, static_cast<char>(random_()));
        } else if (kind == "binary") {  // records with small numbers and floats
            const float number = static_cast<float>(up_to(1000)) / 7.0F;
            const std::uint32_t fields[] = {++id_, up_to(255), up_to(70000)};
            text_.append(reinterpret_cast<const char*>(fields), sizeof fields);
            text_.append(reinterpret_cast<const char*>(&number), sizeof number);
        } else if (kind ==
                   "fibonacci") {  // letters so frequent that codes become as long as may be
            unsigned count = 1;
            for (unsigned before = 1, letter = 0; letter < 24 && count <= size; ++letter) {
                text_.append(count, static_cast<char>('a' + letter));
                const unsigned next = count + before;
                before = count;
                count = next;
            }
            std::shuffle(text_.begin(), text_.end(), random_);
        } else if (kind == "steps") {  // each match a little longer than the one before
            for (unsigned length = 4; length < 300 && text_.size() < size; ++length) {
                for (unsigned i = 0; i < length; ++i) {
                    text_ += static_cast<char>(i);
                }
                text_ += static_cast<char>(random_());
            }
        } else {  // pairs: two octets in every order, so that chains are long and matches short
            for (int i = 0; i < 64; ++i) {
                text_ += up_to(1) == 0 ? 'a' : 'b';
            }
        }
    }

    std::mt19937 random_;
    std::string text_;
    std::uint32_t id_ = 1;
    unsigned long long time_ = 0;
    int prices_[8] = {6712345, 345678, 15422, 10832, 22791, 41877, 17645, 18233};
};

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_SAMPLE_TEXTS_HPP
