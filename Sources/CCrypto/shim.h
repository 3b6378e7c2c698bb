// The message digests of libcrypto, which libmongoc brings along.
#pragma once

#include <openssl/evp.h>
