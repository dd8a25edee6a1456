// SPDX-License-Identifier: MIT
// conversation_test.cpp — each conversation of tests/conformance/vectors is a test of its own.
#include <gtest/gtest.h>

#include <exception>
#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/support/conversation.hpp"

namespace plainsong::tests {
namespace {

class conversation_test : public ::testing::Test {
public:
    explicit conversation_test(conversation script) : script_(std::move(script)) {}
    void TestBody() override {
        RecordProperty("requirements", script_.proven);
        EXPECT_EQ(play(script_), "");
    }

private:
    conversation script_;
};

class unreadable_file : public ::testing::Test {
public:
    explicit unreadable_file(std::string problem) : problem_(std::move(problem)) {}
    void TestBody() override { FAIL() << problem_; }

private:
    std::string problem_;
};

std::vector<std::string> vector_files() {
    std::vector<std::string> files;
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::directory_iterator("tests/conformance/vectors", missing)) {
        if (entry.path().extension() == ".txt") {
            files.push_back(entry.path().string());
        }
    }
    return files;
}

// "tests/conformance/vectors/control_frames.txt" becomes ConversationControlFrames.
std::string suite_name(const std::string& file) {
    conversation named;
    named.title = std::filesystem::path(file).stem().string();
    for (char& c : named.title) {
        c = c == '_' ? ' ' : c;
    }
    return "Conversation" + named.test_name();
}

bool register_file(const std::string& file) {
    const std::string suite = suite_name(file);
    try {
        std::set<std::string> names;
        for (conversation& script : read_conversations(file)) {
            const std::string name = script.test_name();
            if (!names.insert(name).second) {
                throw std::runtime_error(file + ": two conversations are called " + name);
            }
            ::testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__,
                                    __LINE__, [script = std::move(script)]() -> ::testing::Test* {
                                        return new conversation_test(script);
                                    });
        }
        return !names.empty();
    } catch (const std::exception& problem) {
        ::testing::RegisterTest(suite.c_str(), "CanBeRead", nullptr, nullptr, __FILE__, __LINE__,
                                [text = std::string(problem.what())]() -> ::testing::Test* {
                                    return new unreadable_file(text);
                                });
        return false;
    }
}

const bool registered = [] {
    bool all = true;
    for (const std::string& file : vector_files()) {
        all = register_file(file) && all;
    }
    return all && !vector_files().empty();
}();

TEST(Conversation, IsReadFromEveryFile) {
    EXPECT_TRUE(registered);
}

}  // namespace
}  // namespace plainsong::tests
