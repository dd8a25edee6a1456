// SPDX-License-Identifier: MIT
// report.cpp — one line on standard error.
#include <plainsong/app/report.hpp>

#include <cstdio>
#include <cstring>

namespace plainsong {

int report(error why) {
    const error_facts& facts = facts_of(why.code());
    if (why.number() != 0) {
        std::fprintf(stderr, "%s: %s\n", facts.name, std::strerror(why.number()));
    } else {
        std::fprintf(stderr, "%s: expected that %s\n", facts.name, facts.text);
    }
    return 1;
}

}  // namespace plainsong
