// SPDX-License-Identifier: MIT
// blob_data.hpp — what Blobs and ArrayBuffers share.
//
// Does: hold blocks of bytes and open files with a count of their holders; gather a message as it
// comes in.  Does not: join what nobody asks to be joined.
// Used by: app/blob, app/websocket_core.  Depends on: app/blob, net/fd.
#ifndef PLAINSONG_SRC_APP_BLOB_DATA_HPP
#define PLAINSONG_SRC_APP_BLOB_DATA_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <plainsong/app/blob.hpp>
#include <plainsong/net/fd.hpp>

namespace plainsong {

struct byte_block {
    std::atomic<std::uint32_t> holders = 1;
    std::size_t size = 0;
    std::size_t capacity = 0;

    [[nodiscard]] std::uint8_t* begin() { return reinterpret_cast<std::uint8_t*>(this + 1); }
    [[nodiscard]] byte_span bytes() { return {begin(), size}; }

    static shared_ref<byte_block> make(std::size_t capacity);
    /// A copy of `bytes`.
    static shared_ref<byte_block> make(byte_view bytes);
};

struct open_file {
    std::atomic<std::uint32_t> holders = 1;
    fd descriptor;
};

void retain(open_file* one);
void release(open_file* one);

/// Bytes in one block, or in one file.
struct blob_part {
    shared_ref<byte_block> block;
    shared_ref<open_file> file;
    std::uint64_t offset = 0;  // in either
    std::uint64_t size = 0;
    std::uint64_t place = 0;  // of its first byte, in the blob

    /// Requires: from + into.size() <= size.
    [[nodiscard]] error read(std::uint64_t from, byte_span into) const;
};

struct blob_data {
    std::atomic<std::uint32_t> holders = 1;
    std::vector<blob_part> parts;  // none of them empty

    void add(blob_part part);
    [[nodiscard]] std::uint64_t size() const;

    // What only the two classes and those who make them can do.
    static Blob blob_of(shared_ref<blob_data> data, std::string_view type);
    static ArrayBuffer buffer_of(shared_ref<byte_block> block);
    static const blob_data* data_of(const Blob& blob) {
        return blob.data_ ? blob.data_.operator->() : nullptr;
    }
};

/// A message as it comes in.
class blob_builder {
public:
    void append(byte_view chunk);
    void clear() { *this = {}; }

    [[nodiscard]] std::uint64_t size() const { return size_; }
    /// All of it in one block: the only one, or a new one.  Returns: nothing if there are no bytes.
    [[nodiscard]] shared_ref<byte_block> join() const;
    [[nodiscard]] Blob blob() const;

private:
    std::vector<shared_ref<byte_block>> blocks_;
    std::uint64_t size_ = 0;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_BLOB_DATA_HPP
