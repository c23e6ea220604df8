-- AWS Signature Version 4 of a request without a query, by nginx's own libcrypto.
local ffi = require('ffi')
local function to_hex(bytes)
    return (bytes:gsub('.', function(byte) return string.format('%02x', byte:byte()) end))
end

ffi.cdef([[
    const void *EVP_sha256(void);
    unsigned char *SHA256(const unsigned char *data, size_t length, unsigned char *digest);
    unsigned char *HMAC(const void *algorithm, const void *key, int key_length, const unsigned char *data,
                        size_t length, unsigned char *digest, unsigned int *digest_length);
]])

local REGION = 'us-east-1'
local SIGNED = 'host;x-amz-content-sha256;x-amz-date'
local digest = ffi.new('unsigned char[32]')

local function sha256(data)
    ffi.C.SHA256(data, #data, digest)
    return to_hex(ffi.string(digest, 32))
end

local function hmac(key, data)
    ffi.C.HMAC(ffi.C.EVP_sha256(), key, #key, data, #data, digest, nil)
    return ffi.string(digest, 32)
end

local signature = {}

-- The headers that a request needs; `key` has access_key and secret_key, `now` is seconds since 1970.
function signature.headers(key, method, host, path, body, now)
    local moment, day = os.date('!%Y%m%dT%H%M%SZ', now), os.date('!%Y%m%d', now)
    local content = sha256(body)
    local lines = {'host:' .. host, 'x-amz-content-sha256:' .. content, 'x-amz-date:' .. moment}
    local request = table.concat({method, path, '', table.concat(lines, '\n') .. '\n', SIGNED, content}, '\n')
    local scope = table.concat({day, REGION, 's3', 'aws4_request'}, '/')
    local text = table.concat({'AWS4-HMAC-SHA256', moment, scope, sha256(request)}, '\n')
    local secret = hmac(hmac(hmac(hmac('AWS4' .. key.secret_key, day), REGION), 's3'), 'aws4_request')
    return {
        ['Host'] = host,
        ['X-Amz-Content-Sha256'] = content,
        ['X-Amz-Date'] = moment,
        ['Authorization'] = 'AWS4-HMAC-SHA256 Credential=' .. key.access_key .. '/' .. scope
            .. ', SignedHeaders=' .. SIGNED .. ', Signature=' .. to_hex(hmac(secret, text)),
    }
end

return signature
