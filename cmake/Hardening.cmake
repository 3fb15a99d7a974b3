# What makes a fault in memory harder to use, for builds that users have: without optimisation, and under sanitizers, it is only in
# the way. test/lint/hardened_elf.py looks for all of it in the executable.
if(CMAKE_BUILD_TYPE STREQUAL "Debug" OR HUBLINK_SANITIZE)
  return()
endif()

include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  add_compile_options(-mbranch-protection=standard)
endif()
add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
