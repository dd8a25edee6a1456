// SPDX-License-Identifier: MIT
// deflate_differential.cpp — what the deflater writes, for every window and level, read by zlib and by
// our own inflater.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tests/differential/differential.hpp"
#include "tests/differential/zlib_inflate.hpp"
#include "tests/support/deflating.hpp"
#include "tests/support/inflating.hpp"
#include "tests/support/reference_inflate.hpp"
#include "tests/support/sample_texts.hpp"

namespace plainsong::tests {

namespace {

class deflate_comparison {
public:
    deflate_comparison(unsigned window_bits, deflate_level level)
        : bits_(window_bits), deflating_(window_bits, level) {}

    /// `takes_over`: what came before this text may be referred to.
    void compare(const octets& text, bool takes_over, const deflating::pieces& cut, report& into) {
        if (!takes_over) {
            deflating_->forget();
            before_.clear();
        }
        const octets message = deflating_.message(text, cut);
        ++into.inputs;
        into.octets += text.size();
        ++into.accepted;
        const int zlib_bits = static_cast<int>(bits_ == 8 ? 9 : bits_);  // zlib has no raw 8
        const zlib_verdict theirs = zlib_.run(message, last_of(before_), zlib_bits);
        const inflated ours =
            inflate_all(message, {.before = last_of(before_), .window_bits = bits_});
        std::string how;
        if (theirs.text != text || !theirs.is_whole) {
            how = "zlib reads something else: " + std::string(theirs.fault);
        } else if (ours.text != text || ours.code != error_code::none) {
            how = std::string("we read something else: ") + facts_of(ours.code).name;
        } else if (message.size() > deflate_bound(text.size())) {
            how = "it is longer than the bound";
        } else if (text.size() <= 3000 && !is_within_window(message, text)) {
            how = "the oracle reads something else";
        }
        if (!how.empty()) {
            into.complain("deflate", text, how + ", window " + std::to_string(bits_));
        }
        before_.insert(before_.end(), text.begin(), text.end());
        before_ = octets(last_of(before_).begin(), last_of(before_).end());
    }

private:
    [[nodiscard]] std::span<const std::uint8_t> last_of(const octets& all) const {
        return std::span{all}.last(std::min(all.size(), std::size_t{1} << bits_));
    }
    [[nodiscard]] bool is_within_window(const octets& message, const octets& text) const {
        const reference_inflated read =
            reference_inflate(message, {.before = last_of(before_), .window_bits = bits_});
        return read.text == text && read.code == error_code::none && !read.has_final_block &&
               read.farthest <= std::size_t{1} << bits_;
    }

    unsigned bits_;
    deflating deflating_;
    zlib_inflater zlib_;
    octets before_;
};

}  // namespace

report compare_deflating(std::uint32_t seed) {
    report into;
    sample_texts texts(seed);
    for (unsigned bits = 8; bits <= 15; ++bits) {
        for (const deflate_level level : deflate_levels) {
            deflate_comparison comparison(bits, level);
            const auto compare_kind = [&](std::string_view kind) {
                for (const unsigned size : {0U, 1U, 3U, 30U, 300U, 3000U, 30000U, 100000U}) {
                    const octets text = texts.make(kind, size + texts.up_to(size / 8));
                    comparison.compare(text, texts.up_to(1) == 0, {}, into);
                    comparison.compare(text, true, {texts.up_to(5000) + 1, texts.up_to(900) + 1},
                                       into);
                }
            };
            for (const auto kind : sample_texts::kinds) {
                compare_kind(kind);
            }
            for (const auto kind : sample_texts::odd_kinds) {
                compare_kind(kind);
            }
        }
    }
    return into;
}

report compare_deflating_megabytes(std::uint32_t seed) {
    report into;
    sample_texts texts(seed);
    for (const unsigned bits : {8U, 12U, 15U}) {
        for (const deflate_level level : deflate_levels) {
            deflate_comparison comparison(bits, level);
            const auto compare_kind = [&](std::string_view kind) {
                comparison.compare(texts.make(kind, 1U << 20), texts.up_to(1) == 0, {}, into);
            };
            for (const auto kind : sample_texts::kinds) {
                compare_kind(kind);
            }
            for (const auto kind : sample_texts::odd_kinds) {
                compare_kind(kind);
            }
        }
    }
    return into;
}

report compare_small_messages(std::uint32_t seed, std::uint64_t inputs) {
    report into;
    sample_texts texts(seed);
    std::vector<std::unique_ptr<deflate_comparison>> all;
    for (unsigned bits = 8; bits <= 15; ++bits) {
        for (const deflate_level level : deflate_levels) {
            all.push_back(std::make_unique<deflate_comparison>(bits, level));
        }
    }
    for (std::uint64_t i = 0; i < inputs; ++i) {
        const bool is_odd = texts.up_to(1) == 0;
        const octets text =
            is_odd ? texts.make(sample_texts::odd_kinds[texts.up_to(7)], texts.up_to(900))
                   : texts.make(sample_texts::kinds[texts.up_to(3)], texts.up_to(900));
        all[i % all.size()]->compare(text, texts.up_to(7) != 0,
                                     {texts.up_to(400) + 1, texts.up_to(300) + 1}, into);
    }
    return into;
}

}  // namespace plainsong::tests
