// begin WAY PROGRAM [WORDS...]: begins a program with an empty environment, where the way has one to say, and
// ends with its exit code; with 100 + errno where it could not be begun.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int ended(int status) {
  fflush(stdout);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static char* line(char** words) {
  static char text[4096];
  for (; *words; ++words) strcat(strcat(text, *words), " ");
  return text;
}

int main(int count, char** words) {
  static char* nothing[] = {NULL};
  if (count < 3) return 2;
  const char *way = words[1], *path = words[2], *name = strrchr(path, '/') + 1;
  char** given = words + 2;
  const char *one = count > 3 ? words[3] : NULL, *two = count > 4 ? words[4] : NULL;
  pid_t child;
  int status = 0, error = 0;
  if (strcmp(way, "execv") == 0) {
    clearenv();
    execv(path, given);
  } else if (strcmp(way, "execve") == 0) {
    execve(path, given, nothing);
  } else if (strcmp(way, "execve_null") == 0) {
    char** none = NULL;
    execve(path, given, none);
  } else if (strcmp(way, "execvp") == 0) {
    execvp(name, given);
  } else if (strcmp(way, "execvpe") == 0) {
    execvpe(name, given, nothing);
  } else if (strcmp(way, "execl") == 0) {
    clearenv();
    execl(path, name, one, two, (char*)NULL);
  } else if (strcmp(way, "execlp") == 0) {
    execlp(name, name, one, two, (char*)NULL);
  } else if (strcmp(way, "execle") == 0) {
    execle(path, name, one, two, (char*)NULL, nothing);
  } else if (strcmp(way, "fexecve") == 0) {
    fexecve(open(path, O_RDONLY | O_CLOEXEC), given, nothing);
  } else if (strcmp(way, "fexecve_path") == 0) {
    fexecve(open(path, O_PATH | O_CLOEXEC), given, nothing);
  } else if (strcmp(way, "execveat") == 0) {
    char folder[4096] = {0};
    memcpy(folder, path, name - path);
    execveat(open(folder, O_PATH | O_DIRECTORY), name, given, nothing, 0);
  } else if (strcmp(way, "syscall") == 0) {
    syscall(SYS_execve, path, given, nothing);
  } else if (strcmp(way, "vfork") == 0) {
    child = vfork();
    if (child == 0) {
      execve(path, given, nothing);
      _exit(100 + errno);
    }
    waitpid(child, &status, 0);
    return ended(status);
  } else if (strcmp(way, "posix_spawn") == 0 || strcmp(way, "posix_spawnp") == 0) {
    error = way[11] ? posix_spawnp(&child, name, NULL, NULL, given, nothing) : posix_spawn(&child, path, NULL, NULL, given, nothing);
    if (error) return 100 + error;
    waitpid(child, &status, 0);
    return ended(status);
  } else if (strcmp(way, "system") == 0) {
    char* command = line(given);
    clearenv();
    return ended(system(command));
  } else if (strcmp(way, "popen") == 0) {
    char* command = line(given);
    char text[100];
    clearenv();
    FILE* from = popen(command, "r");
    while (fgets(text, sizeof text, from)) fputs(text, stdout);
    return ended(pclose(from));
  } else {
    return 2;
  }
  return 100 + errno;
}
