// SPDX-License-Identifier: MIT
// conform_corpus.cpp — records, markup, sentences, pixels, and streams that are compressed already.
//
// Used by: tools/conform_*.  Depends on: tools/conform_corpus.
#include "tools/conform_corpus.hpp"

#include <cstdint>
#include <iterator>

#include "tools/formatted.hpp"

namespace plainsong::conform {
namespace {

using tools::append_formatted;

constexpr const char* english[] = {"album",   "bridge",  "candle", "distance", "early",  "flower",
                                   "garden",  "harbour", "island", "jacket",   "kettle", "lantern",
                                   "morning", "number",  "orange", "picture",  "quiet",  "river",
                                   "silver",  "table",   "under",  "valley",   "winter", "yellow"};
constexpr const char* german[] = {
    "der",   "die",    "und",    "in",     "den",    "von",    "zu",     "das",   "mit",    "sich",
    "des",   "auf",    "für",    "ist",    "im",     "dem",    "nicht",  "ein",   "eine",   "als",
    "auch",  "es",     "an",     "werden", "aus",    "er",     "hat",    "dass",  "sie",    "nach",
    "wird",  "bei",    "einer",  "um",     "am",     "sind",   "noch",   "wie",   "einem",  "über",
    "einen", "so",     "zum",    "Geist",  "Himmel", "Erde",   "Stimme", "Nacht", "Träume", "Welt",
    "Seele", "Gesang", "Licht",  "Haus",   "Straße", "Wasser", "stehen", "sah",   "schien", "leise",
    "groß",  "alt",    "dunkel", "weit"};

/// The same numbers in each run.
class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    unsigned below(unsigned sides) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<unsigned>((state_ >> 33) % sides);
    }
    /// Returns: one of them; the first ones come often, as words do.
    template <std::size_t Count>
    const char* word(const char* const (&words)[Count]) {
        return words[below(below(Count) + 1)];
    }

private:
    std::uint64_t state_;
};

void add_record(std::string& to, dice& chance) {
    const unsigned id = 1000 + chance.below(9000);
    append_formatted(to, R"({"id":%u,"name":"%s %s","email":"%s%u@example.org",)", id,
                     chance.word(english), chance.word(english), chance.word(english), id % 97);
    append_formatted(to, R"("active":%s,"balance":%u.%02u,"tags":["%s","%s"],)",
                     chance.below(3) == 0 ? "false" : "true", chance.below(5000), chance.below(100),
                     chance.word(english), chance.word(english));
    append_formatted(to,
                     R"("position":{"latitude":%u.%06u,"longitude":%u.%06u}})"
                     ",\n",
                     chance.below(90), chance.below(1000000), chance.below(180),
                     chance.below(1000000));
}

void add_markup(std::string& to, dice& chance) {
    append_formatted(to, "<tr class=\"%s\">\n  <td><a href=\"/%s/%u.html\">%s %s</a></td>\n",
                     chance.below(2) == 0 ? "odd" : "even", chance.word(english),
                     chance.below(1000), chance.word(english), chance.word(english));
    to += "  <td><p>";
    for (unsigned left = 4 + chance.below(12); left > 0; --left) {
        append_formatted(to, "%s%s", chance.word(english), left > 1 ? " " : ".");
    }
    append_formatted(to, "</p></td>\n  <td align=\"right\">%u</td>\n</tr>\n", chance.below(100000));
}

void add_sentence(std::string& to, dice& chance) {
    for (unsigned left = 5 + chance.below(15); left > 0; --left) {
        append_formatted(to, "%s%s", chance.word(german),
                         left > 1 ? (chance.below(8) == 0 ? ", " : " ") : ".\n");
    }
}

/// A row of pixels that change little from one to the next.
void add_pixels(std::string& to, dice& chance) {
    const std::size_t above = to.size() < 512 ? 0 : to.size() - 512;
    unsigned shade = to.empty() ? 128 : static_cast<unsigned char>(to[above]);
    for (int left = 512; left > 0; --left) {
        shade = (shade + 256 + chance.below(5) - 2) % 256;
        to += static_cast<char>(shade);
    }
}

void add_object(std::string& to, dice& chance) {
    const unsigned size = 2000 + chance.below(4000);
    append_formatted(to,
                     "%u 0 obj\n<< /Length %u /Filter /FlateDecode /Type /Page /Parent %u 0 R >>\n"
                     "stream\n",
                     chance.below(900), size, chance.below(90));
    for (unsigned left = size; left > 0; --left) {
        to += static_cast<char>(chance.below(256));
    }
    to += "\nendstream\nendobj\n";
}

struct kind {
    std::string_view name;
    void (*add)(std::string& to, dice& chance);
};
constexpr kind kinds[] = {{"json", add_record},
                          {"html", add_markup},
                          {"prose", add_sentence},
                          {"bitmap", add_pixels},
                          {"document", add_object}};

std::string made(const kind& what) {
    std::string text;
    text.reserve(corpus_size + 8192);
    dice chance(what.name.size());
    while (text.size() < corpus_size) {
        what.add(text, chance);
    }
    text.resize(corpus_size);
    return text;
}

}  // namespace

std::string_view corpus(std::string_view name) {
    static std::string texts[std::size(kinds)];
    for (std::size_t at = 0; at < std::size(kinds); ++at) {
        if (kinds[at].name == name) {
            if (texts[at].empty()) {
                texts[at] = made(kinds[at]);
            }
            return texts[at];
        }
    }
    return {};
}

std::string noise(std::size_t size) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    dice chance(size);
    for (; size > 0; --size) {
        text += letters[chance.below(static_cast<unsigned>(letters.size()))];
    }
    return text;
}

}  // namespace plainsong::conform
