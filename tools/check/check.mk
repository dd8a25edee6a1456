# SPDX-License-Identifier: MIT
# check.mk — the targets that judge the sources, the archives and the documents.
#
# Included by the Makefile at the top.  Each check is a script in tools/check that runs by itself
# too, and tools/check/selftest plants a violation for each of them.

.PHONY: picture picture-check layers headers core-symbols dependencies format format-check tidy clang readme trace trace-page \
  coverage selftest check

PROJECT_SOURCES = $(shell find include src tests tools \( -name '*.hpp' -o -name '*.cpp' \) | sort)
PUBLIC_HEADERS = $(shell find include -name '*.hpp' | sort)
CLANGXX ?= clang++

layers: ## check that each file includes only what its layer may see
	@tools/check/layers

headers: ## check that each public header compiles alone
	@CXX="$(CXX)" tools/check/headers $(PUBLIC_HEADERS)

compile-cost: ## check that a program that includes plainsong/server.hpp compiles within a CPU-second
	@CXX="$(CXX)" tools/check/compile-cost 1.0

core-symbols: $(CORE) $(FULL) ## check that the core needs nothing but mem*, and who calls the kernel
	@tools/check/core-symbols $(CORE)
	@tools/check/kernel-calls $(OUT)

dependencies: $(PROGRAM) ## check that the program links the C and C++ runtime only
	@tools/check/dependencies $(PROGRAM)

format: ## lay out every source with clang-format
	clang-format -i $(PROJECT_SOURCES)

format-check: ## check that `make format` would change nothing
	@clang-format --dry-run -Werror $(PROJECT_SOURCES)

tidy: ## run clang-tidy over src and tools
	@printf '%s\n' $(CORE_SOURCES) $(FULL_SOURCES) $(TOOL_SOURCES) | \
	    xargs -P 2 -I{} clang-tidy --quiet {} -- -std=c++20 -Iinclude -I.

CLANG_CHECK = xargs -P 2 -I{} $(CLANGXX) -std=c++20 -O1 $(WARNINGS) -Iinclude -I. \
  -DPLAINSONG_PROGRAM='"$(PROGRAM)"'

# GoogleTest's header takes longer to compile than most of the tests that include it: it is compiled once.
clang: build/googletest ## compile every source with clang++, without keeping the result
	@printf '%s\n' $(CORE_SOURCES) $(FULL_SOURCES) $(TOOL_SOURCES) $(NO_HEAP_SOURCES) $(FUZZ_SOURCES) | \
	    $(CLANG_CHECK) -fsyntax-only {}
	@mkdir -p build/clang && echo '#include <gtest/gtest.h>' > build/clang/googletest.hpp
	@echo build/clang/googletest.hpp | $(CLANG_CHECK) -x c++-header {} -o build/clang/googletest.pch
	@printf '%s\n' $(GTEST_SOURCES) | $(CLANG_CHECK) -include-pch build/clang/googletest.pch -fsyntax-only {}

$(OUT)/close_picture: $(call objects,tools/check/close_picture.cpp) $(CORE)
	$(CXX) $^ $(LDFLAGS) -o $@

picture: $(OUT)/close_picture ## draw the state machine of closing into src/README.md, from its table
	@tools/check/picture write $< src/README.md

picture-check: $(OUT)/close_picture ## check that the picture is that of the table
	@tools/check/picture check $< src/README.md

readme: $(CORE) $(FULL) $(PROGRAM) ## compile and run the programs of README.md, and check its links
	@CXX="$(CXX)" tools/check/readme $(OUT)

trace: test ## run the tests and join requirements, code and passed tests into build/trace.md
	@$(MAKE) trace-page

trace-page: ## the same, of the last run of the tests
	@tools/check/trace build/trace.md $(addprefix $(OUT)/,$(addsuffix .xml,$(TEST_PROGRAMS)))

coverage: ## measure what the tests reach, into build/coverage.txt (clang and llvm tools)
	@tools/check/coverage build/coverage.txt $(TEST_PROGRAMS)

selftest: $(CORE) $(PROGRAM) ## plant a violation for each check and expect it to be found
	@tools/check/selftest

check: test layers headers compile-cost core-symbols core-size dependencies picture-check install-check format-check trace ## run every check that ends within minutes
	@tools/check/selftest
	$(MAKE) VARIANT=debug test
	$(MAKE) asan
	$(MAKE) deflate-differential
	$(MAKE) fuzz-replay
	$(MAKE) fuzz FUZZ_SECONDS=20
