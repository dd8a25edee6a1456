// SPDX-License-Identifier: MIT
// blob.hpp — bytes as the browser's API hands them around: ArrayBuffer and Blob.
//
// Does: share bytes instead of copying them; keep what came in pieces in pieces until somebody asks
// for the whole; read a file piece by piece, as its bytes are needed.
// Does not: watch the file, or read it in the background: a read is a call that waits for the disk.
// Used by: app/websocket, programs.  Depends on: base, net/sys.
//
// The names are those of the browser (https://w3c.github.io/FileAPI/), where the browser has them;
// what is not its own (from_file, read) is written as everywhere else in this library.  What a
// browser answers later, by a promise, is answered at once.
//
// Threads: a Blob never changes, and copies of it may be used on any threads.  So may copies of an
// ArrayBuffer, as long as nobody writes.
#ifndef PLAINSONG_APP_BLOB_HPP
#define PLAINSONG_APP_BLOB_HPP

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <plainsong/base/bytes.hpp>
#include <plainsong/base/result.hpp>

namespace plainsong {

struct byte_block;
struct blob_data;

void retain(byte_block* one);
void release(byte_block* one);
void retain(blob_data* one);
void release(blob_data* one);

/// Keeps something alive that counts its holders, with the functions above.
template <typename Counted>
class shared_ref {
public:
    shared_ref() = default;
    /// Takes over a reference that has been counted already.
    explicit shared_ref(Counted* counted) : one_(counted) {}
    shared_ref(const shared_ref& other) : one_(other.one_) {
        if (one_ != nullptr) {
            retain(one_);
        }
    }
    shared_ref(shared_ref&& other) noexcept : one_(std::exchange(other.one_, nullptr)) {}
    shared_ref& operator=(shared_ref other) noexcept {
        std::swap(one_, other.one_);
        return *this;
    }
    ~shared_ref() {
        if (one_ != nullptr) {
            release(one_);
        }
    }

    explicit operator bool() const { return one_ != nullptr; }
    Counted* operator->() const { return one_; }
    Counted& operator*() const { return *one_; }

private:
    Counted* one_ = nullptr;
};

/// One block of bytes.  Copies are the same block, as two variables of a script are; slice() makes
/// another one.
class ArrayBuffer {
public:
    ArrayBuffer() = default;
    /// So many zeros.
    explicit ArrayBuffer(std::size_t byteLength);
    /// A copy of `bytes`.
    explicit ArrayBuffer(byte_view bytes);

    [[nodiscard]] std::size_t byteLength() const { return bytes().size(); }
    /// Lifetime: that of the last copy of this buffer.
    [[nodiscard]] byte_span bytes() const;
    /// A copy of the bytes from `begin` to in front of `end`; what is negative counts from the end.
    [[nodiscard]] ArrayBuffer slice(
        std::int64_t begin, std::int64_t end = std::numeric_limits<std::int64_t>::max()) const;

private:
    friend struct blob_data;
    explicit ArrayBuffer(shared_ref<byte_block> block) : block_(std::move(block)) {}

    shared_ref<byte_block> block_;
};

class Blob {
public:
    Blob() = default;
    /// A copy of the bytes.  `type` is a MIME type, "" if unknown.
    explicit Blob(byte_view bytes, std::string_view type = {});
    explicit Blob(std::string_view text, std::string_view type = {}) : Blob(as_bytes(text), type) {}
    /// One behind the other, without copying any.
    explicit Blob(std::span<const Blob> parts, std::string_view type = {});

    /// The bytes that the file has now.  It stays open, and is read when and where bytes are
    /// needed.
    /// Errors: not_a_file; system_call_failed with the errno.
    static result<Blob> from_file(std::string_view path, std::string_view type = {});

    [[nodiscard]] std::uint64_t size() const { return end_ - begin_; }
    /// In lower case; "" if it had characters outside of ASCII's printable ones.
    [[nodiscard]] const std::string& type() const { return type_; }

    /// The bytes from `start` to in front of `end`, without copying them; what is negative counts
    /// from the end, what is beyond an end is cut.
    [[nodiscard]] Blob slice(std::int64_t start = 0,
                             std::int64_t end = std::numeric_limits<std::int64_t>::max(),
                             std::string_view contentType = {}) const;

    /// The whole, joined.  Errors of these and of read: file_changed if the file has become
    /// shorter, system_call_failed with the errno.  There are none if nothing comes of a file.
    [[nodiscard]] result<ArrayBuffer> arrayBuffer() const;
    [[nodiscard]] result<std::vector<std::uint8_t>> bytes() const;
    /// As UTF-8: without a byte order mark, and with U+FFFD for what is ill-formed.
    [[nodiscard]] result<std::string> text() const;

    /// Copies bytes from `from` on to `into`, as many as there are and fit.
    /// Returns: how many.
    [[nodiscard]] result<std::size_t> read(std::uint64_t from, byte_span into) const;

private:
    friend struct blob_data;
    Blob(shared_ref<blob_data> data, std::uint64_t begin, std::uint64_t end, std::string_view type);

    shared_ref<blob_data> data_;
    std::uint64_t begin_ = 0;  // of what this one is, in all of data_
    std::uint64_t end_ = 0;
    std::string type_;
};

}  // namespace plainsong

#endif  // PLAINSONG_APP_BLOB_HPP
