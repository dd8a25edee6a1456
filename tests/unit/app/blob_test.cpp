// SPDX-License-Identifier: MIT
#include <plainsong/app/blob.hpp>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "src/app/blob_data.hpp"

namespace plainsong {
namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

std::string text_of(const Blob& blob) {
    auto text = blob.text();
    EXPECT_TRUE(text);
    return text ? *text : std::string{};
}

/// A file that goes with it.
class temporary_file {
public:
    explicit temporary_file(std::string_view content) {
        descriptor_ = ::mkstemp(path_.data());
        write(content);
    }
    ~temporary_file() {
        ::close(descriptor_);
        ::unlink(path_.c_str());
    }
    void write(std::string_view more) {
        EXPECT_EQ(::write(descriptor_, more.data(), more.size()),
                  static_cast<ssize_t>(more.size()));
    }
    void cut(off_t size) { EXPECT_EQ(::ftruncate(descriptor_, size), 0); }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_ = "/tmp/plainsong-blob.XXXXXX";
    int descriptor_ = -1;
};

// ---- ArrayBuffer --------------------------------------------------------------------------------

TEST(ArrayBuffer, BeginsWithZerosAndIsOneBlockForAllCopies) {
    const ArrayBuffer one(3);
    const ArrayBuffer same = one;
    EXPECT_EQ(one.byteLength(), 3U);
    EXPECT_EQ(as_text(one.bytes()), std::string_view("\0\0\0", 3));
    one.bytes()[1] = 'x';
    EXPECT_EQ(same.bytes()[1], 'x');
    EXPECT_EQ(ArrayBuffer().byteLength(), 0U);
}

TEST(ArrayBuffer, SlicesByCopying) {
    const ArrayBuffer one(as_bytes("0123456789"));
    const ArrayBuffer part = one.slice(2, 5);
    EXPECT_EQ(as_text(part.bytes()), "234");
    part.bytes()[0] = 'x';
    EXPECT_EQ(as_text(one.bytes()), "0123456789");
    EXPECT_EQ(as_text(one.slice(-3).bytes()), "789");
    EXPECT_EQ(as_text(one.slice(-3, -1).bytes()), "78");
    EXPECT_EQ(one.slice(5, 2).byteLength(), 0U);
    EXPECT_EQ(one.slice(least, most).byteLength(), 10U);
}

// ---- Blob ---------------------------------------------------------------------------------------

TEST(Blob, KnowsItsSizeAndItsTypeInLowerCase) {
    const Blob blob(as_bytes("abc"), "Text/Plain;Charset=UTF-8");
    EXPECT_EQ(blob.size(), 3U);
    EXPECT_EQ(blob.type(), "text/plain;charset=utf-8");
    EXPECT_EQ(Blob("abc", "te\x7fxt").type(), "");
    EXPECT_EQ(Blob("abc", "te\nxt").type(), "");
    EXPECT_EQ(Blob("abc", "t\xc3\xa9xt").type(), "");
    EXPECT_EQ(Blob("abc").type(), "");
    EXPECT_EQ(Blob().size(), 0U);
    EXPECT_EQ(text_of(Blob()), "");
}

TEST(Blob, SlicesLikeTheStandard) {
    const Blob blob("0123456789", "a/b");
    const auto sliced = [&](std::int64_t start, std::int64_t end) {
        return text_of(blob.slice(start, end));
    };
    EXPECT_EQ(sliced(2, 5), "234");
    EXPECT_EQ(sliced(-3, most), "789");
    EXPECT_EQ(sliced(-3, -1), "78");
    EXPECT_EQ(sliced(5, 2), "");
    EXPECT_EQ(sliced(-100, 3), "012");
    EXPECT_EQ(sliced(8, 100), "89");
    EXPECT_EQ(sliced(100, 200), "");
    EXPECT_EQ(sliced(least, most), "0123456789");
    EXPECT_EQ(blob.slice().type(), "");
    EXPECT_EQ(blob.slice(1, 2, "C/D").type(), "c/d");
    EXPECT_EQ(text_of(blob.slice(2, 8).slice(1, -1).slice(1)), "456");
}

TEST(Blob, GivesItsBytesInEachForm) {
    const Blob blob("abc");
    auto buffer = blob.arrayBuffer();
    ASSERT_TRUE(buffer);
    EXPECT_EQ(as_text(buffer->bytes()), "abc");
    buffer->bytes()[0] = 'x';  // a copy: the Blob stays what it is
    auto bytes = blob.bytes();
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, (std::vector<std::uint8_t>{'a', 'b', 'c'}));
}

TEST(Blob, DecodesItsTextWithoutMarkAndWithReplacements) {
    EXPECT_EQ(text_of(Blob("\xef\xbb\xbfone\xef\xbb\xbf")), "one\xef\xbb\xbf");
    EXPECT_EQ(text_of(Blob("a\xffz")), "a\xef\xbf\xbdz");
}

TEST(Blob, IsMadeOfOthersWithoutCopyingThem) {
    const Blob first("0123");
    const Blob second("4567");
    const Blob parts[] = {first.slice(1), Blob(), second, first.slice(0, 0), first};
    const Blob whole(parts, "x/y");
    EXPECT_EQ(whole.size(), 11U);
    EXPECT_EQ(text_of(whole), "12345670123");
    const auto& made = blob_data::data_of(whole)->parts;
    ASSERT_EQ(made.size(), 3U);
    const auto& source = blob_data::data_of(first)->parts;
    EXPECT_EQ(made[0].block->begin(), source[0].block->begin());
    EXPECT_EQ(made[0].offset, 1U);
    EXPECT_EQ(made[2].block->begin(), source[0].block->begin());
}

