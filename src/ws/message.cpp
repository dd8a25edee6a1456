// SPDX-License-Identifier: MIT
// message.cpp — joining chunks.
#include <plainsong/ws/message.hpp>

#include <cstring>

namespace plainsong {

bool message_assembler::append(byte_view chunk, bool first) {
    const std::size_t kept = first ? 0 : size_;
    if (chunk.size() > storage_.size() - kept) {
        return false;
    }
    if (!chunk.empty()) {  // memcpy from a null pointer is undefined even for no bytes
        std::memcpy(storage_.data() + kept, chunk.data(), chunk.size());
    }
    size_ = kept + chunk.size();  // [6455-6.2-04] [6455-5.4-08]
    return true;
}

}  // namespace plainsong
