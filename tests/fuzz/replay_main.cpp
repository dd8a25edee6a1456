// SPDX-License-Identifier: MIT
// replay_main.cpp — gives a fuzz target the files named on the command line, once each.
//
// Does: stand in for libFuzzer, so that a corpus can be replayed with any compiler.
// Does not: mutate anything (that is `make fuzz`).
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool read_file(const char* path, std::vector<std::uint8_t>& into) {
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) {
        return false;
    }
    into.clear();
    std::uint8_t block[65536];
    for (std::size_t count; (count = std::fread(block, 1, sizeof block, file)) > 0;) {
        into.insert(into.end(), block, block + count);
    }
    const bool complete = std::ferror(file) == 0;
    std::fclose(file);
    return complete;
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<std::uint8_t> content;
    for (int i = 1; i < argc; ++i) {
        if (!read_file(argv[i], content)) {
            std::fprintf(stderr, "replay: cannot read %s\n", argv[i]);
            return 1;
        }
        // An allocation of exactly this size, so that AddressSanitizer sees a read past the end.
        const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[content.size()]);
        for (std::size_t at = 0; at < content.size(); ++at) {
            exact[at] = content[at];
        }
        if (LLVMFuzzerTestOneInput(exact.get(), content.size()) != 0) {
            std::fprintf(stderr, "replay: %s is not accepted as an input\n", argv[i]);
            return 1;
        }
    }
    return 0;
}
