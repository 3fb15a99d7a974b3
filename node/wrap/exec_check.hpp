#pragma once
/// Would a program that is about to begin run with this library?

namespace hublink::wrap {

/// Of `execveat`. False, with errno EACCES, a reason on standard error, and nothing begun: it would go out
/// without the gateway. True as well if `exec` itself will fail, or `hublink wrap --allow-direct` said so.
/// Between `vfork` and `exec`, too.
bool may_begin(int directory, const char* path, int flags);

/// A line on standard error: what `subject` did not get, `reason`, and the way out.
void say_refused(const char* subject, const char* reason);

/// `hublink wrap --allow-direct`: what can't be taken goes out directly.
bool direct_is_allowed();

} // namespace hublink::wrap
