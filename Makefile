# SPDX-License-Identifier: MIT
# One Makefile, not recursive.  `make help` lists the targets.
#
# VARIANT=release|debug|asan|ubsan|tsan chooses the flags; everything is built in build/$(VARIANT).
# WERROR=1 turns warnings into errors.  PREFIX and DESTDIR say where `make install` puts things.

VARIANT ?= release
WERROR ?= 0
OUT := build/$(VARIANT)
OS := $(shell uname -s)

FLAGS_release := -O2 -g1 -DNDEBUG
FLAGS_debug := -O1 -g
FLAGS_asan := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_ubsan := -O1 -g1 -fsanitize=undefined -fno-sanitize-recover=all
FLAGS_tsan := -O1 -g1 -fsanitize=thread
# The two below are built by clang++: `make fuzz` and `make coverage` see to it.
FLAGS_fuzz := $(FLAGS_asan) -fsanitize=fuzzer-no-link
FLAGS_coverage := -O0 -g -fprofile-instr-generate -fcoverage-mapping

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast \
  -Wcast-align -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough -Wnon-virtual-dtor \
  -Woverloaded-virtual
# Under a sanitizer g++ 12 warns of what it made of the standard library itself; clang doesn't.
ifneq ($(filter release debug fuzz,$(VARIANT))$(findstring clang,$(CXX)),)
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif
endif

CPPFLAGS += -Iinclude -I. -MMD -MP
CXXFLAGS += -std=c++20 $(FLAGS_$(VARIANT)) $(WARNINGS) -pthread
LDFLAGS += $(filter -fsanitize=% -fprofile-instr-%,$(FLAGS_$(VARIANT))) -pthread
CORE_FLAGS := -fno-exceptions -fno-rtti -fno-threadsafe-statics

# ---- sources -------------------------------------------------------------------------------------

CORE_SOURCES := $(wildcard src/base/*.cpp src/codec/*.cpp src/http/*.cpp src/ws/*.cpp)
NET_SOURCES := $(wildcard src/net/*.cpp)
ifneq ($(OS),Linux)
NET_SOURCES := $(filter-out src/net/poller_epoll.cpp,$(NET_SOURCES))
endif
ifeq ($(OS),Linux)
NET_SOURCES := $(filter-out src/net/poller_kqueue.cpp,$(NET_SOURCES))
endif
FULL_SOURCES := $(NET_SOURCES) $(wildcard src/app/*.cpp)
TOOL_SOURCES := $(wildcard tools/*.cpp)
SUPPORT_SOURCES := $(wildcard tests/support/*.cpp)

objects = $(patsubst %.cpp,$(OUT)/%.o,$(1))

CORE := $(OUT)/libplainsong-core.a
FULL := $(OUT)/libplainsong.a
PROGRAM := $(OUT)/plainsong

.DEFAULT_GOAL := all
.PHONY: all core core-size run help clean
.SECONDARY:

all: $(CORE) $(FULL) $(PROGRAM) ## build the archives and the program

core: $(CORE) ## build libplainsong-core.a alone

core-size: $(CORE) $(FULL) ## print what the core weighs; check that only who compresses links DEFLATE
	@CXX="$(CXX)" tools/check/core-size $(CORE) $(FULL)

$(call objects,$(CORE_SOURCES)): EXTRA := $(CORE_FLAGS)

# The way of each message: a tenth fewer instructions.
ifeq ($(VARIANT),release)
$(call objects,src/ws/connection.cpp src/app/session.cpp src/app/session_send.cpp): CXXFLAGS += -O3
endif

# What one compiler has built is of no use to another.
.PHONY: always
$(OUT)/compiler: always
	@mkdir -p $(@D)
	@echo '$(CXX)' | cmp -s - $@ || echo '$(CXX)' > $@

$(OUT)/%.o: %.cpp $(OUT)/compiler
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) $(EXTRA) -c $< -o $@

$(CORE): $(call objects,$(CORE_SOURCES))
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

$(FULL): $(call objects,$(CORE_SOURCES) $(FULL_SOURCES))
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

PAGE_PARTS := tools/page/head.html tools/page/palette.css tools/check/embed
$(OUT)/tools/page.cpp: tools/page/index.html $(PAGE_PARTS)
	@mkdir -p $(@D)
	sh tools/check/embed $< page ws: wss: > $@.part && mv $@.part $@

$(OUT)/tools/report_page.cpp: tools/page/report.html $(PAGE_PARTS)
	@mkdir -p $(@D)
	sh tools/check/embed $< report_page > $@.part && mv $@.part $@

CASES := $(wildcard autobahn/cases/*.cases autobahn/cases/*.tsv)
$(OUT)/tools/conform_cases.cpp: $(CASES) tools/check/embed-cases
	@mkdir -p $(@D)
	sh tools/check/embed-cases $(CASES) > $@.part && mv $@.part $@

EMBEDDED := $(addprefix $(OUT)/tools/,page.o report_page.o conform_cases.o)
$(EMBEDDED): %.o: %.cpp $(OUT)/compiler
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -c $< -o $@

$(PROGRAM): $(call objects,$(TOOL_SOURCES)) $(EMBEDDED) $(FULL)
	$(CXX) $^ $(LDFLAGS) -o $@

run: all ## build, then start the server with its page
	$(PROGRAM) serve

# ---- tests, checks, installation -----------------------------------------------------------------

include tests/tests.mk
include tools/check/check.mk
include tools/install.mk

clean: ## remove everything that was built
	rm -rf build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z -]+:.*## / { n = split($$1, name, " "); \
	    for (i = 1; i <= n; i++) printf "%-16s %s\n", name[i], $$2 }' \
	    Makefile tests/tests.mk tools/check/check.mk tools/install.mk

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)
