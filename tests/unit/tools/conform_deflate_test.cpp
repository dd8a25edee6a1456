// SPDX-License-Identifier: MIT
// conform_deflate_test.cpp — what the conformance tool compresses and inflates, and what it refuses.
#include <gtest/gtest.h>

#include <string>

#include "tools/conform_corpus.hpp"
#include "tools/conform_deflate.hpp"

namespace plainsong::conform {
namespace {

/// Terms of a peer that sends just what the tester does.
deflate_terms mirrored(unsigned bits, bool forgets) {
    return {true, bits, bits, forgets, forgets};
}

TEST(ConformDeflate, InflatesWhatItCompresses) {
    for (const char* const name : {"json", "html", "prose", "bitmap", "document"}) {
        for (unsigned bits = 8; bits <= 15; ++bits) {
            const deflate_terms terms = mirrored(bits, bits % 2 == 0);
            packer out(terms);
            unpacker in(terms);
            for (const std::size_t size : {std::size_t{0}, std::size_t{1}, corpus_size}) {
                const std::string_view text = corpus(name).substr(0, size);
                std::string back;
                EXPECT_EQ(in.unpack(out.pack(text), back), "") << name << " " << bits;
                EXPECT_TRUE(back == text) << name << " " << bits << " " << size;
            }
        }
    }
}

TEST(ConformDeflate, RefusesWhatWasNotAgreed) {
    const std::string text = noise(300);
    std::string back;
    packer wide(mirrored(9, false));
    unpacker narrow(mirrored(8, false));
    EXPECT_NE(narrow.unpack(wide.pack(text + text), back), "");

    packer keeps(mirrored(15, false));
    unpacker forgets(mirrored(15, true));
    EXPECT_EQ(forgets.unpack(keeps.pack(text), back), "");
    EXPECT_NE(forgets.unpack(keeps.pack(text), back), "");

    unpacker any(mirrored(15, false));
    EXPECT_NE(any.unpack("\x06", back), "");
}

TEST(ConformDeflate, CutsACorpusIntoTheMessagesThatItCompresses) {
    for (const bool forgets : {false, true}) {
        for (const std::size_t size : {std::size_t{4096}, std::size_t{65536}, corpus_size}) {
            const deflate_terms terms = mirrored(15, forgets);
            packer out(terms);
            unpacker in(terms);
            reel messages(corpus("json"), size);
            std::string all;
            for (std::size_t done = 0; done < 3 * corpus_size; done += size, messages.advance()) {
                std::string back;
                ASSERT_EQ(in.unpack(messages.packed(out), back), "") << size << " " << done;
                ASSERT_TRUE(back == messages.text()) << size << " " << done;
                all += back;
            }
            const std::string_view whole = corpus("json");
            EXPECT_TRUE(all == std::string(whole) + std::string(whole) + std::string(whole));
        }
    }
}

TEST(ConformCorpus, HasTextsOfAsciiAndOthers) {
    EXPECT_TRUE(corpus("news").empty());
    for (const char* const name : {"json", "html", "prose", "bitmap", "document"}) {
        const std::string_view text = corpus(name);
        EXPECT_EQ(text.size(), corpus_size) << name;
        const bool is_ascii = text.find_first_of("\x80\xc3\xff") == std::string_view::npos;
        EXPECT_EQ(is_ascii, name == std::string("json") || name == std::string("html")) << name;
        packer out(mirrored(15, false));
        const bool shrinks = out.pack(text).size() < corpus_size / 4 * 3;
        EXPECT_EQ(shrinks, name != std::string("document")) << name;
    }
    packer out(mirrored(15, false));
    EXPECT_GT(out.pack(noise(1000)).size(), 740U);  // six bits of eight are noise
}

}  // namespace
}  // namespace plainsong::conform
