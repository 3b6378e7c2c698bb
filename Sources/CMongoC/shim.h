// The C surface of libbson and libmongoc that Swift cannot import by itself.
//
// `bson_t` and `bson_iter_t` are aligned to 128 bytes, more than Swift accepts, so Swift only ever sees opaque pointers.
// The helpers below keep such values on the C stack or in aligned heap blocks, and hand plain structures to Swift.
#pragma once

#include <mongoc/mongoc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HYPER_BSON_ALIGNMENT 128

/// Room for a value of libbson's, or NULL. The size must be a multiple of the alignment, says the C standard.
static inline void *hyper_bson_allocate(size_t size) {
    size_t blocks = (size + HYPER_BSON_ALIGNMENT - 1) / HYPER_BSON_ALIGNMENT;
    return aligned_alloc(HYPER_BSON_ALIGNMENT, blocks * HYPER_BSON_ALIGNMENT);
}

/// One element of a document; its pointers lead into the document's bytes.
typedef struct {
    const char *key;
    const uint8_t *bytes;   // text, binary, nested document, regular expression pattern
    const char *options;    // regular expression options
    double number;
    int64_t integer;        // int32, int64, bool, date; timestamp seconds; high 8 bytes of an object id
    uint32_t key_length;
    uint32_t length;        // of bytes
    uint32_t low;           // binary subtype, timestamp increment, low 4 bytes of an object id
    int32_t kind;           // bson_type_t
} hyper_bson_field;

static inline void hyper_bson_read(const bson_iter_t *iterator, hyper_bson_field *out) {
    memset(out, 0, sizeof *out);
    out->kind = (int32_t) bson_iter_type(iterator);
    out->key = bson_iter_key(iterator);
    out->key_length = bson_iter_key_len(iterator);
    switch (bson_iter_type(iterator)) {
    case BSON_TYPE_DOUBLE:
        out->number = bson_iter_double(iterator);
        break;
    case BSON_TYPE_UTF8:
        out->bytes = (const uint8_t *) bson_iter_utf8(iterator, &out->length);
        break;
    case BSON_TYPE_SYMBOL:
        out->bytes = (const uint8_t *) bson_iter_symbol(iterator, &out->length);
        break;
    case BSON_TYPE_DOCUMENT:
        bson_iter_document(iterator, &out->length, &out->bytes);
        break;
    case BSON_TYPE_ARRAY:
        bson_iter_array(iterator, &out->length, &out->bytes);
        break;
    case BSON_TYPE_BINARY: {
        bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
        bson_iter_binary(iterator, &subtype, &out->length, &out->bytes);
        out->low = (uint32_t) subtype;
        break;
    }
    case BSON_TYPE_OID: {
        const bson_oid_t *oid = bson_iter_oid(iterator);
        uint64_t high = 0;
        uint32_t low = 0;
        for (int i = 0; i < 8; i++) high = high << 8 | oid->bytes[i];
        for (int i = 8; i < 12; i++) low = low << 8 | oid->bytes[i];
        out->integer = (int64_t) high;
        out->low = low;
        break;
    }
    case BSON_TYPE_BOOL:
        out->integer = bson_iter_bool(iterator);
        break;
    case BSON_TYPE_DATE_TIME:
        out->integer = bson_iter_date_time(iterator);
        break;
    case BSON_TYPE_INT32:
        out->integer = bson_iter_int32(iterator);
        break;
    case BSON_TYPE_INT64:
        out->integer = bson_iter_int64(iterator);
        break;
    case BSON_TYPE_TIMESTAMP: {
        uint32_t seconds = 0;
        bson_iter_timestamp(iterator, &seconds, &out->low);
        out->integer = seconds;
        break;
    }
    case BSON_TYPE_REGEX:
        out->bytes = (const uint8_t *) bson_iter_regex(iterator, &out->options);
        out->length = out->bytes ? (uint32_t) strlen((const char *) out->bytes) : 0;
        break;
    default:
        break;
    }
}

/// Finds a key of the top level. A key with an embedded NUL matches nothing.
static inline bool hyper_bson_find(const uint8_t *data, size_t length, const char *key, size_t key_length,
                                   hyper_bson_field *out) {
    bson_iter_t iterator;
    if (key_length > INT32_MAX || memchr(key, 0, key_length)) return false;
    if (!bson_iter_init_from_data(&iterator, data, length)) return false;
    if (!bson_iter_find_w_len(&iterator, key, (int) key_length)) return false;
    hyper_bson_read(&iterator, out);
    return true;
}

/// Finds a dotted path; `path` ends with NUL.
static inline bool hyper_bson_find_path(const uint8_t *data, size_t length, const char *path, hyper_bson_field *out) {
    bson_iter_t iterator, descendant;
    if (!bson_iter_init_from_data(&iterator, data, length)) return false;
    if (!bson_iter_find_descendant(&iterator, path, &descendant)) return false;
    hyper_bson_read(&descendant, out);
    return true;
}

