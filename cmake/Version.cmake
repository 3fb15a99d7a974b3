# The commit that a build is of: of the tree, or, where that has no history (a source package), HUBLINK_COMMIT.
set(HUBLINK_COMMIT "" CACHE STRING "Commit that --version says; empty: the tree's own")
set(commit "${HUBLINK_COMMIT}")
find_package(Git QUIET)
if(commit STREQUAL "" AND Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} rev-parse --path-format=absolute --git-path logs/HEAD
    OUTPUT_VARIABLE history OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(EXISTS "${history}") # each commit configures anew
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${history})
  endif()
endif()
if(commit STREQUAL "")
  set(commit unknown)
endif()
