// SPDX-License-Identifier: MIT
// conform_deflate.hpp — compresses what the tester sends, inflates what its peer sends.
//
// Does: keep just to what was agreed, and refuse a peer that doesn't: a distance beyond its window,
// or into a message that it should have forgotten.
// Used by: tools/conform_*.  Depends on: codec/deflate, codec/inflate, tools/conform_extension.
#ifndef PLAINSONG_TOOLS_CONFORM_DEFLATE_HPP
#define PLAINSONG_TOOLS_CONFORM_DEFLATE_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <plainsong/codec/deflate.hpp>
#include <plainsong/codec/inflate.hpp>

#include "tools/conform_extension.hpp"

namespace plainsong::conform {

class packer {
public:
    explicit packer(const deflate_terms& terms);

    /// Returns: the payload of a compressed message.
    std::string pack(std::string_view text);
    /// The next message stands for itself.
    void forget() { deflater_.forget(); }
    /// Whether each message stands for itself.
    [[nodiscard]] bool forgets() const { return forgets_; }

private:
    bool forgets_;
    std::vector<std::uint8_t> memory_;
    deflater deflater_;
};

class unpacker {
public:
    explicit unpacker(const deflate_terms& terms);

    /// Returns: "" or what is wrong with the payload of a compressed message.
    std::string unpack(std::string_view payload, std::string& text);

private:
    static constexpr std::uint64_t largest_message = std::uint64_t{64} << 20;

    bool forgets_;
    unsigned bits_;
    std::vector<std::uint8_t> memory_;
    inflate_window window_;
    inflater inflater_;
    std::vector<std::uint8_t> room_;
};

/// Messages cut from a corpus, one behind the other and around again.
class reel {
public:
    /// Requires: the corpus has a multiple of `size` octets.
    reel(std::string_view corpus, std::size_t size)
        : corpus_(corpus), size_(size), packed_(corpus.size() / size) {}

    [[nodiscard]] std::string_view text() const {
        return corpus_.substr(index_ % packed_.size() * size_, size_);
    }
    /// Returns: the same, compressed.
    /// Cost: a message that was compressed behind the same text before isn't compressed again.
    /// Requires: the packer compresses each message in turn, and nothing else.
    std::string packed(packer& by);
    void advance() { ++index_; }

private:
    std::string_view corpus_;
    std::size_t size_;
    std::size_t index_ = 0;
    std::vector<std::string> packed_;
};

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_DEFLATE_HPP
