-- What the archived server believes although nobody has signed it (SECURITY.md). No client needs any of these.
local refusal = {}

-- Whether the signature covers a header. In the query it is V4's or V2's; V2 covers every x-amz- header by itself.
local function signs(headers, query, name)
    local authorization = headers['authorization'] or ''
    local in_query = query['x-amz-signedheaders']
    -- Given twice, one of them may be for the server and one for us.
    if type(authorization) == 'table' or type(in_query) == 'table' then
        return false
    end
    if not in_query and not authorization:find('SignedHeaders=', 1, true) then
        return not query['x-amz-signature']
    end
    local signed = (in_query and tostring(in_query) or authorization):lower()
    for word in signed:gmatch('[^;,=%s]+') do
        if word == name then
            return true
        end
    end
    return false
end

local function any(value, pattern)
    for _, each in ipairs(type(value) == 'table' and value or {value}) do
        if tostring(each):upper():find(pattern) then
            return true
        end
    end
    return false
end

local FORMS = {
    {
        -- CVE-2026-40344: the parts of an archive are written without a look at the signature.
        why = 'archives are not extracted here',
        is = function(headers) return headers['x-amz-meta-snowball-auto-extract'] ~= nil end,
    },
    {
        -- CVE-2026-41145: with credentials in the query only, an unsigned stream is not checked at all.
        why = 'a stream with an unsigned trailer needs an Authorization header',
        is = function(headers)
            return not headers['authorization'] and any(headers['x-amz-content-sha256'], 'STREAMING%-UNSIGNED')
        end,
    },
    {
        -- CVE-2026-97731: whoever may write by a URL would read what its signer may read.
        why = 'x-amz-copy-source is not signed',
        is = function(headers, query)
            return headers['x-amz-copy-source'] ~= nil and not signs(headers, query, 'x-amz-copy-source')
        end,
    },
    {
        -- CVE-2026-34204: how clusters replicate to each other, which no client does.
        why = 'headers of replication are not for clients',
        is = function(headers)
            for name in pairs(headers) do
                for _, prefix in ipairs({'source', 'replication', 'internal'}) do
                    if name:sub(1, #prefix + 9) == 'x-minio-' .. prefix .. '-' then
                        return true
                    end
                end
            end
            return false
        end,
    },
}

local function lowered(given)
    local found = {}
    for name, value in pairs(given) do
        name = name:lower()
        -- Two spellings are two values.
        if found[name] ~= nil then
            value = {found[name], value}
        end
        found[name] = value
    end
    return found
end

-- Without any of these words no form can match: nearly all requests, and looking for words costs nearly nothing.
local WORDS = {'snowball-auto-extract', 'streaming-unsigned', 'x-amz-copy-source', 'x-minio-'}

local function is_suspicious()
    local raw = ngx.req.raw_header(true):lower()
    for _, word in ipairs(WORDS) do
        if raw:find(word, 1, true) then
            return true
        end
    end
    return false
end

-- Why this request is refused; nil for all others.
function refusal.of_this_request()
    if not is_suspicious() then
        return nil
    end
    local headers, query = lowered(ngx.req.get_headers(0, true)), lowered(ngx.req.get_uri_args(0))
    for _, form in ipairs(FORMS) do
        if form.is(headers, query) then
            return form.why
        end
    end
    return nil
end

return refusal
