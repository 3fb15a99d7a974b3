/// Entry of the simulation: all tests, or with `--seed` one seed of the big one.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
