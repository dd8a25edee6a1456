// SPDX-License-Identifier: MIT
// conform_corpus.hpp — what compressed messages are cut from.
//
// Does: make, once and the same each time, texts that are as redundant as what they are called
// after: the suite compresses real files, which are not ours to copy.
// Used by: tools/conform_*, tools/load_frames.  Depends on: nothing.
#ifndef PLAINSONG_TOOLS_CONFORM_CORPUS_HPP
#define PLAINSONG_TOOLS_CONFORM_CORPUS_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace plainsong::conform {

/// Each message has a size of which this is a multiple: so none of them wraps around.
constexpr std::size_t corpus_size = 256 << 10;

/// Returns: nothing if no corpus is called so.  json and html are ASCII alone; prose, bitmap and
/// document are not.
/// Lifetime: the program's.
std::string_view corpus(std::string_view name);

/// Returns: `size` letters and digits in which nothing repeats, the same each time.
std::string noise(std::size_t size);

}  // namespace plainsong::conform

#endif  // PLAINSONG_TOOLS_CONFORM_CORPUS_HPP
