// SPDX-License-Identifier: MIT
// inflate_differential.cpp — the inflater beside zlib's, on what zlib and libdeflate write, on what
// no compressor would write, and on both once they are spoiled.
#include "tests/differential/differential.hpp"

#include <libdeflate.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tests/differential/zlib_inflate.hpp"
#include "tests/support/inflating.hpp"
#include "tests/support/random_deflate.hpp"
#include "tests/support/sample_texts.hpp"

namespace plainsong::tests {

namespace {

/// A raw stream by zlib, its last four octets taken away as RFC 7692 asks.
octets zlib_message(const octets& text, int level, int window_bits, int strategy, bool is_final) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, -window_bits, 8, strategy) != Z_OK) {
        std::abort();
    }
    octets out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64);
    stream.next_in = const_cast<Bytef*>(text.data());
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, is_final ? Z_FINISH : Z_SYNC_FLUSH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (is_final) {
        out.push_back(0);  // RFC 7692 §7.2.3.4
    } else {
        out.resize(out.size() - 4);
    }
    return out;
}

octets libdeflate_message(const octets& text, int level) {
    const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
        libdeflate_alloc_compressor(level), libdeflate_free_compressor);
    octets out(libdeflate_deflate_compress_bound(compressor.get(), text.size()));
    out.resize(libdeflate_deflate_compress(compressor.get(), text.data(), text.size(), out.data(),
                                           out.size()));
    out.push_back(0);
    return out;
}

class inflate_comparison {
public:
    explicit inflate_comparison(std::uint32_t seed) : random_(seed), texts_(seed) {}

    void run(std::uint64_t inputs, report& into) {
        for (std::uint64_t i = 0; i < inputs; ++i) {
            if (i % 64 == 0) {
                renew();
            }
            octets before(random_.up_to(3) == 0 ? random_.up_to(40000) : 0);
            for (std::size_t at = 0; at < before.size(); ++at) {
                before[at] = static_cast<std::uint8_t>(at >> 3 ^ at);
            }
            octets message =
                random_.up_to(1) == 0
                    ? random_.message({.blocks = 3, .symbols = 60, .before = before.size()})
                    : written_[random_.up_to(static_cast<unsigned>(written_.size()) - 1)];
            if (random_.up_to(3) != 0) {
                random_.spoil(message);
            }
            compare(message, before, into);
        }
    }

    void compare(const octets& message, const octets& before, report& into) {
        const zlib_verdict expected = zlib_.run(message, before);
        inflate_manner manner{.before = before};
        switch (random_.up_to(3)) {
            case 0:
                manner.keeps_text = true;
                break;
            case 1:
                manner.step = random_.up_to(40) + 1;
                manner.room = random_.up_to(600) + 1;
                break;
            default:
                break;
        }
        const inflated outcome = inflate_all(message, manner);
        ++into.inputs;
        into.octets += outcome.text.size();
        const bool agrees =
            outcome.kept_its_word && outcome.text == expected.text &&
            (outcome.code == error_code::none ? expected.is_whole && expected.fault.empty()
             : outcome.code == error_code::deflate_ends_inside_block ||
                     (outcome.code == error_code::deflate_lengths_incomplete &&
                      expected.fault.empty())
                 ? !expected.is_whole && expected.fault.empty()
                 : is_same_fault(expected.fault, outcome.code));
        into.accepted += outcome.code == error_code::none ? 1 : 0;
        if (!agrees) {
            into.complain("inflate", message,
                          std::string("ours: ") + facts_of(outcome.code).name + ", zlib: " +
                              (expected.is_whole ? "whole" : std::string(expected.fault)));
        }
    }

    /// What zlib and libdeflate write has to come out as it went in.
    void expect_text(const octets& message, const octets& text, report& into) {
        const inflated outcome = inflate_all(message, {.keeps_text = random_.up_to(1) == 0});
        ++into.inputs;
        into.octets += text.size();
        into.accepted += outcome.code == error_code::none ? 1 : 0;
        if (outcome.code != error_code::none || outcome.text != text) {
            into.complain("inflate of a compressor's output", message, facts_of(outcome.code).name);
        }
    }

private:
    /// New messages by zlib for the next inputs.
    void renew() {
        static constexpr int strategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE,
                                             Z_FIXED};
        written_.clear();
        for (const auto kind : sample_texts::kinds) {
            written_.push_back(zlib_message(texts_.make(kind, random_.up_to(2000)),
                                            static_cast<int>(random_.up_to(9)), 15,
                                            strategies[random_.up_to(4)], random_.up_to(3) == 0));
        }
        for (const auto kind : sample_texts::odd_kinds) {
            written_.push_back(zlib_message(texts_.make(kind, random_.up_to(2000)),
                                            static_cast<int>(random_.up_to(9)), 15,
                                            strategies[random_.up_to(4)], random_.up_to(3) == 0));
        }
    }

    random_deflate random_;
    sample_texts texts_;
    zlib_inflater zlib_;
    std::vector<octets> written_;
};

template <typename Each>
void for_each_text(sample_texts& texts, Each each) {
    const auto sizes = {0U, 1U, 2U, 3U, 100U, 1000U, 20000U, 70000U, 1U << 20};
    for (const unsigned size : sizes) {
        for (const auto kind : sample_texts::kinds) {
            each(texts.make(kind, size));
        }
        for (const auto kind : sample_texts::odd_kinds) {
            each(texts.make(kind, size));
        }
    }
}

}  // namespace

report compare_inflating(std::uint32_t seed, std::uint64_t inputs) {
    report into;
    inflate_comparison comparison(seed);
    comparison.run(inputs, into);
    return into;
}

report inflate_what_others_write(std::uint32_t seed) {
    report into;
    inflate_comparison comparison(seed);
    sample_texts texts(seed);
    for_each_text(texts, [&](const octets& text) {
        const int step = text.size() > 100000 ? 5 : 1;  // of a megabyte a few are enough
        for (int level = 0; level <= 9; level += step) {
            comparison.expect_text(
                zlib_message(text, level, 15, Z_DEFAULT_STRATEGY, level % 2 == 0), text, into);
        }
        for (int bits = 9; bits < 15; bits += step) {
            comparison.expect_text(zlib_message(text, 6, bits, Z_DEFAULT_STRATEGY, false), text,
                                   into);
        }
        for (const int strategy : {Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
            comparison.expect_text(zlib_message(text, 6, 15, strategy, false), text, into);
        }
        for (int level = 0; level <= 12; level += step) {
            comparison.expect_text(libdeflate_message(text, level), text, into);
        }
    });
    return into;
}

}  // namespace plainsong::tests
