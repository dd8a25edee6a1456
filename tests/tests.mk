# SPDX-License-Identifier: MIT
# tests.mk — the targets that build and run tests.  Included by the Makefile at the top.
#
# A test program is made of every *_test.cpp under its directories: to add a test, add a file.
# Each run writes $(OUT)/<program>.xml, which `make trace` and .ci/run read.

comma := ,

.PHONY: test unit integration threads faults asan ubsan tsan fuzz fuzz-replay no-heap

GTEST_LIBS ?= -lgtest -lgtest_main
# What Homebrew installs isn't where every compiler looks.
HOMEBREW := $(if $(filter Darwin,$(OS)),$(shell brew --prefix 2>/dev/null))
ifneq ($(HOMEBREW),)
CPPFLAGS += -isystem $(HOMEBREW)/include
LDFLAGS += -L$(HOMEBREW)/lib
endif
get_header = @CXX="$(CXX)" CPPFLAGS="$(if $(HOMEBREW),-isystem $(HOMEBREW)/include)" \
  sh tools/check/get-header
FUZZ_SECONDS ?= 60

# ---- GoogleTest programs -------------------------------------------------------------------------

UNIT_SOURCES := $(wildcard tests/unit/*/*_test.cpp tests/conformance/*_test.cpp)
ifneq ($(OS),Linux)
UNIT_SOURCES := $(filter-out tests/unit/net/poller_epoll_test.cpp,$(UNIT_SOURCES))
endif
INTEGRATION_SOURCES := $(wildcard tests/integration/*_test.cpp)
THREADS_SOURCES := $(wildcard tests/threads/*_test.cpp)
GTEST_SOURCES := $(UNIT_SOURCES) $(INTEGRATION_SOURCES) $(THREADS_SOURCES) $(SUPPORT_SOURCES) \
  $(wildcard tests/faults/*.cpp)

FAULTS_SOURCES := $(wildcard tests/faults/*_test.cpp)

# Most tests take longer to optimise than to run: only those that compute are worth it, and not a lot.
COMPUTING_SOURCES := $(wildcard tests/unit/codec/*_test.cpp tests/unit/ws/*_test.cpp)
WAITING_SOURCES := $(filter-out $(COMPUTING_SOURCES) $(SUPPORT_SOURCES),$(GTEST_SOURCES))
COMPUTING_FLAGS := $(if $(filter release,$(VARIANT)),-O1)
WAITING_FLAGS := -O0

# On Linux the kqueue poller runs over a kevent that tests/support acts out.
ifeq ($(OS),Linux)
FAKE_KQUEUE := $(OUT)/src/net/poller_kqueue.o $(OUT)/tests/support/fake_kevent/fake_kevent.o
$(FAKE_KQUEUE): CPPFLAGS += -isystem tests/support/fake_kevent
endif

# Its wrappers need the linker's --wrap, which only `faults` is linked with.
SUPPORT_SOURCES := $(filter-out tests/support/fault_injection.cpp,$(SUPPORT_SOURCES))

# The programs that `make test` runs; one without sources would pass by doing nothing.
TEST_PROGRAMS := $(if $(UNIT_SOURCES),unit) $(if $(INTEGRATION_SOURCES),integration) \
  $(if $(THREADS_SOURCES),threads) $(if $(filter Linux,$(OS)),$(if $(FAULTS_SOURCES),faults))

build/googletest:
	@mkdir -p build
	$(get_header) gtest/gtest.h=libgtest-dev=googletest
	@touch $@

# GoogleTest's header takes longer to compile than most of the tests that include it: clang++ does so once
# for what is optimised and once for what isn't.  (With one of its own g++ 12 warns of the standard library.)
ifneq ($(findstring clang,$(shell $(CXX) --version 2>/dev/null)),)
GTEST_COMPILED := $(OUT)/googletest.pch $(OUT)/googletest$(WAITING_FLAGS).pch
$(GTEST_COMPILED): build/googletest $(OUT)/compiler
	@echo '#include <gtest/gtest.h>' > $(@:.pch=.hpp)
	$(CXX) $(filter-out -MMD,$(CPPFLAGS)) -MD -MF $(@:.pch=.d) $(CXXFLAGS) \
	    $(findstring $(WAITING_FLAGS),$@) -fpch-instantiate-templates -x c++-header $(@:.pch=.hpp) -o $@
INCLUDE_COMPUTING := -include-pch $(OUT)/googletest.pch
INCLUDE_WAITING := -include-pch $(OUT)/googletest$(WAITING_FLAGS).pch
endif
$(call objects,$(SUPPORT_SOURCES)): EXTRA := $(INCLUDE_COMPUTING)
$(call objects,$(COMPUTING_SOURCES)): EXTRA := $(COMPUTING_FLAGS) $(INCLUDE_COMPUTING)
$(call objects,$(WAITING_SOURCES)): EXTRA := $(WAITING_FLAGS) $(INCLUDE_WAITING)
$(call objects,$(GTEST_SOURCES)): | build/googletest $(GTEST_COMPILED)

# What the verbs of the program are made of, for the tests of those parts.
TOOLS := $(OUT)/libtools.a
$(TOOLS): $(call objects,$(filter-out tools/main.cpp,$(TOOL_SOURCES))) $(EMBEDDED)
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

# Of a template that several files have, a linker takes the first: so what is optimised comes first, here
# and below.
$(OUT)/unit: $(call objects,$(SUPPORT_SOURCES) $(COMPUTING_SOURCES) \
    $(filter-out $(COMPUTING_SOURCES),$(UNIT_SOURCES))) $(FAKE_KQUEUE) $(TOOLS) $(FULL)
	$(CXX) $^ $(LDFLAGS) $(GTEST_LIBS) -o $@

# Some of the tests run the program.
$(call objects,$(wildcard tests/integration/*program_test.cpp)): \
  CPPFLAGS += -DPLAINSONG_PROGRAM='"$(PROGRAM)"'
$(OUT)/integration: | $(PROGRAM)
$(OUT)/integration: $(call objects,$(SUPPORT_SOURCES) $(INTEGRATION_SOURCES)) $(FAKE_KQUEUE) $(FULL)
	$(CXX) $^ $(LDFLAGS) $(GTEST_LIBS) -o $@

$(OUT)/threads: $(call objects,$(SUPPORT_SOURCES) $(THREADS_SOURCES)) $(FAKE_KQUEUE) $(FULL)
	$(CXX) $^ $(LDFLAGS) $(GTEST_LIBS) -o $@

# Each of these calls of ours goes through tests/support/fault_injection.cpp.
WRAPPED_CALLS := accept4 bind close connect epoll_create1 epoll_ctl epoll_wait eventfd fstat \
  getaddrinfo getpeername getrandom getsockname getsockopt listen lstat madvise mmap open poll \
  pread pthread_create read recv send sendmsg setsockopt shutdown socket unlink write
$(OUT)/faults: $(call objects,$(SUPPORT_SOURCES) tests/support/fault_injection.cpp \
    $(FAULTS_SOURCES)) $(FAKE_KQUEUE) $(FULL)
	$(CXX) $^ $(LDFLAGS) $(addprefix -Wl$(comma)--wrap=,$(WRAPPED_CALLS)) $(GTEST_LIBS) -o $@

run_gtest = $(OUT)/$(1) --gtest_brief=1 --gtest_output=xml:$(OUT)/$(1).xml

unit: $(OUT)/unit ## run the unit and conformance tests
	$(call run_gtest,unit)

integration: $(OUT)/integration ## run the tests over real sockets
	$(call run_gtest,integration)

threads: $(OUT)/threads ## run the tests over real sockets that have more than one thread
	$(call run_gtest,threads)

faults: $(OUT)/faults ## run the tests in which the Nth system call fails (Linux)
	$(call run_gtest,faults)

# What is judged once, on the build that is shipped, and not again under each sanitizer.
TEST_CHECKS_release := no-heap readme

# One program after the other even under -j: their output stays readable and their deadlines fair.
test: $(addprefix $(OUT)/,$(TEST_PROGRAMS)) $(TEST_CHECKS_$(VARIANT)) ## build and run every test that needs nothing but GoogleTest
	@rm -f $(addprefix $(OUT)/,$(addsuffix .xml,$(TEST_PROGRAMS)))
	@status=0; for program in $(TEST_PROGRAMS); do \
	    echo "$(OUT)/$$program"; \
	    $(OUT)/$$program --gtest_brief=1 --gtest_output=xml:$(OUT)/$$program.xml || status=1; \
	done; exit $$status

asan ubsan: ## run the tests under AddressSanitizer (with UBSan), or UBSan alone
	$(MAKE) VARIANT=$@ test

tsan: ## run the tests that have threads under ThreadSanitizer
	$(MAKE) VARIANT=tsan threads

# ---- the core without a heap ---------------------------------------------------------------------

NO_HEAP_SOURCES := $(wildcard tests/noheap/*.cpp)
$(call objects,$(NO_HEAP_SOURCES)): EXTRA := $(CORE_FLAGS)

# Linked by the C driver: not even the C++ runtime library is there.
$(OUT)/no-heap: $(call objects,$(NO_HEAP_SOURCES)) $(CORE)
	$(CC) $^ $(LDFLAGS) -o $@

no-heap: $(OUT)/no-heap ## run a conversation on the core alone, where any allocation aborts
	$(OUT)/no-heap

# ---- the conformance cases -----------------------------------------------------------------------

.PHONY: conform

# CONFORM="whole,--cases=1.* random:7" says how the stream is cut, and which cases run.
conform: $(PROGRAM) ## run all conformance cases against our server and our client, whole and cut
	@tools/check/conform $(PROGRAM) $(CONFORM)

.PHONY: expected conform-peers

# After a change of the cases; CONFORM="whole,--cases=W.*" runs some and keeps what is expected of the others.
expected: $(PROGRAM) ## write what our server and our client do into autobahn/expected, for review
	@tools/check/conform $(PROGRAM) $(or $(CONFORM),whole) || :
	@for role in server client; do report=build/conform/$$role-whole/index.json; \
	    autobahn/verdict $(if $(CONFORM),--merge autobahn/expected/$$role.txt,--list) $$report \
	    > build/conform/$$role.txt && mv build/conform/$$role.txt autobahn/expected/$$role.txt || exit 1; done

# Not ours, and so are their warnings.
$(OUT)/peers/beast_echo: tests/bench/peers/beast_echo.cpp | interop-setup
	@mkdir -p $(@D)
	$(CXX) -std=c++20 -O1 -pthread -DPEER_COMPRESSES=1 $< -o $@
$(OUT)/peers/lws_echo: tests/bench/peers/lws_echo.cpp | interop-setup
	@mkdir -p $(@D)
	$(CXX) -std=c++20 -O1 $< -lwebsockets -o $@

# CONFORM_PEERS="--only beast --option=--cases --option=1.*" runs some of it.
conform-peers: $(PROGRAM) $(OUT)/peers/beast_echo $(OUT)/peers/lws_echo ## run all conformance cases against other servers, and write the table of autobahn/README.md
	autobahn/peers/run $(CONFORM_PEERS) $(PROGRAM) $(OUT)/peers autobahn/README.md

# ---- real clients, servers and proxies -----------------------------------------------------------

.PHONY: interop interop-setup

$(OUT)/interop-server: $(call objects,tests/interop/interop_server.cpp) $(FULL)
	$(CXX) $^ $(LDFLAGS) -o $@

$(OUT)/interop-client: $(call objects,tests/interop/interop_client.cpp \
    $(wildcard tests/interop/scenarios_*.cpp)) $(FULL)
	$(CXX) $^ $(LDFLAGS) -o $@

# Not ours, and so are its warnings.
$(OUT)/interop-beast: tests/interop/servers/beast.cpp | interop-setup
	@mkdir -p $(@D)
	$(CXX) -std=c++20 -O1 -pthread $< -o $@

# INTEROP="--only ws" runs one client, INTEROP="--only to-ws" ours at one server, INTEROP="--check close"
# the checks that are called so.
interop: $(OUT)/interop-server $(OUT)/interop-client $(OUT)/interop-beast $(PROGRAM) interop-setup ## let real clients and a browser loose on our servers, and our client on real ones
	node tests/interop/run.mjs --server $(OUT)/interop-server --client $(OUT)/interop-client \
	    --beast $(OUT)/interop-beast --program $(PROGRAM) --out build/interop $(INTEROP)

interop-setup: ## install those clients, servers and proxies where they are missing (Debian, npm)
	@tools/check/get-interop

# ---- fuzzing -------------------------------------------------------------------------------------

FUZZ_SOURCES := $(wildcard tests/fuzz/*_fuzz.cpp)
FUZZ_TARGETS := $(patsubst tests/fuzz/%_fuzz.cpp,%,$(FUZZ_SOURCES))
FUZZ_REPLAYS := $(patsubst %,$(OUT)/replay/%,$(FUZZ_TARGETS))
FUZZ_PROGRAMS := $(patsubst %,$(OUT)/fuzz/%,$(FUZZ_TARGETS))

$(FUZZ_REPLAYS): $(OUT)/replay/%: $(OUT)/tests/fuzz/%_fuzz.o $(OUT)/tests/fuzz/replay_main.o $(FULL)
	@mkdir -p $(@D)
	$(CXX) $^ $(LDFLAGS) -o $@

$(FUZZ_PROGRAMS): $(OUT)/fuzz/%: $(OUT)/tests/fuzz/%_fuzz.o $(FULL)
	@mkdir -p $(@D)
	$(CXX) $^ $(LDFLAGS) -fsanitize=fuzzer -o $@

.PHONY: fuzz-programs fuzz-replays
fuzz-programs: $(FUZZ_PROGRAMS)
fuzz-replays: $(FUZZ_REPLAYS)

fuzz: ## let each fuzz target look for new inputs, FUZZ_SECONDS each (clang)
	$(MAKE) VARIANT=fuzz CXX=clang++ fuzz-programs
	@tools/check/fuzz explore build/fuzz/fuzz "$(FUZZ_SECONDS)" $(FUZZ_TARGETS)

fuzz-replay: ## run each fuzz target once over its whole corpus, under the sanitizers
	$(MAKE) VARIANT=asan fuzz-replays
	@tools/check/fuzz replay build/asan/replay 0 $(FUZZ_TARGETS)

# ---- beside zlib ---------------------------------------------------------------------------------

.PHONY: deflate-differential differential-setup

DIFFERENTIAL_INPUTS ?= 1000000
DIFFERENTIAL_SEED ?= 1

DIFFERENTIAL_SOURCES := $(wildcard tests/differential/*.cpp) tests/bench/deflate_bench.cpp
$(call objects,$(DIFFERENTIAL_SOURCES)): | differential-setup

$(OUT)/deflate-differential: $(call objects,$(wildcard tests/differential/*.cpp)) $(CORE)
	$(CXX) $^ $(LDFLAGS) -lz -ldeflate -o $@

deflate-differential: $(OUT)/deflate-differential $(OUT)/deflate-bench ## compare inflate and deflate with zlib and libdeflate
	$(OUT)/deflate-bench size
	$(OUT)/deflate-differential $(DIFFERENTIAL_INPUTS) $(DIFFERENTIAL_SEED)

differential-setup: ## install those libraries if they are missing
	$(get_header) zlib.h=zlib1g-dev=zlib libdeflate.h=libdeflate-dev=libdeflate

# ---- measuring -----------------------------------------------------------------------------------

.PHONY: bench bench-setup bench-codec bench-deflate load-check

BENCH ?= full
bench: $(PROGRAM) $(if $(filter full,$(BENCH)),bench-setup) ## measure against the ceiling and the peers: BENCH="quick", or names of cases
	PLAINSONG=$(abspath $(PROGRAM)) tests/bench/run $(BENCH)
	$(if $(filter full,$(BENCH)),$(MAKE) bench-deflate)

bench-setup: ## install the libraries that the peers are made of, if they are missing
	$(get_header) boost/beast/websocket.hpp=libboost-dev=boost \
	    libwebsockets.h=libwebsockets-dev=libwebsockets \
	    websocketpp/server.hpp=libwebsocketpp-dev=websocketpp

$(OUT)/codec-bench: $(call objects,tests/bench/codec_bench.cpp) $(FULL)
	$(CXX) $^ $(LDFLAGS) -o $@

bench-codec: $(OUT)/codec-bench ## measure masking and UTF-8 validation alone
	$(OUT)/codec-bench

$(OUT)/deflate-bench: $(call objects,tests/bench/deflate_bench.cpp) $(CORE)
	$(CXX) $^ $(LDFLAGS) -lz -ldeflate -o $@

bench-deflate: $(OUT)/deflate-bench ## measure inflate and deflate beside zlib and libdeflate
	$(OUT)/deflate-bench

load-check: $(PROGRAM) ## show that the load generator notices what a server does wrong
	PLAINSONG=$(abspath $(PROGRAM)) tests/bench/load_check
