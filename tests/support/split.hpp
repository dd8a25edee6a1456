// SPDX-License-Identifier: MIT
// split.hpp — the same conversation, its octets cut in every way.
//
// Does: run a conversation whole, octet by octet, at each single cut and at random cuts, in memory
// that stays and in memory that changes between all calls, and say where a log differs.
#ifndef PLAINSONG_TESTS_SUPPORT_SPLIT_HPP
#define PLAINSONG_TESTS_SUPPORT_SPLIT_HPP

#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/endpoint.hpp"

namespace plainsong::tests {

/// What one end lives through: octets from its peer and calls of its program, in order.
class dialogue {
public:
    explicit dialogue(role self, limits bounds = {}) : self_(self), bounds_(bounds) {}

    /// What is received without a call in between is one read, where it is not cut.
    dialogue& receive(std::span<const std::uint8_t> bytes) {
        if (parts_.empty() || parts_.back().what) {
            parts_.push_back({});
        }
        append(parts_.back().bytes, bytes);
        size_ += bytes.size();
        return *this;
    }
    dialogue& call(std::function<void(endpoint&)> what) {
        parts_.push_back({{}, std::move(what)});
        return *this;
    }

    /// The messages may be compressed: see endpoint::inflate_messages.
    dialogue& inflate_messages(unsigned window_bits) {
        window_bits_ = window_bits;
        return *this;
    }

    [[nodiscard]] std::size_t size() const { return size_; }

    struct record {
        std::vector<std::string> log;
        octets sent;
        std::vector<std::string> faults;

        bool operator==(const record&) const = default;
    };

    /// `cut(at)`: whether a read ends before octet `at`.  The peer ends the stream at the end.
    [[nodiscard]] record run(const std::function<bool(std::size_t)>& cut, bool restless) const {
        endpoint end{self_, bounds_};
        if (restless) {
            end.be_restless();
        }
        if (window_bits_ != 0) {
            end.inflate_messages(window_bits_);
        }
        std::size_t at = 0;
        for (const auto& [bytes, what] : parts_) {
            if (what) {
                what(end);
                continue;
            }
            std::size_t from = 0;
            for (std::size_t i = 1; i <= bytes.size(); ++i) {
                if (i == bytes.size() || cut(at + i)) {
                    end.feed(std::span{bytes}.subspan(from, i - from));
                    from = i;
                }
            }
            at += bytes.size();
        }
        end.end();
        if (!end.engine.finished()) {
            end.faults.push_back("the stream ended and the connection did not");
        }
        return {std::move(end.log), std::move(end.sent), std::move(end.faults)};
    }

    [[nodiscard]] record run_whole() const {
        return run([](std::size_t) { return false; }, false);
    }

private:
    struct part {
        octets bytes{};
        std::function<void(endpoint&)> what{};
    };

    role self_;
    limits bounds_;
    std::vector<part> parts_;
    std::size_t size_ = 0;
    unsigned window_bits_ = 0;
};

/// Single cuts are tried everywhere in what is no longer than this, else near both ends and in a
/// sample.
inline constexpr std::size_t cut_everywhere_until = 700;

/// Returns: "" if all cuts give the log of the whole and no promise is broken, else what differs.
inline std::string cut_in_every_way(const dialogue& talk, unsigned seed = 1) {
    const dialogue::record whole = talk.run_whole();
    if (!whole.faults.empty()) {
        return "whole: " + joined(whole.faults) + joined(whole.log);
    }
    const auto differs = [&](const std::function<bool(std::size_t)>& cut, bool restless,
                             const std::string& how) -> std::string {
        const dialogue::record other = talk.run(cut, restless);
        if (other == whole) {
            return "";
        }
        return how + (restless ? ", restless:\n" : ":\n") + joined(other.faults) +
               joined(other.log) + "instead of\n" + joined(whole.log);
    };
    std::mt19937 engine{seed};
    for (const bool restless : {false, true}) {
        if (restless) {
            if (auto text = differs([](std::size_t) { return false; }, true, "whole");
                !text.empty()) {
                return text;
            }
        }
        if (auto text = differs([](std::size_t) { return true; }, restless, "octet by octet");
            !text.empty()) {
            return text;
        }
        for (std::size_t cut = 1; cut < talk.size(); ++cut) {
            if (talk.size() > cut_everywhere_until && cut > 40 && cut < talk.size() - 40) {
                cut += engine() % (talk.size() / 16);
            }
            if (auto text = differs([cut](std::size_t at) { return at == cut; }, restless,
                                    "cut at " + std::to_string(cut));
                !text.empty()) {
                return text;
            }
        }
        for (unsigned round = 0; round < 4; ++round) {
            const auto rarity = static_cast<unsigned>(2 + engine() % 30);
            std::mt19937 own{seed + round};
            if (auto text = differs([&](std::size_t) { return own() % rarity == 0; }, restless,
                                    "random cuts, seed " + std::to_string(seed + round) +
                                        ", one in " + std::to_string(rarity));
                !text.empty()) {
                return text;
            }
        }
    }
    return "";
}

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_SPLIT_HPP
