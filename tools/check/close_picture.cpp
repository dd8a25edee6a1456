// SPDX-License-Identifier: MIT
// close_picture.cpp — prints the state machine of closing as a picture, from the table itself.
//
// Used by: tools/check/picture, which puts it into src/README.md.
#include <cstdio>
#include <string>

#include <plainsong/ws/close.hpp>

namespace {

using namespace plainsong;

const char* words_for(close_action action) {
    switch (action) {
        case close_action::none:
            return "";
        case close_action::send_close:
            return " / send Close";
        case close_action::answer_close:
            return " / answer Close";
        case close_action::send_fin:
            return " / send FIN";
        case close_action::finish:
            return " / report the end";
    }
    return "";
}

// Inputs that lead from one state to another with the same action share an arrow.
void print_arrows(close_state from) {
    for (std::size_t to = 0; to < close_states; ++to) {
        for (std::size_t action = 0; action < 5; ++action) {
            std::string inputs;
            for (std::size_t input = 0; input < close_inputs; ++input) {
                const close_transition step = close_step(from, static_cast<close_input>(input));
                const bool is_this = step.next == static_cast<close_state>(to) &&
                                     step.action == static_cast<close_action>(action);
                if (is_this && step.next != from) {
                    inputs += inputs.empty() ? "" : ", ";
                    inputs += name_of(static_cast<close_input>(input));
                }
            }
            if (!inputs.empty()) {
                std::printf("    %s --> %s: %s%s\n", std::string(name_of(from)).c_str(),
                            std::string(name_of(static_cast<close_state>(to))).c_str(),
                            inputs.c_str(), words_for(static_cast<close_action>(action)));
            }
        }
    }
}

}  // namespace

int main() {
    std::printf("```mermaid\nstateDiagram-v2\n    [*] --> open\n");
    for (std::size_t state = 0; state < close_states; ++state) {
        print_arrows(static_cast<close_state>(state));
    }
    std::printf("    closed --> [*]\n```\n");
}
