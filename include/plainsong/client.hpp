// SPDX-License-Identifier: MIT
// client.hpp — all that a client program includes.
#ifndef PLAINSONG_CLIENT_HPP
#define PLAINSONG_CLIENT_HPP

#include <plainsong/app/client.hpp>   // IWYU pragma: export
#include <plainsong/app/report.hpp>   // IWYU pragma: export
#include <plainsong/app/session.hpp>  // IWYU pragma: export
#include <plainsong/net/loop.hpp>     // IWYU pragma: export

#endif  // PLAINSONG_CLIENT_HPP
