// SPDX-License-Identifier: MIT
// conform_outgoing.cpp — frames joined into writes, or cut into them.
//
// Used by: tools/conform_conversation.  Depends on: tools/conform_outgoing.
#include "tools/conform_outgoing.hpp"

#include <algorithm>
#include <utility>

namespace plainsong::conform {

void outgoing::add(std::string octets, std::uint64_t chop, bool alone,
                   std::chrono::milliseconds pause) {
    added_ += octets.size();
    const bool joins = chop == 0 && !alone;
    if (joins && !pieces_.empty() && pieces_.back().joins) {
        pieces_.back().octets += octets;
        return;
    }
    pieces_.push_back({std::move(octets), 0, chop, pause, joins});
}

bool outgoing::is_paced() const {
    return how_.what != cutting::as_asked || !pieces_.front().joins;
}

std::string_view outgoing::next() {
    const piece& first = pieces_.front();
    const std::string_view rest = std::string_view(first.octets).substr(first.at);
    if (cut_ == 0) {
        const bool fine = done_ < fine_octets;
        switch (how_.what) {
            case cutting::as_asked:
                cut_ = first.chop == 0 ? rest.size() : first.chop;
                break;
            case cutting::each:
                cut_ = fine ? 1 : coarse_cut;
                break;
            case cutting::random:
                random_ = random_ * 6364136223846793005U + 1442695040888963407U;
                cut_ = 1 + (random_ >> 33) % (fine ? fine_cut : coarse_cut);
                break;
        }
    }
    return rest.substr(0, cut_);
}

std::chrono::milliseconds outgoing::pause() const {
    const piece& first = pieces_.front();
    const std::uint64_t end = first.at + cut_;
    const bool is_there =
        first.chop > 0 && (end / first.chop > first.at / first.chop || end >= first.octets.size());
    return is_there ? first.pause : std::chrono::milliseconds{0};
}

void outgoing::sent(std::size_t count) {
    piece& first = pieces_.front();
    first.at += count;
    done_ += count;
    cut_ = cut_ > count && how_.what == cutting::as_asked ? cut_ - count : 0;
    if (first.at >= first.octets.size()) {
        pieces_.pop_front();
        cut_ = 0;
    }
}

void outgoing::drop_unbegun() {
    const bool begun = !pieces_.empty() && pieces_.front().at > 0;
    for (std::size_t at = begun ? 1 : 0; at < pieces_.size(); ++at) {
        added_ -= pieces_[at].octets.size();
    }
    pieces_.erase(pieces_.begin() + (begun ? 1 : 0), pieces_.end());
}

}  // namespace plainsong::conform
