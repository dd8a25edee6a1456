// SPDX-License-Identifier: MIT
// line_editor.cpp — keys in, octets for the screen out.
#include "tools/line_editor.hpp"

#include <algorithm>
#include <utility>

namespace plainsong::tools {

namespace {

constexpr std::size_t most_history = 500;
constexpr std::string_view clear_line = "\r\x1b[K";
constexpr std::uint8_t escape = 0x1B;
constexpr std::uint8_t backspace = 0x7F;

constexpr std::uint8_t ctrl(char letter) {
    return static_cast<std::uint8_t>(letter & 0x1F);
}

bool continues(char octet) {
    return (octet & 0xC0) == 0x80;
}

// Columns that the character at the front of `text` takes on the screen: the ideographs and pictures
// of East Asia take two.
std::size_t columns_of(std::string_view text) {
    const auto octet = [&](std::size_t i) {
        return i < text.size() ? static_cast<std::uint8_t>(text[i]) & 0x3FU : 0U;
    };
    const auto lead = static_cast<std::uint8_t>(text.front());
    std::uint32_t value = lead;
    if (lead >= 0xF0) {
        value = ((lead & 0x07U) << 18) | (octet(1) << 12) | (octet(2) << 6) | octet(3);
    } else if (lead >= 0xE0) {
        value = ((lead & 0x0FU) << 12) | (octet(1) << 6) | octet(2);
    } else if (lead >= 0xC0) {
        value = ((lead & 0x1FU) << 6) | octet(1);
    }
    constexpr std::pair<std::uint32_t, std::uint32_t> wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},  {0xFFE0, 0xFFE6},
        {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
    return std::any_of(
               std::begin(wide), std::end(wide),
               [value](const auto& range) { return value >= range.first && value <= range.second; })
               ? 2
               : 1;
}

}  // namespace

// ---- what the keyboard sends -----------------------------------------------------------------------

line_editor::key line_editor::feed(std::uint8_t octet, std::string& screen) {
    switch (in_) {
        case part::plain:
            return take_plain(octet, screen);
        case part::escape:
            in_ = octet == '[' || octet == 'O' ? part::sequence : part::plain;
            sequence_.clear();
            return key::nothing;
        case part::sequence:
            if (octet < 0x40) {  // parameters; the final octet follows
                sequence_ += static_cast<char>(octet);
                return key::nothing;
            }
            in_ = part::plain;
            take_sequence(octet);
            return key::nothing;
        case part::character:
            if (!continues(static_cast<char>(octet))) {
                in_ = part::plain;  // what had begun is no character
                return take_plain(octet, screen);
            }
            sequence_ += static_cast<char>(octet);
            if (--missing_ == 0) {
                in_ = part::plain;
                insert(sequence_);
            }
            break;
    }
    return key::nothing;
}

line_editor::key line_editor::take_plain(std::uint8_t octet, std::string& screen) {
    if (octet == '\r' || octet == '\n') {
        return enter(screen);
    }
    if (octet == escape) {
        in_ = part::escape;
        return key::nothing;
    }
    if (octet == ctrl('C') || octet == ctrl('Z')) {
        return octet == ctrl('C') ? key::interrupt : key::suspend;
    }
    if (octet == ctrl('D') && text_.empty()) {
        return key::end;
    }
    if (octet >= 0xC2 && octet <= 0xF4) {
        in_ = part::character;
        missing_ = octet >= 0xF0 ? 3 : octet >= 0xE0 ? 2 : 1;
        sequence_.assign(1, static_cast<char>(octet));
        return key::nothing;
    }
    if (octet >= 0x20 && octet < backspace) {
        const char typed = static_cast<char>(octet);
        insert({&typed, 1});
    } else {
        edit(octet);
    }
    return key::nothing;
}

line_editor::key line_editor::enter(std::string& screen) {
    hide(screen);
    screen += prompt_;
    screen += text_;
    screen += '\n';
    entered_ = std::exchange(text_, {});
    at_ = 0;
    if (!entered_.empty() && (history_.empty() || history_.back() != entered_)) {
        history_.push_back(entered_);
        if (history_.size() > most_history) {
            history_.erase(history_.begin());
        }
    }
    recalled_ = history_.size();
    return key::line;
}

// ---- what the keys do ------------------------------------------------------------------------------

void line_editor::edit(std::uint8_t octet) {
    switch (octet) {
        case ctrl('A'):
            at_ = 0;
            break;
        case ctrl('E'):
            at_ = text_.size();
            break;
        case ctrl('B'):
            at_ = before(at_);
            break;
        case ctrl('F'):
            at_ = behind(at_);
            break;
        case ctrl('P'):
            recall(true);
            break;
        case ctrl('N'):
            recall(false);
            break;
        case ctrl('D'):
            text_.erase(at_, behind(at_) - at_);
            break;
        case ctrl('H'):
        case backspace: {
            const std::size_t from = before(at_);
            text_.erase(from, at_ - from);
            at_ = from;
            break;
        }
        case ctrl('K'):
            cut(at_, text_.size());
            break;
        case ctrl('U'):
            cut(0, at_);
            break;
        case ctrl('W'):
            cut(word_before(at_), at_);
            break;
        case ctrl('Y'):
            insert(cut_);
            break;
        default:
            break;
    }
}

void line_editor::take_sequence(std::uint8_t last) {
    const bool is_tilde = last == '~';
    const std::string_view number = sequence_;
    if (last == 'A') {
        recall(true);
    } else if (last == 'B') {
        recall(false);
    } else if (last == 'C') {
        at_ = behind(at_);
    } else if (last == 'D') {
        at_ = before(at_);
    } else if (last == 'H' || (is_tilde && (number == "1" || number == "7"))) {
        at_ = 0;
    } else if (last == 'F' || (is_tilde && (number == "4" || number == "8"))) {
        at_ = text_.size();
    } else if (is_tilde && number == "3") {
        text_.erase(at_, behind(at_) - at_);
    }
}

void line_editor::insert(std::string_view what) {
    text_.insert(at_, what);
    at_ += what.size();
}

void line_editor::cut(std::size_t from, std::size_t to) {
    cut_ = text_.substr(from, to - from);
    text_.erase(from, to - from);
    at_ = from;
}

void line_editor::recall(bool older) {
    if (older ? recalled_ == 0 : recalled_ == history_.size()) {
        return;
    }
    if (recalled_ == history_.size()) {
        typed_ = text_;
    }
    recalled_ += older ? std::size_t{0} - 1 : 1;
    text_ = recalled_ == history_.size() ? typed_ : history_[recalled_];
    at_ = text_.size();
}

// ---- places in the line ----------------------------------------------------------------------------

std::size_t line_editor::before(std::size_t at) const {
    while (at > 0 && continues(text_[--at])) {
    }
    return at;
}

std::size_t line_editor::behind(std::size_t at) const {
    if (at < text_.size()) {
        ++at;
    }
    while (at < text_.size() && continues(text_[at])) {
        ++at;
    }
    return at;
}

std::size_t line_editor::word_before(std::size_t at) const {
    while (at > 0 && text_[at - 1] == ' ') {
        --at;
    }
    while (at > 0 && text_[at - 1] != ' ') {
        --at;
    }
    return at;
}

// ---- the screen ------------------------------------------------------------------------------------

// Returns: the part of the line that has room behind the prompt; it has the cursor in it and begins at
// the octet `from`.
std::string_view line_editor::visible(std::size_t& from) const {
    const std::size_t room = std::max<std::size_t>(columns_, prompt_.size() + 8) - prompt_.size() -
                             1;  // the last column makes terminals wrap
    const auto width_at = [&](std::size_t place) {
        return columns_of(std::string_view(text_).substr(place));
    };
    std::size_t used = 0;
    for (std::size_t place = 0; place < at_; place = behind(place)) {
        used += width_at(place);
    }
    from = 0;
    for (; used > room; from = behind(from)) {
        used -= width_at(from);
    }
    std::size_t end = at_;
    while (end < text_.size() && used + width_at(end) <= room) {
        used += width_at(end);
        end = behind(end);
    }
    return std::string_view(text_).substr(from, end - from);
}

// The cursor is put in its place by writing what stands before it once more.
void line_editor::show(std::string& screen) {
    std::size_t from = 0;
    const std::string_view seen = visible(from);
    screen += clear_line;
    screen += prompt_;
    screen += seen;
    if (from + seen.size() != at_) {
        screen += '\r';
        screen += prompt_;
        screen += seen.substr(0, at_ - from);
    }
}

void line_editor::hide(std::string& screen) {
    screen += clear_line;
}

}  // namespace plainsong::tools
