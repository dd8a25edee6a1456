// SPDX-License-Identifier: MIT
// blob_data.cpp — counted blocks and files, and what a message is gathered in.
#include "src/app/blob_data.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <plainsong/base/contract.hpp>
#include <plainsong/net/sys.hpp>

namespace plainsong {

namespace {

// A block that chunks are joined in grows with the message up to this size.
constexpr std::size_t largest_joining_block = 64 << 10;

template <typename Counted>
void count_up(Counted* one) {
    one->holders.fetch_add(1, std::memory_order_relaxed);
}
template <typename Counted>
bool count_down(Counted* one) {
    return one->holders.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace

void retain(byte_block* one) {
    count_up(one);
}
void release(byte_block* one) {
    if (count_down(one)) {
        one->~byte_block();
        ::operator delete(one);
    }
}
void retain(open_file* one) {
    count_up(one);
}
void release(open_file* one) {
    if (count_down(one)) {
        delete one;
    }
}
void retain(blob_data* one) {
    count_up(one);
}
void release(blob_data* one) {
    if (count_down(one)) {
        delete one;
    }
}

// ---- blocks, parts ------------------------------------------------------------------------------

shared_ref<byte_block> byte_block::make(std::size_t capacity) {
    auto* const one = ::new (::operator new(sizeof(byte_block) + capacity)) byte_block;
    one->capacity = capacity;
    return shared_ref<byte_block>(one);
}

shared_ref<byte_block> byte_block::make(byte_view bytes) {
    shared_ref<byte_block> one = make(bytes.size());
    one->size = bytes.size();
    if (!bytes.empty()) {
        std::memcpy(one->begin(), bytes.data(), bytes.size());
    }
    return one;
}

error blob_part::read(std::uint64_t from, byte_span into) const {
    PLAINSONG_REQUIRE(from + into.size() <= size);
    if (block) {
        std::memcpy(into.data(), block->begin() + offset + from, into.size());
        return {};
    }
    std::uint64_t at = offset + from;
    while (!into.empty()) {
        const io_result got = sys::read_at(file->descriptor.number(), into, at);
        if (got.status == io_result::kind::end) {
            return error_code::file_changed;
        }
        if (got.status != io_result::kind::done) {
            return {error_code::system_call_failed, got.number};
        }
        at += got.count;
        into = into.subspan(got.count);
    }
    return {};
}

void blob_data::add(blob_part part) {
    if (part.size != 0) {
        part.place = size();
        parts.push_back(std::move(part));
    }
}

std::uint64_t blob_data::size() const {
    return parts.empty() ? 0 : parts.back().place + parts.back().size;
}

Blob blob_data::blob_of(shared_ref<blob_data> data, std::string_view type) {
    const std::uint64_t size = data->size();
    return {std::move(data), 0, size, type};
}

ArrayBuffer blob_data::buffer_of(shared_ref<byte_block> block) {
    return ArrayBuffer(std::move(block));
}

// ---- blob_builder -------------------------------------------------------------------------------

void blob_builder::append(byte_view chunk) {
    if (chunk.empty()) {
        return;
    }
    if (blocks_.empty() || blocks_.back()->capacity - blocks_.back()->size < chunk.size()) {
        // Most messages are one chunk.  Of one that comes in crumbs the later ones share blocks.
        const auto wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(size_, largest_joining_block));
        blocks_.push_back(byte_block::make(std::max(chunk.size(), wanted)));
    }
    byte_block& last = *blocks_.back();
    std::memcpy(last.begin() + last.size, chunk.data(), chunk.size());
    last.size += chunk.size();
    size_ += chunk.size();
}

shared_ref<byte_block> blob_builder::join() const {
    if (blocks_.size() <= 1) {
        return blocks_.empty() ? shared_ref<byte_block>{} : blocks_.front();
    }
    shared_ref<byte_block> whole = byte_block::make(static_cast<std::size_t>(size_));
    for (const auto& block : blocks_) {
        std::memcpy(whole->begin() + whole->size, block->begin(), block->size);
        whole->size += block->size;
    }
    return whole;
}

Blob blob_builder::blob() const {
    shared_ref<blob_data> data(new blob_data);
    for (const auto& block : blocks_) {
        data->add({.block = block, .file = {}, .size = block->size});
    }
    return blob_data::blob_of(std::move(data), {});
}

}  // namespace plainsong
