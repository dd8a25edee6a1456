// SPDX-License-Identifier: MIT
// blob.cpp — shared bytes, in memory and in files.
#include <plainsong/app/blob.hpp>

#include <algorithm>
#include <cstring>

#include <plainsong/codec/ascii.hpp>
#include <plainsong/codec/utf8_repair.hpp>
#include <plainsong/net/sys.hpp>

#include "src/app/blob_data.hpp"

namespace plainsong {

namespace {

/// Where `at` stands in `size` bytes: from the end if it is negative, and never outside.
std::uint64_t place_in(std::uint64_t size, std::int64_t at) {
    if (at >= 0) {
        return std::min(size, static_cast<std::uint64_t>(at));
    }
    const std::uint64_t back = ~static_cast<std::uint64_t>(at) + 1;
    return size - std::min(size, back);
}

std::string type_of(std::string_view given) {
    std::string type;
    for (const char c : given) {
        if (c < ' ' || c > '~') {
            return {};
        }
        type += fold_case(c);
    }
    return type;
}

}  // namespace

// ---- ArrayBuffer --------------------------------------------------------------------------------

ArrayBuffer::ArrayBuffer(std::size_t byteLength) : block_(byte_block::make(byteLength)) {
    block_->size = byteLength;
    std::memset(block_->begin(), 0, byteLength);
}

ArrayBuffer::ArrayBuffer(byte_view bytes) : block_(byte_block::make(bytes)) {}

byte_span ArrayBuffer::bytes() const {
    return block_ ? block_->bytes() : byte_span{};
}

ArrayBuffer ArrayBuffer::slice(std::int64_t begin, std::int64_t end) const {
    const std::uint64_t from = place_in(byteLength(), begin);
    const std::uint64_t to = std::max(from, place_in(byteLength(), end));
    return ArrayBuffer(bytes().subspan(from, to - from));
}

// ---- Blob ---------------------------------------------------------------------------------------

Blob::Blob(shared_ref<blob_data> data, std::uint64_t begin, std::uint64_t end,
           std::string_view type)
    : data_(std::move(data)), begin_(begin), end_(end), type_(type_of(type)) {}

Blob::Blob(byte_view bytes, std::string_view type)
    : data_(new blob_data), end_(bytes.size()), type_(type_of(type)) {
    data_->add({.block = byte_block::make(bytes), .file = {}, .size = bytes.size()});
}

Blob::Blob(std::span<const Blob> parts, std::string_view type)
    : data_(new blob_data), type_(type_of(type)) {
    for (const Blob& one : parts) {
        if (!one.data_) {
            continue;
        }
        for (blob_part part : one.data_->parts) {
            const std::uint64_t from = std::max(part.place, one.begin_);
            const std::uint64_t to = std::min(part.place + part.size, one.end_);
            if (from < to) {
                part.offset += from - part.place;
                part.size = to - from;
                data_->add(std::move(part));
            }
        }
    }
    end_ = data_->size();
}

result<Blob> Blob::from_file(std::string_view path, std::string_view type) {
    if (path.find('\0') != std::string_view::npos) {
        return error{error_code::not_a_file};
    }
    result<fd> opened = sys::open_file(std::string(path).c_str());
    if (!opened) {
        return opened.why();
    }
    auto size = sys::file_size(opened->number());
    if (!size) {
        return size.why();
    }
    shared_ref<open_file> file(new open_file);
    file->descriptor = std::move(*opened);
    shared_ref<blob_data> data(new blob_data);
    data->add({.block = {}, .file = std::move(file), .size = *size});
    return blob_data::blob_of(std::move(data), type);
}

Blob Blob::slice(std::int64_t start, std::int64_t end, std::string_view contentType) const {
    const std::uint64_t from = place_in(size(), start);
    const std::uint64_t to = std::max(from, place_in(size(), end));
    return {data_, begin_ + from, begin_ + to, contentType};
}

result<std::size_t> Blob::read(std::uint64_t from, byte_span into) const {
    if (from >= size()) {
        return std::size_t{0};
    }
    into =
        into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size() - from)));
    std::uint64_t at = begin_ + from;
    const auto& parts = data_->parts;
    auto part = std::upper_bound(
                    parts.begin(), parts.end(), at,
                    [](std::uint64_t place, const blob_part& one) { return place < one.place; }) -
                1;
    for (std::size_t done = 0; done < into.size(); ++part) {
        const std::uint64_t inside = at - part->place;
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>(into.size() - done, part->size - inside));
        if (auto why = part->read(inside, into.subspan(done, count))) {
            return why;
        }
        done += count;
        at += count;
    }
    return into.size();
}

result<ArrayBuffer> Blob::arrayBuffer() const {
    const auto total = static_cast<std::size_t>(size());
    shared_ref<byte_block> block = byte_block::make(total);
    block->size = total;
    if (auto count = read(0, block->bytes()); !count) {
        return count.why();
    }
    return blob_data::buffer_of(std::move(block));
}

result<std::vector<std::uint8_t>> Blob::bytes() const {
    std::vector<std::uint8_t> all(static_cast<std::size_t>(size()));
    if (auto count = read(0, all); !count) {
        return count.why();
    }
    return all;
}

result<std::string> Blob::text() const {
    auto all = bytes();
    if (!all) {
        return all.why();
    }
    byte_view octets = *all;
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (as_text(octets).starts_with(mark)) {
        octets = octets.subspan(mark.size());
    }
    std::string text(repaired_size(octets), '\0');
    repair_utf8(octets, reinterpret_cast<std::uint8_t*>(text.data()));
    return text;
}

}  // namespace plainsong
