// SPDX-License-Identifier: MIT
#include "src/app/gather.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/wire.hpp"

namespace plainsong {
namespace {

using tests::octets;

std::string content(gather& out) {
    std::string text;
    for (const io_slice& slice : out.slices()) {
        text.append(static_cast<const char*>(slice.iov_base), slice.iov_len);
    }
    return text;
}

std::string frame_of(std::string_view payload) {
    const octets wire =
        tests::on_wire({.opcode = 2, .payload = octets(payload.begin(), payload.end())});
    return {wire.begin(), wire.end()};
}

bool add(gather& out, std::string_view payload, bool whole = true) {
    return out.add({.payload_size = payload.size(), .op = opcode::binary, .final = true},
                   as_bytes(payload), whole);
}

class Gather : public ::testing::Test {
protected:
    std::unique_ptr<gather> owned = std::make_unique<gather>();
    gather& out = *owned;
};

TEST_F(Gather, JoinsSmallFramesInOneSlice) {
    EXPECT_TRUE(out.empty());
    EXPECT_TRUE(add(out, "one"));
    EXPECT_TRUE(add(out, ""));
    EXPECT_TRUE(add(out, "three"));
    EXPECT_EQ(content(out), frame_of("one") + frame_of("") + frame_of("three"));
    EXPECT_EQ(out.slices().size(), 1U);
    EXPECT_EQ(out.frames(), 3U);
    EXPECT_EQ(out.bytes(), content(out).size());
    const auto with_control = out.slices_and(as_bytes("pong"));
    EXPECT_EQ(with_control.size(), 2U);
    EXPECT_EQ(with_control[1].iov_len, 4U);
    out.clear();
    EXPECT_TRUE(out.empty());
    EXPECT_EQ(out.slices().size(), 0U);
}

TEST_F(Gather, SendsAnOfferedMessageFromWhereItLies) {
    for (const std::size_t size : {2048U, 65'535U, 65'536U, 100'000U}) {
        std::string memory(16 + size, 'm');
        const std::string payload = memory.substr(16);
        const byte_span offered{reinterpret_cast<std::uint8_t*>(memory.data()) + 16, size};
        out.offer(offered);
        EXPECT_TRUE(out.is_offered());
        EXPECT_TRUE(add(out, as_text(offered)));
        EXPECT_EQ(content(out), frame_of(payload));
        EXPECT_EQ(memory.substr(16), payload) << "only what lies before it is overwritten";
        EXPECT_GE(static_cast<const char*>(out.slices()[0].iov_base), memory.data());
        // A second time it has to be copied: one head lies before it already.
        const bool fits = size + 100 < gather::scratch_bytes;
        EXPECT_EQ(add(out, as_text(offered)), fits);
        EXPECT_EQ(content(out), frame_of(payload) + (fits ? frame_of(payload) : ""));
        out.withdraw();
        EXPECT_FALSE(out.is_offered());
        out.clear();
    }
}

TEST_F(Gather, RefusesWhatHasNoRoom) {
    const std::string half(gather::scratch_bytes / 2, 'x');
    EXPECT_TRUE(add(out, half));
    EXPECT_FALSE(add(out, half));
    EXPECT_EQ(content(out), frame_of(half));
    EXPECT_TRUE(add(out, "small"));
    out.clear();
    std::size_t count = 0;
    while (add(out, "")) {
        ASSERT_LE(++count, gather::most_frames);
    }
    EXPECT_EQ(count, gather::most_frames);
    EXPECT_EQ(out.frames(), count);
    out.clear();
    // More places than there are slices for:
    std::vector<std::string> memory(gather::most_slices + 5, std::string(16 + 3000, 'm'));
    count = 0;
    for (std::string& one : memory) {
        out.offer({reinterpret_cast<std::uint8_t*>(one.data()) + 16, 3000});
        count += add(out, std::string_view(one).substr(16)) ? 1U : 0U;
    }
    EXPECT_GE(count, gather::most_slices);
    EXPECT_LE(out.slices().size(), gather::most_slices);
    EXPECT_EQ(content(out).size(), count * frame_of(std::string(3000, 'm')).size());
}

TEST_F(Gather, TellsWhatIsLeftOfEachFrame) {
    std::vector<std::string> large(3, std::string(16 + 5000, 'm'));
    std::vector<std::string> frames;
    std::vector<bool> whole;
    for (std::string& one : large) {
        frames.push_back(frame_of("small"));
        whole.push_back(frames.size() % 2 != 0);
        ASSERT_TRUE(add(out, "small", whole.back()));
        out.offer({reinterpret_cast<std::uint8_t*>(one.data()) + 16, 5000});
        frames.push_back(frame_of(std::string(5000, 'm')));
        whole.push_back(true);
        ASSERT_TRUE(add(out, std::string_view(one).substr(16)));
        frames.push_back(frame_of(""));
        whole.push_back(false);
        ASSERT_TRUE(add(out, "", false));
    }
    for (std::size_t sent = 0; sent <= out.bytes(); ++sent) {
        std::size_t before = 0;
        std::size_t index = 0;
        while (index < frames.size() && before + frames[index].size() <= sent) {
            before += frames[index++].size();
        }
        std::size_t gone = sent - before;
        out.for_each_unsent(sent, [&](byte_view rest, bool begun, bool is_whole) {
            ASSERT_LT(index, frames.size());
            ASSERT_EQ(as_text(rest), std::string_view(frames[index]).substr(gone));
            ASSERT_EQ(begun, gone != 0);
            ASSERT_EQ(is_whole, whole[index]);
            ++index;
            gone = 0;
        });
        ASSERT_EQ(index, frames.size()) << sent;
    }
}

}  // namespace
}  // namespace plainsong
