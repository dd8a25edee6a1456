// SPDX-License-Identifier: MIT
// verbs.hpp — the verbs of the program `plainsong`, one source file each.
#ifndef PLAINSONG_TOOLS_VERBS_HPP
#define PLAINSONG_TOOLS_VERBS_HPP

// Each takes the arguments behind its own name (argv[0] is that name) and returns the exit status:
// 0 fine, 1 it failed, 2 it was called wrongly; more in the verb's help.
int autobahn_main(int argc, char** argv);
int cat_main(int argc, char** argv);
int conform_main(int argc, char** argv);
int echo_main(int argc, char** argv);
int explain_main(int argc, char** argv);
int load_main(int argc, char** argv);
int serve_main(int argc, char** argv);

#endif  // PLAINSONG_TOOLS_VERBS_HPP
