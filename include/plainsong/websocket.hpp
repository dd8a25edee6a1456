// SPDX-License-Identifier: MIT
// websocket.hpp — all that a program includes that wants the browser's WebSocket.
#ifndef PLAINSONG_WEBSOCKET_HPP
#define PLAINSONG_WEBSOCKET_HPP

#include <plainsong/app/blob.hpp>       // IWYU pragma: export
#include <plainsong/app/report.hpp>     // IWYU pragma: export
#include <plainsong/app/websocket.hpp>  // IWYU pragma: export
#include <plainsong/net/loop.hpp>       // IWYU pragma: export

#endif  // PLAINSONG_WEBSOCKET_HPP
