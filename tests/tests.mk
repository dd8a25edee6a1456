# SPDX-License-Identifier: MIT
# tests.mk — the targets that build and run tests.  Included by the Makefile at the top.
#
# Each program below is one binary made of every *_test.cpp under its directory.

.PHONY: test unit integration gtest

GTEST_LIBS ?= -lgtest -lgtest_main

TEST_PROGRAMS := unit integration
UNIT_SOURCES := $(wildcard tests/unit/*/*_test.cpp tests/conformance/*_test.cpp)
INTEGRATION_SOURCES := $(wildcard tests/integration/*_test.cpp)

$(OUT)/unit: $(call objects,$(UNIT_SOURCES) $(SUPPORT_SOURCES)) $(FULL)
	$(CXX) $^ $(LDFLAGS) $(GTEST_LIBS) -o $@

$(OUT)/integration: $(call objects,$(INTEGRATION_SOURCES) $(SUPPORT_SOURCES)) $(FULL)
	$(CXX) $^ $(LDFLAGS) $(GTEST_LIBS) -o $@

gtest: ## install GoogleTest if it is missing
	@sh tools/check/get-googletest

unit: gtest ## run the unit and conformance tests
	@$(MAKE) --no-print-directory $(OUT)/unit
	$(OUT)/unit --gtest_brief=1

integration: gtest ## run the tests over real sockets
	@$(MAKE) --no-print-directory $(OUT)/integration
	$(OUT)/integration --gtest_brief=1

test: unit integration ## build and run every test that needs nothing but GoogleTest
