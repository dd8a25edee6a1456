// SPDX-License-Identifier: MIT
// session_scope.hpp — brackets every call into a session.
//
// Does: enter on the way in and, if it was the outermost call, leave on the way out: there all that
// was caused meanwhile is flushed and settled, once.
// Used by: app/session.  Depends on: app/session, app/session_core.
#ifndef PLAINSONG_SRC_APP_SESSION_SCOPE_HPP
#define PLAINSONG_SRC_APP_SESSION_SCOPE_HPP

#include <plainsong/app/session.hpp>

#include "src/app/session_core.hpp"

namespace plainsong {

class session_scope {
public:
    explicit session_scope(session& one) : session_(one), is_outermost_(!one.entered_) {
        session_.check_thread();
        if (is_outermost_) {
            session_.enter();
        }
    }
    ~session_scope() {
        if (is_outermost_) {
            session_.leave();
        }
    }
    session_scope(const session_scope&) = delete;
    session_scope& operator=(const session_scope&) = delete;

private:
    session& session_;
    bool is_outermost_;
};

}  // namespace plainsong

#endif  // PLAINSONG_SRC_APP_SESSION_SCOPE_HPP
