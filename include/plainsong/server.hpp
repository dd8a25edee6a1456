// SPDX-License-Identifier: MIT
// server.hpp — all that a server program includes.
#ifndef PLAINSONG_SERVER_HPP
#define PLAINSONG_SERVER_HPP

#include <plainsong/app/report.hpp>   // IWYU pragma: export
#include <plainsong/app/server.hpp>   // IWYU pragma: export
#include <plainsong/app/session.hpp>  // IWYU pragma: export
#include <plainsong/net/loop.hpp>     // IWYU pragma: export

#endif  // PLAINSONG_SERVER_HPP
