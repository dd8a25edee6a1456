// SPDX-License-Identifier: MIT
// contract.hpp — checks of what a caller has promised.
//
// Does: stop a debug build at the line where a promise was broken.  Does not: check in release
// builds, judge what a peer sent (that is an event, never a contract), or need a run-time symbol.
// Used by: everything.  Depends on: nothing.
#ifndef PLAINSONG_BASE_CONTRACT_HPP
#define PLAINSONG_BASE_CONTRACT_HPP

#ifdef NDEBUG
#define PLAINSONG_REQUIRE(condition) ((void)0)
#else
#define PLAINSONG_REQUIRE(condition) ((condition) ? (void)0 : __builtin_trap())
#endif

#endif  // PLAINSONG_BASE_CONTRACT_HPP