TEST(Blob, ReadsAnyRangeOfItsParts) {
    std::mt19937 random{4};
    std::string expected;
    std::vector<Blob> parts;
    for (int i = 0; i < 50; ++i) {
        const std::string text(random() % 20, static_cast<char>('a' + i % 26));
        expected += text;
        parts.emplace_back(text);
    }
    const Blob whole(parts);
    ASSERT_EQ(whole.size(), expected.size());
    for (int i = 0; i < 2000; ++i) {
        const std::size_t from = random() % (expected.size() + 10);
        std::vector<std::uint8_t> into(random() % 60);
        auto count = whole.read(from, into);
        ASSERT_TRUE(count);
        const std::string_view wanted =
            from > expected.size() ? "" : std::string_view(expected).substr(from, into.size());
        ASSERT_EQ(as_text(byte_view(into).first(*count)), wanted);
    }
}

// ---- files --------------------------------------------------------------------------------------

TEST(BlobFromFile, GivesTheBytesOfTheFileAndPartsOfThem) {
    const temporary_file file("hello, file");
    auto blob = Blob::from_file(file.path(), "text/plain");
    ASSERT_TRUE(blob);
    EXPECT_EQ(blob->size(), 11U);
    EXPECT_EQ(blob->type(), "text/plain");
    EXPECT_EQ(text_of(*blob), "hello, file");
    EXPECT_EQ(text_of(blob->slice(7)), "file");
    const Blob both[] = {Blob("<"), blob->slice(0, 5), Blob(">")};
    EXPECT_EQ(text_of(Blob(both)), "<hello>");
}

TEST(BlobFromFile, IsWhatTheFileHeldWhenItWasOpened) {
    temporary_file file("hello");
    auto blob = Blob::from_file(file.path());
    ASSERT_TRUE(blob);
    file.write(", later");
    EXPECT_EQ(text_of(*blob), "hello");
    ::unlink(file.path().c_str());
    EXPECT_EQ(text_of(*blob), "hello");
}

TEST(BlobFromFile, SaysThatTheFileHasShrunk) {
    temporary_file file("hello, file");
    auto blob = Blob::from_file(file.path());
    ASSERT_TRUE(blob);
    file.cut(5);
    EXPECT_EQ(blob->text().why().code(), error_code::file_changed);
    EXPECT_EQ(blob->arrayBuffer().why().code(), error_code::file_changed);
    EXPECT_EQ(text_of(blob->slice(0, 5)), "hello");
}

TEST(BlobFromFile, RefusesWhatIsNoFile) {
    EXPECT_EQ(Blob::from_file("/tmp").why().code(), error_code::not_a_file);
    EXPECT_EQ(Blob::from_file("/dev/null").why().code(), error_code::not_a_file);
    EXPECT_EQ(Blob::from_file(std::string_view("/etc/passwd\0x", 13)).why().code(),
              error_code::not_a_file);
    const error missing = Blob::from_file("/nowhere/at/all").why();
    EXPECT_EQ(missing.code(), error_code::system_call_failed);
    EXPECT_EQ(missing.number(), ENOENT);
    const std::string pipe = "/tmp/plainsong-blob-pipe." + std::to_string(::getpid());
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(Blob::from_file(pipe).why().code(), error_code::not_a_file);  // and doesn't wait
    ::unlink(pipe.c_str());
}

TEST(BlobFromFile, TakesAnEmptyFile) {
    const temporary_file file("");
    auto blob = Blob::from_file(file.path());
    ASSERT_TRUE(blob);
    EXPECT_EQ(blob->size(), 0U);
    EXPECT_EQ(text_of(*blob), "");
}

// ---- what a message is gathered in --------------------------------------------------------------

TEST(BlobBuilder, KeepsLargeChunksApartUntilTheyAreToBeJoined) {
    blob_builder builder;
    const std::string chunk(100'000, 'a');
    builder.append(as_bytes(chunk));
    builder.append(as_bytes(chunk));
    const Blob blob = builder.blob();
    EXPECT_EQ(blob.size(), 200'000U);
    EXPECT_EQ(blob_data::data_of(blob)->parts.size(), 2U);
    EXPECT_EQ(as_text(builder.join()->bytes()), chunk + chunk);
}

TEST(BlobBuilder, HandsOverASingleChunkWithoutCopyingIt) {
    blob_builder builder;
    EXPECT_FALSE(builder.join());
    builder.append(as_bytes("one"));
    EXPECT_EQ(blob_data::data_of(builder.blob())->parts[0].block->begin(), builder.join()->begin());
}

TEST(BlobBuilder, LetsCrumbsShareBlocks) {
    blob_builder builder;
    std::string expected;
    for (int i = 0; i < 10'000; ++i) {
        const auto crumb = static_cast<char>('a' + i % 26);
        expected += crumb;
        builder.append(as_bytes(std::string_view(&crumb, 1)));
        builder.append({});
    }
    EXPECT_EQ(text_of(builder.blob()), expected);
    EXPECT_LT(blob_data::data_of(builder.blob())->parts.size(), 20U);
}

}  // namespace
}  // namespace plainsong
