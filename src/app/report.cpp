// SPDX-License-Identifier: MIT
// report.cpp — one line on standard error.
#include <plainsong/app/report.hpp>

#include <cstdio>
#include <cstring>

namespace plainsong {

int report(error why) {
    const error_facts& facts = facts_of(why.code());
    const bool is_of_the_kernel =  // the others have numbers of their own, e.g. getaddrinfo's
        why.number() != 0 && why.code() != error_code::name_not_found &&
        why.code() != error_code::name_lookup_failed;
    if (is_of_the_kernel) {
        std::fprintf(stderr, "%s: %s\n", facts.name, std::strerror(why.number()));
    } else {
        std::fprintf(stderr, "%s: expected that %s\n", facts.name, facts.text);
    }
    return 1;
}

}  // namespace plainsong
