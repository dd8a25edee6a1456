// SPDX-License-Identifier: MIT
// intrusive_list.hpp — a circular doubly linked list whose links live in its members.
//
// Does: link, unlink and walk in O(1) a step, without allocation; a member unlinks itself.
// Does not: own its members.  A member outlives its membership or leaves before it dies.
// Used by: net/timer_wheel, app.  Depends on: nothing.
#ifndef PLAINSONG_BASE_INTRUSIVE_LIST_HPP
#define PLAINSONG_BASE_INTRUSIVE_LIST_HPP

namespace plainsong {

/// Derive from it to be a member of one list at a time.
class list_node {
public:
    list_node() = default;
    list_node(const list_node&) = delete;
    list_node& operator=(const list_node&) = delete;
    ~list_node() { unlink(); }

    [[nodiscard]] bool is_linked() const { return next_ != this; }

    /// Leaves the list, if in one.  Cost: O(1).
    void unlink() {
        previous_->next_ = next_;
        next_->previous_ = previous_;
        next_ = previous_ = this;
    }

private:
    template <typename Member>
    friend class intrusive_list;

    list_node* next_ = this;
    list_node* previous_ = this;
};

template <typename Member>
class intrusive_list {
public:
    [[nodiscard]] bool empty() const { return !head_.is_linked(); }

    /// Requires: not empty.
    [[nodiscard]] Member& front() { return static_cast<Member&>(*head_.next_); }

    /// Requires: `member` is in no list.
    void push_back(Member& member) {
        list_node& node = member;
        node.previous_ = head_.previous_;
        node.next_ = &head_;
        head_.previous_->next_ = &node;
        head_.previous_ = &node;
    }

    /// Takes all members of `other`, in order, behind those that are here.  Cost: O(1).
    void append(intrusive_list& other) {
        if (other.empty()) {
            return;
        }
        list_node* first = other.head_.next_;
        list_node* last = other.head_.previous_;
        other.head_.next_ = other.head_.previous_ = &other.head_;
        first->previous_ = head_.previous_;
        head_.previous_->next_ = first;
        last->next_ = &head_;
        head_.previous_ = last;
    }

    /// Calls `visit(member)` for each; the visited member may leave the list or die meanwhile.
    template <typename Visit>
    void for_each(Visit visit) {
        for (list_node* node = head_.next_; node != &head_;) {
            list_node* next = node->next_;
            visit(static_cast<Member&>(*node));
            node = next;
        }
    }

    /// Calls `visit(member)` for each until it returns false; no member may leave meanwhile.
    template <typename Visit>
    void for_each_while(Visit visit) {
        list_node* node = head_.next_;
        while (node != &head_ && visit(static_cast<Member&>(*node))) {
            node = node->next_;
        }
    }

private:
    list_node head_;
};

}  // namespace plainsong

#endif  // PLAINSONG_BASE_INTRUSIVE_LIST_HPP
