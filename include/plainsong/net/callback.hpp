// SPDX-License-Identifier: MIT
// callback.hpp — a function that is kept and called later.
//
// Does: own one callable, in place if it is small (three pointers) and movable without exceptions,
// else on the heap; move-only, so that a lambda may own what it needs.
// Does not: copy, throw, or compare.  What is called must not throw.
// Used by: net, app.  Depends on: base/contract.
#ifndef PLAINSONG_NET_CALLBACK_HPP
#define PLAINSONG_NET_CALLBACK_HPP

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include <plainsong/base/contract.hpp>

namespace plainsong {

template <typename Signature>
class callback;

template <typename Result, typename... Arguments>
class callback<Result(Arguments...)> {
public:
    static constexpr std::size_t inline_bytes = 3 * sizeof(void*);

    callback() = default;
    callback(std::nullptr_t) {}

    template <typename Callable, typename Plain = std::decay_t<Callable>,
              typename = std::enable_if_t<!std::is_same_v<Plain, callback> &&
                                          std::is_invocable_r_v<Result, Plain&, Arguments...>>>
    callback(Callable&& callable) {
        // A pointer may be null; the name of a function may not, and compilers warn of the question.
        if constexpr (std::is_pointer_v<std::remove_reference_t<Callable>>) {
            if (callable == nullptr) {
                return;
            }
        }
        if constexpr (fits_inline<Plain>) {
            ::new (static_cast<void*>(storage_)) Plain(std::forward<Callable>(callable));
            actions_ = &inline_actions<Plain>;
        } else {
            store_pointer(new Plain(std::forward<Callable>(callable)));
            actions_ = &heap_actions<Plain>;
        }
    }

    callback(callback&& other) noexcept : actions_(other.actions_) {
        if (actions_ != nullptr) {
            actions_->move(other.storage_, storage_);
            other.actions_ = nullptr;
        }
    }
    callback& operator=(callback&& other) noexcept {
        if (this != &other) {
            reset();
            ::new (this) callback(std::move(other));
        }
        return *this;
    }
    callback(const callback&) = delete;
    callback& operator=(const callback&) = delete;
    ~callback() { reset(); }

    explicit operator bool() const { return actions_ != nullptr; }

    /// Requires: it holds something.
    Result operator()(Arguments... arguments) noexcept {
        PLAINSONG_REQUIRE(actions_ != nullptr);
        return actions_->call(storage_, std::forward<Arguments>(arguments)...);
    }

    /// Drops what it holds.
    void reset() {
        if (actions_ != nullptr) {
            // Emptied first: the callable's destructor may come back to this very object.
            const actions* old = actions_;
            actions_ = nullptr;
            old->destroy(storage_);
        }
    }

private:
    struct actions {
        Result (*call)(void* storage, Arguments&&... arguments);
        void (*move)(void* from, void* to);
        void (*destroy)(void* storage);
    };

    template <typename Plain>
    static constexpr bool fits_inline =
        sizeof(Plain) <= inline_bytes &&
        alignof(Plain) <= alignof(void*) && std::is_nothrow_move_constructible_v<Plain>;

    template <typename Plain>
    static Plain* inline_callable(void* storage) {
        return std::launder(static_cast<Plain*>(storage));
    }
    template <typename Plain>
    static Plain* heap_callable(void* storage) {
        return *std::launder(static_cast<Plain**>(storage));
    }
    template <typename Plain>
    void store_pointer(Plain* pointer) {
        ::new (static_cast<void*>(storage_)) Plain*(pointer);
    }

    template <typename Plain>
    static constexpr actions inline_actions{
        [](void* storage, Arguments&&... arguments) -> Result {
            return static_cast<Result>(
                (*inline_callable<Plain>(storage))(std::forward<Arguments>(arguments)...));
        },
        [](void* from, void* to) {
            Plain* old = inline_callable<Plain>(from);
            ::new (to) Plain(std::move(*old));
            old->~Plain();
        },
        [](void* storage) { inline_callable<Plain>(storage)->~Plain(); }};

    template <typename Plain>
    static constexpr actions heap_actions{
        [](void* storage, Arguments&&... arguments) -> Result {
            return static_cast<Result>(
                (*heap_callable<Plain>(storage))(std::forward<Arguments>(arguments)...));
        },
        [](void* from, void* to) { ::new (to) Plain*(heap_callable<Plain>(from)); },
        [](void* storage) { delete heap_callable<Plain>(storage); }};

    const actions* actions_ = nullptr;
    alignas(void*) unsigned char storage_[inline_bytes];
};

static_assert(sizeof(callback<void()>) == 4 * sizeof(void*));

}  // namespace plainsong

#endif  // PLAINSONG_NET_CALLBACK_HPP