/// An iterator in a heap block, or NULL. `data` must outlive it.
static inline bson_iter_t *hyper_bson_iterator_new(const uint8_t *data, size_t length) {
    bson_iter_t *iterator = (bson_iter_t *) hyper_bson_allocate(sizeof(bson_iter_t));
    if (iterator && bson_iter_init_from_data(iterator, data, length)) return iterator;
    free(iterator);
    return NULL;
}

static inline void hyper_bson_iterator_free(bson_iter_t *iterator) { free(iterator); }

/// Walks everything: keys and text must be UTF-8, lengths must fit. `bson_validate` alone lets bad text of the outermost
/// document pass (1.23.1).
///
/// Returns the levels of documents (1 for a flat one), `limit + 1` for anything deeper than `limit`, 0 for a broken one.
static inline int hyper_bson_check(const uint8_t *data, size_t length, int limit) {
    bson_iter_t iterator;
    int deepest = 0;
    if (limit <= 0) return 1;
    if (!bson_iter_init_from_data(&iterator, data, length)) return 0;
    while (bson_iter_next(&iterator)) {
        const uint8_t *child = NULL;
        const char *text = NULL;
        uint32_t child_length = 0, text_length = 0;
        if (!bson_utf8_validate(bson_iter_key(&iterator), bson_iter_key_len(&iterator), false)) return 0;
        switch (bson_iter_type(&iterator)) {
        case BSON_TYPE_UTF8: text = bson_iter_utf8(&iterator, &text_length); break;
        case BSON_TYPE_SYMBOL: text = bson_iter_symbol(&iterator, &text_length); break;
        case BSON_TYPE_CODE: text = bson_iter_code(&iterator, &text_length); break;
        case BSON_TYPE_REGEX: {
            const char *options = NULL;
            text = bson_iter_regex(&iterator, &options);
            text_length = (uint32_t) strlen(text);
            if (!bson_utf8_validate(options, strlen(options), false)) return 0;
            break;
        }
        case BSON_TYPE_DOCUMENT: bson_iter_document(&iterator, &child_length, &child); break;
        case BSON_TYPE_ARRAY: bson_iter_array(&iterator, &child_length, &child); break;
        case BSON_TYPE_CODEWSCOPE: text = bson_iter_codewscope(&iterator, &text_length, &child_length, &child); break;
        default: break;
        }
        if (text && !bson_utf8_validate(text, text_length, true)) return 0;
        if (child) {
            int depth = hyper_bson_check(child, child_length, limit - 1);
            if (depth == 0) return 0;
            if (depth > deepest) deepest = depth;
            if (deepest >= limit) return limit + 1;
        }
    }
    return iterator.err_off ? 0 : deepest + 1;
}

/// Whether libbson finds the bytes to be one well-formed document. Check the depth first: libbson recurses.
static inline bool hyper_bson_is_valid(const uint8_t *data, size_t length, size_t *offset) {
    bson_t document;
    *offset = 0;
    if (!bson_init_static(&document, data, length)) return false;
    return bson_validate(&document, (bson_validate_flags_t) (BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL), offset);
}

static inline char *hyper_bson_json(const uint8_t *data, size_t length, bool canonical) {
    bson_t document;
    if (!bson_init_static(&document, data, length)) return NULL;
    return canonical ? bson_as_canonical_extended_json(&document, NULL)
                     : bson_as_relaxed_extended_json(&document, NULL);
}

static inline bool hyper_bson_append_nested(bson_t *bson, const char *key, int key_length, const uint8_t *data,
                                            size_t length, bool is_array) {
    bson_t child;
    if (!bson_init_static(&child, data, length)) return false;
    return is_array ? bson_append_array(bson, key, key_length, &child)
                    : bson_append_document(bson, key, key_length, &child);
}

static inline bool hyper_bson_append_oid(bson_t *bson, const char *key, int key_length, uint64_t high, uint32_t low) {
    bson_oid_t oid;
    for (int i = 0; i < 8; i++) oid.bytes[i] = (uint8_t) (high >> (56 - 8 * i));
    for (int i = 0; i < 4; i++) oid.bytes[8 + i] = (uint8_t) (low >> (24 - 8 * i));
    return bson_append_oid(bson, key, key_length, &oid);
}

static inline uint32_t hyper_bson_length(const bson_t *bson) { return bson->len; }

/// A read-only `bson_t` over bytes that the caller keeps alive, or NULL. Ends with `hyper_bson_view_free`.
static inline bson_t *hyper_bson_view_new(const uint8_t *data, size_t length) {
    bson_t *bson = (bson_t *) hyper_bson_allocate(sizeof(bson_t));
    if (bson && bson_init_static(bson, data, length)) return bson;
    free(bson);
    return NULL;
}

static inline void hyper_bson_view_free(bson_t *bson) { free(bson); }

/// An initialised block for an out-parameter `reply`: libmongoc initialises it without looking, so `bson_new` would leak.
static inline bson_t *hyper_bson_reply_new(void) {
    bson_t *bson = (bson_t *) hyper_bson_allocate(sizeof(bson_t));
    if (bson) bson_init(bson);
    return bson;
}

static inline void hyper_bson_reply_free(bson_t *bson) {
    bson_destroy(bson);
    free(bson);
}
