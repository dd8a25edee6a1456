# SPDX-License-Identifier: MIT
# install.mk — puts headers, archives, program and pkg-config file under $(DESTDIR)$(PREFIX).

.PHONY: install uninstall install-check

PREFIX ?= /usr/local
DESTDIR ?=
TARGET = $(DESTDIR)$(PREFIX)

install: all ## install the program, the archives and the headers (PREFIX, DESTDIR)
	install -d $(TARGET)/bin $(TARGET)/lib/pkgconfig $(TARGET)/include
	install -m 755 $(PROGRAM) $(TARGET)/bin/
	install -m 644 $(CORE) $(FULL) $(TARGET)/lib/
	cd include && find plainsong -name '*.hpp' | while read -r header; do \
	    into="$(abspath $(TARGET))/include/$$header"; \
	    install -d "$$(dirname "$$into")" && install -m 644 "$$header" "$$into" || exit 1; done
	printf '%s\n' 'Name: plainsong' 'Description: WebSocket stack without run-time packages' \
	    'Version: 0' 'Cflags: -I$(PREFIX)/include -std=c++20' \
	    'Libs: -L$(PREFIX)/lib -lplainsong -pthread' > $(TARGET)/lib/pkgconfig/plainsong.pc

uninstall: ## remove what `make install` put there
	rm -rf $(TARGET)/include/plainsong
	rm -f $(TARGET)/bin/plainsong $(TARGET)/lib/pkgconfig/plainsong.pc
	rm -f $(TARGET)/lib/libplainsong.a $(TARGET)/lib/libplainsong-core.a

install-check: all ## check that an installed copy can be built against and removed again
	@CXX="$(CXX)" MAKE="$(MAKE)" tools/check/install
