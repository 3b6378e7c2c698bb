// libarchive, and the locale that it needs.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

/// Makes the calling thread read names as UTF-8, whatever the locale of the process: libarchive converts names to it.
/// Returns what `hyper_restore_locale` wants, or 0.
static inline locale_t hyper_use_utf8(void) {
    locale_t own = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
    return own ? uselocale(own) : (locale_t) 0;
}

/// Undoes `hyper_use_utf8`.
static inline void hyper_restore_locale(locale_t before) {
    if (before) {
        locale_t own = uselocale(before);
        if (own != LC_GLOBAL_LOCALE) freelocale(own);
    }
}
