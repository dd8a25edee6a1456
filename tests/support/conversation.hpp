// SPDX-License-Identifier: MIT
// conversation.hpp — plays a written conversation with the engine, however its bytes are cut.
//
// Does: read the files of tests/conformance/vectors (README.md there gives the grammar); play one
// conversation whole, byte by byte and at each single cut, each time against the same expectations.
// Does not: know which rules hold; the files say what is expected.
#ifndef PLAINSONG_TESTS_SUPPORT_CONVERSATION_HPP
#define PLAINSONG_TESTS_SUPPORT_CONVERSATION_HPP

#include <cstddef>
#include <string>
#include <vector>

namespace plainsong::tests {

struct conversation {
    struct line {
        std::size_t number = 0;
        std::vector<std::string> words;
    };

    std::string file;
    std::string title;
    std::string proven;  // ids, parted by blanks
    std::vector<line> lines;

    /// The title as the name of a test: "Echoes a text" becomes EchoesAText.
    [[nodiscard]] std::string test_name() const;
};

/// Returns: the conversations of `file`, in order.  Throws std::runtime_error if it cannot be read
/// or has a line outside any conversation.
std::vector<conversation> read_conversations(const std::string& file);

/// Plays `script` in every cutting.  Returns: what went wrong first, naming the line and the
/// cutting, or "" if all went as written.
std::string play(const conversation& script);

}  // namespace plainsong::tests

#endif  // PLAINSONG_TESTS_SUPPORT_CONVERSATION_HPP
