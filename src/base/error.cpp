// SPDX-License-Identifier: MIT
// error.cpp — the list of errors as a table.
#include <plainsong/base/error.hpp>

namespace plainsong {

namespace {

constexpr error_facts facts[] = {{"none", "", "nothing is wrong", 0, error_class::local},
#define PLAINSONG_ROW(name, whose, answer, requirement, text) \
    {#name, requirement, text, answer, error_class::whose},
                                 PLAINSONG_ERRORS(PLAINSONG_ROW)
#undef PLAINSONG_ROW
};

}  // namespace

const error_facts& facts_of(error_code code) {
    const auto index = static_cast<std::uint16_t>(code);
    return facts[index < sizeof facts / sizeof facts[0] ? index : 0];
}

}  // namespace plainsong
