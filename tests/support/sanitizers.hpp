// CHAINRULE_SANITIZED: whether the compiler adds the address or the thread sanitizer. They replace
// the functions that allocate memory, and use much more memory and stack.
#pragma once

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CHAINRULE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CHAINRULE_SANITIZED 1
#endif
#endif
#ifndef CHAINRULE_SANITIZED
#define CHAINRULE_SANITIZED 0
#endif
