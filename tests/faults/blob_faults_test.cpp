// SPDX-License-Identifier: MIT
// Blobs of files when the file system says no.
#include <plainsong/app/blob.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "tests/support/fault_injection.hpp"
#include "tests/support/net_fixtures.hpp"

namespace plainsong::tests {
namespace {

class BlobFaults : public ::testing::Test {
protected:
    void SetUp() override {
        const int descriptor = ::mkstemp(path_.data());
        ASSERT_EQ(::write(descriptor, "0123456789", 10), 10);
        ::close(descriptor);
        before_ = open_descriptors();
    }
    void TearDown() override {
        EXPECT_EQ(open_descriptors(), before_);
        ::unlink(path_.c_str());
    }

    std::string path_ = "/tmp/plainsong-blob.XXXXXX";

private:
    std::size_t before_ = 0;
};

TEST_F(BlobFaults, NamesWhyAFileCannotBeOpened) {
    for (const faults::call which : {faults::call::open, faults::call::fstat}) {
        const int tried = faults::fail_each(which, EIO, [&] {
            auto blob = Blob::from_file(path_);
            if (!blob) {
                EXPECT_EQ(blob.why(), error(error_code::system_call_failed, EIO));
            }
        });
        EXPECT_GE(tried, 1) << faults::name_of(which);
    }
}

TEST_F(BlobFaults, NamesWhyAFileCannotBeRead) {
    auto blob = Blob::from_file(path_);
    ASSERT_TRUE(blob);
    const faults::injection active({.which = faults::call::pread, .number = EIO});
    EXPECT_EQ(blob->text().why(), error(error_code::system_call_failed, EIO));
    EXPECT_EQ(*blob->text(), "0123456789");
}

TEST_F(BlobFaults, ReadsOnAfterASignalAndAfterAShortRead) {
    auto blob = Blob::from_file(path_);
    ASSERT_TRUE(blob);
    {
        const faults::injection active({.which = faults::call::pread, .number = EINTR});
        EXPECT_EQ(*blob->text(), "0123456789");
        EXPECT_EQ(active.fired(), 1);
    }
    const faults::injection active(
        {.which = faults::call::pread, .how = faults::lasting::forever, .limit = 3});
    EXPECT_EQ(*blob->text(), "0123456789");
    EXPECT_EQ(active.calls(faults::call::pread), 4);
}

}  // namespace
}  // namespace plainsong::tests
